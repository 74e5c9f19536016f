"""Times what a visitor waits for, beside the bare networks, in one run; no number here is kept anywhere else.

    python -m mmdemo.benchmark [--repeats 30] [--device cpu] [--json FILE]

All calls take turns, round after round, so that a busy moment of the machine falls on all of them alike; the median of
the rounds is printed, and its ratio to the bare image forward. Start-up and memory come from fresh processes.
This is a command, not a room: it may know the page, and nothing knows it. Read next: `evaluate.py`.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import mmdemo
from mmdemo import loading
from mmdemo.checkpoints import find
from mmdemo.engine import Engine
from mmdemo.errors import MMDemoError

TEXTS = [
    "a dog runs on a beach",
    "two cats sleep on a sofa",
    "a child in a red coat jumps over a puddle",
    "a plate of noodles with egg",
    "people wait for a bus in the rain",
    "一只狗在沙滩上跑",
    "两个孩子在踢足球",
    "雪山前的一座木屋",
    "a man plays the guitar on a stage",
    "a yellow taxi in front of tall buildings",
]
BARE = "bare image forward, batch 1"
WARM = "engine.match, 10 texts, known photo, known texts"
ONE = "engine.match, 1 text, known photo, known text"
START_UPS = 3
IMPORTS_ONLY = "import gradio, torch, transformers"
FIRST_ANSWER = """
import sys
import mmdemo
from mmdemo import inputs
from mmdemo.ui.page import build_page
from mmdemo.ui.start import launch
engine = mmdemo.load(device=sys.argv[2] or None)
engine.warm_up()
launch(build_page(engine), server_port=0, quiet=True)
photo = inputs.read_image(sys.argv[1])
engine.match(photo, ["a dog", "两只猫"])
"""
MAPS = ("shifted_relevance", "token_similarity", "gradcam")  # defaults of the heads, and a classic
EVERYTHING = f"""
engine.sentiment(photo, "a fine day")
for method in {MAPS}:
    engine.explain(photo, "a dog on a beach", method)
import pathlib
print(next(l.split()[1] for l in pathlib.Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM")))
"""

Calls = dict[str, Callable[[], object]]
Times = dict[str, list[float]]


def take_turns(calls: Calls, repeats: int, clock: Callable[[], float] = time.perf_counter) -> Times:
    """Milliseconds of every call, `repeats` rounds of all of them, after two rounds that are thrown away."""
    times: Times = {name: [] for name in calls}
    for round_number in range(repeats + 2):
        for name, call in calls.items():
            start = clock()
            call()
            took = 1000 * (clock() - start)
            if round_number >= 2:
                times[name].append(took)
    return times


def photos(seed: int = 0) -> Iterator[Image.Image]:
    """Photos of 640 x 480 that no cache has seen: noise around a new colour each."""
    random = np.random.default_rng(seed)
    grain = random.integers(0, 64, (480, 640, 3), np.uint8)
    while True:
        yield Image.fromarray(grain + random.integers(0, 192, 3, np.uint8))


def new_texts() -> Iterator[list[str]]:
    """The ten texts with a number at the end, so that no cache has seen them; the number adds a token or two."""
    return ([f"{text} {i}" for text in TEXTS] for i in itertools.count())


def bare_calls(device: torch.device) -> Calls:
    """The two encoders of the match alone: batches prepared beforehand, no cache, no head."""
    row = find("matching")
    image, text = (loading.load_module(name, device) for name in (row.image_encoder, row.text_encoder))
    picture = image.prepare([next(photos())]).to(device)
    one, ten = text.prepare(TEXTS[:1]).to(device), text.prepare(TEXTS).to(device)

    def forward(encoder: torch.nn.Module, batch: Any) -> Callable[[], object]:
        @torch.no_grad()
        def call() -> None:
            encoder(batch)
            if device.type == "cuda":
                torch.cuda.synchronize()

        return call

    return {
        BARE: forward(image, picture),
        "bare text forward, 1 text": forward(text, one),
        "bare text forward, 10 texts in a batch": forward(text, ten),
    }


def engine_calls(engine: Engine) -> Calls:
    """The engine's methods with cold and warm caches."""
    fresh, texts = photos(1), new_texts()
    known = next(fresh)
    calls: Calls = {
        "engine.match, 10 texts, new photo, new texts": lambda: engine.match(next(fresh), next(texts)),
        "engine.match, 10 texts, new photo, known texts": lambda: engine.match(next(fresh), TEXTS),
        "engine.match, 10 texts, known photo, new texts": lambda: engine.match(known, next(texts)),
        WARM: lambda: engine.match(known, TEXTS),
        "engine.sentiment, new photo, known text": lambda: engine.sentiment(next(fresh), TEXTS[0]),
    }
    for task in ("matching", "sentiment"):
        calls[f"engine.compare, all fusions, {task}, known pair"] = lambda task=task: engine.compare(
            known, TEXTS[0], task
        )
    calls[ONE] = lambda: engine.match(known, TEXTS[0])
    for method in MAPS:
        name = f"engine.explain, {method}, new photo, known text"
        calls[name] = lambda method=method: engine.explain(next(fresh), TEXTS[0], method)
    return calls


@contextlib.contextmanager
def page_calls(engine: Engine, folder: Path) -> Iterator[Calls]:
    """The page's /match as a program calls it: upload, queue, engine, answer; on a server of our own."""
    from mmdemo.ui.page import build_page  # isort: skip  # first: it keeps gradio from calling out
    from gradio_client import Client, handle_file

    from mmdemo.ui.start import launch

    path = folder / "photo.jpg"
    next(photos(2)).save(path, quality=90)
    demo = build_page(engine)
    try:
        _, url, _ = launch(demo, server_port=0, quiet=True)
        client = Client(
            url, verbose=False, download_files=False, analytics_enabled=False, ssl_verify=False
        )  # no TLS on localhost
        call = "page's API, /match, 10 texts, known photo, known texts"
        yield {call: lambda: client.predict(handle_file(path), TEXTS, api_name="/match")}
    finally:
        demo.close(verbose=False)


def start_up(folder: Path, device: str | None) -> dict[str, float]:
    """Seconds from nothing to the first answer with the page served, beside the imports alone; and the peak memory."""
    path = folder / "photo.jpg"
    programs = {"imports": IMPORTS_ONLY, "first answer": FIRST_ANSWER, "memory": FIRST_ANSWER + EVERYTHING}
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    memory_mb = float("nan")
    for turn in range(START_UPS):
        for name, code in programs.items():
            if name == "memory" and (turn or not Path("/proc/self/status").exists()):
                continue
            run = [sys.executable, "-c", code, str(path), device or ""]
            begin = time.perf_counter()
            done = subprocess.run(run, capture_output=True, text=True, cwd=loading.WEIGHTS.parent, check=True)
            seconds[name].append(time.perf_counter() - begin)
            if name == "memory":
                memory_mb = int(done.stdout.split()[-1]) / 1024
    imports, first = statistics.median(seconds["imports"]), statistics.median(seconds["first answer"])
    return {"imports_s": imports, "first_answer_s": first, "ratio": first / imports, "peak_memory_mb": memory_mb}


def measure(repeats: int, device: str | None) -> dict[str, Any]:
    """All figures of one run."""
    engine = mmdemo.load(device=device)
    chosen = loading.choose_device(device)
    with tempfile.TemporaryDirectory() as name, page_calls(engine, Path(name)) as page:
        times = take_turns(bare_calls(chosen) | engine_calls(engine) | page, repeats)
        started = start_up(Path(name), device)
    return {
        "device": torch.cuda.get_device_name() if chosen.type == "cuda" else f"{chosen.type}, {platform.machine()}",
        "threads": torch.get_num_threads(),
        "load_at_end": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "repeats": repeats,
        "versions": engine.status().versions,
        "times_ms": {n: {"median": statistics.median(t), "least": min(t), "most": max(t)} for n, t in times.items()},
        "start_up": started,
    }


def report(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    times, started = figures["times_ms"], figures["start_up"]
    bare = times[BARE]["median"]
    load = "" if figures["load_at_end"] is None else f", machine load {figures['load_at_end']:.1f}"
    lines = [f"{figures['device']}, {figures['threads']} threads{load}; median of {figures['repeats']} (least to most)"]
    for name, t in times.items():
        ratio = t["median"] / bare
        lines.append(f"{name:<58}{t['median']:9.1f} ms  x {ratio:5.2f}  ({t['least']:.1f} to {t['most']:.1f})")
    pair = times[ONE]["median"]
    slowest = max(t["median"] for name, t in times.items() if name.startswith("engine.compare"))
    lines.append(f"{'all fusions on a known pair, x engine.match on it':<58}{'':12}  x {slowest / pair:5.2f}")
    page = next(t["median"] for name, t in times.items() if name.startswith("page"))
    lines += [
        f"{'page above engine.match':<58}{page - times[WARM]['median']:9.1f} ms",
        f"{'import gradio, torch, transformers':<58}{started['imports_s']:9.2f} s",
        f"{'start to first answer, page served':<58}{started['first_answer_s']:9.2f} s   x {started['ratio']:5.2f}",
        f"{'peak memory after one answer of each kind':<58}{started['peak_memory_mb']:9.0f} MB",
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=30, help="rounds; the median is printed")
    parser.add_argument("--device", help="cpu, cuda or mps; the best one here if not given")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    args = parser.parse_args()
    if args.repeats < 1:
        parser.error(f"--repeats must be at least 1; got {args.repeats}")
    try:
        figures = measure(args.repeats, args.device)
    except MMDemoError as error:
        sys.exit(f"mmdemo.benchmark: {error}")
    print(report(figures))
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
