"""The folders of weights/: each file is compared with the sha256 in its card before anybody reads it.

A damaged or half-downloaded file is named instead of giving wrong answers. Read next: `modules.py`.
"""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from mmdemo.checkpoints import Figure
from mmdemo.errors import WeightsError

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
SPEED = Path(__file__).resolve().parents[1] / "benchmark" / "figures.json"
RESTORE = "Restore it with `git checkout -- weights/` or clone the repository again."


def read_card(name: str, weights: Path | None = None) -> dict[str, Any]:
    """The card of one folder of weights/. `WeightsError` when it is missing or not JSON."""
    path = (weights or WEIGHTS) / name / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(f"The file weights/{name}/card.json is missing. {RESTORE}") from None
    except (ValueError, OSError) as error:
        kind = type(error).__name__
        raise WeightsError(f"The file weights/{name}/card.json cannot be read ({kind}). {RESTORE}") from None
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict):
        raise WeightsError(f"The file weights/{name}/card.json lacks its list of files. {RESTORE}")
    return card


@functools.cache
def read_speed() -> dict[str, Any] | None:
    """The figures that `python -m mmdemo.benchmark` last kept in the package, or None."""
    try:
        return json.loads(SPEED.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def from_card(name: str, *keys: str, weights: Path | None = None) -> Any:
    """One entry of a card, by the keys that lead to it.

    Raises:
        WeightsError: the card is missing, no card, or has no such entry; file and entry are named.
    """
    entry: Any = read_card(name, weights)
    for key in keys:
        if not isinstance(entry, dict) or key not in entry:
            message = f"The file weights/{name}/card.json has no entry {' / '.join(keys)!r}. {RESTORE}"
            raise WeightsError(message)
        entry = entry[key]
    return entry


def figure(entry: Figure) -> float:
    """The value of one entry of a card's metrics; `WeightsError` as `metric`."""
    return metric(entry)["value"]


def metric(entry: Figure) -> dict[str, Any]:
    """One entry of a card's metrics: its value, the count of cases, and the rest.

    Raises:
        WeightsError: the card is missing, or has not exactly one such entry.
    """
    rows = from_card(entry.card, "metrics")
    named = [row for row in rows if (row["metric"], row["dataset"], row["split"]) == entry[1:]]
    if len(named) != 1:
        message = f"The file weights/{entry.card}/card.json has {len(named)} figures {entry[1:]}; one was expected."
        raise WeightsError(f"{message} {RESTORE}")
    return named[0]


def read_checked(name: str, file: str, weights: Path | None = None) -> bytes:
    """The bytes of one file, after its sha256 was found to be the card's.

    Raises:
        WeightsError: the file is missing, or its sha256 is another; both are named.
    """
    expected = from_card(name, "files", file, "sha256", weights=weights)
    try:
        content = ((weights or WEIGHTS) / name / file).read_bytes()
    except OSError:
        message = f"The file weights/{name}/{file} is missing; its sha256 should be {expected}. {RESTORE}"
        raise WeightsError(message) from None
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        message = f"The file weights/{name}/{file} is damaged: expected sha256 {expected}, found {actual}. {RESTORE}"
        raise WeightsError(message)
    return content


def lines(content: bytes) -> list[str]:
    """The lines of a file, each ended by a line feed and by nothing else that Unicode calls a line's end."""
    return content.decode("utf-8").split("\n")[:-1]
