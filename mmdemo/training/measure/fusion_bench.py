"""What is measured of the fusion bench, on validation pairs. Read next: `fusion_table.py`."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmdemo.tasks.fused import READS_TOKENS, FusedTask
from mmdemo.tasks.imputation import Imputer
from mmdemo.training import cards
from mmdemo.training.data.sides import Captions, Pairs
from mmdemo.training.loop import load_checkpoint
from mmdemo.training.measure import metrics, systems, verdicts
from mmdemo.types import TokenSet

ALPHAS = np.linspace(0, 1, 21)
Data = Captions | Pairs  # for the match; for sentiment
Figures = dict[str, Any]


@torch.no_grad()
def answers(
    head: FusedTask, data: Data, *, drop: str | None = None, imputer: Imputer | None = None,
    how: str | None = None, language: str = "en", alpha: float | None = None, every: int = 2,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Probabilities [n, C] and true class indices [n] over the validation pairs.

    Args:
        drop: "image" or "text" takes that side away.
        imputer, how: what stands in for it; the head's own learned vector without them.
        alpha: for the weighted sum, in the place of the learned one.
        every: of Flickr8k every n-th caption.
    """
    probabilities, truths = [], []
    for image, text, truth in batches(head, data, language, every):
        if drop:
            given = {"image": image, "text": text}
            given[drop] = None if how is None else imputer.replace(drop, image if drop == "text" else text, how)
            image, text = given["image"], given["text"]
        if alpha is None:
            logits = head(image, text)
        else:
            sides = head.fusion.project_image(image), head.fusion.project_text(text)
            logits = head.logits(head.fusion.join(*sides, alpha=alpha))
        probabilities.append(logits.softmax(-1))
        truths.append(truth)
    return torch.cat(probabilities).numpy(), torch.cat(truths).numpy()


def batches(head: FusedTask, data: Data, language: str, every: int = 2) -> list[tuple[TokenSet, TokenSet, Tensor]]:
    """Validation pairs with their truth: Flickr8k, every n-th caption with its photo and another; or all of MVSA."""
    tokens = head.name in READS_TOKENS
    if isinstance(data, Pairs):
        everything = torch.arange(len(data.joint)).split(128)
        return [(data.images(i, tokens=tokens), data.texts.batch(i), data.joint[i]) for i in everything]
    texts, photos, truth = systems.own_and_other(data.captioned, language, seed=0, every=every)
    parts = zip(texts.split(256), photos.split(256), truth.long().split(256), strict=True)
    return [(data.images(p, tokens=tokens), data.texts.batch(t), y) for t, p, y in parts]


def score(probability: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Accuracy and macro-F1 in per cent; AUC in [0, 1] too where there are two classes."""
    figures = metrics.classes(probability.argmax(1), truth)
    if probability.shape[1] == 2:
        figures["AUC"] = metrics.yes_no(probability[:, 1], truth)["AUC"]
    return figures


def measure(head: FusedTask, data: Data, single: str) -> Figures:
    """Given all that the head reads, and accuracy with the photo and with the text missing.

    Args:
        single: "image_only" or "text_only" for a head that reads one side; any other name reads both.
    """
    unread = {"image_only": "text", "text_only": "image"}.get(single)
    given = score(*answers(head, data, drop=unread))
    if isinstance(data, Captions):
        given["AUC_zh"] = score(*answers(head, data, language="zh"))["AUC"]
    missing = {side: score(*answers(head, data, drop=side))["accuracy"] for side in ("image", "text")}
    return {"given": given, "no_image": missing["image"], "no_text": missing["text"]}


def mean_rows(heads: list[FusedTask], data: Captions) -> list[cards.Metric]:
    """Card rows of the heads' mean probability of "match": its AUC, and where its verdict is worth saying."""
    said = [[answers(head, data, language=kind) for head in heads] for kind in systems.LANGUAGES.values()]
    means, truths = [np.mean([p[:, 1] for p, _ in some], axis=0) for some in said], [some[0][1] for some in said]
    figures, split = verdicts.measure(np.concatenate(means), np.concatenate(truths)), "val, every second caption"
    rows = systems.verdict_rows(figures, split, sum(map(len, truths)), 0, "matching_mean_")
    for (language, _), mean, truth in zip(systems.LANGUAGES.items(), means, truths, strict=True):
        auc = {"matching_mean_AUC": metrics.yes_no(mean, truth)["AUC"]}
        dataset = f"Flickr8k, {language} captions, true against another photo's"
        rows += cards.metrics(auc, dataset=dataset, split=split, n=len(truth), seed=0)
    return rows


def microseconds(head: FusedTask, data: Data, repeats: int = 50) -> float:
    """Median time of the fusion and its head on one pair whose sides are read already, one thread."""
    image, text, _ = batches(head, data, "en")[0]
    one, other = (side.select(torch.tensor([0])) for side in (image, text))
    threads, times = torch.get_num_threads(), []
    torch.set_num_threads(1)
    with torch.no_grad():
        for _ in range(repeats):
            start = time.perf_counter()
            head(one, other)
            times.append(time.perf_counter() - start)
    torch.set_num_threads(threads)
    return 1e6 * float(np.median(times))


def run_file(run: Path, kind: str, task: str, dropout: bool, seed: int | str) -> Path:
    """Where one finished run is kept; seed "*" gives the pattern of all of them."""
    return run / "fusions" / f"{kind}-{task}-{'dropped' if dropout else 'whole'}-{seed}.pt"


def table_row(run: Path, kind: str, task: str, dropout: bool, data: Data, head: FusedTask) -> dict[str, Any] | None:
    """Mean and deviation over the seeds of one (kind, task, with or without modality dropout); None if never run."""
    pattern = run_file(run, kind, task, dropout, "*")
    runs = [load_checkpoint(path)["figures"] for path in sorted(pattern.parent.glob(pattern.name))]
    if not runs:
        return None
    row: dict[str, Any] = {"fusion": kind, "task": task, "modality_dropout": dropout, "seeds": len(runs)}
    for name in runs[0]["given"]:
        row[name] = _mean([r["given"][name] for r in runs])
    for name in ("no_image", "no_text"):
        row[name] = _mean([r[name] for r in runs])
    row["parameters"] = cards.count_parameters(head)
    row["microseconds"] = round(microseconds(head, data), 1)
    truth = torch.cat([truth for *_, truth in batches(head, data, "en")])
    row["commonest"] = round(systems.commonest(truth), 2)
    return row


def _mean(values: list[float]) -> list[float]:
    return [round(float(np.mean(values)), 4), round(float(np.std(values)), 4)]


def imputation_table(head: FusedTask, data: Data, imputer: Imputer) -> dict[str, dict[str, float]]:
    """Accuracy in per cent by missing side and by what stands in for it (of Flickr8k every tenth caption)."""
    ways = (None, *Imputer.METHODS)
    return {
        side: {
            how or "learned": round(
                score(*answers(head, data, drop=side, imputer=imputer, how=how, every=10))["accuracy"], 2
            )
            for how in ways
        }
        for side in ("image", "text")
    }


def alpha_curve(head: FusedTask, data: Data, path: list[float]) -> dict[str, Any]:
    """Validation accuracy of the weighted sum at 21 alphas, and how alpha moved in training."""
    accuracy = [score(*answers(head, data, alpha=float(a)))["accuracy"] for a in ALPHAS]
    return {
        "alphas": [round(float(a), 3) for a in ALPHAS],
        "accuracy": [round(a, 3) for a in accuracy],
        "learned": round(head.fusion.alpha.item(), 4),
        "path": [round(a, 4) for a in path],
    }


def ensemble(heads: dict[str, FusedTask], data: Data) -> dict[str, float]:
    """The mean of all fusions' probabilities."""
    said = [answers(head, data) for head in heads.values()]
    return score(np.mean([p for p, _ in said], 0), said[0][1])
