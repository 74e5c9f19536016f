"""Fits and ships weights/imputation: means, stored pairs, a regression each way. Read next: `tasks/imputation.py`."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mmdemo.tasks.imputation import Imputer
from mmdemo.training import cards
from mmdemo.training.data.sides import Captions, Pairs
from mmdemo.training.measure.fusion_table import DATASETS

PAIRS, RANK, RIDGE = 200, 48, 0.03


def fit_imputer(sources: Sequence[tuple[Tensor, Tensor]], seed: int = 0) -> Imputer:
    """From training pairs of each source, every source with the same weight.

    Args:
        sources: (pooled pictures [n, Di], pooled texts [n, Dt]), row i of one belonging to row i of the other.
    """
    image, text = (torch.cat([pair[side] for pair in sources]).double() for side in (0, 1))
    weight = torch.cat([torch.full((len(p),), 1 / (len(p) * len(sources))) for p, _ in sources]).double()
    imputer = Imputer(image.shape[1], text.shape[1], PAIRS, RANK)
    state = {"image_mean": weight @ image, "text_mean": weight @ text}
    draw = torch.Generator().manual_seed(seed)
    kept = torch.multinomial(weight, PAIRS, generator=draw)
    state |= {"image_pairs": image[kept], "text_pairs": text[kept]}
    x, y = image - state["image_mean"], text - state["text_mean"]
    state["text_narrow"], state["text_widen"] = reduced_rank(x, y, weight)
    state["image_narrow"], state["image_widen"] = reduced_rank(y, x, weight)
    imputer.load_state_dict({name: value.float() for name, value in state.items()})
    return imputer.eval()


def reduced_rank(x: Tensor, y: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """The best map y ~ x A B of rank RANK: ridge regression, then the first principal directions of what it predicts.

    Reduced-rank regression (Izenman 1975): W = (X'X + ridge)^-1 X'Y, V = leading eigenvectors of W' X'X W; A = W V,
    B = V'. Rows of x [n, I] and y [n, O] count by `weight` [n].
    """
    xx, xy = x.T @ (x * weight[:, None]), x.T @ (y * weight[:, None])
    full = torch.linalg.solve(xx + RIDGE * xx.diag().mean() * torch.eye(len(xx), dtype=xx.dtype), xy)  # [I, O]
    _, vectors = torch.linalg.eigh(full.T @ xx @ full)
    v = vectors[:, -RANK:]  # [O, RANK]
    return full @ v, v.T


def training_pairs(data: Captions | Pairs) -> tuple[Tensor, Tensor]:
    """(pooled pictures, pooled texts) of a training set, one row a pair."""
    texts = data.texts.pooled()
    if isinstance(data, Captions):
        kept = [i for kind in ("en", "zh") for i in data.captioned.of_kind(kind)[::5]]
        return data.pooled[0][data.captioned.photo_of_text[kept]], texts[kept]
    return data.pooled[0], texts


def ship_imputation(imputer: Imputer, tables: dict[str, Any], n: dict[str, int], shared: dict[str, Any]) -> None:
    """weights/imputation, its figures the mean accuracy over the fusions."""
    figures = []
    for task, (dataset, split, _) in DATASETS.items():
        some = [table for name, table in tables.items() if name.startswith(task)]
        split = "val, every tenth caption" if task == "matching" else split
        count = n[task] if task == "sentiment" else 2 * -(-n[task] // 5)  # every second caption; every tenth
        where = {"dataset": dataset, "split": f"{split}; mean accuracy over ten fusions", "n": count, "seed": 0}
        for side in ("image", "text"):
            ways = some[0][side]
            means = {f"{task}_no_{side}_{how}": sum(t[side][how] for t in some) / len(some) for how in ways}
            figures += cards.metrics(means, **where, unit="%")
    card = {
        "parameters": sum(b.numel() for b in imputer.buffers()),
        **shared,
        "counts": shared["counts"] | {"stored": PAIRS},
        "history": [{"phase": "closed form", "pairs": PAIRS, "rank": RANK}],
        "metrics": figures,
    }
    cards.ship("imputation", imputer, card)
