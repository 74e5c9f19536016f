"""Trains a head of the bench on any image tower and any text tower of the table, those of the Hub included.

    python -m mmdemo.training.recipes.towers --image resnet18 --text bert_multilingual --task matching --out FOLDER
        [--fusion weighted_sum] [--data DATA] [--seed 0] [--steps N]

The heads in weights/ sit on the embedded towers; nothing that this recipe makes is shipped. BERT base and ResNet-18,
added with one learned weight, are the pair of the tutorials' fourth article. Both towers stay frozen and must be here
(`python -m mmdemo fetch NAME`). FOLDER/towers gets the weights and a card; ROW in the card is the row of the table that
makes `engine.ask` ask the head. Read next: `bench_heads.py`, `fusions.py`.
"""

import argparse
from typing import Any

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.errors import ChoiceError
from mmdemo.loading import load_module
from mmdemo.tasks.fused import FUSIONS, LABELS
from mmdemo.training import cards
from mmdemo.training.bench_heads import DROPPED, STEPS, Trained, read_train, read_val, train_head
from mmdemo.training.command import recipe_parser
from mmdemo.training.data.features import Features, tower_files
from mmdemo.training.data.photos import read_index
from mmdemo.training.loop import Log
from mmdemo.training.measure import fusion_bench as bench
from mmdemo.training.measure.fusion_table import DATASETS

NAME = "towers"
WIDTH = {"matching": 96, "sentiment": 64}
TRAINED_ON = {
    "matching": {
        "en": "Flickr8k and Flickr8k-CN: photos and captions",
        "zh": "Flickr8k 和 Flickr8k-CN：照片和图片说明",
    },
    "sentiment": {"en": "MVSA-Single, and lines of text with a feeling", "zh": "MVSA-Single，以及带情绪标注的文字"},
}


def train(args: argparse.Namespace) -> None:
    """Read the data with both towers, train one head, measure it, write it with its card.

    Raises:
        ChoiceError: a row that is no tower of its side. WeightsError: a tower that is not here.
    """
    towers = (checked("image", args.image), checked("text", args.text))
    widths = [load_module(name).width for name in towers]
    config = {"fusion": args.fusion, "task": args.task, "image_width": widths[0], "text_width": widths[1]}
    config["width"] = WIDTH[args.task]
    log, rows = Log(args.out / f"{NAME}.jsonl"), read_index(args.data)
    features = Features(args.features, log)
    data = read_train(args.task, rows, features, args.data, towers)
    steps = args.steps or STEPS[args.task]
    trained = train_head(config, data, drop=(DROPPED, DROPPED), seed=args.seed, steps=steps)
    trained.head.load_state_dict(cards.half_rounded(trained.head.state_dict()))
    val = read_val(args.task, rows, features, towers)
    figures = bench.measure(trained.head, val, args.fusion)["given"]
    log(steps=steps, first_loss=trained.losses[0], last_loss=trained.losses[-1], **figures)
    (dataset, split, _), english = DATASETS[args.task], bench.batches(trained.head, val, "en")
    where = {"dataset": dataset, "split": split, "n": sum(len(truth) for *_, truth in english), "seed": args.seed}
    metrics = cards.metrics({name: v for name, v in figures.items() if name != "AUC_zh"}, **where)
    write(trained, config, towers, metrics, args)


def checked(side: str, name: str) -> str:
    """The name, if it is that of a tower of a side; `ChoiceError` otherwise."""
    able = [row.name for row in CHECKPOINTS.values() if row.kind == f"{side}_encoder" and row.fitted]
    if name not in able:
        raise ChoiceError(side, name, able)
    return name


def write(
    trained: Trained, config: dict[str, Any], towers: tuple[str, str], metrics: list[cards.Metric],
    args: argparse.Namespace,
) -> None:  # fmt: skip
    """FOLDER/towers: float16 safetensors, and a card that says on what they sit."""
    fields = {"image_encoder": towers[0], "text_encoder": towers[1], "config": config}
    card = {
        "parameters": cards.count_parameters(trained.head),
        "counts": {"trained_on": TRAINED_ON[args.task]},
        **cards.origin(NAME, args, "image", "text", "task", "fusion", "seed", "steps"),
        "towers": {name: tower_files(name) for name in towers},
        "row": {"kind": "fusion", "builder": "tasks.fused:FusedTask", "tasks": [args.task], **fields},
        "losses": [round(loss, 4) for loss in trained.losses],
        "metrics": metrics,
    }
    cards.ship(NAME, trained.head, card, weights=args.out)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    asked = recipe_parser(__doc__, steps=0)
    asked.add_argument("--image", required=True, help="row of the image tower")
    asked.add_argument("--text", required=True, help="row of the text tower")
    asked.add_argument("--task", default="matching", choices=list(LABELS))
    asked.add_argument("--fusion", default="weighted_sum", choices=list(FUSIONS))
    return asked


if __name__ == "__main__":
    train(parser().parse_args())
