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


def findings(table: list[dict[str, Any]], pairs: int) -> list[str]:
    """What the table shows, in words; `pairs` of MVSA were asked.

    Every figure is a mean over seeds, of heads with modality dropout where nothing else is said.
    """

    def span(task: str, figure: str, kinds: tuple[str, ...] = tuple(FUSIONS), dropout: bool = True) -> str:
        digits = 3 if figure == "AUC" else 1
        of = [row for row in table if (row["task"], row["modality_dropout"]) == (task, dropout)]
        values = [row[figure][0] for row in of if row["fusion"] in kinds]
        ends = dict.fromkeys(f"{value:.{digits}f}" for value in (min(values), max(values))) if values else ["unknown"]
        return " to ".join(ends)

    usual = next(row["commonest"] for row in table if row["task"] == "sentiment")
    return [
        "Match: operators in which a number of the photo meets one of the text in a product"
        f" ({', '.join(MULTIPLIED)}) reach an AUC of {span('matching', 'AUC', MULTIPLIED)}; those that add, put side by"
        f" side or decide first ({', '.join(ADDED)}), and must find the product with their head's two layers,"
        f" {span('matching', 'AUC', ADDED)}; those that read every patch ({', '.join(READS_TOKENS)})"
        f" {span('matching', 'AUC', READS_TOKENS)}.",
        f"Sentiment: joining two vectors is right on {span('sentiment', 'accuracy', MULTIPLIED + ADDED)} %, reading"
        f" every patch on {span('sentiment', 'accuracy', READS_TOKENS)} %, the photo alone on"
        f" {span('sentiment', 'accuracy', SINGLE[:1])} %, the text alone on {span('sentiment', 'accuracy', SINGLE[1:])}"
        f" %; of {pairs} pairs, {100 * (0.2 / pairs) ** 0.5:.1f} points are one standard error.",
        f"Missing sides, sentiment: with modality dropout {span('sentiment', 'no_image')} % without the photo and"
        f" {span('sentiment', 'no_text')} % without the text; without it {span('sentiment', 'no_image', dropout=False)}"
        f" % and {span('sentiment', 'no_text', dropout=False)} %; always the commonest class {usual:.1f} %. Match: half"
        f" a pair says nothing ({span('matching', 'no_image')} % and {span('matching', 'no_text')} %). AUC without"
        f" modality dropout: {span('matching', 'AUC', dropout=False)}, with it {span('matching', 'AUC')}.",
        "Settings (steps, dropout, class weights) were chosen on these validation pairs: the figures flatter a little.",
    ]


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
    return "\n".join([*lines, "", *card["findings"]])
