"""All measurements of all fusions as two tables, one a task. Every number comes from the card."""

from collections.abc import Sequence
from typing import Any

from mmdemo.ui.markup import render
from mmdemo.ui.text import Say

TASKS = {  # task -> the figure by which its rows are ordered, its column's name, its digits
    "matching": ("AUC", "fusion.figures_auc", 3),
    "sentiment": ("macro_F1", "fusion.figures_macro_f1", 1),
}


def draw(rows: Sequence[dict[str, Any]], say: Say) -> str:
    """Both tables, best fusion first, with and without modality dropout one below the other."""
    tables = []
    for task, (figure, _, _) in TASKS.items():
        if its := ordered([r for r in rows if r["task"] == task], figure):
            cells = [columns(row, say) for row in its]
            tables.append((task, list(cells[0]), [list(row.values()) for row in cells], its[0]["commonest"]))
    seeds = "fusion.figures_one_seed" if all(r["seeds"] == 1 for r in rows) else "fusion.figures_spread"
    return render("fusion/figures.html", say=say, tables=tables, seeds=seeds)


def ordered(rows: Sequence[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Rows by the best figure of their fusion, highest first; the one with modality dropout before the one without."""
    best: dict[str, float] = {}
    for row in rows:
        best[row["fusion"]] = max(best.get(row["fusion"], float("-inf")), row[key][0])
    return sorted(rows, key=lambda r: (-best[r["fusion"]], r["fusion"], not r["modality_dropout"]))


def columns(row: dict[str, Any], say: Say) -> dict[str, str]:
    """One row of a table: a column's name -> its cell."""

    def spread(name: str, digits: int = 1) -> str:
        mean, deviation = row[name]
        return f"{mean:.{digits}f} ± {deviation:.{digits}f}" if row["seeds"] > 1 else f"{mean:.{digits}f}"

    figure, name, digits = TASKS[row["task"]]
    cells = {
        "fusion.figures_name": say(f"fusion.name_{row['fusion']}"),
        "fusion.figures_dropout": say(f"fusion.figures_{'with' if row['modality_dropout'] else 'without'}"),
        name: spread(figure, digits),
        "fusion.figures_accuracy": spread("accuracy"),
        "fusion.figures_no_image": spread("no_image"),
        "fusion.figures_no_text": spread("no_text"),
        "fusion.figures_parameters": f"{row['parameters']:,}",
        "fusion.figures_time": f"{row['microseconds']:,.0f}",
        "fusion.figures_seeds": str(row["seeds"]),
    }
    return {say(key): cell for key, cell in cells.items()}
