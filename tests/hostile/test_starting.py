"""Weights that are broken or gone, and a folder that is full: what is said, and what goes on all the same."""

import errno
import os
import shutil
from pathlib import Path

import pytest

import mmdemo
from mmdemo import loading
from mmdemo.checkpoints import folders
from mmdemo.ui import start
from mmdemo.ui.page import PAGES
from mmdemo.ui.tabs.about import draw as about
from mmdemo.ui.text import Say

OPENED = "<details><summary><h4>"  # a card that was read


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All cards, in a place where a test may break them."""
    for name in folders():
        (tmp_path / name).mkdir()
        shutil.copy(loading.WEIGHTS / name / "card.json", tmp_path / name)
    monkeypatch.setattr(loading.cards, "WEIGHTS", tmp_path)
    return tmp_path


@pytest.mark.parametrize("content", ["{}", "[]", "", '{"files": []}'])
@pytest.mark.parametrize("say", PAGES.values(), ids=["en", "zh"])
def test_a_card_that_is_none_is_named_and_the_rest_of_about_stands(weights: Path, say: Say, content: str) -> None:
    whole = about.draw(mmdemo.load("cpu", offline=True).status(), say)
    (weights / "matching" / "card.json").write_text(content)
    shown = about.draw(mmdemo.load("cpu", offline=True).status(), say)
    assert "weights/matching/card.json" in shown and "weights/matching/card.json" not in whole
    assert shown.count('class="mm-card mm-model"') == len(folders())
    assert shown.count(OPENED) == whole.count(OPENED) - 1 == len(folders()) - 1
    assert str(weights) not in shown


def test_a_folder_of_weights_that_is_gone_blanks_nothing_but_itself(weights: Path) -> None:
    shutil.rmtree(weights / "sentiment")
    shown = about.draw(mmdemo.load("cpu", offline=True).status(), Say("en"))
    assert "weights/sentiment/card.json is missing" in shown
    assert shown.count(OPENED) == len(folders()) - 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_folder_that_is_full_or_read_only_ends_the_start_with_a_sentence(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(SystemExit) as left:
        start.serve(None, server_port=0)
    said = capsys.readouterr().err
    assert left.value.code == 1 and "cannot be written" in said and "上传文件夹写不进去" in said
    assert os.strerror(number) in said and "GRADIO_TEMP_DIR" in said and "Traceback" not in said
