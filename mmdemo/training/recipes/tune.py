"""Tunes weights/bert on photos: captions in both languages must find their photo among the others of the batch.

    python -m mmdemo.training.recipes.tune --out RUN [--data DATA] [--seed 0]

The text tower learned from a teacher that never saw a picture; here it learns which differences between sentences can
be seen. The image tower stays frozen (its pooled features are computed once); beside the contrastive loss a second one
keeps each text near the place the distilled tower gave it, so that what it knows of other texts is not lost.
Run `recipes/bert.py` and `recipes/mobilenet.py` first. Read next: `matching.py`.
"""

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.encoders.bert import BertEncoder
from mmdemo.loading import WEIGHTS, load_module, read_card
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training import cards, metrics, pairs
from mmdemo.training.features import photo_tokens
from mmdemo.training.loop import Average, Log, autocast, build_optimisers, run_steps, training_device
from mmdemo.training.photos import data_folder, plain_view, random_view, read_index, squashed_view

BATCH, KEEP = 256, 2.0
VIEWS = ((plain_view, 0), (squashed_view, 3), (random_view, 1))


class Tuning:
    """The text tower, a matching head, and the photos they are tuned on."""

    def __init__(self, args: argparse.Namespace, log: Log) -> None:
        self.device, self.args = training_device(), args
        rows = read_index(args.data)
        self.train, self.val = pairs.flickr8k(rows, "train"), pairs.flickr8k(rows, "val")
        ask = {"folder": args.out, "log": log, "device": self.device}
        self.views = torch.stack([photo_tokens(self.train.photos, v, seed=s, **ask) for v, s in VIEWS])
        self.val_images = photo_tokens(self.val.photos, plain_view, **ask).float()
        self.of_photo = [np.flatnonzero(self.train.photo_of_text == i) for i in range(len(self.train.photos))]
        self.text: BertEncoder = load_module("bert", self.device).requires_grad_(True)
        self.before = copy.deepcopy(self.text).requires_grad_(False)
        self.head = DualEncoderMatching(**CHECKPOINTS["matching"].config, dropout=0.3).to(self.device)
        self.rng = np.random.default_rng(args.seed)
        self.average = Average(self.text, 0.99)

    def step(self, i: int) -> dict[str, float]:
        """One batch: each photo with one of its captions, of any language."""
        photos = self.rng.choice(len(self.of_photo), BATCH, replace=False)
        texts = [self.train.texts[self.rng.choice(self.of_photo[p])] for p in photos]
        view = torch.from_numpy(self.rng.integers(len(self.views), size=BATCH))
        images = self.views[view, torch.from_numpy(photos)].float().to(self.device)
        batch = self.text.prepare(texts).to(self.device)
        with autocast(self.device):
            now = self.text(batch).pooled.float()
            with torch.no_grad():
                before = self.before(batch).pooled.float()
        _, index = np.unique(np.array(texts), return_inverse=True)
        same = torch.from_numpy(index[:, None] == index[None, :]).to(self.device)
        match = self.head.loss(images, now, same)
        kept = 1 - F.cosine_similarity(now, before).mean()
        (match + KEEP * kept).backward()
        self.average.update(self.text)
        return {"match": match.item(), "moved": kept.item()}

    @torch.no_grad()
    def validate(self, every: int = 1) -> dict[str, float]:
        """Retrieval on Flickr8k val by the towers and the head as they stand, every n-th caption."""
        self.head.eval()
        images = self.head.fusion.embed_image(self.val_images.to(self.device)).cpu().numpy()
        figures = {}
        for kind in ("en", "zh"):
            index = self.val.of_kind(kind)[::every]
            texts = [self.val.texts[i] for i in index]
            vectors = [
                self.head.fusion.embed_text(self.text(self.text.prepare(texts[i : i + 128]).to(self.device)).pooled)
                for i in range(0, len(texts), 128)
            ]
            found = metrics.retrieval(images, torch.cat(vectors).cpu().numpy(), self.val.photo_of_text[index])
            figures |= {f"{kind}_{name}": v for name, v in found.items() if name.endswith("@10")}
        self.head.train()
        return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "tune.jsonl")
    tuning = Tuning(args, log)
    optimisers = build_optimisers([tuning.text], args.rate) + build_optimisers([tuning.head], 1e-3)
    run_steps(
        tuning.step, [tuning.text, tuning.head], optimisers, steps=args.steps, name="tune", log=log,
        checkpoint=args.out / "tune.pt", evaluate=lambda: tuning.validate(5), log_every=20, evaluate_every=100,
    )  # fmt: skip
    tuning.text.load_state_dict(cards.half_rounded(tuning.average.values))
    ship(tuning, log)


def ship(tuning: Tuning, log: Log) -> None:
    """Write the tuned tower over weights/bert, its history going on."""
    found = tuning.validate()
    log(phase="shipped", **found)
    card = read_card("bert")
    recipe = f"python -m mmdemo.training.recipes.tune --out RUN --seed {tuning.args.seed} --steps {tuning.args.steps}"
    card["recipe"] = [*_as_list(card["recipe"]), recipe]
    card["history"] = [*card["history"], *cards.log_phases(tuning.args.out / "tune.jsonl", ["tune"])]
    card["metrics"] += cards.metrics(
        {f"tuned_{name}": value for name, value in found.items()},
        dataset="Flickr8k and Flickr8k-CN", split="val (998 photos)", n=4990, seed=tuning.args.seed, unit="%",
    )  # fmt: skip
    kept = {k: v for k, v in card.items() if k not in {"name", "files", "commit"}}
    cards.write_weights("bert", tuning.text.state_dict(), json.loads(json.dumps(kept)), weights=WEIGHTS)


def _as_list(recipe: str | list[str]) -> list[str]:
    return [recipe] if isinstance(recipe, str) else recipe


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: features, checkpoints, log")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--rate", type=float, default=2e-4, help="peak learning rate of the text tower")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
