"""Trains weights/fusions: ten fusions x {match, sentiment}, on the same frozen towers, the same data, the same steps.

    python -m mmdemo.training.recipes.fusions --out RUN [--data DATA] [--seeds 3] [--steps N]

Match: half of a batch are true (photo, caption) pairs of Flickr8k, half are not. Sentiment: MVSA pairs by their joint
label, and on the way each side by its own label, with lines of text beside them.
Each fusion is trained with modality dropout (each side is taken away from 15 % of the pairs) and without; the weights
of seed 0 with dropout are shipped. Read next: `bench_heads.py` (how one head is trained), `measure/fusion_bench.py`
(what is measured), `tasks/fused.py`.
"""

import argparse
import itertools
import json
from typing import Any

from mmdemo.checkpoints import CHECKPOINTS, find
from mmdemo.loading import load_module, read_card
from mmdemo.tasks.fused import FUSIONS, LABELS, READS_TOKENS, FusedTask
from mmdemo.training import cards
from mmdemo.training.bench_heads import DROPPED, STEPS, read_train, read_val, train_head
from mmdemo.training.command import recipe_parser
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import Row, read_index
from mmdemo.training.imputation import fit_imputer, ship_imputation, training_pairs
from mmdemo.training.loop import Log, save_checkpoint
from mmdemo.training.measure import fusion_bench as bench
from mmdemo.training.measure.fusion_table import DATASETS, SINGLE, findings, finished, format_table, measure_task


def drop_rates(kind: str, modality_dropout: bool) -> tuple[float, float]:
    """(share of pairs that lose the photo, share that lose the text)."""
    if kind in SINGLE:
        return (0.0, 1.0) if kind == "image_only" else (1.0, 0.0)
    return (DROPPED, DROPPED) if modality_dropout else (0.0, 0.0)


def plan(task: str, seeds: int) -> list[tuple[str, bool, int]]:
    """(kind, with modality dropout, seed) of every run of a task, those that are shipped first.

    Seed 0 with and without modality dropout; the further seeds with it only, and without the fusions that read every
    patch, which cost five times as much.
    """
    kinds = [k for k in (*SINGLE, *FUSIONS) if task == "sentiment" or k not in SINGLE]  # half a pair tells no match
    runs = [(kind, True, 0) for kind in kinds] + [(kind, False, 0) for kind in kinds if kind not in SINGLE]
    return runs + [(kind, True, s) for s, kind in itertools.product(range(1, seeds), kinds) if kind not in READS_TOKENS]


def train(args: argparse.Namespace) -> None:
    """Every run of the plan that RUN does not hold yet, then the table and the weights."""
    log, rows = Log(args.out / "fusions.jsonl"), read_index(args.data)
    features = Features(args.features, log)
    for task in args.tasks:
        data, val = read_train(task, rows, features, args.data), read_val(task, rows, features)
        for kind, dropout, seed in plan(task, args.seeds):
            path = bench.run_file(args.out, kind, task, dropout, seed)
            if path.exists() or (args.only and kind not in args.only):
                continue
            config = find(f"{task}-{'concat' if kind in SINGLE else kind}").config
            drop = drop_rates(kind, dropout)
            trained = train_head(config, data, drop=drop, seed=seed, steps=args.steps or STEPS[task])
            figures = bench.measure(trained.head, val, single=kind)
            save_checkpoint(path, state=trained.head.state_dict(), figures=figures, alphas=trained.alphas)
            given = {"no_image": figures["no_image"], "no_text": figures["no_text"], **figures["given"]}
            log(kind=kind, task=task, dropout=dropout, seed=seed, **given)
    if not args.only:
        ship(rows, features, args)


def ship(rows: list[Row], features: Features, args: argparse.Namespace) -> None:
    """Everything that the Fusion tab shows, measured on the heads as they will be stored."""
    learnt = {task: read_train(task, rows, features, args.data) for task in LABELS}
    imputer = fit_imputer([training_pairs(learnt["matching"]), training_pairs(learnt["sentiment"][0])], args.seed)
    imputer.load_state_dict(cards.half_rounded(imputer.state_dict()))
    vals = {task: read_val(task, rows, features) for task in LABELS}
    states: dict[str, dict] = {}
    card: dict[str, Any] = {"table": [], "alpha": {}, "imputation": {}, "ensemble": {}, "metrics": []}
    for task, val in vals.items():
        heads = {kind: finished(args, kind, task) for kind in FUSIONS}
        states |= {f"{task}-{kind}": head.state_dict() for kind, head in heads.items()}
        measure_task(card, task, val, heads, imputer, args)
        if task == "matching":
            card["metrics"] += bench.mean_rows(list(heads.values()), val)
    match, feeling = vals["matching"], vals["sentiment"]
    n = {"matching": len(match.captioned.of_kind("en")[::2]), "sentiment": len(feeling.joint)}
    card["sources"] = {
        "matching": f"Flickr8k val, {len(match.captioned.photos)} photos, {2 * n['matching']:,} true and false pairs,"
        " seed 0",
        "sentiment": f"MVSA-Single, {n['sentiment']} validation pairs (10 %), seed 0",
    }
    shared = {"counts": cards.photo_counts(rows), **cards.origin("fusions", args, "seeds"), "seed": 0}
    history = map(json.loads, (args.out / "fusions.jsonl").read_text(encoding="utf-8").splitlines())
    heads = [FusedTask(**row.config) for row in CHECKPOINTS.values() if row.folder == "fusions"]
    described = {
        "parameters": sum(map(cards.count_parameters, heads)),
        **shared,
        "counts": shared["counts"] | findings(card["table"], n["sentiment"]),
        "history": [line for line in history if line.get("seed") == 0 and "kind" in line],
        **card,
    }
    cards.ship("fusions", states, described)
    ship_imputation(imputer, card["imputation"], n, shared)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Every shipped head of the bench again; and the whole table with its findings, as the card has it.

    `--cards` writes where a verdict of the mean of all is worth saying into the card.
    """
    print(format_table(read_card("fusions")))
    rows, features, figures = read_index(args.data), Features(args.features, log), {}
    for task, (*_, main) in DATASETS.items():
        val = read_val(task, rows, features)
        for kind in FUSIONS:
            given = bench.measure(load_module(f"{task}-{kind}"), val, kind)["given"]
            figures[f"{task}_{kind}_{main}"] = given[main]
        if task == "matching":
            mean = bench.mean_rows([load_module(f"{task}-{kind}") for kind in FUSIONS], val)
    if args.cards:
        cards.write_metrics("fusions", mean)
    return figures | {row["metric"]: row["value"] for row in mean}


if __name__ == "__main__":
    parser = recipe_parser(__doc__, steps=0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", nargs="*", default=list(LABELS), choices=list(LABELS))
    parser.add_argument("--only", nargs="*", help="train these fusions only, and write no weights")
    train(parser.parse_args())
