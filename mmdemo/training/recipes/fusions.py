"""Trains weights/fusions: ten fusions x {match, sentiment}, on the same frozen towers, the same data, the same steps.

    python -m mmdemo.training.recipes.fusions --out RUN [--data DATA] [--seeds 3] [--steps N]

Match: half of a batch are true (photo, caption) pairs of Flickr8k, half are not. Sentiment: MVSA pairs by their joint
label, and on the way each side by its own label, with lines of text beside them.
Each fusion is trained with modality dropout (each side is taken away from 15 % of the pairs) and without; the weights
of seed 0 with dropout are shipped. Read next: `../fusion_bench.py` (what is measured), `../../tasks/fused.py`.
"""

import argparse
import itertools

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.checkpoints import find
from mmdemo.tasks.fused import FUSIONS, LABELS, READS_TOKENS, FusedTask
from mmdemo.training import fusion_bench as bench
from mmdemo.training.alignment import align, true_and_false
from mmdemo.training.command import recipe_parser
from mmdemo.training.fusion_card import SINGLE, ship
from mmdemo.training.fusion_data import MatchData, SentimentData, read_data
from mmdemo.training.loop import (
    Average,
    Log,
    build_optimisers,
    cosine_schedule,
    save_checkpoint,
    set_rate,
)
from mmdemo.training.system_data import blank_rows
from mmdemo.types import TokenSet

STEPS = {"matching": 450, "sentiment": 600}
DROPOUT = {"matching": 0.1, "sentiment": 0.3}
DROPPED = 0.15  # of the pairs lose their photo, as many their text
MIXED = 0.4  # a of Beta(a, a), from which the share of a mixture of two pairs is drawn


def drop_rates(kind: str, modality_dropout: bool) -> tuple[float, float]:
    """(share of pairs that lose the photo, share that lose the text)."""
    if kind in SINGLE:
        return (0.0, 1.0) if kind == "image_only" else (1.0, 0.0)
    return (DROPPED, DROPPED) if modality_dropout else (0.0, 0.0)


def match_loss(
    head: FusedTask, data: MatchData, rng: np.random.Generator, drop: tuple[float, float], sides: "Sides"
) -> Tensor:
    """True pairs and as many false ones, of which half are hard; and both sides aligned before they are fused."""
    image, text = data.draw(rng, tokens=head.name in READS_TOKENS)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    aligned, other = align(v.pooled, t.pooled, rng)
    return aligned + judge(head, *true_and_false(v, t, other), None, rng, drop, (image, text))


def sentiment_loss(
    head: FusedTask, data: SentimentData, rng: np.random.Generator, drop: tuple[float, float], sides: "Sides"
) -> Tensor:
    """The joint label from both sides; each side's own label from that side, as read and before it is fused."""
    image, text, label, weight = data.draw(rng, tokens=head.name in READS_TOKENS)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    said, line_label, line_weight = data.draw_lines(rng)
    return (
        judge(head, v, t, label["joint"], weight["joint"], rng, drop, (image, text), mix=True)
        + 0.5 * sides.loss("image", v, label["image"], weight["image"])
        + 0.3 * sides.loss("text", t, label["text"], weight["text"])
        + 0.5 * sides.loss("text", head.fusion.read_text(said), line_label, line_weight)
    )


class Sides(nn.Module):
    """Training-only classifiers of single sides: 3,540 pairs are few, 71,000 lines of text are not."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.image, self.text = nn.Linear(width, len(LABELS["sentiment"])), nn.Linear(width, len(LABELS["sentiment"]))

    def loss(self, side: str, read: TokenSet, truth: Tensor, weight: Tensor) -> Tensor:
        """Cross-entropy of one side's own label [B], -1 = unknown."""
        vector = F.layer_norm(read.pooled, read.pooled.shape[1:])
        return F.cross_entropy(getattr(self, side)(vector), truth, weight, ignore_index=-1, label_smoothing=0.05)


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
    kind: str, task: str, data: MatchData | SentimentData, *, modality_dropout: bool, seed: int, steps: int
) -> tuple[FusedTask, list[float]]:
    """One head from random weights.

    Args:
        kind: a fusion, or "image_only" or "text_only": concatenation that never sees the other side.

    Returns:
        The head with averaged weights, in eval mode, and alpha every 20 steps (empty but for the weighted sum).
    """
    torch.manual_seed(seed)
    head = FusedTask(**find(f"{task}-{'concat' if kind in SINGLE else kind}").config, dropout=DROPOUT[task])
    sides = Sides(find(f"{task}-concat").config["width"])
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


def train(args: argparse.Namespace) -> None:
    """Every run of the plan that RUN does not hold yet, then the table and the weights."""
    log = Log(args.out / "fusions.jsonl")
    for task in args.tasks:
        data, val = read_data(task, args.data, args.features, log)
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
        ship(args, log)


def main() -> None:
    """Read the command line and train."""
    parser = recipe_parser(__doc__, steps=0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", nargs="*", default=list(LABELS), choices=list(LABELS))
    parser.add_argument("--only", nargs="*", help="train these fusions only, and write no weights")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
