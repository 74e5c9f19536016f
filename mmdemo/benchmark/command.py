"""The command: reads its line, measures the parts in turn, prints and writes. Read next: `rounds.py`, `forwards.py`."""

import argparse
import datetime
import importlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mmdemo import loading
from mmdemo.benchmark.rounds import Setting
from mmdemo.benchmark.rows import Row
from mmdemo.benchmark.table import report, write_readme
from mmdemo.errors import MMDemoError

SECTIONS = ("start_up", "forwards", "page", "zero_shot", "gradcam", "encoder_loop", "visitors", "memory")


def measure(only: Sequence[str], device: str | None, rounds: int, seed: int) -> dict[str, Any]:
    """All figures of one run: the machine, date and seed, and the rows of these parts."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(Path(folder), device, rounds, seed)
        for name in only:
            print(f"{name} ...", file=sys.stderr, flush=True)
            rows += importlib.import_module(f"mmdemo.benchmark.{name}").measure(setting)
    return {
        "machine": describe_machine(loading.choose_device(device)),
        "date": datetime.date.today().isoformat(),
        "seed": seed,
        "rounds": rounds,
        "rows": rows,
    }


def describe_machine(device: torch.device) -> dict[str, Any]:
    """What the figures hang on."""
    card = torch.cuda.get_device_name() if device.type == "cuda" else device.type
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "device": card,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def processor() -> str:
    """Its name as the system has it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser("python -m mmdemo.benchmark", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(SECTIONS), help="parts to measure, with commas: %(default)s")
    parser.add_argument("--rounds", type=int, default=20, help="of short calls; long ones have a quarter of them")
    parser.add_argument("--device", help="cpu, cuda or mps; the best one here if not given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--readme", action="store_true", help="put the kept figures into README; measures only when given with --json"
    )
    args = parser.parse_args()
    only = args.only.split(",")
    if args.rounds < 1 or not set(only) <= set(SECTIONS):
        parser.error(f"expected --rounds from 1 and --only of {', '.join(SECTIONS)}")
    if args.json is not None or not args.readme:
        try:
            figures = measure(only, args.device, args.rounds, args.seed)
        except MMDemoError as error:
            sys.exit(f"mmdemo.benchmark: {error}")
        print(report(figures))
        if args.json is not None:
            args.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if args.readme:
        write_readme()
