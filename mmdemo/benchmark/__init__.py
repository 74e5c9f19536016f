"""Times what a visitor waits for, beside the bare networks and other people's programs, in one run.

    python -m mmdemo.benchmark [--only visitors,memory] [--rounds 20] [--device cpu] [--json FILE] [--readme]

Every figure is a ratio, taken between calls that take turns round after round, so that a busy moment of the machine
falls on both; median and quartiles of the rounds are given. The figures that README and the page About show come from
`python -m mmdemo.benchmark --json mmdemo/benchmark/figures.json --readme`; no other file keeps one.
This is a command, not a room: it may know the page, and nothing knows it. Read next: `rounds.py`, `names.py`.
"""

from mmdemo.benchmark.rounds import TEXTS, Calls, Setting, new_texts, photos, take_turns

__all__ = ["TEXTS", "Calls", "Setting", "new_texts", "photos", "take_turns"]
