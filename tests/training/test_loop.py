"""The training loop: Muon's orthogonal update, the schedule, and a run that stopped and went on."""

import math

import pytest
import torch
from torch import nn

from mmdemo.training.loop import Log, build_optimisers, cosine_schedule, orthogonal, run_steps


@pytest.mark.parametrize("shape", [(8, 40), (40, 8), (16, 16)])
def test_orthogonal_follows_the_quintic_iteration_step_by_step(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, s, v = torch.linalg.svd(matrix.double(), full_matrices=False)
    s = s / s.norm()
    for _ in range(5):  # the iteration acts on every singular value alone: s -> a s + b s^3 + c s^5
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    torch.testing.assert_close(orthogonal(matrix).double(), u @ torch.diag(s) @ v, atol=1e-4, rtol=0)


def test_orthogonal_brings_singular_values_of_very_different_size_near_one() -> None:
    left, _ = torch.linalg.qr(torch.randn(12, 12, generator=torch.Generator().manual_seed(1)))
    matrix = left @ torch.diag(torch.logspace(0, -1.5, 12))
    assert torch.linalg.svdvals(matrix).min() < 0.05
    found = torch.linalg.svdvals(orthogonal(matrix))
    assert 0.6 < found.min() <= found.max() < 1.3


def test_schedule_rises_to_one_and_falls_to_its_floor() -> None:
    assert cosine_schedule(0.0) == 0
    assert cosine_schedule(0.05) == 1
    assert cosine_schedule(1.0) == pytest.approx(0.02)
    assert cosine_schedule(0.05 + 0.95 / 2) == pytest.approx(0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi / 2)))


def trained(folder, stops: list[int]) -> nn.Linear:
    """A linear map taught the identity for 8 steps; the process "ends" before each of these steps and starts again."""
    for stop in [*stops, None]:
        torch.manual_seed(0)
        layer = nn.Linear(3, 3)
        x = torch.randn(8, 4, 3, generator=torch.Generator().manual_seed(0))

        def step(i: int, layer: nn.Linear = layer, x: torch.Tensor = x, stop: int | None = stop) -> dict[str, float]:
            if i == stop:
                raise KeyboardInterrupt
            loss = (layer(x[i]) - x[i]).square().mean()
            loss.backward()
            return {"loss": loss.item()}

        try:
            run_steps(
                step, [layer], build_optimisers([layer], 0.05), steps=8, name="identity", log=Log(folder / "log.jsonl"),
                checkpoint=folder / "training.pt", evaluate=dict, save_minutes=0,
            )  # fmt: skip
        except KeyboardInterrupt:
            continue
    return layer


def test_run_that_stopped_twice_ends_where_an_unbroken_one_does(tmp_path) -> None:
    torch.testing.assert_close(trained(tmp_path / "a", [3, 6]).weight, trained(tmp_path / "b", []).weight)
    assert not torch.equal(trained(tmp_path / "c", []).weight, nn.Linear(3, 3).weight)
