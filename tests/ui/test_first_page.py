"""What a start need not wait for: nothing heavy is imported before the first page, nor before the first answer."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS, loading_order
from mmdemo.checkpoints.embedded import FIRST
from mmdemo.ui.gate.memory import keep_all, settle
from tests.pictures import picture

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = {"torch._dynamo", "torch._inductor", "sympy", "scipy", "sklearn", "matplotlib", "torchvision", "transformers"}
STARTED = """
import json, os, sys, urllib.request
import mmdemo
from PIL import Image
from mmdemo.ui.page import build_page
from mmdemo.ui.start import launch
engine = mmdemo.load("cpu", offline=True)
_, url, _ = launch(build_page(engine), server_port=0, quiet=True)
page = urllib.request.urlopen(url).read().decode()
after_page = list(sys.modules)
engine.match(Image.new("RGB", (64, 64)), ["a lion", "a bus"])
print(json.dumps({"page": "<html" in page, "after_page": after_page, "after_answer": list(sys.modules)}), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The names of all modules once the first page stands, and once the first answer is given."""
    environment = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path_factory.mktemp("uploads"))}
    command = [sys.executable, "-c", STARTED]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=300)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("when", ["after_page", "after_answer"])
def test_nothing_heavy_is_imported_before(imported: dict, when: str) -> None:
    assert imported["page"] and "torch" in imported[when] and "gradio" in imported[when]
    assert HEAVY & set(imported[when]) == set()


def test_a_match_needs_the_rows_that_are_loaded_first_and_no_other() -> None:
    engine = mmdemo.load("cpu", offline=True)
    engine.match(picture(), ["a lion", "a bus"])
    assert set(engine.models.modules) == set(FIRST) == set(loading_order()[: len(FIRST)])
    assert sorted(loading_order()) == sorted(name for name, row in CHECKPOINTS.items() if not row.hub)


def test_the_search_for_garbage_is_on_again_once_all_is_loaded() -> None:
    keep_all()
    assert not gc.isenabled()
    try:
        settle()
        assert gc.isenabled() and gc.get_freeze_count()
    finally:
        gc.unfreeze()
        gc.enable()
