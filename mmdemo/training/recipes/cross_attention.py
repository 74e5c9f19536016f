"""Trains weights/cross_attention: match or no match, read word by word over the patches.

    python -m mmdemo.training.recipes.cross_attention --out RUN [--data DATA] [--seed 0]

Every photo meets a caption of its own and two wrong ones: a wrong caption that the dual encoder finds nearly right (a
hard negative, Li et al. 2021, "ALBEF") and a caption of any other photo. Half of the true pairs are shown beside a
second photo, the patches of both in view: which half the words should look at is then known, and costs no label.
Run `recipes/matching.py` first. Read next: `sentiment.py`.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import load_module
from mmdemo.tasks.matching import CrossAttentionMatching
from mmdemo.training import cards, metrics, pairs
from mmdemo.training.features import TextTokens, photo_tokens, text_tokens, token_set
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps, training_device
from mmdemo.training.photos import data_folder, plain_view, read_index, squashed_view
from mmdemo.types import TokenSet

BATCH, NEAR = 64, 30
RECIPE = "python -m mmdemo.training.recipes.cross_attention --out RUN --seed {seed} --steps {steps}"


@dataclass
class Grids:
    """Tokens of one captioned set.

    Args:
        views: list of [P, Ni, D] float16, one a view.
        texts: tokens of the T texts.
        near: [T, NEAR] photos that the dual encoder puts nearest to each text, its own left out.
    """

    views: list[Tensor]
    texts: TextTokens
    near: Tensor
    captioned: pairs.Captioned

    def images(self, photos: Tensor, view: int = 0) -> TokenSet:
        """The patches of these photos, [B, Ni, D]."""
        return token_set(self.views[view][photos].float())


def build_grids(captioned: pairs.Captioned, views: tuple, run: Path, log: Log, device: torch.device) -> Grids:
    """Both towers over one captioned set, and each text's nearest wrong photos."""
    seen = [photo_tokens(captioned.photos, v, run, log, device=device, seed=s, pooled=False) for v, s in views]
    texts = text_tokens(captioned.texts, run, log, device=device)
    dual = load_module("matching").fusion
    with torch.no_grad():
        images = dual.embed_image(seen[0].float().mean(1))
        own = torch.from_numpy(captioned.photo_of_text)
        near = []
        for chunk, mine in zip(dual.embed_text(texts.pooled()).split(4096), own.split(4096), strict=True):
            cosine = (chunk @ images.T).scatter_(1, mine[:, None], -2.0)
            near.append(cosine.topk(NEAR).indices)
    return Grids(seen, texts, torch.cat(near), captioned)


def training_step(head: CrossAttentionMatching, grids: Grids, rng: np.random.Generator) -> dict[str, float]:
    """One batch: true pairs, hard negatives, easy negatives, and true pairs beside a second photo."""
    t = torch.from_numpy(rng.choice(len(grids.texts), BATCH, replace=False))
    own = torch.from_numpy(grids.captioned.photo_of_text)[t]
    hard = grids.near[t, torch.from_numpy(rng.integers(NEAR, size=BATCH))]
    easy = (own + torch.from_numpy(rng.integers(1, len(grids.views[0]), size=BATCH))) % len(grids.views[0])
    view = int(rng.integers(len(grids.views)))
    text = grids.texts.batch(t)
    a, b, c = (grids.images(photos, view) for photos in (own, hard, easy))
    truth = torch.ones(BATCH)
    match = head.loss(a, text, truth) + 0.5 * head.loss(b, text, 1 - truth) + 0.5 * head.loss(c, text, 1 - truth)
    where = beside_loss(head, a, c, text)
    (match + 0.3 * where).backward()
    return {"match": match.item() / 2, "where": where.item()}


def beside_loss(head: CrossAttentionMatching, own: TokenSet, other: TokenSet, text: TokenSet) -> Tensor:
    """-log of the attention that the text, its words weighted by their votes, gives to its own photo of the two."""
    both = token_set(torch.cat([own.tokens, other.tokens], 1))  # [B, 2 Ni, D]
    attention = head.fusion(both, text).attention
    votes = attention["joint_to_text"][:, 0]  # [B, 1, Nt]
    looked = votes @ attention["text_to_image"].mean(1)  # [B, 1, 2 Ni]
    return -looked[:, 0, : own.tokens.shape[1]].sum(-1).clamp_min(1e-4).log().mean()


@torch.no_grad()
def score(head: CrossAttentionMatching, grids: Grids, texts: Tensor, photos: Tensor) -> Tensor:
    """Raw match logits of n pairs [n]."""
    parts = [
        head(grids.images(p), grids.texts.batch(t))[0] for t, p in zip(texts.split(128), photos.split(128), strict=True)
    ]
    return torch.cat(parts)


@torch.no_grad()
def half_test(head: CrossAttentionMatching, grids: Grids, texts: Tensor, seed: int) -> float:
    """Per cent of captions whose attention lies more on their own photo than on another one beside it."""
    own = torch.from_numpy(grids.captioned.photo_of_text)[texts]
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, len(grids.views[0]), size=len(own)))
    other = (own + shift) % len(grids.views[0])
    right = []
    for t, p, q in zip(texts.split(64), own.split(64), other.split(64), strict=True):
        a, b, text = grids.images(p), grids.images(q), grids.texts.batch(t)
        both = token_set(torch.cat([a.tokens, b.tokens], 1))
        attention = head.fusion(both, text).attention
        looked = (attention["joint_to_text"][:, 0] @ attention["text_to_image"].mean(1))[:, 0]  # [B, 2 Ni]
        right.append(looked[:, : a.tokens.shape[1]].sum(-1) > 0.5)
    return 100 * float(torch.cat(right).float().mean())


def true_and_random(grids: Grids, kind: str, seed: int, every: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Every n-th caption of a kind with its own and with one other photo: texts [2n], photos [2n], truth [2n]."""
    t = torch.from_numpy(grids.captioned.of_kind(kind)[::every])
    own = torch.from_numpy(grids.captioned.photo_of_text)[t]
    shift = torch.from_numpy(np.random.default_rng(seed).integers(1, len(grids.views[0]), size=len(t)))
    photos = torch.cat([own, (own + shift) % len(grids.views[0])])
    return torch.cat([t, t]), photos, torch.cat([torch.ones(len(t)), torch.zeros(len(t))])


def measure(head: CrossAttentionMatching, val: Grids, seed: int, every: int = 1) -> dict[str, dict[str, float]]:
    """By language: AUC, accuracy and calibration error (fit on one half of the photos, scored on the other)."""
    head.eval()
    figures, kept = {}, []
    for name, kind in (("English", "en"), ("Chinese", "zh")):
        texts, photos, truth = true_and_random(val, kind, seed, every)
        logit = score(head, val, texts, photos)
        kept.append((logit, truth, photos))
        probability = torch.zeros_like(logit)
        for half in (0, 1):
            head.calibration.fit(logit[photos % 2 == half], truth[photos % 2 == half])
            probability[photos % 2 != half] = head.calibration(logit[photos % 2 != half])
        figures[name] = metrics.yes_no(probability.numpy(), truth.numpy())
        figures[name]["own_half_of_two_photos"] = half_test(head, val, texts[: len(texts) // 2 : 5], seed)
    logit, truth, _ = (torch.cat(x) for x in zip(*kept, strict=True))
    head.calibration.fit(logit, truth)
    head.train()
    return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    device, run, log = training_device(), args.out, Log(args.out / "cross_attention.jsonl")
    rows = read_index(args.data)
    views = ((plain_view, 0), (squashed_view, 3))
    grids = build_grids(pairs.flickr8k(rows, "train"), views, run, log, device)
    val = build_grids(pairs.flickr8k(rows, "val"), views[:1], run, log, device)
    head = CrossAttentionMatching(**CHECKPOINTS["cross_attention"].config, dropout=0.2)
    average = Average(head, 0.995)
    rng = np.random.default_rng(args.seed)

    def step(i: int) -> dict[str, float]:
        figures = training_step(head, grids, rng)
        average.update(head)
        return figures

    def validate() -> dict[str, float]:
        found = measure(head, val, args.seed, every=5)
        return {f"{lang}_{name}": v for lang, figures in found.items() for name, v in figures.items()}

    run_steps(
        step, [head], build_optimisers([head], 1e-3), steps=args.steps, name="cross_attention", log=log,
        checkpoint=run / "cross_attention.pt", evaluate=validate, log_every=50, evaluate_every=500,
    )  # fmt: skip
    average.update(head)
    head.load_state_dict(cards.half_rounded(average.values))
    ship(head, val, args)


def ship(head: CrossAttentionMatching, val: Grids, args: argparse.Namespace) -> None:
    """Calibrate, measure, write weights/cross_attention."""
    rows = []
    for name, figures in measure(head, val, args.seed).items():
        dataset = f"Flickr8k, {name} captions, true against another photo's"
        rows += cards.metrics(figures, dataset=dataset, split="val (998 photos)", n=9980, seed=args.seed)
    card = {
        "kind": "matching",
        "architecture": "text-to-image multi-head attention over frozen mobilenet and bert tokens; words vote",
        "parameters": cards.count_parameters(head),
        "trained_on": [cards.FLICKR8K],
        "licences": ["Weights: Apache-2.0", "Photos and captions: research and education"],
        "recipe": RECIPE.format(**vars(args)),
        "seed": args.seed,
        "history": cards.log_phases(args.out / "cross_attention.jsonl", ["cross_attention"]),
        "metrics": rows,
        "calibration": "Fitted on all val pairs; its figures are cross-fitted over two halves of the val photos.",
        "known_failures": [
            "The map is as coarse as the patch grid; small things fall between patches.",
            "Words the text tower saw rarely look everywhere at once.",
            "Attention shows where the model read, not why it decided.",
        ],
    }
    cards.write_weights("cross_attention", head.eval().state_dict(), card)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: features, checkpoints, log")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2000)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
