"""All measurements of all fusions as two tables, one a task. Every number comes from the card."""

from collections.abc import Sequence
from typing import Any

from mmdemo.ui import render
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

TASKS = {"matching": "AUC", "sentiment": "macro_F1"}  # task -> the figure by which its rows are ordered


def figures(rows: Sequence[dict[str, Any]], say: Say) -> str:
    """Both tables, best fusion first, with and without modality dropout one below the other."""
    if not rows:
        return f"<p>{escape(say('fusion.figures_none'))}</p>"
    tables = "".join(_table(task, [r for r in rows if r["task"] == task], say) for task in TASKS)
    seeds = "fusion.figures_one_seed" if all(r["seeds"] == 1 for r in rows) else "fusion.figures_spread"
    said = say.sentences(say("fusion.figures_lead"), say(seeds))
    why = say.sentences(say("fusion.why_measures"), say("fusion.why_figures"))
    return f'<p class="mm-said">{escape(said)}</p>{tables}<p class="mm-soft">{escape(why)}</p>'


def ordered(rows: Sequence[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Rows with the best fusion first, each fusion's row with modality dropout before the one without.

    A fusion's place is that of its best row.
    """
    best: dict[str, float] = {}
    for row in rows:
        best[row["fusion"]] = max(best.get(row["fusion"], float("-inf")), row[key][0])
    return sorted(rows, key=lambda r: (-best[r["fusion"]], r["fusion"], not r["modality_dropout"]))


def _table(task: str, rows: Sequence[dict[str, Any]], say: Say) -> str:
    if not rows:
        return ""
    key = TASKS[task]
    kinds = {True: say("fusion.figures_with"), False: say("fusion.figures_without")}
    names = {
        "fusion.figures_name": lambda r: say(f"fusion.name_{r['fusion']}"),
        "fusion.figures_dropout": lambda r: kinds[r["modality_dropout"]],
    }
    if task == "matching":
        names["fusion.figures_auc"] = lambda r: _spread(r, "AUC", 3)
    else:
        names["fusion.figures_macro_f1"] = lambda r: _spread(r, "macro_F1")
    names |= {
        "fusion.figures_accuracy": lambda r: _spread(r, "accuracy"),
        "fusion.figures_no_image": lambda r: _spread(r, "no_image"),
        "fusion.figures_no_text": lambda r: _spread(r, "no_text"),
        "fusion.figures_parameters": lambda r: f"{r['parameters']:,}",
        "fusion.figures_time": lambda r: f"{r['microseconds']:,.0f}",
        "fusion.figures_seeds": lambda r: str(r["seeds"]),
    }
    cells = [[cell(row) for cell in names.values()] for row in ordered(rows, key)]
    table = render.table([say(name) for name in names], cells, numeric=range(2, len(names)))
    base = say("fusion.figures_commonest", value=f"{rows[0]['commonest']:.1f}")
    title = say(f"fusion.figures_{task}")
    fold = "<details class='mm-details'" + (" open>" if task == "matching" else ">")
    return f'{fold}<summary>{escape(title)}</summary>{table}<p class="mm-soft">{escape(base)}</p></details>'


def _spread(row: dict[str, Any], name: str, digits: int = 1) -> str:
    mean, deviation = row[name]
    return f"{mean:.{digits}f} ± {deviation:.{digits}f}" if row["seeds"] > 1 else f"{mean:.{digits}f}"
