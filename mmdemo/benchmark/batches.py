"""Latency and throughput of the two towers by the size of the batch, and the share of the device's peak they reach.

    python -m mmdemo.benchmark.batches [--device cuda] [--peak 67] [--json FILE]

`--peak` is the device's float32 peak in TFLOP/s as its maker states it (H100 SXM: 67); without it no share is printed.
Read next: `visitors.py`.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

import mmdemo
from mmdemo.benchmark.forwards import bare_forward
from mmdemo.benchmark.rounds import take_turns
from mmdemo.checkpoints import find
from mmdemo.engine import Engine

SIZES = (1, 8, 64, 256)
TEXT = "a dog runs on a beach"


def measure(engine: Engine, sizes: Sequence[int] = SIZES, rounds: int = 5) -> list[dict[str, Any]]:
    """One row a tower and size: median milliseconds of a forward, items a second, GFLOP/s.

    Batches are prepared and moved beforehand. FLOPs are counted by torch (a multiplication and an addition are two)
    in matrix products and convolutions only, so the share of the peak is a lower bound.
    """
    row, noise = find("matching"), np.random.default_rng(0)
    items = {
        "image": [Image.fromarray(noise.integers(0, 256, (224, 224, 3), np.uint8))],
        "text": [TEXT],
    }
    rows = []
    for tower, one in items.items():
        encoder = engine.models.load(row.image_encoder if tower == "image" else row.text_encoder)
        for size in sizes:
            batch = encoder.prepare(one * size).to(engine.models.device)
            (took,) = take_turns({tower: bare_forward(encoder, batch)}, rounds).values()
            flops, seconds = _flops(encoder, batch), statistics.median(took) / 1000
            rows.append(
                {
                    "tower": tower,
                    "batch": size,
                    "ms": round(1000 * seconds, 3),
                    "per_second": round(size / seconds, 1),
                    "gflops": round(flops / seconds / 1e9, 1),
                }
            )
    return rows


@torch.no_grad()
def _flops(encoder: torch.nn.Module, batch: Any) -> int:
    with FlopCounterMode(display=False) as counter:
        encoder(batch)
    return counter.get_total_flops()


def report(rows: Sequence[dict[str, Any]], device: str, peak: float | None) -> str:
    """The rows as a table of text. peak: TFLOP/s, or None."""
    lines = [f"{device}, torch {torch.__version__}, float32, {torch.get_num_threads()} threads"]
    for row in rows:
        share = f"  {row['gflops'] / peak / 10:.1f} % of peak" if peak else ""
        lines.append(
            "{tower:6} batch {batch:4}  {ms:9.2f} ms  {per_second:9.1f} a second  {gflops:9.1f} GFLOP/s".format(**row)
            + share
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", help="cpu, cuda or mps; the best one here if not given")
    parser.add_argument("--peak", type=float, help="the device's float32 peak, TFLOP/s")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    args = parser.parse_args()
    engine = mmdemo.load(device=args.device, offline=True)
    device = engine.models.device
    name = torch.cuda.get_device_name() if device.type == "cuda" else str(device)
    rows = measure(engine, rounds=args.rounds)
    print(report(rows, name, args.peak))
    if args.json is not None:
        args.json.write_text(json.dumps({"device": name, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
