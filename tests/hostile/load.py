"""Many visitors at once over the real models, every answer compared with the same question asked alone.

python -m tests.serve real &                       # or any other server
python -m tests.hostile.load http://127.0.0.1:7860/ --visitors 64 --seconds 120 --pid PID
"""

import argparse
import io
import itertools
import json
import threading
import time
from pathlib import Path
from typing import Any

from tests.hostile.wire import Visitor
from tests.pictures import picture

SENTENCES = ("a dog on a beach", "两只猫在睡觉", "what a lovely evening", "a red bus in the street", "太开心了")


def questions(visitor: Visitor, photos: int = 8) -> list[tuple[str, list[Any]]]:
    """A mix of questions about photos that this visitor uploads."""
    found = []
    for seed in range(photos):
        held = io.BytesIO()
        picture(seed, (640, 480)).save(held, "JPEG", quality=90)
        photo, text = visitor.photo(f"photo{seed}.jpg", held.getvalue()), SENTENCES[seed % len(SENTENCES)]
        found += [
            ("match", [photo, [text, "something else"]]),
            ("sentiment", [photo, text]),
            ("compare", [photo, text, "matching", None]),
            ("attention", [photo, text, "gradcam", None, None, None, None, None]),
            ("reconstruct", [photo, text]),
        ]
    return found


def answered(visitor: Visitor, question: tuple[str, list[Any]]) -> tuple[str, Any]:
    """One answer without what may differ from call to call."""
    kind, value = visitor.call(*question, timeout=180)
    if kind == "complete" and question[0] == "compare":
        for row in value[0]["fusions"]:
            row.pop("milliseconds")
        value[0]["ensemble"].pop("milliseconds")
    return kind, value


def near(first: Any, second: Any) -> bool:
    """Equal, floats up to what the order of a batch may change."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(near(v, second[k]) for k, v in first.items())
    if isinstance(first, list):
        return len(first) == len(second) and all(map(near, first, second))
    if isinstance(first, float):
        return abs(first - second) <= 1e-4 * max(1.0, abs(first))
    return first == second


def run(address: str, visitors: int, seconds: float, pid: int | None) -> dict[str, Any]:
    """Latencies in seconds, counts, and the server's memory in MB."""
    asked = questions(Visitor(address))
    alone = [answered(Visitor(address), question) for question in asked]
    took, slowest, counts, peak = [], [], {"right": 0, "wrong": 0, "error": 0, "refused": 0}, [0.0]
    end, lock = time.monotonic() + seconds, threading.Lock()

    def visit(number: int) -> None:
        visitor, turn = Visitor(address), itertools.count(number * 7)
        while time.monotonic() < end:
            at = next(turn) % len(asked)
            start = time.monotonic()
            kind, value = answered(visitor, asked[at])
            passed = time.monotonic() - start
            with lock:
                if kind == "complete":
                    took.append(passed)
                    slowest.append((passed, round(start - end + seconds, 1), asked[at][0]))
                    counts["right" if near([*alone[at]], [kind, value]) else "wrong"] += 1
                else:
                    counts["refused" if kind == "refused" else "error"] += 1
            if kind == "refused":
                time.sleep(1)

    def watch() -> None:
        while time.monotonic() < end:
            peak[0] = max(peak[0], memory_mb(pid))
            time.sleep(0.5)

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(visitors)]
    threads += [threading.Thread(target=watch)] if pid else []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    at = {f"p{q}": round(took[min(len(took) - 1, q * len(took) // 100)], 2) for q in (50, 95)} if took else {}
    at["slowest"] = sorted(slowest, reverse=True)[:4]  # seconds, when it was asked, what
    return counts | at | {"peak_mb": round(peak[0]), "after_mb": round(memory_mb(pid)) if pid else None}


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print one line of JSON."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("address")
    reader.add_argument("--visitors", type=int, default=64)
    reader.add_argument("--seconds", type=float, default=120)
    reader.add_argument("--pid", type=int)
    print(json.dumps(run(**vars(reader.parse_args()))))


if __name__ == "__main__":
    main()
