"""A model of the Hub in words: its title, its size, the languages that it reads. Read next: `picker.py`."""

from typing import TYPE_CHECKING

from mmdemo.types import HubModel
from mmdemo.ui.text import Say

if TYPE_CHECKING:
    from mmdemo.engine import Engine

BUILT_IN = "matching"  # what the page calls the models that answer with nothing fetched
TASKS = ("matching", "captioning", "answering")  # what a picked model may be asked
SPELT = ("en", "zh")  # languages that have a name of their own on the page
FEW = 4  # languages that are named one by one
UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def offered(engine: "Engine", *tasks: str) -> tuple[HubModel, ...]:
    """The rows that can be asked one of some tasks (of all), but for those that this machine does not offer."""
    wanted = set(tasks or TASKS)
    return tuple(row for row in engine.hub_models() if wanted & set(row.tasks) and row.state != "refused")


def find(engine: "Engine", name: str) -> HubModel | None:
    """One of those; None for the built-in model, for which no disk is read, and for what is not offered."""
    if name == BUILT_IN:
        return None
    return next((row for row in offered(engine) if row.name == name), None)


def able(engine: "Engine", name: str, task: str) -> str:
    """The picked model where it does a task, otherwise the built-in one."""
    row = find(engine, name)
    return name if row is None or task in row.tasks else BUILT_IN


def model_title(engine: "Engine", name: str, say: Say) -> str:
    """What a model is called."""
    row = None if name == BUILT_IN else next((row for row in engine.hub_models() if row.name == name), None)
    return row.title if row else say("hub.built_in")


def model_choices(engine: "Engine", say: Say, *tasks: str) -> list[tuple[str, str]]:
    """(what is read, name) of all that can be picked for some tasks (for any), the built-in one first."""
    rows = [(f"{row.title} · {size(row.size, say)}", row.name) for row in offered(engine, *tasks)]
    return [(say("hub.built_in"), BUILT_IN), *rows]


def size(count: int, say: Say) -> str:
    """605,000,000 -> "605 MB", 1,500,000,000 -> "1.5 GB"."""
    unit, one = next(((unit, one) for unit, one in UNITS if count >= one), ("B", 1))
    value = count / one
    return f"{value:.1f}{say.gap}{unit}" if value < 10 and one > 1 else f"{value:.0f}{say.gap}{unit}"


def languages(row: HubModel, say: Say) -> str:
    """The languages that its text side was trained on; "" where it has none."""
    if row.languages == ("*",):
        return say("hub.languages_all")
    if len(row.languages) > FEW:
        return say("hub.languages_many", n=len(row.languages))
    return say.joined([say(f"hub.language_{one}") if one in SPELT else one for one in row.languages])
