"""How well a text tower's pooled vectors know which captions were written about one photo."""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmdemo.encoders.base import Encoder
from mmdemo.loading import load_module
from mmdemo.training.data.pairs import Captioned, flickr8k
from mmdemo.training.data.photos import read_index
from mmdemo.training.loop import Log, autocast, training_device
from mmdemo.training.measure.metrics import recall_at

CAPTIONS = {"en1": ("captions", 0), "en2": ("captions", 1), "zh1": ("captions_zh", 0), "zh2": ("captions_zh", 1)}
ASKED = (("en-en", "en1", "en2"), ("zh-en", "zh1", "en2"), ("zh-zh", "zh1", "zh2"))  # name, query, answer


def caption_recalls(tower: Encoder, val: Captioned) -> dict[str, float]:
    """R@1 and R@10 of one caption of each validation photo among the others' captions, by `pooled`, per cent."""
    texts = {name: [photo[key][i] for photo in val.photos] for name, (key, i) in CAPTIONS.items()}
    pooled = {name: read_pooled(tower, some) for name, some in texts.items()}
    return {
        f"caption to another caption of its photo, {name} R@{k}": value
        for name, query, answer in ASKED
        for k, value in recalls(pooled[query], pooled[answer]).items()
    }


def recalls(queries: Tensor, answers: Tensor) -> dict[int, float]:
    """Recall at 1 and 10 in per cent; row i of `answers` belongs to row i of `queries`. [P, D] each."""
    similarity = (F.normalize(queries, dim=-1) @ F.normalize(answers, dim=-1).T).numpy()
    return recall_at(similarity, np.eye(len(queries), dtype=bool), (1, 10))


@torch.no_grad()
def read_pooled(tower: Encoder, texts: list[str], chunk: int = 64) -> Tensor:
    """Pooled vectors [B, D] of B texts, each read with others of its length: less padding, half the time."""
    device = next(tower.parameters()).device
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    with autocast(device):
        parts = [
            tower(tower.prepare([texts[i] for i in order[j : j + chunk]]).to(device)).pooled.float().cpu()
            for j in range(0, len(order), chunk)
        ]
    return torch.cat(parts)[torch.tensor(order).argsort()]


def evaluate(name: str, args: argparse.Namespace, log: Log) -> dict[str, float]:
    """The figures of one text tower of weights/ again."""
    return caption_recalls(load_module(name, training_device()), flickr8k(read_index(args.data), "val"))
