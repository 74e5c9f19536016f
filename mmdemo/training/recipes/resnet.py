"""The second image tower, ResNet-18 from random weights, taught by a teacher of another shape.

    python -m mmdemo.training.recipes.resnet --out RUN [--data DATA] [--seed 0] [--threads N]

The teacher is EfficientNet-Lite2 as published (`distil/efficientnet.py`), at 160 px. The student's four stages end at
strides of its maps (4, 8, 16, 32). A 1 x 1 convolution per stage, used in training only, turns the student's channels
into the teacher's, and every place of every map is asked for (hints); then the pooled vector and the teacher's
distribution over a thousand classes (verdict). The student starts on small pictures, which cost a quarter, and grows. A
run that stopped goes on from RUN when the same command is given again. Read next: `distil/hints.py`.
"""

import argparse
import json
import random
from collections.abc import Iterator
from itertools import count

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.encoders.resnet import ResNetEncoder
from mmdemo.loading import load_module, widened
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import photos
from mmdemo.training.distil import efficientnet, hints
from mmdemo.training.loop import (
    Average,
    Log,
    build_optimisers,
    load_checkpoint,
    run_steps,
    save_checkpoint,
    training_device,
)
from mmdemo.training.measure.agreement import FITTED, TEACHER_SIZE, agreement, teacher

BATCH = 128
NEVER_SEEN = {"Tiny ImageNet-200 (64px)"}  # below `photos.SMALLEST_SIDE`
TEACHER = "EfficientNet-Lite2, Google, ImageNet, Apache-2.0"
PHASES = (  # name, side in pixels, steps, peak rates of AdamW and Muon
    ("small", 65, 300, 2e-3, 0.2),
    ("middle", 97, 70, 1e-3, 0.08),
    ("again", 97, 120, 1e-3, 0.08),
    ("long", 65, 1000, 2e-3, 0.15),
    ("last", 97, 100, 1e-3, 0.08),
)


class Hinted(nn.Module):
    """The student and its training-only 1 x 1 convolutions into the teacher's channels."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder = ResNetEncoder()
        widths = (64, 128, 256, 512)
        self.into = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(widths, channels, strict=True))

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """[B, 3, height, width] -> four maps in the teacher's channels, strides 4, 8, 16 and 32."""
        return [into(x) for into, x in zip(self.into, self.encoder.stages(pixels), strict=True)]


class Distillation:
    """The parts every phase works on.

    Args:
        args: the command line.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        torch.manual_seed(args.seed)
        self.args, self.device, self.log = args, training_device(), Log(args.out / "resnet.jsonl")
        self.rows, _ = photos.split_photos(photos.read_index(args.data))
        self.teacher = teacher(self.device)
        example = self.taught(next(self.endless(256)))
        self.scales = [hints.spread(m) for m in example]
        self.pooled_scale = hints.spread(example[-1].mean((2, 3)))
        self.student = Hinted(tuple(m.shape[1] for m in example)).to(self.device, memory_format=torch.channels_last)

    def endless(self, batch: int = BATCH) -> Iterator[Tensor]:
        """Random crops of all photos at the teacher's size, [B, 3, 160, 160], epoch after epoch."""
        for epoch in count():
            drawn = random.Random(f"{self.args.seed}/{epoch}").sample(self.rows, len(self.rows))
            for pixels in photos.view_batches(drawn, TEACHER_SIZE, batch=batch, view=photos.mixed_view, seed=epoch):
                yield pixels.to(self.device)

    @torch.no_grad()
    def taught(self, pixels: Tensor) -> list[Tensor]:
        """The teacher's four maps."""
        return efficientnet.stages(self.teacher.encoder, pixels)

    def teach(self, pixels: Tensor, size: int, weight: float) -> dict[str, float]:
        """One batch forward and back: four hints, the pooled vector, and the verdict with this weight."""
        wanted = self.taught(pixels)
        small = F.interpolate(pixels, size=(size, size), mode="bilinear", antialias=True)
        got = self.student(small)
        fitted = [F.adaptive_avg_pool2d(w, g.shape[2:]) for w, g in zip(wanted, got, strict=True)]
        maps = [hints.hint(g, w, s) for g, w, s in zip(got, fitted, self.scales, strict=True)]
        point, goal = got[-1].mean((2, 3)), wanted[-1].mean((2, 3))  # [B, 1280]
        losses = {
            "hints": torch.stack(maps).mean(),
            "pooled": hints.hint(point, goal, self.pooled_scale),
            "verdict": hints.verdict(point, goal, self.teacher.named),
        }
        (3 * losses["hints"] + losses["pooled"] + weight * losses["verdict"]).backward()
        return {name: loss.item() for name, loss in losses.items()}

    def train(self, name: str, size: int, steps: int, rate: float, muon: float) -> None:
        """One phase; leaves the averaged weights in place."""
        views, average = self.endless(), Average(self.student, 0.99)
        optimisers = build_optimisers([self.student], rate, muon)

        def step(i: int) -> dict[str, float]:
            average.update(self.student)
            self.student.train()
            return self.teach(next(views), size, 1.0)

        run_steps(
            step, [self.student, average], optimisers, steps=steps, name=name, log=self.log,
            checkpoint=self.args.out / "training.pt", evaluate=lambda: self.measure(300), evaluate_every=200,
        )  # fmt: skip
        average.update(self.student)
        self.student.load_state_dict(average.values)

    def measure(self, n: int) -> dict[str, float]:
        """Agreement with the teacher on n of the photos set aside, at the encoder's own size."""
        return {"agreement": agreement(self.student.encoder.eval(), self.args.data, n=n, fit=1024)}


def train(args: argparse.Namespace) -> None:
    """Run the phases that RUN does not hold yet; after each, the student is kept in RUN/NAME.pt."""
    torch.set_num_threads(args.threads)
    run = Distillation(args)
    for name, size, steps, rate, muon in PHASES:
        kept = args.out / f"{name}.pt"
        saved = load_checkpoint(kept)
        if saved:
            run.student.load_state_dict(saved["student"])
            continue
        run.train(name, size, max(1, round(steps * args.share)), rate, muon)
        save_checkpoint(kept, student=run.student.state_dict())
    ship(run.student.encoder.eval(), args)


def ship(encoder: ResNetEncoder, args: argparse.Namespace) -> None:
    """Measure the weights as they will be stored, and write weights/resnet."""
    state = encoder.state_dict()
    kept = {k: t.half() if t.is_floating_point() else t for k, t in cards.int8_state(state).items()}
    encoder.load_state_dict(widened(kept))
    split = f"{photos.HELD_OUT:,} labelled photos set aside, centred square, teacher {TEACHER_SIZE} px, tower"
    split += f" {encoder.size} px; ridge map of {FITTED:,} photos"
    rows = cards.metrics(
        {"agreement_top1": agreement(encoder, args.data)},
        dataset="the sources in trained_on", split=split, n=photos.HELD_OUT, seed=args.seed, unit="%",
    )  # fmt: skip
    sources = json.loads((args.data / "sources.json").read_text(encoding="utf-8"))
    used = [f"{s['dataset']}: {s['license']} ({s['source']})" for s in sources if s["dataset"] not in NEVER_SEEN]
    size, side = encoder.size, encoder.grid()[0]
    card = {
        "parameters": cards.count_parameters(encoder),
        "photo_sources": used,
        "counts": {"sources": len(used), "size": size, "side": side, "teacher": TEACHER},
        **cards.origin("resnet", args, "seed", phases=[phase[0] for phase in PHASES]),
        "metrics": rows,
    }
    cards.ship("resnet", kept, card)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """Top-1 agreement with its teacher on the labelled photos set aside."""
    return {"agreement_top1": agreement(load_module("resnet", training_device()), args.data)}


if __name__ == "__main__":
    parser = recipe_parser(__doc__, steps=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--share", type=float, default=1.0, help="share of every phase's steps, for a trial")
    train(parser.parse_args())
