"""The figures as tables: for a terminal, and README's. Read next: `mmdemo/ui/tabs/about/speed.py`."""

import json
import re
from typing import Any

from mmdemo.benchmark.names import NAMES
from mmdemo.benchmark.rows import Row
from mmdemo.loading import SPEED, WEIGHTS

README = WEIGHTS.parent / "README.md"
BLOCK = re.compile("(<!-- benchmark -->\n).*(<!-- /benchmark -->\n)", re.DOTALL)
COLUMNS = "| what, as a ratio | median (quartiles) | goal |\n|---|---|---|\n"


def report(figures: dict[str, Any]) -> str:
    """Every row, for people at a terminal."""
    lines = [machine(figures), f"{'median  quartiles':<24}{'goal':<15}{'ms':>9}  what"]
    for row in figures["rows"]:
        ms = "" if row["ms"] is None else f"{row['ms']:.1f}"
        lines.append(f"{spelt(row):<24}{goal(row) + missed(row):<15}{ms:>9}  {row['name']['en']}")
        if "p95_ms" in row:
            lines.append(
                f"{'':44}a second: {row['a_second_in_turn']:.1f} in turn, {row['a_second_at_once']:.1f} at once;"
                f" p50 {row['p50_ms']:.0f} ms, p95 {row['p95_ms']:.0f} ms; {row['errors']} errors, {row['wrong']} wrong"
            )
    return "\n".join(lines)


def machine(figures: dict[str, Any]) -> str:
    """Where and when, in a line."""
    m = figures["machine"]
    threads = "1 thread" if m["threads"] == 1 else f"{m['threads']} threads"
    return (
        f"{m['processor']}, {m['cores']} cores, {m['device']}, torch {m['torch']}, {threads}, {m['dtype']};"
        f" {figures['date']}, seed {figures['seed']}"
    )


def spelt(row: Row) -> str:
    """Median and quartiles of the ratio, or why there are none."""
    if row["ratio"] is None:
        return row["note"]["en"]
    low, middle, high = row["ratio"]
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def goal(row: Row) -> str:
    """What the ratio should be."""
    return "" if row["goal"] is None else f"{'≥' if row['at_least'] else '≤'} {row['goal']:g}"


def missed(row: Row) -> str:
    """A mark beside a goal that was not reached."""
    return ", missed" if row["met"] is False else ""


def markdown(figures: dict[str, Any]) -> str:
    """README's short table."""
    rows = [row for row in figures["rows"] if NAMES[row["key"]].short]
    lines = [f"| {row['name']['en']} | {spelt(row)} | {goal(row)}{missed(row)} |\n" for row in rows]
    more = "".join(
        f" {row['visitors']} at once: p95 {row['p95_ms']:.0f} ms, {row['errors']} errors, {row['wrong']} wrong answers."
        for row in figures["rows"] if row["key"] == "differ_32"
    )  # fmt: skip
    return f"{COLUMNS}{''.join(lines)}\n{machine(figures)}.{more}\n"


def in_readme(readme: str, figures: dict[str, Any]) -> str:
    """README with its table as these figures have it.

    Raises:
        ValueError: it has no place for one.
    """
    if not BLOCK.search(readme):
        raise ValueError("Expected the lines <!-- benchmark --> and <!-- /benchmark --> in README.md; found none.")
    return BLOCK.sub(lambda found: found[1] + markdown(figures) + found[2], readme)


def write_readme() -> None:
    """Put the kept figures into README."""
    figures = json.loads(SPEED.read_text(encoding="utf-8"))
    README.write_text(in_readme(README.read_text(encoding="utf-8"), figures), encoding="utf-8")
