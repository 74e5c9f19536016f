"""Trains weights/cross_attention: match or no match, read word by word over the patches.

    python -m mmdemo.training.recipes.cross_attention --out RUN [--data DATA] [--seed 0]

Every caption meets its own photo and two wrong ones: one that the dual encoder confuses with it (a hard negative, Li et
al. 2021, "ALBEF") and any other. Every true pair is also shown beside
a second photo, the patches of both in view: which half the words should attend to is then known, and costs no label.
Where COCO says in which box a thing is, the words that name it should attend to it (Selvaraju et al. 2021, "CAST").
Run `recipes/matching.py` first. Read next: `sentiment.py`.
"""

import argparse
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import load_module
from mmdemo.tasks.matching import CrossAttentionMatching
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.boxes import box_mask, box_ways
from mmdemo.training.data.features import (
    Features,
    JoinedTokens,
    TextTokens,
    Views,
    encode_images,
    encode_texts,
    token_set,
)
from mmdemo.training.data.photos import plain_view, random_view, read_index
from mmdemo.training.data.sides import Captions
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.matching_losses import box_loss
from mmdemo.training.measure import metrics, systems
from mmdemo.types import FusionOutput

GROUPS, NEAR, BOXED, BOX_WEIGHT = 20, 30, 12, 0.3
VIEWS = ((plain_view, 0), (random_view, 1))


@dataclass
class Grids(Captions):
    """Captions, and what makes the task hard.

    Args:
        near: [T, NEAR] photos that the dual encoder puts nearest to each text, its own left out.
        names: what boxes hold, each with the rows of `named` that say it; the texts themselves.
    """

    near: Tensor = field(kw_only=True)
    names: dict[str, list[int]] = field(kw_only=True)
    named: TextTokens = field(kw_only=True)

    def __post_init__(self) -> None:
        order, starts = self.captioned.by_photo
        self.of_photo = [order[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True)]
        self.photos_with_boxes = np.array([p for p, row in enumerate(self.captioned.photos) if row.get("boxes")])


def build_grids(sets: list[pairs.Captioned], views: Views, features: Features) -> Grids:
    """Both towers over captioned sets, and each text's nearest wrong photos."""
    parts = [[features.photo_tokens(c.photos, view, seed) for c in sets] for view, seed in views]
    texts = TextTokens.join([features.text_tokens(c.texts) for c in sets])
    captioned, dual = pairs.join(sets), load_module("matching")
    images = torch.cat([encode_images(dual, part) for part in parts[0]])
    own, near = torch.from_numpy(captioned.photo_of_text), []
    for chunk, mine in zip(encode_texts(dual, texts).split(4096), own.split(4096), strict=True):
        near.append((chunk @ images.T).scatter_(1, mine[:, None], -2.0).topk(NEAR).indices)
    held = sorted({n for r in captioned.photos for n in r.get("boxes") or ()})
    ways = [(name, way) for name in held for way in box_ways(name)]
    names = {name: [i for i, (n, _) in enumerate(ways) if n == name] for name in held}
    named = features.text_tokens([way for _, way in ways] or ["a photo"])
    joined = [JoinedTokens(part) for part in parts]
    return Grids(joined, texts, captioned, near=torch.cat(near), names=names, named=named)


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
    match, boxed = torch.stack(losses).sum(), named_boxes(head, grids, rng)
    (match + 0.3 * where + BOX_WEIGHT * boxed).backward()
    return {"match": match.item() / 2, "where": where.item(), "box": boxed.item()}


def named_boxes(head: CrossAttentionMatching, grids: Grids, rng: np.random.Generator) -> Tensor:
    """-log of the share of the attention that falls into the boxes of what the words name."""
    photos, texts, masks = rng.choice(grids.photos_with_boxes, BOXED, replace=False), [], []
    for photo in photos:
        boxes = grids.captioned.photos[photo]["boxes"]
        name = str(rng.choice(sorted(boxes)))
        texts.append(int(rng.choice(grids.names[name])))
        masks.append(box_mask(boxes[name]))
    fused = head.fusion(grids.images(torch.from_numpy(photos)), grids.named.batch(torch.tensor(texts)))
    return box_loss(attention_of(fused), masks)


def attention_of(fused: FusionOutput) -> Tensor:
    """The attention on each patch, the words weighted by their votes, [B, Ni]."""
    votes = fused.attention["joint_to_text"][:, 0]  # [B, 1, Nt]
    return (votes @ fused.attention["text_to_image"].mean(1))[:, 0]


def on_first_half(fused: FusionOutput) -> Tensor:
    """Share of the attention on the first half of the patches, [B]."""
    attention = attention_of(fused)  # [B, 2 Ni]
    return attention[:, : attention.shape[1] // 2].sum(-1)


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


def measure(head: CrossAttentionMatching, val: Grids, seed: int, every: int = 1) -> systems.Figures:
    """By language: AUC, accuracy and calibration error (fit on one half of the photos, scored on the other)."""

    def logit(photos: Tensor, texts: Tensor) -> Tensor:
        return head(val.images(photos), val.texts.batch(texts))[0]

    head.eval()
    figures, kept = {}, []
    for name, kind in systems.LANGUAGES.items():
        texts, photos, truth = systems.own_and_other(val.captioned, kind, seed, every)
        value = systems.scored(logit, photos, texts, chunk=128)
        kept.append((value, truth))
        probability = systems.cross_fitted(head.calibration, value, truth, photos)
        figures[name] = metrics.yes_no(probability.numpy(), truth.numpy())
        figures[name]["own_half_of_two_photos"] = half_test(head, val, texts[: len(texts) // 2 : 5], seed)
    head.calibration.fit(*(torch.cat(column) for column in zip(*kept, strict=True)))
    head.train()
    return figures


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log, rows = Log(args.out / "cross_attention.jsonl"), read_index(args.data)
    features = Features(args.features, log)
    sets = [pairs.flickr8k(rows, "train"), pairs.captioned(rows, "train", pairs.OTHERS)]
    grids = build_grids(sets, VIEWS, features)
    val = build_grids([pairs.flickr8k(rows, "val")], VIEWS[:1], features)
    head = CrossAttentionMatching(**CHECKPOINTS["cross_attention"].config, dropout=0.2)
    average, rng = Average(head, 0.995), np.random.default_rng(args.seed)
    run_steps(
        lambda i: training_step(head, grids, rng), [head], build_optimisers([head], 1e-3), average=average,
        steps=args.steps, name="cross_attention", log=log, checkpoint=args.out / "cross_attention.pt",
        evaluate=lambda: systems.flat(measure(head, val, args.seed, every=5)), log_every=50, evaluate_every=500,
    )  # fmt: skip
    average.update(head)
    head.load_state_dict(cards.half_rounded(average.values))
    ship(head, val, cards.photo_counts(rows), args)


def ship(head: CrossAttentionMatching, val: Grids, counts: dict[str, int], args: argparse.Namespace) -> None:
    """Calibrate, measure, write weights/cross_attention."""
    rows, captioned = [], val.captioned
    shared = {"split": systems.val_split(captioned), "seed": args.seed}
    for name, figures in measure(head, val, args.seed).items():
        half = {"own_half_of_two_photos": figures.pop("own_half_of_two_photos")}
        rows += systems.match_rows({name: figures}, captioned, args.seed)
        n = len(captioned.of_kind(systems.LANGUAGES[name])[::5])
        dataset = f"Flickr8k, {name} captions, beside another photo"
        rows += cards.metrics(half, dataset=dataset, n=n, unit="%", **shared)
    card = {
        "parameters": cards.count_parameters(head),
        "counts": counts,
        **cards.origin("cross_attention", args, "seed", "steps", phases=["cross_attention"]),
        "metrics": rows,
    }
    cards.ship("cross_attention", head.eval(), card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Match or no match, cross-fitted, and which of two photos the words attend to."""
    val = build_grids([pairs.flickr8k(read_index(args.data), "val")], VIEWS[:1], Features(args.features, log))
    return systems.flat(measure(load_module("cross_attention"), val, args.seed))


if __name__ == "__main__":
    train(recipe_parser(__doc__, steps=900).parse_args())
