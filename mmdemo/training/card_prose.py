"""The sentences of every card, in both languages, from prose/NAME.json; what was counted or measured is filled in.

A sentence is {"en", "zh"}, or the name of one in prose/shared.json with an @ before it. Its fields are `str.format`'s:
{parameters:,} is an entry of the card, {counts[pairs]:,} one of those that the recipe counted,
{figure[both_accuracy]:.1f} a metric of that name, {lowest[*_accuracy]:.1f} and {highest[...]} the ends of all metrics
that fit a pattern. So the same sentences can be written again later from the card alone:

    python -m mmdemo.training prose
"""

import json
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mmdemo.errors import TrainingError

PROSE = Path(__file__).with_name("prose")
LANGUAGES = ("en", "zh")
Card = Mapping[str, Any]


def written(name: str, card: Card) -> dict[str, Any]:
    """A card with its prose before what was counted and measured.

    Args:
        name: of the folder of weights/, and of the file of prose/.
        card: every entry that a sentence speaks of, "metrics" and "counts" among them.

    Raises:
        TrainingError: a sentence speaks of something that the card does not hold.
    """
    shared = _read("shared")
    try:
        said = {key: _filled(value, shared, card) for key, value in _read(name).items()}
    except (LookupError, ValueError) as missing:  # no such entry; no metric, or several
        raise TrainingError(f"The prose of {name!r} speaks of what its card does not hold: {missing}.") from missing
    return said | {key: value for key, value in card.items() if key not in said}


def _read(name: str) -> dict[str, Any]:
    return json.loads((PROSE / f"{name}.json").read_text(encoding="utf-8"))


def _filled(value: Any, shared: Card, card: Card) -> Any:
    """A sentence in both languages, its fields filled; or a list of them."""
    if isinstance(value, list):
        return [_filled(item, shared, card) for item in value]
    sentence = shared[value[1:]] if isinstance(value, str) else value
    return {language: sentence[language].format_map(_fields(card, language)) for language in LANGUAGES}


def _fields(card: Card, language: str) -> dict[str, Any]:
    """What a sentence of one language may name."""
    counts = card.get("counts", {})
    rows = card.get("metrics", ())
    return {
        **card,
        "counts": {k: v[language] if isinstance(v, Mapping) else v for k, v in counts.items()},
        "figure": _Figures(rows, _only),
        "lowest": _Figures(rows, min),
        "highest": _Figures(rows, max),
    }


class _Figures:
    """Metrics by the pattern of their name: `lowest["*_accuracy"]`.

    Args:
        rows: of the card.
        choose: of all values whose names fit, the one that is meant.
    """

    def __init__(self, rows: Sequence[Card], choose: Callable[[list[float]], float]) -> None:
        self.rows, self.choose = rows, choose

    def __getitem__(self, pattern: str) -> float:
        return self.choose([row["value"] for row in self.rows if fnmatchcase(row["metric"], pattern)])


def _only(values: list[float]) -> float:
    (value,) = values
    return value
