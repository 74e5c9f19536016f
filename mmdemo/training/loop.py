"""What every recipe shares: precision, schedule, optimisers, averaged weights, checkpoints and the log.

Nothing here knows a model or a data set. Read next: `recipes/resnet.py`.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn


def training_device() -> torch.device:
    """CUDA where there is one, else the CPU. Training on MPS is not tested, so it is not chosen."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 autocast where the hardware multiplies bfloat16, otherwise a context that does nothing.

    A CPU without avx512_bf16 or AMX emulates bfloat16: measured 8 times slower than float32.
    """
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16, enabled=torch.cuda.is_bf16_supported())
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=cpu_has_bfloat16())


def cpu_has_bfloat16() -> bool:
    """Whether this CPU has bfloat16 instructions (Linux; elsewhere False)."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:  # no /proc on macOS and Windows
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def cosine_schedule(done: float, warmup: float = 0.05, floor: float = 0.02) -> float:
    """Share of the peak learning rate after a share `done` of the training, both in [0, 1].

    Linear warm-up, then half a cosine down to `floor` (Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5).
    """
    if done < warmup:
        return done / warmup
    along = (done - warmup) / (1 - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, along)))


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal by Newton-Schulz steps (Jordan et al. 2024, "Muon").

    For weights that are matrices, convolutions as [out, in * k * k] included. All singular values of the update come
    near 1, so that rare directions learn as fast as common ones.
    """

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """One step; `closure` is part of torch's signature and unused."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                buffer = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                buffer.mul_(group["momentum"]).add_(weight.grad)
                update = weight.grad + group["momentum"] * buffer  # Nesterov
                rows, columns = weight.shape[0], weight[0].numel()
                scale = max(1.0, rows / columns) ** 0.5
                weight.add_(orthogonal(update.flatten(1)).view_as(weight), alpha=-group["lr"] * scale)


def orthogonal(matrix: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """The nearest matrix with singular values near 1, by the quintic Newton-Schulz iteration. [R, C] -> [R, C].

    Every step multiplies X from the left by p(X X^T), so only the small square matrix X X^T is iterated and X itself is
    multiplied once, at the end: for a convolution's [512, 4608] a third of the work.
    """
    x = matrix.float()
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    gram, whole = x @ x.T, torch.eye(len(x), device=x.device)  # [r, r] both, r the shorter side
    for _ in range(steps):
        p = 3.4445 * torch.eye(len(x), device=x.device) - 4.7750 * gram + 2.0315 * gram @ gram
        gram, whole = p @ gram @ p, p @ whole
    x = whole @ x
    return (x.T if tall else x).to(matrix.dtype)


def build_optimisers(
    modules: Iterable[nn.Module],
    lr: float,
    muon_lr: float = 0.0,
    *,
    decay: float = 1e-5,
    betas: tuple[float, float] = (0.9, 0.999),
) -> list[torch.optim.Optimizer]:
    """AdamW for all parameters, or, with `muon_lr` > 0, Muon for full convolutions and AdamW for the rest.

    Args:
        decay: AdamW's, of matrices; biases and scales have none.
        betas: AdamW's.
    """
    modules = list(modules)
    inner = [m for module in modules for m in module.modules()]
    matrices = [m.weight for m in inner if muon_lr and isinstance(m, nn.Conv2d) and m.groups == 1 and m.in_channels > 3]
    taken = {id(p) for p in matrices}
    rest = [p for module in modules for p in module.parameters() if id(p) not in taken and p.requires_grad]
    groups = [
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimisers: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, lr=lr, betas=betas)]
    if matrices:
        optimisers.append(Muon(matrices, lr=muon_lr))
    return optimisers


def set_rate(optimisers: list[torch.optim.Optimizer], share: float) -> None:
    """Set every group's learning rate to `share` of its peak, which is the rate it was made with."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group.setdefault("peak", group["lr"]) * share


class Average:
    """Exponential moving average of a module's weights and buffers: steadier than the last step's.

    The decay grows with the steps, min(decay, (1 + t) / (10 + t)), so that the random start is soon forgotten.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999) -> None:
        self.decay, self.steps = decay, 0
        self.values = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move the average towards the module's present weights."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                self.values[name].lerp_(value, 1 - decay)
            else:
                self.values[name].copy_(value)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {"steps": self.steps, "values": self.values}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state kept earlier."""
        self.steps = state["steps"]
        for name, value in state["values"].items():
            self.values[name].copy_(value)


class Log:
    """One JSON object a line, on screen and in a file: losses, validation figures, minutes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.start = path, time.time()

    def __call__(self, **figures: Any) -> None:
        """Write one line; minutes since this process began are added."""
        rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}
        line = json.dumps({**rounded, "minutes": round((time.time() - self.start) / 60, 1)})
        print(line, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def save_checkpoint(path: Path, **state: Any) -> None:
    """Write a checkpoint so that a stop in the middle leaves the earlier one whole."""
    _save(path, state)


def kept(path: Path, ask: Callable[[], Any]) -> Any:
    """The answer that lies at `path`, tensors and plain values; where none does, that of `ask`, kept there from now."""
    if path.exists():
        return torch.load(path, weights_only=True)
    answer = ask()
    _save(path, answer)
    return answer


def _save(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(value, partial)
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The state saved at `path`, or None when there is none. Tensors and plain values only: nothing is executed."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def run_steps(
    step: Callable[[int], dict[str, float]],
    modules: Sequence[nn.Module | Average],
    optimisers: list[torch.optim.Optimizer],
    *,
    steps: int,
    name: str,
    log: Log,
    checkpoint: Path,
    evaluate: Callable[[], dict[str, float]] = dict,
    average: Average | None = None,
    log_every: int = 25,
    save_minutes: float = 4.0,
    evaluate_every: int = 0,
) -> None:
    """Train for `steps` steps under the cosine schedule, resuming from `checkpoint` where it holds this phase.

    Args:
        step: makes the loss of step number i, calls backward, returns the figures to log.
        modules: everything trained, and averages of it, in a fixed order; saved and restored with the optimisers.
        evaluate: validation figures; called at the end, and every `evaluate_every` steps if that is not 0.
        average: of the first module, moved after each loss; saved and restored after the modules.
    """
    modules = [*modules, average] if average else list(modules)
    first = _resume(checkpoint, name, modules, optimisers)
    sums: dict[str, float] = {}
    saved_at = began = time.time()
    for i in range(first, steps):
        set_rate(optimisers, cosine_schedule(i / steps))
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        for key, value in step(i).items():
            sums[key] = sums.get(key, 0.0) + value / log_every
        if average:
            average.update(modules[0])
        for optimiser in optimisers:
            optimiser.step()
        last = i + 1 == steps
        if (i + 1) % log_every == 0:
            log(phase=name, step=i + 1, steps=steps, seconds_a_step=(time.time() - began) / (i + 1 - first), **sums)
            sums = {}
        if last or (evaluate_every and (i + 1) % evaluate_every == 0):
            log(phase=name, step=i + 1, **evaluate())
        if last or time.time() - saved_at > save_minutes * 60:
            saved_at = time.time()
            states = [m.state_dict() for m in modules], [o.state_dict() for o in optimisers]
            save_checkpoint(checkpoint, name=name, step=i + 1, modules=states[0], optimisers=states[1])


def _resume(
    checkpoint: Path, name: str, modules: list[nn.Module | Average], optimisers: list[torch.optim.Optimizer]
) -> int:
    """Take up what `checkpoint` holds of that phase; the first step still to do, 0 when it holds nothing of it."""
    saved = load_checkpoint(checkpoint)
    if not saved or saved["name"] != name:
        return 0
    for module, state in zip(modules, saved["modules"], strict=True):
        module.load_state_dict(state)
    for optimiser, state in zip(optimisers, saved["optimisers"], strict=True):
        optimiser.load_state_dict(state)
    return saved["step"]
