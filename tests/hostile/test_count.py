"""The count in short (a tenth), and that it sees what it is there to see."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.hostile import count, metadata
from tests.hostile.test_fuzz import MANY as NIGHT


def test_of_hundreds_of_attacks_nothing_leaks() -> None:
    found = count.counted(share=1.0 if NIGHT else 0.1)
    assert found["alive"] and all(
        sum(kinds.values()) >= found["sent"][part] for part, kinds in found["answers"].items()
    )
    assert found["leaks"] == dict.fromkeys(count.LEAKS, 0), found["first"]
    left = found["left"]
    assert [left[what] for what in ("disk_secrets", "log_tracebacks", "log_texts_or_names", "log_paths")] == [0] * 4
    assert left["disk_files"] >= 1  # the photos were there to be looked at


@pytest.mark.parametrize("kind", metadata.KINDS)
def test_the_count_finds_the_metadata_of_every_kind(kind: str) -> None:
    content = metadata.telling(kind, random.Random(kind))
    assert sum(size for _, size in metadata.pieces(content)) > 40
    assert metadata.TOLD.encode() in content


@pytest.mark.parametrize(
    ("kind", "said", "leaks"),
    [
        ("complete", ["Traceback (most recent call last)"], {"tracebacks"}),
        ("error", {"error": "No such file: /home/me/photo.png"}, {"paths"}),
        ("refused", (500, "Something went wrong"), {"failed"}),
        ("error", {"error": None}, {"silent"}),
        ("error", None, {"silent"}),
        ("error", {"error": "A sentence."}, set()),
    ],
)
def test_the_count_finds_what_an_answer_must_not_hold(kind: str, said: object, leaks: set[str]) -> None:
    seen = blank()
    seen.note("calls", kind, said)
    assert {what for what, much in seen.leaks.items() if much} == leaks


def test_the_count_reads_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(f"mmdemo: a line at calls.py:7 photo\nTraceback\n{count.NAMED}7.png /tmp/x/y.png\n")
    assert count.read_log(log) == {"log_lines": 3, "log_tracebacks": 1, "log_texts_or_names": 1, "log_paths": 1}


def blank() -> count.Count:
    """A count of nothing, at no server."""
    found = object.__new__(count.Count)
    found.answers, found.leaks, found.first = {part: Counter() for part in count.MANY}, Counter(), {}
    found.server, found._lock = count.Running("", None, None, Path("/nowhere")), count.threading.Lock()
    return found
