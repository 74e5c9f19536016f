"""Fits weights/imputation: means, stored pairs, and a regression each way. Read next: `../tasks/imputation.py`."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmdemo.tasks.imputation import Imputer

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
