"""Tunes weights/bert on photos: captions in both languages must find their photo among the others of the batch.

    python -m mmdemo.training.recipes.tune --out RUN [--data DATA] [--seed 0]

The text tower learned from a teacher that never saw a picture; here it learns which differences between sentences can
be seen. The image tower stays frozen (its pooled features are computed once); beside the contrastive loss a second one
keeps each text near the place the distilled tower gave it, so that what it knows of other texts is not lost.
Run `recipes/bert.py` and `recipes/mobilenet.py` first. Read next: `matching.py`.
"""

import argparse
import copy

import numpy as np
import torch
import torch.nn.functional as F

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.encoders.bert import BertEncoder
from mmdemo.loading import WEIGHTS, load_module, read_card
from mmdemo.tasks.matching import DualEncoderMatching
from mmdemo.training import cards, metrics, pairs
from mmdemo.training.command import recipe_parser
from mmdemo.training.features import photo_tokens
from mmdemo.training.loop import Average, Log, autocast, build_optimisers, run_steps, training_device
from mmdemo.training.photos import plain_view, random_view, read_index, squashed_view
from mmdemo.training.student import recalls

BATCH, KEEP = 256, 2.0
CAPTIONS = {"en1": ("captions", 0), "en2": ("captions", 1), "zh1": ("captions_zh", 0), "zh2": ("captions_zh", 1)}
VIEWS = ((plain_view, 0), (squashed_view, 3), (random_view, 1))


class Tuning:
    """The text tower, a matching head, and the photos they are tuned on."""

    def __init__(self, args: argparse.Namespace, log: Log) -> None:
        self.device, self.args = training_device(), args
        rows = read_index(args.data)
        self.train, self.val = pairs.flickr8k(rows, "train"), pairs.flickr8k(rows, "val")
        ask = {"folder": args.out, "log": log, "device": self.device}
        self.views = torch.stack([photo_tokens(self.train.photos, v, seed=s, **ask) for v, s in VIEWS])
        self.val_images = photo_tokens(self.val.photos, plain_view, **ask).float()
        self.of_photo = [np.flatnonzero(self.train.photo_of_text == i) for i in range(len(self.train.photos))]
        self.text: BertEncoder = load_module("bert", self.device).requires_grad_(True)
        self.before = copy.deepcopy(self.text).requires_grad_(False)
        self.head = DualEncoderMatching(**CHECKPOINTS["matching"].config, dropout=0.3).to(self.device)
        self.rng = np.random.default_rng(args.seed)
        self.average = Average(self.text, 0.99)

    def step(self, i: int) -> dict[str, float]:
        """One batch: each photo with one of its captions, of any language."""
        photos = self.rng.choice(len(self.of_photo), BATCH, replace=False)
        texts = [self.train.texts[self.rng.choice(self.of_photo[p])] for p in photos]
        view = torch.from_numpy(self.rng.integers(len(self.views), size=BATCH))
        images = self.views[view, torch.from_numpy(photos)].float().to(self.device)
        now = read(self.text, texts)
        with torch.no_grad():
            before = read(self.before, texts)
        _, index = np.unique(np.array(texts), return_inverse=True)
        same = torch.from_numpy(index[:, None] == index[None, :]).to(self.device)
        match = self.head.loss(images, now, same)
        kept = 1 - F.cosine_similarity(now, before).mean()
        (match + KEEP * kept).backward()
        self.average.update(self.text)
        return {"match": match.item(), "moved": kept.item()}

    @torch.no_grad()
    def validate(self, every: int = 1) -> dict[str, float]:
        """Retrieval on Flickr8k val by the towers and the head as they stand, every n-th caption."""
        self.head.eval()
        images = self.head.fusion.embed_image(self.val_images.to(self.device)).cpu().numpy()
        figures = {}
        for kind in ("en", "zh"):
            index = self.val.of_kind(kind)[::every]
            texts = [self.val.texts[i] for i in index]
            vectors = self.head.fusion.embed_text(read(self.text, texts)).cpu().numpy()
            found = metrics.retrieval(images, vectors, self.val.photo_of_text[index])
            figures |= {f"{kind}_{name}": v for name, v in found.items() if name.endswith("@10")}
        self.head.train()
        return figures


def read(tower: BertEncoder, texts: list[str], chunk: int = 64) -> torch.Tensor:
    """Pooled vectors [B, D] of B texts, each read with others of its length: less padding, half the time."""
    device = next(tower.parameters()).device
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    with autocast(device):
        parts = [
            tower(tower.prepare([texts[i] for i in order[j : j + chunk]]).to(device)).pooled
            for j in range(0, len(order), chunk)
        ]
    return torch.cat(parts).float()[torch.tensor(order).argsort()]


def train(args: argparse.Namespace) -> None:
    """The whole recipe."""
    torch.manual_seed(args.seed)
    log = Log(args.out / "tune.jsonl")
    tuning = Tuning(args, log)
    optimisers = build_optimisers([tuning.text], args.rate) + build_optimisers([tuning.head], 1e-3)
    run_steps(
        tuning.step, [tuning.text, tuning.head], optimisers, steps=args.steps, name="tune", log=log,
        checkpoint=args.out / "tune.pt", evaluate=lambda: tuning.validate(5), log_every=20, evaluate_every=100,
    )  # fmt: skip
    tuning.text.load_state_dict(cards.half_rounded(tuning.average.values))
    ship(tuning, log)


def caption_recalls(tower: BertEncoder, val: pairs.Captioned) -> dict[str, float]:
    """R@1 and R@10 of one caption of each validation photo among the others' captions, by `pooled`, per cent."""
    texts = {name: [photo[key][i] for photo in val.photos] for name, (key, i) in CAPTIONS.items()}
    with torch.no_grad():
        pooled = {name: read(tower, some) for name, some in texts.items()}
    found: dict[str, float] = {}
    for name, query, answer in (("en-en", "en1", "en2"), ("zh-en", "zh1", "en2"), ("zh-zh", "zh1", "zh2")):
        found |= recalls(f"caption to another caption of its photo, {name}", pooled[query], pooled[answer])
    return {name.replace("_R@", " R@"): value for name, value in found.items()}


def ship(tuning: Tuning, log: Log) -> None:
    """Write the tuned tower over weights/bert; its history goes on, figures of the untuned tower are marked so."""
    found, captions = tuning.validate(), caption_recalls(tuning.text, tuning.val)
    log(phase="shipped", **found, **captions)
    card = read_card("bert")
    recipe = f"python -m mmdemo.training.recipes.tune --out RUN --seed {tuning.args.seed} --steps {tuning.args.steps}"
    card["recipe"] = f"{card['recipe']}, then {recipe} --rate {tuning.args.rate}"
    card["history"] = [*card["history"], *cards.log_phases(tuning.args.out / "tune.jsonl", ["tune"])]
    for row in card["metrics"]:
        if not row["metric"].startswith("the teacher itself"):
            row["metric"] = f"before tuning on photos: {row['metric']}"
    where = {"dataset": "Flickr8k and Flickr8k-CN", "split": "val", "seed": tuning.args.seed, "unit": "%"}
    card["metrics"] = cards.metrics(captions, n=998, **where) + card["metrics"]
    kept = {k: v for k, v in card.items() if k not in {"name", "files", "commit"}}
    cards.write_weights("bert", tuning.text.state_dict(), kept, weights=WEIGHTS)


def main() -> None:
    """Read the command line and train."""
    parser = recipe_parser(__doc__, steps=150)
    parser.add_argument("--rate", type=float, default=3e-4, help="peak learning rate of the text tower")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
