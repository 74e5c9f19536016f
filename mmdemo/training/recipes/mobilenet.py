"""The image tower, from random weights: MobileNetV2 taught block by block by a teacher of the same shape.

    python -m mmdemo.training.recipes.mobilenet --out RUN [--data DATA] [--start FILE] [--seed 0] [--threads N]

    local    every block alone, on the teacher's activations: no block waits for another to become good
    chain    all blocks end to end on their own activations
    refit    statistics re-estimated and last layers refitted, block by block, in closed form
    late     blocks 14 to 18 alone, on cached activations: they are the furthest from their targets and the cheapest
    again    likewise at lower rates, with more and more weight on the teacher's verdict
    settle   mean of the last two; scales brought into the range of float16; measured; weights/mobilenet written

`--start FILE` begins at "refit" from weights that went through local and chain. A run that stopped goes on from RUN
when the same command is given again. Two cores need two to three hours. Read next: `../distillation.py`.
"""

import argparse
import random
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from mmdemo.encoders.mobilenet import MobileNetEncoder
from mmdemo.loading import WEIGHTS
from mmdemo.training import cards, photos
from mmdemo.training import distillation as distil
from mmdemo.training.loop import (
    Average,
    Log,
    autocast,
    build_optimisers,
    load_checkpoint,
    run_steps,
    save_checkpoint,
    training_device,
)
from mmdemo.training.mobilenet_card import START, card
from mmdemo.training.teacher import Teacher, agreement

LOCAL_SIZE, CHAIN_SIZE, LATE_SIZE = 97, 129, 161  # 32 k + 1, see ../teacher.py
CUT = 14  # blocks before this one are nearly exact after "refit" and cost the most: their output is cached
HINTS = (14, 15, 16, 17)  # blocks whose output is cached as a target

Step = Callable[[int], dict[str, float]]
Cache = dict[str, Tensor]


class Distillation:
    """The parts every phase works on.

    Args:
        args: the command line, see `parse`.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        torch.manual_seed(args.seed)
        self.args, self.device, self.log = args, training_device(), Log(args.out / "log.jsonl")
        self.rows, _ = photos.split_photos(photos.read_index(args.data))
        self.teacher = Teacher(args.data, symmetric=True).to(self.device)
        self.encoder = MobileNetEncoder().to(self.device)
        self.blocks = self.encoder.features
        self.example = self.taught(next(self.views(256, CHAIN_SIZE, photos.random_view, "scales", 256)))
        self.scale = self.scales(added=False)
        self.pooled_scale = distil.spread(self.example[-1].mean((2, 3)))

    def steps(self, planned: int) -> int:
        """Steps or photos of a phase: as planned, or the share of them that was asked for."""
        return max(1, round(planned * self.args.share))

    def views(self, n: int, size: int, view: photos.View, seed: str, batch: int = 64) -> Iterator[Tensor]:
        """One view each of n photos drawn by the seed, [B, 3, size, size] on the device."""
        drawn = random.Random(f"{self.args.seed}/{seed}").sample(self.rows, min(n, len(self.rows)))
        for pixels in photos.view_batches(
            drawn, size, batch=batch, view=view, seed=self.args.seed, threads=self.args.threads
        ):
            yield pixels.to(self.device)

    def endless(self, size: int, batch: int) -> Iterator[Tensor]:
        """Fresh random crops of all photos, epoch after epoch."""
        for epoch in count():
            yield from self.views(len(self.rows), size, photos.random_view, f"{size}/{epoch}", batch)

    @torch.no_grad()
    def taught(self, pixels: Tensor) -> list[Tensor]:
        """The picture and the teacher's activation after each of its 19 blocks."""
        maps = [pixels]
        with autocast(self.device):
            for block in self.teacher.blocks:
                maps.append(block(maps[-1]))
        return maps

    def scales(self, added: bool) -> list[Tensor]:
        """Spread of each teacher block's output, or of what it adds to its input."""
        outputs = zip(self.example[:-1], self.example[1:], strict=True)
        return [distil.spread(b - a if added and self.teacher.adds(i) else b) for i, (a, b) in enumerate(outputs)]

    def agreement(self) -> dict[str, float]:
        """The validation figure while training: the tower as it stands, in eval mode, on 300 photos set aside."""
        return {"agreement": agreement(self.encoder.eval(), self.args.data, size=225, n=self.steps(300))}


def train_local(run: Distillation) -> None:
    """Every block alone: the teacher's input in, the teacher's output asked for."""
    scales, views = run.scales(added=True), run.endless(LOCAL_SIZE, 96)
    run.encoder.train()
    for i, block in enumerate(run.blocks):
        before, after = run.example[i : i + 2]
        distil.start_at_target(block, after - before if run.teacher.adds(i) else after)

    def step(_: int) -> dict[str, float]:
        maps = run.taught(next(views))
        with autocast(run.device):
            losses = [distil.hint(b(maps[i]), maps[i + 1], scales[i]) for i, b in enumerate(run.blocks)]
        torch.stack(losses).sum().backward()
        return {"hints": sum(loss.item() for loss in losses) / len(losses)}

    train(run, "local", run.steps(1300), step, 0, lr=2e-2, muon_lr=0.3)


def train_chain(run: Distillation) -> None:
    """All blocks on their own activations, with every block's output and the verdict as targets."""
    views = run.endless(CHAIN_SIZE, 96)

    def step(_: int) -> dict[str, float]:
        maps = run.taught(next(views))
        targets = {i: maps[i + 1] for i in range(len(run.blocks))}
        return teach(run, 0, maps[0], targets, maps[-1].mean((2, 3)))

    train(run, "chain", run.steps(2450), step, 0, lr=2e-3, muon_lr=0.03)


def teach(
    run: Distillation, first: int, x: Tensor, targets: dict[int, Tensor], pooled: Tensor, weight: float = 1.0
) -> dict[str, float]:
    """One backward pass through the blocks from `first` on.

    Args:
        x: what block `first` reads.
        targets: the teacher's output by block, where a hint is wanted.
        pooled: the teacher's pooled vectors [B, 1280].
        weight: of the verdict, beside 3 for the hints and 1 for the pooled vector.
    """
    hints = []
    with autocast(run.device):
        for i, block in enumerate(run.blocks[first:], first):
            x = block(x)
            if i in targets:
                hints.append(distil.hint(x, targets[i], run.scale[i]))
    got, wanted = x.float().mean((2, 3)), pooled.float()  # [B, 1280]
    losses = {
        "hints": torch.stack(hints).mean(),
        "pooled": distil.hint(got, wanted, run.pooled_scale),
        "verdict": distil.verdict(got, wanted, run.teacher.classifier),
    }
    (3 * losses["hints"] + losses["pooled"] + weight * losses["verdict"]).backward()
    return {name: loss.item() for name, loss in losses.items()}


def train(run: Distillation, name: str, steps: int, step: Step, first: int, lr: float, muon_lr: float) -> None:
    """The blocks from `first` on; the rest stay in eval mode. Leaves the averaged weights in place."""
    part = run.blocks[first:]
    optimisers, average = build_optimisers([part], lr, muon_lr), Average(part, 0.99)

    def averaged_step(i: int) -> dict[str, float]:
        if i:
            average.update(part)  # with the weights that step i - 1 left
        run.encoder.eval()
        part.train()
        return step(i)

    run_steps(
        averaged_step,
        [part, average],
        optimisers,
        steps=steps,
        name=name,
        log=run.log,
        checkpoint=run.args.out / "training.pt",
        evaluate=run.agreement,
        evaluate_every=400,
    )
    part.load_state_dict(average.values)


def refit(run: Distillation) -> None:
    """Block by block: statistics over the student's own activations, then the last layer's least-squares fit."""
    seen = list(run.views(run.steps(1536), LATE_SIZE, photos.random_view, "refit"))
    wanted = seen
    for block, teacher_block in zip(run.blocks, run.teacher.blocks, strict=True):
        with torch.no_grad():
            wanted = [teacher_block(x) for x in wanted]
            distil.reestimate(block, seen)
            if hasattr(block, "conv"):
                distil.refit_projection(block, seen, wanted)
            seen = [block(x) for x in seen]


@torch.no_grad()
def fill_cache(run: Distillation) -> Cache:
    """The student's activations before block CUT and the teacher's targets, one view a photo, in float16.

    About 83 KB a photo: 3.9 GB for 46,402. Kept in RUN/cache, read through the page cache.
    """
    folder = run.args.out / "cache"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run.encoder.eval()
        parts: dict[str, list[Tensor]] = {}
        for pixels in run.views(run.steps(len(run.rows)), LATE_SIZE, photos.mixed_view, "cache"):
            maps = run.taught(pixels)
            found = {f"target_{i}": maps[i + 1] for i in HINTS}
            found |= {"input": run.blocks[:CUT](pixels), "pooled": maps[-1].mean((2, 3))}
            for name, value in found.items():
                parts.setdefault(name, []).append(value.half().cpu())
        for name, values in parts.items():
            torch.save(torch.cat(values), folder / f"{name}.pt")
        (folder / "done").touch()
    return {path.stem: torch.load(path, mmap=True, weights_only=True) for path in folder.glob("*.pt")}


def train_late(run: Distillation, name: str, steps: int, lr: float, muon_lr: float, heaviest: float) -> None:
    """The blocks from CUT on, fed from the cache; the verdict's weight rises from 1 to `heaviest`."""
    cache, steps = fill_cache(run), run.steps(steps)
    draw = torch.Generator().manual_seed(run.args.seed)

    def step(i: int) -> dict[str, float]:
        rows = torch.randint(len(cache["input"]), (64,), generator=draw)
        batch = {key: values[rows].to(run.device) for key, values in cache.items()}
        targets = {block: batch[f"target_{block}"] for block in HINTS}
        return teach(run, CUT, batch["input"].float(), targets, batch["pooled"], 1 + (heaviest - 1) * i / steps)

    train(run, name, steps, step, CUT, lr, muon_lr)


def settle(run: Distillation) -> None:
    """The weights as they will be shipped: the mean of the last two phases, measured and written.

    The statistics stay those of training: re-estimated at 225 px they cost 5 points, for the teacher's do not move.
    """
    late, again = (load_checkpoint(run.args.out / f"{name}.pt")["encoder"] for name in ("late", "again"))
    run.encoder.load_state_dict({key: ((late[key] + again[key]) / 2).to(late[key].dtype) for key in late})
    run.blocks.load_state_dict(cards.half_rounded(distil.unit_scale(run.blocks)))
    n = run.steps(photos.HELD_OUT)
    figures = {size: agreement(run.encoder, run.args.data, size=size, n=n) for size in (225, 224)}
    run.log(phase="settle", agreement={str(size): figure for size, figure in figures.items()})
    started = START if run.args.start else cards.log_phases(run.args.out / "log.jsonl", ["local", "chain"])
    history = started + cards.log_phases(run.args.out / "log.jsonl", ["refit", "late", "again", "settle"])
    found = card(run.args.data, figures, run.args.seed, history)
    cards.write_weights("mobilenet", run.encoder.state_dict(), found, weights=run.args.weights)


PHASES: dict[str, Callable[[Distillation], None]] = {
    "local": train_local,
    "chain": train_chain,
    "refit": refit,
    "late": lambda run: train_late(run, "late", 549, 2e-3, 0.03, 1.5),
    "again": lambda run: train_late(run, "again", 736, 1.5e-3, 0.02, 4.0),
    "settle": settle,
}


def main() -> None:
    """Run the phases that RUN does not hold yet; after each, the tower is kept in RUN/NAME.pt."""
    run = Distillation(parse())
    names = list(PHASES)
    if run.args.start:
        names = names[names.index("refit") :]
        run.encoder.load_state_dict({k: v.float() for k, v in load_file(run.args.start).items()})
    for name in names:
        kept = run.args.out / f"{name}.pt"
        saved = load_checkpoint(kept)
        if saved:
            run.encoder.load_state_dict(saved["encoder"])
            continue
        PHASES[name](run)
        save_checkpoint(kept, encoder=run.encoder.state_dict())
        run.log(phase=name, done=True, **run.agreement())


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: checkpoints, cache, log.jsonl")
    parser.add_argument("--data", type=Path, help="folder of photos and teacher")
    parser.add_argument("--start", type=Path, help="safetensors that went through local and chain")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--share", type=float, default=1.0, help="share of every phase's steps and photos, for a trial")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder that gets mobilenet/ at the end")
    args = parser.parse_args()
    args.data = photos.data_folder(args.data)
    torch.set_num_threads(args.threads)
    return args


if __name__ == "__main__":
    main()
