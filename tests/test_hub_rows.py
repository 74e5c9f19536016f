"""Every row of the Hub: what it names, and that a tiny checkpoint of its family loads through it."""

import re

import pytest

from mmdemo.checkpoints.hub import HUB
from mmdemo.loading import builder, is_here, load_module
from tests.hub_cache import install
from tests.tiny_checkpoints import save

ROWS = pytest.mark.parametrize("row", HUB, ids=lambda row: row.name)


@ROWS
def test_a_row_says_where_it_comes_from_and_fetches_no_code(row):
    source = row.hub
    assert re.fullmatch(r"[\w-]+/[\w.-]+", source.repository) and source.title and source.licence and row.paper
    assert re.fullmatch(r"[0-9a-f]{40}|main|refs/pr/\d+", source.revision)
    assert all(name.endswith((".json", ".safetensors", ".txt")) for name in source.files)
    assert "config.json" in source.files and "model.safetensors" in source.files
    assert source.size > 40_000_000 and row.kind in ("image_encoder", "dual_encoder", "text_encoder", "vision_language")
    assert source.languages or row.kind == "image_encoder"
    assert all(figure.source and figure.value > 0 for figure in source.published)


@ROWS
def test_a_download_of_its_files_alone_loads(row, tmp_path, monkeypatch):
    save(row.name, tmp_path / "given")
    for path in (tmp_path / "given").iterdir():
        if path.name not in row.hub.files:
            path.unlink()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    install(row, tmp_path / "given")
    assert is_here(row)
    module = load_module(row.name)
    assert type(module) is builder(row) and not module.training
    assert not any(weights.requires_grad for weights in module.parameters())
