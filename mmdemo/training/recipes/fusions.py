"""Trains weights/fusions: ten fusions x {match, sentiment}, on the same frozen towers, the same data, the same steps.

    python -m mmdemo.training.recipes.fusions --out RUN [--data DATA] [--seeds 3] [--steps N]

Match: half of a batch are true (photo, caption) pairs of Flickr8k, half are not. Sentiment: MVSA pairs by their joint
label, and on the way each side by its own label, with lines of text beside them.
Each fusion is trained with modality dropout (each side is taken away from 15 % of the pairs) and without; the weights
of seed 0 with dropout are shipped. Read next: `measure/fusion_bench.py` (what is measured), `tasks/fused.py`.
"""

import argparse
import itertools
import json
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.checkpoints import CHECKPOINTS, find
from mmdemo.loading import load_module, read_card
from mmdemo.tasks.fused import FUSIONS, LABELS, READS_TOKENS, FusedTask
from mmdemo.training import cards
from mmdemo.training.alignment import align, true_and_false
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.features import Features
from mmdemo.training.data.photos import Row, plain_view, random_view, read_index
from mmdemo.training.data.sentiment_lines import teaching_lines
from mmdemo.training.data.sides import (
    Captions,
    LinesByLength,
    Pairs,
    blank_rows,
    joined,
    rarity,
    read_captions,
    read_lines,
    read_pairs,
)
from mmdemo.training.imputation import fit_imputer, ship_imputation, training_pairs
from mmdemo.training.loop import Average, Log, build_optimisers, cosine_schedule, save_checkpoint, set_rate
from mmdemo.training.measure import fusion_bench as bench
from mmdemo.training.measure.fusion_table import DATASETS, SINGLE, findings, finished, format_table, measure_task
from mmdemo.types import TokenSet

BATCH, VIEWS = 96, ((plain_view, 0), (random_view, 1))
STEPS = {"matching": 450, "sentiment": 600}
DROPOUT = {"matching": 0.1, "sentiment": 0.3}
DROPPED = 0.15  # of the pairs lose their photo, as many their text
MIXED = 0.4  # a of Beta(a, a), from which the share of a mixture of two pairs is drawn


def drop_rates(kind: str, modality_dropout: bool) -> tuple[float, float]:
    """(share of pairs that lose the photo, share that lose the text)."""
    if kind in SINGLE:
        return (0.0, 1.0) if kind == "image_only" else (1.0, 0.0)
    return (DROPPED, DROPPED) if modality_dropout else (0.0, 0.0)


class SideClassifiers(nn.Module):
    """Training-only classifiers of single sides: labelled pairs are few, lines of text are not."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.image, self.text = nn.Linear(width, len(LABELS["sentiment"])), nn.Linear(width, len(LABELS["sentiment"]))

    def loss(self, side: str, read: TokenSet, truth: Tensor, weight: Tensor) -> Tensor:
        """Cross-entropy of one side's own label [B], -1 = unknown."""
        vector = F.layer_norm(read.pooled, read.pooled.shape[1:])
        return F.cross_entropy(getattr(self, side)(vector), truth, weight, ignore_index=-1, label_smoothing=0.05)


def match_loss(
    head: FusedTask, data: Captions, rng: np.random.Generator, drop: tuple[float, float], sides: SideClassifiers
) -> Tensor:
    """True pairs and as many false ones, of which half are hard; and both sides aligned before they are fused."""
    image, text = data.draw_true(rng, BATCH, tokens=head.name in READS_TOKENS)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    aligned, other = align(v.pooled, t.pooled, rng)
    return aligned + judge(head, *true_and_false(v, t, other), None, rng, drop, (image, text))


def sentiment_loss(
    head: FusedTask, data: tuple[Pairs, LinesByLength], rng: np.random.Generator, drop: tuple[float, float],
    sides: SideClassifiers,
) -> Tensor:  # fmt: skip
    """The joint label from both sides; each side's own label from that side, as read and before it is fused."""
    some, lines = data
    i = torch.from_numpy(rng.integers(len(some.joint), size=BATCH))
    image, text = some.images(i, some.any_view(rng), tokens=head.name in READS_TOKENS), some.texts.batch(i)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    said, line_label, line_weight = lines.draw(rng, BATCH)
    label = {name: truth[i] for name, truth in some.labels.items()}
    weight = {name: rarity(truth).sqrt() for name, truth in some.labels.items()}
    return (
        judge(head, v, t, label["joint"], weight["joint"], rng, drop, (image, text), mix=True)
        + 0.5 * sides.loss("image", v, label["image"], weight["image"])
        + 0.3 * sides.loss("text", t, label["text"], weight["text"])
        + 0.5 * sides.loss("text", head.fusion.read_text(said), line_label, line_weight)
    )


def judge(
    head: FusedTask, v: TokenSet, t: TokenSet, truth: Tensor, weight: Tensor | None, rng: np.random.Generator,
    drop: tuple[float, float], sources: tuple[TokenSet, TokenSet], mix: bool = False,
) -> Tensor:  # fmt: skip
    """Cross-entropy of the answer after modality dropout; the autoencoder also rebuilds the true pairs' sides.

    Where a side was taken away the label stays: the best answer to half a pair is what is likely given that half.
    With `mix` the head reads h = s h_a + (1 - s) h_b of two pairs and owes s of its answer to the label of the first
    (manifold mixup: Verma et al. 2019, arXiv 1806.05236, equation 1): few pairs with doubtful labels need it.
    """
    joint = head.fusion.fuse(*blank_rows(head, v, t, rng, drop)).joint
    if mix:
        share, other = rng.beta(MIXED, MIXED), torch.randperm(len(joint), generator=_generator(rng))
        mixed = share * joint + (1 - share) * joint[other]  # [B, D]
        loss = share * head.loss(mixed, truth, weight) + (1 - share) * head.loss(mixed, truth[other], weight)
    else:
        loss = head.loss(joint, truth, weight)
    if hasattr(head.fusion, "rebuilding_loss"):
        loss = loss + 0.3 * head.fusion.rebuilding_loss(joint[: len(sources[0].pooled)], *sources)
    return loss


def _generator(rng: np.random.Generator) -> torch.Generator:
    return torch.Generator().manual_seed(int(rng.integers(2**31)))


LOSSES = {"matching": match_loss, "sentiment": sentiment_loss}


def train_head(
    kind: str, task: str, data: Any, *, modality_dropout: bool, seed: int, steps: int
) -> tuple[FusedTask, list[float]]:
    """One head from random weights.

    Args:
        kind: a fusion, or "image_only" or "text_only": concatenation that never sees the other side.

    Returns:
        The head with averaged weights, in eval mode, and alpha every 20 steps (empty but for the weighted sum).
    """
    torch.manual_seed(seed)
    head = FusedTask(**find(f"{task}-{'concat' if kind in SINGLE else kind}").config, dropout=DROPOUT[task])
    sides = SideClassifiers(find(f"{task}-concat").config["width"])
    optimisers, average = build_optimisers([head, sides], 2e-3), Average(head, 0.99)
    rng, alphas, drop = np.random.default_rng(seed), [], drop_rates(kind, modality_dropout)
    for i in range(steps):
        set_rate(optimisers, cosine_schedule(i / steps))
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        LOSSES[task](head, data, rng, drop, sides).backward()
        for optimiser in optimisers:
            optimiser.step()
        average.update(head)
        if kind == "weighted_sum" and i % 20 == 0:
            alphas.append(head.fusion.alpha.item())
    head.load_state_dict(average.values)
    return head.eval(), alphas


def plan(task: str, seeds: int) -> list[tuple[str, bool, int]]:
    """(kind, with modality dropout, seed) of every run of a task, those that are shipped first.

    Seed 0 with and without modality dropout; the further seeds with it only, and without the fusions that read every
    patch, which cost five times as much.
    """
    kinds = [k for k in (*SINGLE, *FUSIONS) if task == "sentiment" or k not in SINGLE]  # half a pair tells no match
    runs = [(kind, True, 0) for kind in kinds] + [(kind, False, 0) for kind in kinds if kind not in SINGLE]
    return runs + [(kind, True, s) for s, kind in itertools.product(range(1, seeds), kinds) if kind not in READS_TOKENS]


def read_val(task: str, rows: list[Row], features: Features) -> bench.Data:
    """The validation data of one task."""
    if task == "sentiment":
        return read_pairs(pairs.mvsa(rows)[1], VIEWS[:1], features, places=True)
    return read_captions(pairs.flickr8k(rows, "val"), VIEWS[:1], features)


def read_train(task: str, rows: list[Row], features: Features, args: argparse.Namespace) -> Any:
    """What the loss of one task draws from."""
    if task == "matching":
        return read_captions(pairs.flickr8k(rows, "train"), VIEWS, features)
    lines = joined([read_lines(some, features) for some in teaching_lines(rows, args.data).values()])
    return read_pairs(pairs.mvsa(rows)[0], VIEWS, features, places=True), LinesByLength(lines)


def train(args: argparse.Namespace) -> None:
    """Every run of the plan that RUN does not hold yet, then the table and the weights."""
    log, rows = Log(args.out / "fusions.jsonl"), read_index(args.data)
    features = Features(args.features, log)
    for task in args.tasks:
        data, val = read_train(task, rows, features, args), read_val(task, rows, features)
        for kind, dropout, seed in plan(task, args.seeds):
            path = bench.run_file(args.out, kind, task, dropout, seed)
            if path.exists() or (args.only and kind not in args.only):
                continue
            head, alphas = train_head(
                kind, task, data, modality_dropout=dropout, seed=seed, steps=args.steps or STEPS[task]
            )
            figures = bench.measure(head, val, single=kind)
            save_checkpoint(path, state=head.state_dict(), figures=figures, alphas=alphas)
            given = {"no_image": figures["no_image"], "no_text": figures["no_text"], **figures["given"]}
            log(kind=kind, task=task, dropout=dropout, seed=seed, **given)
    if not args.only:
        ship(rows, features, args)


def ship(rows: list[Row], features: Features, args: argparse.Namespace) -> None:
    """Everything that the Fusion tab shows, measured on the heads as they will be stored."""
    learnt = {task: read_train(task, rows, features, args) for task in LABELS}
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
