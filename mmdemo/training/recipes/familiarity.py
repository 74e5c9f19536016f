"""Fits weights/familiarity: which texts can be read, and which pictures are like photographs.

    python -m mmdemo.training.recipes.familiarity --out RUN [--data DATA] [--seed 0]

Real captions, words, posts and photos against nonsense made by code. Both towers stay frozen and read everything once;
n-grams are counted over the training texts. Kinds of nonsense that no fit saw, and validation texts and photos, give
the figures. Five minutes on one core, nearly all of it reading; what was read is kept in RUN.
Read next: `data/familiar_sets.py`, `data/unreadable.py`, `data/unlike_photos.py`.
"""

import argparse
import hashlib
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.checkpoints import find
from mmdemo.encoders.e5 import E5Encoder
from mmdemo.loading import load_module
from mmdemo.tasks.familiarity import ImageFamiliarity, Judge, TextFamiliarity
from mmdemo.tasks.ngrams import NgramCounts
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import familiar_sets, unlike_photos, unreadable
from mmdemo.training.data.features import TEXT, Features
from mmdemo.training.data.photos import Row, read_index
from mmdemo.training.loop import Log, kept
from mmdemo.training.measure.metrics import calibration_error
from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM

Kinds = dict[str, Tensor]  # kind -> what was measured of each item of it
Figure = tuple[str, float, int, str]  # metric, value, n, unit
BOUNDS = {"understood": UNDERSTOOD_FROM, "familiar": FAMILIAR_FROM}
RATE, DECAY, BATCH, KEPT_FOR_CALIBRATION = 2e-3, 2e-2, 512, 5


def fit_judge(judge: Judge, real: Kinds, made: Kinds, *, seed: int, steps: int) -> dict[str, float]:
    """Teach a judge, every kind weighing the same and real as much as made; every fifth item is kept to calibrate on.

    Args:
        real, made: kind -> evidence [n, F].
    """
    evidence = torch.cat([*real.values(), *made.values()])  # [n, F]
    truth = torch.cat([torch.full((len(e),), float(t)) for t, of in ((1, real), (0, made)) for e in of.values()])
    weight = torch.cat([torch.full((len(e),), 1 / (len(of) * len(e))) for of in (real, made) for e in of.values()])
    apart = torch.arange(len(truth)) % KEPT_FOR_CALIBRATION == 0
    judge.mean.copy_(evidence[truth == 1].mean(0))
    judge.scale.copy_(evidence[truth == 1].std(0).clamp_min(0.05))
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    generator = torch.Generator().manual_seed(seed)
    judge.train()
    for _ in range(steps):
        drawn = torch.multinomial(weight * ~apart, BATCH, replacement=True, generator=generator)
        loss = F.binary_cross_entropy_with_logits(judge.logit(evidence[drawn]), truth[drawn])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    judge.eval()
    with torch.no_grad():
        again = torch.multinomial(weight * apart, 20_000, replacement=True, generator=generator)
        judge.calibration.fit(judge.logit(evidence[again]), truth[again])
    return {"loss": loss.item(), "slope": float(judge.calibration.slope), "offset": float(judge.calibration.offset)}


@dataclass(frozen=True)
class Source:
    """Where real and made items come from: the index and the command line, and what the towers say of them."""

    rows: list[Row]
    args: argparse.Namespace
    features: Features

    def ngrams(self) -> NgramCounts:
        """The n-grams of the training texts, counted once."""
        texts = list(familiar_sets.corpus(self.rows, self.args.data))
        digest = hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        ngrams = NgramCounts(find("text_familiarity").config["ngrams"])

        def count() -> dict[str, Tensor]:
            ngrams.fill(texts)
            self.features.log(ngrams=len(ngrams.keys), texts=len(texts))
            return dict(ngrams.state_dict())

        ngrams.load_state_dict(kept(self.features.folder / f"ngrams-{digest}.pt", count))
        return ngrams

    def texts(self, split: str) -> list[tuple[familiar_sets.Texts, Tensor]]:
        """[(real texts by kind, their pooled vectors), (made texts, theirs)]."""
        real = familiar_sets.real_texts(self.rows, self.args.data, split, self.args.seed)
        made = familiar_sets.made_texts(self.rows, split, self.args.seed)
        flat = [[text for of in texts.values() for text in of] for texts in (real, made)]
        points = self.features.text_points(flat[0] + flat[1])  # [T, D]
        return list(zip((real, made), points.split([len(of) for of in flat]), strict=True))

    def pictures(self, split: str) -> tuple[familiar_sets.Seen, familiar_sets.Seen]:
        """(photos by source, made pictures by kind)."""
        return familiar_sets.pictures(self.rows, split, self.args.seed, self.features)


def text_evidence(head: TextFamiliarity, texts: familiar_sets.Texts, pooled: Tensor) -> Kinds:
    """Kind -> evidence [n, F]; pooled [T, D] in the order of the texts."""
    tower: E5Encoder = load_module(TEXT)
    parts = pooled.split([len(of) for of in texts.values()])
    evidence = {}
    for (kind, of), vectors in zip(texts.items(), parts, strict=True):
        letters = torch.stack([head.ngrams.evidence(layout) for layout in tower.prepare(of).layout])
        evidence[kind] = head.evidence(vectors, letters)
    return evidence


def image_evidence(head: ImageFamiliarity, seen: familiar_sets.Seen) -> Kinds:
    """Kind -> evidence [n, F]."""
    return {kind: head.evidence(*some) for kind, some in seen.items()}


def fit_text(source: Source) -> TextFamiliarity:
    """The text side."""
    args = source.args
    torch.manual_seed(args.seed)
    head = TextFamiliarity(**find("text_familiarity").config)
    head.ngrams = source.ngrams()
    (real, real_points), (made, made_points) = source.texts("train")
    head.distance.fit(real_points)
    sides = text_evidence(head, real, real_points), text_evidence(head, made, made_points)
    source.features.log(phase="text", **fit_judge(head.judge, *sides, seed=args.seed, steps=args.steps))
    return head.eval()


def fit_image(source: Source) -> ImageFamiliarity:
    """The photo side."""
    args = source.args
    torch.manual_seed(args.seed)
    head = ImageFamiliarity(**find("image_familiarity").config)
    real, made = source.pictures("train")
    head.distance.fit(torch.cat([pooled for pooled, _ in real.values()]))
    sides = image_evidence(head, real), image_evidence(head, made)
    source.features.log(phase="image", **fit_judge(head.judge, *sides, seed=args.seed, steps=args.steps))
    return head.eval()


@torch.no_grad()
def measure(text: TextFamiliarity, image: ImageFamiliarity, source: Source) -> list[Figure]:
    """The figures of both sides on validation texts and pictures."""
    texts = (text_evidence(text, *some) for some in source.texts("val"))
    understood = [{kind: text.judge(e) for kind, e in kinds.items()} for kinds in texts]
    pictures = (image_evidence(image, some) for some in source.pictures("val"))
    familiar = [{kind: image.judge(e) for kind, e in kinds.items()} for kinds in pictures]
    rows = figures(*understood, set(unreadable.FITTED), "understood")
    return rows + figures(*familiar, set(unlike_photos.FITTED), "familiar")


def figures(real: Kinds, made: Kinds, fitted: set[str], name: str) -> list[Figure]:
    """Error rates of each kind and over all, and the calibration error.

    Args:
        real, made: kind -> probabilities [n].
        fitted: the made kinds that the fit saw (of other seeds and photos).
        name: "understood" or "familiar"; below its bound an answer is not to be believed.
    """

    def missed(title: str, p: Tensor) -> Figure:
        return f"not {name}{title}", 100 * float((p < BOUNDS[name]).float().mean()), len(p), "%"

    def passed(title: str, p: Tensor) -> Figure:
        return f"wrongly {name}{title}", 100 * float((p >= BOUNDS[name]).float().mean()), len(p), "%"

    rows = [missed(f": {kind}", p) for kind, p in real.items()]
    for kind, p in made.items():
        rows.append(passed(f": {kind} ({'kind fitted' if kind in fitted else 'kind not fitted'})", p))
    for title, kinds in (("kinds fitted", fitted), ("kinds not fitted", set(made) - fitted)):
        rows.append(passed(f", all {title}", torch.cat([made[kind] for kind in kinds])))
    p = torch.cat(list(real.values()))
    rows.append(missed(", all real", p))
    both = torch.cat([p, *made.values()])
    truth = torch.arange(len(both)) < len(p)
    rows.append((f"{name} calibration_error", calibration_error(both.numpy(), truth.float().numpy()), len(both), ""))
    return rows


def ship(text: TextFamiliarity, image: ImageFamiliarity, source: Source) -> None:
    """Measure what is stored, write weights/familiarity."""
    args = source.args
    for head in (text, image):
        head.load_state_dict(cards.half_rounded(head.state_dict()))
    rows = []
    for metric, value, n, unit in measure(text, image, source):
        side = "texts" if "understood" in metric else "pictures"
        where = {"dataset": f"real and made {side}", "split": "val", "n": n, "seed": args.seed, "unit": unit}
        rows += cards.metrics({metric: value}, **where)
        source.features.log(metric=metric, value=value, n=n)
    card = {
        "parameters": cards.count_parameters(text) + cards.count_parameters(image),
        "counts": cards.photo_counts(source.rows),
        **cards.origin("familiarity", args, "seed", "steps", phases=["text", "image"]),
        "metrics": rows,
    }
    states = {"text_familiarity": text.state_dict(), "image_familiarity": image.state_dict()}
    cards.ship("familiarity", states, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Error rates by kind again, from weights/familiarity."""
    source = Source(read_index(args.data), args, Features(args.features, log))
    rows = measure(load_module("text_familiarity"), load_module("image_familiarity"), source)
    return {metric: value for metric, value, *_ in rows}


def main(args: argparse.Namespace) -> None:
    """Fit and ship both sides."""
    source = Source(read_index(args.data), args, Features(args.features, Log(args.out / "familiarity.jsonl")))
    ship(fit_text(source), fit_image(source), source)


if __name__ == "__main__":
    main(recipe_parser(__doc__, steps=1500).parse_args())
