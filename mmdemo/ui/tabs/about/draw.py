"""What the engine says of itself, and every model's card under the question that it answers, as HTML.

Read next: `templates/about/page.html`, `templates/about/card.html`, `standing.py`, `mmdemo/checkpoints/`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mmdemo.types import EngineStatus, HubModel
from mmdemo.ui.hub import names
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.about import speed, standing
from mmdemo.ui.terms import termed
from mmdemo.ui.text import Say

GROUPS = {  # what a model answers -> the kinds of rows that do
    "match": ("matching",),
    "feeling": ("sentiment",),
    "caption": ("captioning",),
    "question": ("answering",),
    "fusion": ("fusion", "imputation"),
    "autoencoder": ("autoencoder",),
    "systems": ("system",),
    "doubt": ("familiarity",),
    "towers": standing.TOWERS,
}
FACTS = (
    "architecture", "papers", "parameters", "known_failures", "findings", "measured", "trained_on", "photo_sources",
    "licences", "calibration", "recipe",
)  # fmt: skip
LONG = 8  # entries of a list; a longer one is folded
AREAS = ("deletion_minus_random", "deletion_minus_centre", "insertion_minus_random", "insertion_minus_centre")
COLUMNS = ("metric", "value", "dataset", "split", "n", "seed", "date")


def draw(status: EngineStatus, say: Say, hub: Sequence[HubModel] = ()) -> str:
    """The whole tab; `hub` are the models that can be fetched."""
    facts = {
        "device": status.device.upper(),
        "latency": f"{status.last_call[0]}, {status.last_call[1]:.0f} ms" if status.last_call else say("about.no_call"),
        "network": say("about.offline" if status.offline else "about.online"),
        "versions": say.joined([f"{name} {version}" for name, version in status.versions.items()]),
    }
    titles = {c["name"]: title(c, say) for c in status.cards} | {"pixels": say("about.pixels")}
    towers = standing.draw(status.rows, titles, say)
    fetched = [hub_card(row, say) for row in hub]
    return render(
        "about/page.html", say=say, facts=facts, standing=towers, speed=speed.draw(status.speed, say),
        groups=grouped(status, say), fetched=fetched,
    )  # fmt: skip


def hub_card(row: HubModel, say: Say) -> str:
    """One model of the Hub, folded: where it comes from, its makers' figures, and its files once they are here."""
    facts = {
        "repository": row.repository,
        "revision": row.commit or row.revision,
        "size": names.size(row.size, say),
        "licences": row.licence,
        "languages": names.languages(row, say),
        "papers": row.paper,
    }
    state = f"about.state_{row.why if row.state == 'refused' else row.state}"
    files = [[file.name, names.size(file.size, say), file.sha256] for file in row.files]
    published = [
        [termed(metric, say), termed(data, say), f"{value:g}{say.gap}{unit}", source]
        for metric, data, value, unit, source in row.published
    ]
    return render(
        "about/hub_card.html", say=say, row=row, state=say(state), facts=facts, files=files, published=published
    )


def grouped(status: EngineStatus, say: Say) -> dict[str, list[str]]:
    """The cards by what their models answer, groups without one left out."""
    kinds = {row.folder: row.kind for row in status.rows}
    papers = {
        folder: list(dict.fromkeys(row.paper for row in status.rows if row.folder == folder and row.paper))
        for folder in kinds
    }
    shown = {c["name"]: card(c | {"papers": papers[c["name"]]}, say) for c in status.cards}
    groups = {group: [shown[name] for name in shown if kinds[name] in members] for group, members in GROUPS.items()}
    return {group: cards for group, cards in groups.items() if cards}


def card(content: dict[str, Any], say: Say) -> str:
    """One model's card, folded: facts, then its figures with data set, split, number of cases, seed and date."""
    rows = [row for row in content.get("metrics") or [] if isinstance(row, dict)]
    figures = [[cell(row, column, say) for column in COLUMNS] for row in rows]
    facts = {key: said(content[key], say) for key in FACTS if content.get(key)}
    columns, table = [say(f"about.{c}") for c in COLUMNS], explained(content.get("explanations"), say)
    return render(
        "about/card.html", say=say, title=title(content, say), purpose=said(content.get("purpose", ""), say),
        problem=content.get("problem"), columns=columns, figures=figures, long=LONG, explained=table,
        facts={key: value for key, value in facts.items() if value},
    )  # fmt: skip


def title(content: dict[str, Any], say: Say) -> str:
    """What a card's model is called; the name of its folder where the card does not say."""
    return said(content.get("title"), say) or content.get("name", "")


def said(value: Any, say: Say) -> Any:
    """A card's sentence, or list of them, in the language; "" for figures by name, which are no sentence."""
    if isinstance(value, Mapping):
        return value.get(say.language, "")
    return [said(one, say) for one in value] if isinstance(value, list) else spelt(value) if value else ""


def cell(row: dict[str, Any], column: str, say: Say) -> str:
    """One figure's entry in the table; a value stands with its unit."""
    value = spelt(row.get(column))
    if column == "value":
        return f"{value}{say.gap}{row.get('unit') or ''}".strip()
    return termed(value, say) if column in ("metric", "dataset", "split") else value


def explained(measured: dict[str, Any] | None, say: Say) -> dict[str, Any] | None:
    """How well each method explains this model: head and rows of a table, and where it was measured; or None."""
    if not measured:
        return None
    names = {name: say(f"about.{name}") for name in ("random", "centre")}  # maps that a method is compared with
    rows = [
        [
            names.get(row["method"]) or say(f"attention.{row['method']}"),
            *(interval(row.get(c)) for c in AREAS),
            *places(row, say),
        ]
        for row in measured["rows"]
    ]
    head = [say(f"about.{c}") for c in ("method", *AREAS, "own_half", "box_hit", "milliseconds", "mb")]
    source = {key: measured[key] for key in ("pairs", "seed", "date")}
    source |= {key: termed(measured[key], say) for key in ("dataset", "split")}
    return {"head": head, "rows": rows, "source": say("about.explained_source", **source)}


def places(row: dict[str, Any], say: Say) -> list[str]:
    """How often a map lies on the right half and in the right box, how long it takes, how much memory."""
    half, box = ("–" if row.get(c) is None else say.percent(row[c][0] / 100, 1) for c in ("own_half", "box_hit"))
    if row.get("box_hit_minus_centre"):
        box += f" ({say.percent((row['box_hit'][0] - row['box_hit_minus_centre'][0]) / 100, 1)})"
    return [half, box, *("–" if row.get(c) is None else say.number(row[c]) for c in ("milliseconds", "extra_mb"))]


def interval(value: list[float] | None) -> str:
    """Mean and 95 % interval."""
    if value is None:
        return "–"
    mean, low, high = (f"{v:+.3f}".replace("-", "−") for v in value)
    return f"{mean} [{low}, {high}]"


def spelt(content: object) -> str:
    """A number as people read it, anything else as it is."""
    if content is None:
        return "–"
    if isinstance(content, int):
        return f"{content:,}"
    return f"{content:.4g}" if isinstance(content, float) else str(content)
