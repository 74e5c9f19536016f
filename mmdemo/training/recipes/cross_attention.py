"""Trains weights/cross_attention: match or no match, read word by word over the patches.

    python -m mmdemo.training.recipes.cross_attention --out RUN [--data DATA] [--seed 0]

Every caption meets its own photo and two wrong ones: one that the dual encoder confuses with it (a hard negative, Li et
al. 2021, "ALBEF") and any other. Every true pair is also shown beside
a second photo, the patches of both in view: which half the words should look at is then known, and costs no label.
Where COCO says in which box a thing is, the words that name it should look there (Selvaraju et al. 2021, "CAST").
Run `recipes/matching.py` first. Read next: `sentiment.py`.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import load_module
from mmdemo.tasks.matching import CrossAttentionMatching
from mmdemo.training import cards, metrics, pairs
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import JoinedTokens, TextTokens, photo_tokens, text_tokens, token_set
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps, training_device
from mmdemo.training.matching_data import box_mask
from mmdemo.training.matching_figures import encode_images, encode_texts
from mmdemo.training.matching_losses import box_ways
from mmdemo.training.photos import plain_view, random_view, read_index
from mmdemo.types import FusionOutput, TokenSet

GROUPS, NEAR, BOXED, BOX_WEIGHT = 20, 30, 12, 0.3
RECIPE = "python -m mmdemo.training.recipes.cross_attention --out RUN --seed {seed} --steps {steps}"


@dataclass
class Grids:
    """Tokens of one captioned set.

    Args:
        views: tokens of the P photos, one `JoinedTokens` a view.
        texts: tokens of the T texts.
        near: [T, NEAR] photos that the dual encoder puts nearest to each text, its own left out.
        of_photo: for each photo the indices of its texts.
        names: what boxes hold, each with the rows of `named` that say it; the texts themselves.
    """

    views: list[JoinedTokens]
    texts: TextTokens
    near: Tensor
    of_photo: list[np.ndarray]
    captioned: pairs.Captioned
    names: dict[str, list[int]]
    named: TextTokens

    def __post_init__(self) -> None:
        self.boxed = np.array([p for p, row in enumerate(self.captioned.photos) if row.get("boxes")])

    def images(self, photos: Tensor, view: int = 0) -> TokenSet:
        """The patches of these photos, [B, Ni, D]."""
        return token_set(self.views[view][photos])


def build_grids(found: list[pairs.Captioned], views: tuple, run: Path, log: Log, device: torch.device) -> Grids:
    """Both towers over captioned sets, and each text's nearest wrong photos."""
    ask = {"folder": run, "log": log, "device": device}
    parts = [[photo_tokens(c.photos, v, seed=s, **ask) for c in found] for v, s in views]
    texts = TextTokens.join([text_tokens(c.texts, **ask) for c in found])
    captioned, dual = pairs.join(found), load_module("matching")
    images = torch.cat([encode_images(dual, part) for part in parts[0]])
    own, near = torch.from_numpy(captioned.photo_of_text), []
    for chunk, mine in zip(encode_texts(dual, texts).split(4096), own.split(4096), strict=True):
        near.append((chunk @ images.T).scatter_(1, mine[:, None], -2.0).topk(NEAR).indices)
    order, starts = captioned.by_photo
    of_photo = [order[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True)]
    ways = [
        (name, way)
        for name in sorted({n for r in captioned.photos for n in r.get("boxes") or ()})
        for way in box_ways(name)
    ]
    names = {name: [i for i, (n, _) in enumerate(ways) if n == name] for name, _ in ways}
    named = text_tokens([way for _, way in ways] or ["a photo"], **ask)
    return Grids([JoinedTokens(p) for p in parts], texts, torch.cat(near), of_photo, captioned, names, named)


def draw_batch(grids: Grids, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """GROUPS groups of three photos that the dual encoder confuses, and a caption of each: photos [B], texts [B]."""
    anchors = rng.integers(len(grids.texts), size=GROUPS)
    near = grids.near[torch.from_numpy(anchors)[:, None], torch.from_numpy(rng.integers(NEAR, size=(GROUPS, 2)))]
    own = torch.from_numpy(grids.captioned.photo_of_text[anchors])
    photos = torch.cat([own[:, None], near], 1).flatten()  # [B], groups one after the other
    return photos, torch.tensor([int(rng.choice(grids.of_photo[p])) for p in photos.tolist()])


def training_step(head: CrossAttentionMatching, grids: Grids, rng: np.random.Generator) -> dict[str, float]:
    """One batch: true pairs, hard negatives, easy negatives, and true pairs beside a second photo."""
    photos, texts = draw_batch(grids, rng)
    image, text = grids.images(photos, int(rng.integers(len(grids.views)))), grids.texts.batch(texts)
    patches, words = head.fusion.read_image(image), head.fusion.read_text(text)  # [B, Ni, D], [B, Nt, D]
    place = torch.arange(len(photos))
    hard = place - place % 3 + (place + int(rng.integers(1, 3))) % 3  # another photo of the group
    easy = (place + 3 * int(rng.integers(1, GROUPS))) % len(photos)  # a photo of another group
    losses = []
    for other, truth, weight in ((place, 1.0, 1.0), (hard, 0.0, 0.5), (easy, 0.0, 0.5)):
        logit = head.logit(head.fusion.fuse(patches.select(other), words))
        losses.append(weight * F.binary_cross_entropy_with_logits(logit, torch.full_like(logit, truth)))
    beside = token_set(torch.cat([patches.tokens, patches.tokens[easy]], 1))  # [B, 2 Ni, D]
    fused = head.fusion.fuse(beside, words)
    where = -on_first_half(fused).clamp_min(1e-4).log().mean()
    match, boxed = torch.stack(losses).sum(), box_loss(head, grids, rng)
    (match + 0.3 * where + BOX_WEIGHT * boxed).backward()
    return {"match": match.item() / 2, "where": where.item(), "box": boxed.item()}


def box_loss(head: CrossAttentionMatching, grids: Grids, rng: np.random.Generator) -> Tensor:
    """-log of the share of the attention that falls into the boxes of what the words name."""
    photos, texts, masks = rng.choice(grids.boxed, BOXED, replace=False), [], []
    for photo in photos:
        boxes = grids.captioned.photos[photo]["boxes"]
        name = str(rng.choice(sorted(boxes)))
        texts.append(int(rng.choice(grids.names[name])))
        masks.append(box_mask(boxes[name]))
    fused = head.fusion(grids.images(torch.from_numpy(photos)), grids.named.batch(torch.tensor(texts)))
    mask = torch.from_numpy(np.stack(masks))  # [B, Ni]
    told = mask.any(1) & ~mask.all(1)
    return -(looked_at(fused) * mask).sum(1)[told].clamp_min(1e-4).log().sum() / max(1, int(told.sum()))


def looked_at(fused: FusionOutput) -> Tensor:
    """The attention on each patch, the words weighted by their votes, [B, Ni]."""
    votes = fused.attention["joint_to_text"][:, 0]  # [B, 1, Nt]
    return (votes @ fused.attention["text_to_image"].mean(1))[:, 0]


def on_first_half(fused: FusionOutput) -> Tensor:
    """Share of the attention on the first half of the patches, [B]."""
    looked = looked_at(fused)  # [B, 2 Ni]
    return looked[:, : looked.shape[1] // 2].sum(-1)


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
        right.append(on_first_half(head.fusion(both, text)) > 0.5)
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
    views = ((plain_view, 0), (random_view, 1))
    found = [pairs.flickr8k(rows, "train"), pairs.captioned(rows, "train", pairs.OTHERS)]
    grids = build_grids(found, views, args.features, log, device)
    val = build_grids([pairs.flickr8k(rows, "val")], views[:1], args.features, log, device)
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
        half = {"own_half_of_two_photos": figures.pop("own_half_of_two_photos")}
        shared = {"split": "val (998 photos)", "seed": args.seed}
        dataset = f"Flickr8k, {name} captions"
        rows += cards.metrics(figures, dataset=f"{dataset}, true against another photo's", n=9980, **shared)
        rows += cards.metrics(half, dataset=f"{dataset}, beside another photo", n=998, unit="%", **shared)
    card = {
        "kind": "matching",
        "architecture": "text-to-image multi-head attention over frozen efficientnet and e5 tokens; words vote",
        "parameters": cards.count_parameters(head),
        "trained_on": [cards.FLICKR8K, cards.OTHERS],
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
    train(recipe_parser(__doc__, steps=900).parse_args())


if __name__ == "__main__":
    main()
