"""The table of the bench: its rows, what they show, and how it is printed. Read next: `recipes/fusions.py`."""

import argparse
from typing import Any

from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.tasks.fused import FUSIONS, READS_TOKENS, FusedTask
from mmdemo.tasks.imputation import Imputer
from mmdemo.training import cards
from mmdemo.training.loop import load_checkpoint
from mmdemo.training.measure import fusion_bench as bench
from mmdemo.training.measure.systems import MVSA, MVSA_SPLIT

SINGLE = ("image_only", "text_only")  # what a head reaches that never sees the other side
DATASETS = {
    "matching": ("Flickr8k, English captions, true against another photo's", "val, every second caption", "AUC"),
    "sentiment": (MVSA, MVSA_SPLIT, "accuracy"),
}
MULTIPLIED = ("cosine", "product", "lowrank_tensor")
ADDED = tuple(kind for kind in FUSIONS if kind not in (*MULTIPLIED, *READS_TOKENS))


def finished(args: argparse.Namespace, kind: str, task: str) -> FusedTask:
    """The head of seed 0 with modality dropout, as it comes back from float16."""
    row = CHECKPOINTS[f"{task}-{'concat' if kind in SINGLE else kind}"]
    head = FusedTask(**row.config)
    head.load_state_dict(cards.half_rounded(load_checkpoint(bench.run_file(args.out, kind, task, True, 0))["state"]))
    return head.eval()


def measure_task(
    card: dict[str, Any], task: str, val: bench.Data, heads: dict[str, FusedTask], imputer: Imputer,
    args: argparse.Namespace,
) -> None:  # fmt: skip
    """Rows of the table, missing sides, the alpha curve and the ensemble of one task."""
    dataset, split, main = DATASETS[task]
    for kind in (*SINGLE, *FUSIONS):
        head = heads.get(kind, heads["concat"])
        rows = [bench.table_row(args.out, kind, task, dropout, val, head) for dropout in (True, False)]
        card["table"] += [row for row in rows if row]
    count = sum(len(truth) for *_, truth in bench.batches(heads["concat"], val, "en"))
    where = {"dataset": dataset, "split": split, "n": count, "seed": 0}
    for kind, head in heads.items():
        card["imputation"][f"{task}-{kind}"] = bench.imputation_table(head, val, imputer)
        named = {f"{task}_{kind}_{main}": bench.measure(head, val, kind)["given"][main]}
        card["metrics"] += cards.metrics(named, **where, unit="%" if main == "accuracy" else "")
    together = bench.ensemble(heads, val)
    card["ensemble"][task] = {name: round(value, 4) for name, value in together.items()}
    kept = load_checkpoint(bench.run_file(args.out, "weighted_sum", task, True, 0))
    card["alpha"][task] = bench.alpha_curve(heads["weighted_sum"], val, kept["alphas"])


def findings(table: list[dict[str, Any]], pairs: int) -> dict[str, Any]:
    """What prose/fusions.json says of the table; `pairs` of MVSA were asked.

    Every figure is a mean over seeds, of heads with modality dropout where nothing else is said; of several, the ends.
    """

    def span(task: str, figure: str, kinds: tuple[str, ...] = tuple(FUSIONS), dropout: bool = True) -> dict[str, str]:
        digits = 3 if figure == "AUC" else 1
        of = [row for row in table if (row["task"], row["modality_dropout"]) == (task, dropout)]
        values = [row[figure][0] for row in of if row["fusion"] in kinds]
        ends = dict.fromkeys(f"{value:.{digits}f}" for value in (min(values), max(values))) if values else ["–"]
        return {"en": " to ".join(ends), "zh": "～".join(ends)}

    error = 100 * (0.2 / pairs) ** 0.5  # the standard error of an accuracy near .7
    return {
        "pairs": pairs,
        "error": error,
        "apart": 2 * error,
        "commonest": next(row["commonest"] for row in table if row["task"] == "sentiment"),
        "match_multiplied": span("matching", "AUC", MULTIPLIED),
        "match_added": span("matching", "AUC", ADDED),
        "match_tokens": span("matching", "AUC", READS_TOKENS),
        "feeling_vectors": span("sentiment", "accuracy", MULTIPLIED + ADDED),
        "feeling_tokens": span("sentiment", "accuracy", READS_TOKENS),
        "feeling_image": span("sentiment", "accuracy", SINGLE[:1]),
        "feeling_text": span("sentiment", "accuracy", SINGLE[1:]),
        "dropped_no_image": span("sentiment", "no_image"),
        "dropped_no_text": span("sentiment", "no_text"),
        "whole_no_image": span("sentiment", "no_image", dropout=False),
        "whole_no_text": span("sentiment", "no_text", dropout=False),
        "match_no_image": span("matching", "no_image"),
        "match_no_text": span("matching", "no_text"),
        "match_whole": span("matching", "AUC", dropout=False),
        "match_dropped": span("matching", "AUC"),
    }


def format_table(card: dict[str, Any]) -> str:
    """The table of the bench and what it shows, for a terminal."""
    lines = []
    for task, (dataset, split, main) in DATASETS.items():
        lines += [f"\n{task}: {dataset}; {split}; mean (deviation) over seeds"]
        named = dict.fromkeys((main, "accuracy", "macro_F1"))  # the one that orders the rows first, none twice
        head = f"{'fusion':<16}{'dropout':<9}{'seeds':>5}" + "".join(f"{name:>18}" for name in named)
        lines.append(head + f"{'no photo':>10}{'no text':>10}{'parameters':>12}{'us':>8}")
        rows = [row for row in card["table"] if row["task"] == task]
        for row in sorted(rows, key=lambda r: -r[main][0]):
            cells = "".join(f"{f'{row[k][0]:.3f} ({row[k][1]:.3f})':>18}" for k in named)
            lines.append(
                f"{row['fusion']:<16}{'yes' if row['modality_dropout'] else 'no':<9}{row['seeds']:>5}{cells}"
                f"{row['no_image'][0]:>10.1f}{row['no_text'][0]:>10.1f}"
                f"{row['parameters']:>12,}{row['microseconds']:>8.0f}"
            )
        together = ", ".join(f"{name} {value:.3f}" for name, value in card["ensemble"][task].items())
        lines.append(
            f"all ten together (mean of probabilities, seed 0): {together}; commonest class {rows[0]['commonest']}"
        )
    return "\n".join([*lines, "", *(sentence["en"] for sentence in card["findings"])])
