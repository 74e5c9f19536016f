"""The recipe that puts a head of the bench on any two towers, run on tiny random ones and on photos made here."""

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint
from mmdemo.errors import ChoiceError
from mmdemo.training.recipes import towers
from tests.hub_cache import install
from tests.photo_folder import write_photos
from tests.pictures import picture
from tests.tiny_checkpoints import save

GIVEN = ["--image", "resnet18", "--text", "bert_multilingual", "--task", "matching", "--steps", "12", "--seed", "1"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Twelve photos of noise in colours, eight to train on, with captions in both languages that name the colour."""
    made = []
    for i in range(12):
        noise = np.random.default_rng(i).integers(0, 80, (100, 120, 3)) + [150 * (i % 2), 0, 150 * (1 - i % 2)]
        said = {"captions": [f"a {'dog' if i % 2 else 'cat'} {i}"], "captions_zh": ["一只狗" if i % 2 else "一只猫"]}
        said |= {"file": f"flickr8k/{i}", "split": "train" if i < 8 else "val"}
        made.append((Image.fromarray(noise.astype(np.uint8)), said))
    return write_photos(tmp_path_factory.mktemp("data"), made)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    """The folder that the recipe wrote, on towers that lie where a download leaves them."""
    out, cache = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(cache / "hub"))
        for name in ("resnet18", "bert_multilingual"):
            save(name, cache / name)
            install(CHECKPOINTS[name], cache / name)
        towers.train(towers.parser().parse_args([*GIVEN, "--data", str(data), "--out", str(out)]))
        yield out


def test_the_loss_falls_and_the_card_says_what_was_done(run):
    card = loading.read_card("towers", run)
    assert card["recipe"] == f"python -m mmdemo.training.recipes.towers --out RUN {' '.join(card_options())}"
    assert card["seed"] == 1 and len(card["losses"]) == 12
    assert np.mean(card["losses"][-4:]) < np.mean(card["losses"][:4])
    files = dict(zip(card["towers"], map(set, card["towers"].values()), strict=True))
    assert (
        files["resnet18"] == set(CHECKPOINTS["resnet18"].hub.files)
        and "model.safetensors" in files["bert_multilingual"]
    )
    assert {row["metric"] for row in card["metrics"]} == {"accuracy", "macro_F1", "AUC"}
    assert all(row["n"] == 4 for row in card["metrics"])
    assert card["title"]["en"] == "A head on resnet18 and bert_multilingual"


def card_options():
    return ["--image", "resnet18", "--text", "bert_multilingual", "--task", "matching", "--fusion", "weighted_sum",
            "--seed", "1", "--steps", "12"]  # fmt: skip


def test_the_row_of_the_card_makes_the_engine_ask_the_head(run, monkeypatch):
    row = loading.read_card("towers", run)["row"]
    row = Checkpoint("towers", **{**row, "tasks": tuple(row["tasks"])}, default_method="relevance")
    monkeypatch.setitem(CHECKPOINTS, "towers", row)
    engine = mmdemo.load(device="cpu", offline=True)
    engine.models.modules["towers"] = loading.load_module("towers", weights=run)
    answer = engine.ask("towers", picture(), "a dog")["matching"]
    assert sum(answer.values()) == pytest.approx(1, abs=1e-5)
    assert engine.ask("towers", picture(), "a cat")["matching"] != answer
    assert engine.ask("towers", picture())["matching"]  # learned what to make of half a pair


@pytest.mark.parametrize("wrong", [("--image", "bert_multilingual"), ("--text", "resnet18"), ("--image", "clip_b32")])
def test_what_is_no_tower_of_a_side_is_refused(wrong, data, tmp_path):
    with pytest.raises(ChoiceError, match="'resnet18'" if wrong[0] == "--image" else "'bert_multilingual'"):
        towers.train(towers.parser().parse_args([*GIVEN, *wrong, "--data", str(data), "--out", str(tmp_path)]))
