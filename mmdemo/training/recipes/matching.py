"""Trains weights/matching: the way of both frozen towers into one space, then its calibration.

    python -m mmdemo.training.recipes.matching --out RUN [--data DATA] [--seed 0] [--reading 1]

A reading learns from captioned photos (Flickr8k, COCO, ADE20K; English and Chinese), labelled photos, boxes and texts
of both languages (`../matching_losses.py`). Towers stay frozen, so their outputs are computed once (Zhai et al. 2022,
"LiT", freezes the image side). Each reading starts from its own seed; `--reading` trains one of them alone, so that
several can be trained side by side. A quarter of an hour of one core each. Read next: `cross_attention.py`.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from mmdemo.checkpoints import find
from mmdemo.fusion.shared_space import Reading
from mmdemo.loading import widened
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training import cards, pairs
from mmdemo.training import matching_figures as figures
from mmdemo.training.command import recipe_parser
from mmdemo.training.efficientnet import published
from mmdemo.training.features import photo_tokens, text_points
from mmdemo.training.loop import Average, Log, load_checkpoint, run_steps, training_device
from mmdemo.training.matching_data import (
    VIEWS,
    Narrowing,
    add_wrong_captions,
    build_captions,
    build_labelled,
    labelled_photos,
    name_points,
    parallel_points,
)
from mmdemo.training.matching_losses import WEIGHTS, Lesson, Scales, box_ways, step_losses
from mmdemo.training.photos import plain_view, read_index

RATE, DECAY, DROPOUT, INPUT_DROPOUT = 1.5e-3, 1e-2, 0.3, 0.15


def build_lesson(args: argparse.Namespace, log: Log, narrow: int) -> Lesson:
    """Everything that is learned from, through both towers."""
    rows, run = read_index(args.data), args.features
    found = [pairs.flickr8k(rows, "train"), pairs.captioned(rows, "train", pairs.OTHERS)]
    ask = {"folder": run, "log": log, "device": training_device()}
    shown = [c.photos for c in found] + [labelled_photos(rows)]
    narrowing = Narrowing.fit([photo_tokens(photos, plain_view, **ask) for photos in shown], narrow)
    captions = build_captions(found, VIEWS, narrowing, run, log)
    captions.find_near()
    add_wrong_captions(captions, found, run, log)
    names = pairs.class_names(args.data)
    place = {name: i for i, name in enumerate(names)}
    boxed = sorted({name for row in captions.rows for name in row.get("boxes") or ()})
    return Lesson(
        captions,
        build_labelled(rows, args.data, narrowing, run, log),
        narrowing,
        published("lite2").classifier,
        torch.tensor([place[english] for english, _ in pairs.class_list(args.data)]),
        {"en": name_points(list(names), "en", run, log), "zh": name_points(list(names.values()), "zh", run, log)},
        {name: text_points(list(box_ways(name)), **ask) for name in boxed},
        parallel_points(args.data, run, log),
    )


def fresh_reading(lesson: Lesson, config: dict[str, int]) -> Reading:
    """A reading from random weights, its means, deviations and components measured."""
    sizes = (config["image_width"], config["text_width"], config["width"], config["narrow"])
    reading = Reading(*sizes, dropout=DROPOUT, input_dropout=INPUT_DROPOUT)
    view, tokens = lesson.captions.views[0], lesson.captions.tokens.tokens[::60].float()
    places = torch.from_numpy(view.places[::20]).float().flatten(0, 1)
    sources = {"image": view.pooled, "place": places, "text": lesson.captions.points, "word": tokens}
    for name, x in sources.items():
        part = getattr(reading, name)
        part.mean.copy_(x.mean(0))
        part.deviation.copy_(x.std(0) + 1e-3)
    reading.place.deviation.fill_(places.std())  # components keep their sizes: the first matter most
    weight, bias = lesson.narrowing.linear()
    reading.narrow.weight.data.copy_(weight)
    reading.narrow.bias.data.copy_(bias)
    reading.narrow.requires_grad_(False)
    return reading


def reading_file(run: Path, seed: int) -> Path:
    """Where the reading of a seed is kept."""
    return run / f"matching-{seed}.pt"


def finished(path: Path, steps: int) -> bool:
    """Whether a checkpoint holds a reading that has had all its steps."""
    saved = load_checkpoint(path)
    return saved is not None and saved["step"] >= steps


def train_reading(lesson: Lesson, config: dict[str, int], seed: int, args: argparse.Namespace, log: Log) -> None:
    """One reading from random weights, kept in RUN; taken up where it was interrupted."""
    torch.manual_seed(seed)
    reading, scales, rng = fresh_reading(lesson, config), Scales(), np.random.default_rng(seed)
    average = Average(reading, 0.995)
    parameters = [p for m in (reading, scales) for p in m.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": DECAY, "peak": RATE},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0, "peak": RATE},
    ]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))

    def step(i: int) -> dict[str, float]:
        losses = step_losses(reading, scales, lesson, i, rng)
        sum(WEIGHTS[name] * loss for name, loss in losses.items()).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        average.update(reading)
        return {name: loss.item() for name, loss in losses.items()}

    run_steps(
        step, [reading, scales, average], [optimiser], steps=args.steps, name=f"reading {seed}", log=log,
        checkpoint=reading_file(args.out, seed), evaluate=lambda: {"scale": scales.match.item()}, log_every=50,
    )  # fmt: skip


def train(args: argparse.Namespace) -> None:
    """Every reading that RUN does not hold yet; then, unless one alone was asked for, the weights."""
    log = Log(args.out / "matching.jsonl")
    config = find("matching").config
    seeds = [args.seed + i for i in range(config["readings"])] if args.reading is None else [args.reading]
    left = [seed for seed in seeds if not finished(reading_file(args.out, seed), args.steps)]
    lesson = build_lesson(args, log, config["narrow"]) if left else None
    for seed in left:
        train_reading(lesson, config, seed, args, log)
    kept = [load_checkpoint(reading_file(args.out, seed)) for seed in seeds]
    if args.reading is not None:
        return
    head = DualEncoderMatching(**config)
    for reading, saved in zip(head.fusion.readings, kept, strict=True):
        reading.load_state_dict(saved["modules"][2]["values"])
    head.log_scale.data.fill_(float(np.mean([saved["modules"][1]["match"] for saved in kept])))
    head.load_state_dict(widened(cards.int8_state(cards.half_rounded(head.state_dict()))))
    ship(head.eval(), args, log)


def measure(head: DualEncoderMatching, data: Path, run: Path, log: Log) -> tuple[dict[str, dict[str, float]], dict]:
    """Every figure but the calibration's, by what it was measured on; and the encoded Flickr8k val."""
    rows = read_index(data)
    flickr = figures.encode(head, pairs.flickr8k(rows, "val"), run, log)
    others = figures.encode(head, pairs.captioned(rows, "val", pairs.OTHERS), run, log)
    named = figures.named_right(head, figures.classes_set_aside(rows, data, run, log), run, log)
    found = {kind: figures.retrieval(flickr, kind) for kind in ("en", "zh")}
    for kind in ("en", "zh"):
        found[kind]["true_among_its_four_nearest"] = figures.near_right(flickr, kind)
    found["others"] = {"true_among_its_four_nearest": figures.near_right(others, "en")}
    found["classes"] = {f"named_right_{language}": value for language, value in named.items()}
    found["boxes"] = figures.peaks_in_boxes(head, rows, run, log)
    return found, {"flickr": flickr, "others": others}


def judged_pairs(encoded: dict[str, figures.Encoded], seed: int) -> dict[str, figures.Judged]:
    """Flickr8k's validation pairs, true and false, by language."""
    languages = (("English", "en"), ("Chinese", "zh"))
    return {name: figures.judged(encoded["flickr"], kind, seed) for name, kind in languages}


def calibrated(
    head: DualEncoderMatching, encoded: dict[str, figures.Encoded], seed: int
) -> dict[str, dict[str, float]]:
    """Fits the head's probability; its figures by language, cross-fitted."""
    return figures.calibrate(head, judged_pairs(encoded, seed))


def ship(head: DualEncoderMatching, args: argparse.Namespace, log: Log) -> None:
    """Calibrate, measure, write weights/matching."""
    found, encoded = measure(head, args.data, args.features, log)
    flat = {f"{where}_{name}": value for where, some in found.items() for name, value in some.items()}
    judged = calibrated(head, encoded, args.seed)
    log(phase="shipped", **flat)
    where = {"split": "val (998 photos)", "seed": args.seed}
    rows = []
    for kind, dataset in (("en", "Flickr8k"), ("zh", "Flickr8k-CN")):
        rows += cards.metrics(found[kind], dataset=dataset, n=4990, unit="%", **where)
    for name, some in judged.items():
        rows += cards.metrics(some, dataset=f"Flickr8k, {name} captions, true against false", n=14970, **where)
    boxes = found.pop("boxes")
    n = int(boxes.pop("n"))
    apart = {"seed": args.seed, "unit": "%"}
    rows += cards.metrics(
        found["others"], dataset="COCO and ADE20K, English", split="val", n=len(encoded["others"].texts), **apart
    )
    split = "photos set aside whose first label is one of ImageNet's classes, among all 992 names"
    rows += cards.metrics(found["classes"], dataset="the labelled sources", split=split, n=236, **apart)
    rows += cards.metrics(boxes, dataset="COCO boxes", split="val, 'a photo of a NAME'", n=n, **apart)
    cards.write_weights(
        "matching",
        cards.int8_state(head.state_dict()),
        _card(head, rows, figures.background(judged_pairs(encoded, args.seed), args.seed), args),
    )


def _card(head: DualEncoderMatching, rows: list, background: dict, args: argparse.Namespace) -> dict:
    seeds = range(args.seed, args.seed + len(head.fusion.readings))
    return {
        "kind": "matching",
        "architecture": "dual encoder on frozen efficientnet and e5: means, places and words taken into one space;"
        f" {len(head.fusion.readings)} readings, cosines averaged; matrices in eight bits; Platt calibration",
        "parameters": cards.count_parameters(head),
        "trained_on": [
            cards.FLICKR8K, cards.OTHERS, "12,000 of the labelled photos; 2,462 photos with boxes (COCO)",
            "20,000 English-Chinese sentences and words (Tatoeba, CC-CEDICT)",
            "The class probabilities of the start's own classifier (EfficientNet-Lite2, ImageNet)",
        ],
        "licences": ["Weights: Apache-2.0", "Photos and captions: research and education, see their sources"],
        "recipe": f"python -m mmdemo.training.recipes.matching --out RUN --seed {args.seed} --steps {args.steps}",
        "seed": args.seed,
        "history": cards.log_phases(args.out / "matching.jsonl", [f"reading {seed}" for seed in seeds]),
        "metrics": rows,
        "calibration": "Fitted on all val pairs, half true, a quarter with another photo, a quarter near misses;"
        " its figures are cross-fitted over two halves of the val photos.",
        "background": background,
        "known_failures": [
            "Near misses (another number, colour or place) are told apart only a little more often than not.",
            "Who does what to whom, left and right, and negation hardly move the cosine.",
            "Written words in a picture are not read.",
        ],
    }  # fmt: skip


def main() -> None:
    """Read the command line and train."""
    parser = recipe_parser(__doc__, steps=1100)
    parser.add_argument("--reading", type=int, help="train the reading of this seed alone, and write no weights")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
