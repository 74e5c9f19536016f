"""Trains weights/matching: the way of both frozen towers into one space, then its calibration.

    python -m mmdemo.training.recipes.matching --out RUN [--data DATA] [--seed 0] [--reading 1]

A reading learns from captioned photos (Flickr8k, COCO, ADE20K; English and Chinese), labelled photos, boxes and texts
of both languages (`matching_losses.py`). Towers stay frozen, so their outputs are computed once (Zhai et al. 2022,
"LiT", freezes the image side). Each reading starts from its own seed; `--reading` trains one of them alone, so that
several can be trained side by side. A quarter of an hour of one core each. Read next: `cross_attention.py`.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from mmdemo.checkpoints import find
from mmdemo.fusion.shared_space import Reading
from mmdemo.loading import load_module, widened
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import lessons, pairs
from mmdemo.training.data.boxes import box_ways
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import Row, read_index
from mmdemo.training.distil.efficientnet import published
from mmdemo.training.loop import Average, Log, build_optimisers, load_checkpoint, run_steps
from mmdemo.training.matching_losses import WEIGHTS, Lesson, Scales, step_losses
from mmdemo.training.measure import matching as measured
from mmdemo.training.measure.systems import LANGUAGES, Figures, flat, val_split, verdict_rows

RATE, DECAY, DROPOUT, INPUT_DROPOUT = 1.5e-3, 1e-2, 0.3, 0.15


def build_lesson(rows: list[Row], args: argparse.Namespace, log: Log, narrow: int) -> Lesson:
    """Everything that is learned from, through both towers."""
    features = Features(args.features, log)
    sets = [pairs.flickr8k(rows, "train"), pairs.captioned(rows, "train", pairs.OTHERS)]
    shown = [c.photos for c in sets] + [lessons.labelled_photos(rows)]
    narrowing = lessons.Narrowing.fit([features.photo_tokens(photos) for photos in shown], narrow)
    captions = lessons.build_captions(sets, narrowing, features)
    captions.find_near()
    lessons.add_wrong_captions(captions, sets, features)
    names = pairs.class_names(args.data)
    place = {name: i for i, name in enumerate(names)}
    boxed = sorted({name for row in captions.rows for name in row.get("boxes") or ()})
    class_names = {"en": list(names), "zh": list(names.values())}
    return Lesson(
        captions,
        lessons.build_labelled(rows, args.data, narrowing, features),
        narrowing,
        published("lite2").classifier,
        torch.tensor([place[english] for english, _ in pairs.class_list(args.data)]),
        {language: lessons.name_points(some, language, features) for language, some in class_names.items()},
        {name: features.text_points(box_ways(name)) for name in boxed},
        lessons.parallel_points(args.data, features),
    )


def fresh_reading(lesson: Lesson, config: dict[str, int]) -> Reading:
    """A reading from random weights, its means, deviations and components measured."""
    sizes = (config["image_width"], config["text_width"], config["width"], config["narrow"])
    reading = Reading(*sizes, dropout=DROPOUT, input_dropout=INPUT_DROPOUT)
    view, tokens = lesson.captions.views[0], lesson.captions.tokens.values[::60].float()
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
    optimisers = build_optimisers([reading, scales], RATE, decay=DECAY, betas=(0.9, 0.98))

    def step(i: int) -> dict[str, float]:
        losses = step_losses(reading, scales, lesson, i, rng)
        sum(WEIGHTS[name] * loss for name, loss in losses.items()).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        return {name: loss.item() for name, loss in losses.items()}

    run_steps(
        step, [reading, scales], optimisers, average=average, steps=args.steps, name=f"reading {seed}", log=log,
        checkpoint=reading_file(args.out, seed), evaluate=lambda: {"scale": scales.match.item()}, log_every=50,
    )  # fmt: skip


def train(args: argparse.Namespace) -> None:
    """Every reading that RUN does not hold yet; then, unless one alone was asked for, the weights."""
    log, rows = Log(args.out / "matching.jsonl"), read_index(args.data)
    config = find("matching").config
    seeds = [args.seed + i for i in range(config["readings"])] if args.reading is None else [args.reading]
    left = [seed for seed in seeds if not finished(reading_file(args.out, seed), args.steps)]
    lesson = build_lesson(rows, args, log, config["narrow"]) if left else None
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
    ship(head.eval(), rows, args, log)


def measure(
    head: DualEncoderMatching, rows: list[Row], args: argparse.Namespace, log: Log
) -> tuple[Figures, dict[str, measured.Encoded], measured.Named]:
    """Every figure but the calibration's, by what it was measured on; and what they were measured on."""
    features = Features(args.features, log)
    sources = {"flickr": ("flickr8k",), "others": pairs.OTHERS}
    sets = {name: measured.encode(head, pairs.captioned(rows, "val", some), features) for name, some in sources.items()}
    named = measured.classes_set_aside(rows, args.data, features)
    near = "true_among_its_four_nearest"
    figures = {
        kind: measured.retrieval(sets["flickr"], kind) | {near: measured.near_right(sets["flickr"], kind)}
        for kind in ("en", "zh")
    }
    figures["others"] = {near: measured.near_right(sets["others"], "en")}
    figures["classes"] = measured.named_right(head, named, features)
    figures["boxes"] = measured.peaks_in_boxes(head, rows, features)
    return figures, sets, named


def judged_pairs(flickr: measured.Encoded, seed: int) -> dict[str, measured.Judged]:
    """Flickr8k's validation pairs, true and false, by language."""
    return {name: measured.judged(flickr, kind, seed) for name, kind in LANGUAGES.items()}


def none_rows(head: DualEncoderMatching, flickr: measured.Encoded, seed: int) -> list[cards.Metric]:
    """How well "none of these" is told, by language; its exponent was chosen on such lists."""
    where = {"split": val_split(flickr.captioned), "n": measured.LISTS, "seed": seed}
    return [
        row
        for name, kind in LANGUAGES.items()
        for row in cards.metrics(
            measured.nothing_fits(head, flickr, kind, seed), dataset=f"Flickr8k, lists of {name} captions", **where
        )
    ]


def undecided_rows(head: DualEncoderMatching, flickr: measured.Encoded, seed: int) -> list[cards.Metric]:
    """Between which probabilities the head's verdict is not worth saying."""
    judged = judged_pairs(flickr, seed)
    n = sum(int((~some.near).sum()) for some in judged.values())
    return verdict_rows(measured.verdict_figures(head, judged), val_split(flickr.captioned), n, seed)


def ship(head: DualEncoderMatching, rows: list[Row], args: argparse.Namespace, log: Log) -> None:
    """Calibrate, measure, write weights/matching."""
    measures, sets, named = measure(head, rows, args, log)
    judged, val = judged_pairs(sets["flickr"], args.seed), sets["flickr"].captioned
    calibrated = measured.calibrate(head, judged)
    log(phase="shipped", **flat(measures))
    figures, where, per_cent = [], {"split": val_split(val), "seed": args.seed}, {"seed": args.seed, "unit": "%"}
    for kind, dataset in (("en", "Flickr8k"), ("zh", "Flickr8k-CN")):
        figures += cards.metrics(measures[kind], dataset=dataset, n=len(val.of_kind(kind)), **where, unit="%")
    for name, some in calibrated.items():
        dataset = f"Flickr8k, {name} captions, true against false"
        figures += cards.metrics(some, dataset=dataset, n=len(judged[name].truth), **where)
    figures += none_rows(head, sets["flickr"], args.seed) + undecided_rows(head, sets["flickr"], args.seed)
    boxes = dict(measures["boxes"])
    n, others, names = int(boxes.pop("n")), len(sets["others"].texts), len(set(named.names[0]))
    figures += cards.metrics(measures["others"], dataset="COCO and ADE20K, English", split="val", n=others, **per_cent)
    split = f"photos set aside whose first label is one of ImageNet's classes, among all {names} names"
    figures += cards.metrics(
        measures["classes"], dataset="the labelled sources", split=split, n=len(named.right), **per_cent
    )
    figures += cards.metrics(boxes, dataset="COCO boxes", split="val, 'a photo of a NAME'", n=n, **per_cent)
    card = _card(head, figures, measured.background(judged, len(val.photos), args.seed), rows, args)
    cards.ship("matching", cards.int8_state(head.state_dict()), card)


def _card(
    head: DualEncoderMatching, figures: list[cards.Metric], background: dict, rows: list[Row], args: argparse.Namespace
) -> dict:
    readings = len(head.fusion.readings)
    captioned = pairs.captioned(rows, "train", ("flickr8k", *pairs.OTHERS)).photos
    return {
        "parameters": cards.count_parameters(head),
        "counts": {
            **cards.photo_counts(rows),
            "readings": readings,
            "labelled": len(lessons.labelled_photos(rows)),
            "boxed": sum(bool(row.get("boxes")) for row in captioned),
            "parallel": lessons.SENTENCES + lessons.WORDS,
        },
        **cards.origin("matching", args, "seed", "steps", phases=[f"reading {args.seed + i}" for i in range(readings)]),
        "metrics": figures,
        "background": background,
    }


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Retrieval, near captions, classes by name, boxes; and the calibrated probability, cross-fitted.

    `--cards` writes how well "none of these" is told, and where a verdict is worth saying, into the card.
    """
    head = load_module("matching")
    figures, sets, _ = measure(head, read_index(args.data), args, log)
    none = none_rows(head, sets["flickr"], args.seed)  # before the calibration is fitted anew
    undecided = undecided_rows(head, sets["flickr"], args.seed)
    if args.cards:
        cards.write_metrics("matching", none + undecided)
    figures |= {row["dataset"]: {row["metric"]: row["value"]} for row in none}
    figures["verdict"] = {row["metric"]: row["value"] for row in undecided}
    return flat(figures | measured.calibrate(head, judged_pairs(sets["flickr"], args.seed)))


if __name__ == "__main__":
    parser = recipe_parser(__doc__, steps=1100)
    parser.add_argument("--reading", type=int, help="train the reading of this seed alone, and write no weights")
    train(parser.parse_args())
