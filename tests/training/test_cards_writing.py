"""What ends up in a folder of weights/ and on its card: files, the command, the data sets, and no typed-in figure."""

import argparse
import ast
import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from mmdemo.errors import TrainingError
from mmdemo.loading import widened
from mmdemo.training import card_prose, cards
from mmdemo.training.command import command_of
from mmdemo.training.measure.fusion_table import findings

ROOT = Path(cards.__file__).parent


@pytest.fixture
def no_prose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that no prose is written for."""
    monkeypatch.setattr(cards, "written", lambda name, card: card)


def shipped(folder: Path) -> dict[str, torch.Tensor]:
    """All tensors of a folder."""
    return {k: v for path in sorted(folder.glob("*.safetensors")) for k, v in load_file(path).items()}


@pytest.mark.usefixtures("no_prose")
def test_a_module_is_shipped_in_float16_beside_a_card_that_names_its_file(tmp_path: Path) -> None:
    layer = nn.Linear(3, 2)
    cards.ship("eye", layer, {"kind": "encoder"}, weights=tmp_path)
    assert torch.equal(shipped(tmp_path / "eye")["weight"], layer.weight.half())
    card = json.loads((tmp_path / "eye" / "card.json").read_text(encoding="utf-8"))
    assert list(card) == ["name", "kind", "built_on", "commit", "files"]
    assert card["files"] == {"eye.safetensors": cards.describe_file(tmp_path / "eye" / "eye.safetensors")}


@pytest.mark.usefixtures("no_prose")
def test_figures_measured_again_replace_their_rows_and_new_ones_are_added(tmp_path: Path) -> None:
    where = {"dataset": "eyes", "split": "val", "n": 2, "seed": 0}
    cards.ship("eye", nn.Linear(3, 2), {"metrics": cards.metrics({"a": 1.0, "b": 2.0}, **where)}, weights=tmp_path)
    cards.write_metrics("eye", cards.metrics({"b": 3.0, "c": 4.0}, **where), weights=tmp_path)
    card = json.loads((tmp_path / "eye" / "card.json").read_text(encoding="utf-8"))
    assert [(row["metric"], row["value"]) for row in card["metrics"]] == [("a", 1.0), ("b", 3.0), ("c", 4.0)]
    assert list(card) == ["name", "metrics", "built_on", "commit", "files"]


@pytest.mark.usefixtures("no_prose")
def test_a_state_too_large_for_one_file_is_split_and_older_files_go(tmp_path: Path) -> None:
    state = {name: torch.arange(10.0) + i for i, name in enumerate("abc")}  # 20 bytes each in float16
    cards.ship("eye", {"old": state["a"]}, {}, weights=tmp_path)
    cards.write_lines("eye", "vocab.txt", ["a", "狗"], weights=tmp_path)
    cards.ship("eye", state, {}, weights=tmp_path, limit=40)
    names = [f"eye-{i}-of-2.safetensors" for i in (1, 2)]
    assert sorted(p.name for p in (tmp_path / "eye").iterdir()) == ["card.json", *names, "vocab.txt"]
    assert set(shipped(tmp_path / "eye")) == {"a", "b", "c"}
    card = json.loads((tmp_path / "eye" / "card.json").read_text(encoding="utf-8"))
    assert list(card["files"]) == [*names, "vocab.txt"]
    assert (tmp_path / "eye" / "vocab.txt").read_text(encoding="utf-8") == "a\n狗\n"


@pytest.mark.usefixtures("no_prose")
def test_several_states_of_one_folder_get_a_file_each(tmp_path: Path) -> None:
    cards.ship("both", {name: {"x": torch.ones(2)} for name in ("one", "two")}, {}, weights=tmp_path)
    assert sorted(p.name for p in (tmp_path / "both").glob("*.safetensors")) == ["one.safetensors", "two.safetensors"]


@pytest.mark.usefixtures("no_prose")
def test_eight_bits_stay_eight_bits_and_come_back_near(tmp_path: Path) -> None:
    weight = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    cards.ship("eye", cards.int8_state({"weight": weight}), {}, weights=tmp_path)
    kept = shipped(tmp_path / "eye")
    assert kept["weight"].dtype == torch.int8
    assert (widened(kept)["weight"] - weight).abs().max() < weight.abs().max() / 127


def test_the_command_on_a_card_names_the_options_that_count() -> None:
    args = argparse.Namespace(seed=3, steps=7, out="somewhere")
    assert command_of("lstm", args, "seed", "steps") == (
        "python -m mmdemo.training.recipes.lstm --out RUN --seed 3 --steps 7"
    )
    assert command_of("e5", args) == "python -m mmdemo.training.recipes.e5 --out RUN"


def test_the_origin_holds_the_last_line_of_each_phase(tmp_path: Path) -> None:
    lines = [{"phase": "a", "step": 1}, {"phase": "b", "step": 5}, {"phase": "a", "step": 2}]
    (tmp_path / "lstm.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    origin = cards.origin("lstm", argparse.Namespace(out=tmp_path, seed=0), "seed", phases=["a", "b"])
    assert origin["history"] == [lines[2], lines[1]] and origin["seed"] == 0
    assert origin["recipe"].endswith("lstm --out RUN --seed 0")


def test_data_sets_are_counted_in_the_index() -> None:
    rows = [{"file": "flickr8k/1", "split": split} for split in ("train", "extra", "val")]
    rows += [{"file": "coco/1", "split": "train"}, {"file": "coco2/1", "split": "train"}]
    rows += [{"file": "mvsa/1", "split": "train", "sentiment": "positive"}, {"file": "mvsa/2", "split": "unlabelled"}]
    said = card_prose.written("cross_attention", {"counts": cards.photo_counts(rows)})
    flickr, others = (sentence["en"] for sentence in said["trained_on"])
    assert ", 2 photos:" in flickr and ", 2 photos; ADE20K with captions, 0 photos" in others
    mvsa = card_prose.written("tfidf", {"parameters": 3, "counts": cards.photo_counts(rows)})["trained_on"][1]
    assert ", 1 labelled pairs" in mvsa["en"] and "1 对" in mvsa["zh"]


def test_a_sentence_is_filled_from_the_metric_that_it_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(card_prose, "PROSE", tmp_path)
    rows = [{"metric": name, "value": value} for name, value in (("a_right", 61.26), ("b_right", 70.0))]

    def said(sentence: str) -> dict[str, str]:
        (tmp_path / "shared.json").write_text("{}", encoding="utf-8")
        prose = json.dumps({"known_failures": [{"en": sentence, "zh": sentence}]})
        (tmp_path / "eye.json").write_text(prose, encoding="utf-8")
        counts = {"n": 1234, "teacher": {"en": "an owl", "zh": "猫头鹰"}}
        (filled,) = card_prose.written("eye", {"counts": counts, "metrics": rows})["known_failures"]
        return filled

    assert said("{figure[a_right]:.1f} of {counts[n]:,}")["en"] == "61.3 of 1,234"
    assert said("{lowest[*_right]:.0f} to {highest[*_right]:.0f}")["en"] == "61 to 70"
    assert said("{counts[teacher]}") == {"en": "an owl", "zh": "猫头鹰"}
    for missing in ("{counts[m]}", "{figure[c_right]}", "{figure[*_right]}", "{lowest[c_*]}", "{parameters}"):
        with pytest.raises(TrainingError, match="eye"):
            said(missing)


def test_prose_that_cannot_be_filled_leaves_the_earlier_weights_whole(tmp_path: Path) -> None:
    cards.ship("tfidf", nn.Linear(3, 2), {"parameters": 7, "counts": cards.photo_counts([])}, weights=tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "tfidf").iterdir()}
    with pytest.raises(TrainingError, match="tfidf"):
        cards.ship("tfidf", nn.Linear(4, 2), {"parameters": 7, "counts": {}}, weights=tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "tfidf").iterdir()} == before


@pytest.mark.parametrize("path", sorted(card_prose.PROSE.glob("*.json")), ids=lambda path: path.stem)
def test_every_count_that_the_prose_names_is_counted_somewhere(path: Path) -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in ROOT.rglob("*.py"))
    named = set(re.findall(r"counts\[(\w+)\]", path.read_text(encoding="utf-8")))
    assert [name for name in sorted(named) if f'"{name}"' not in source] == []


def test_the_prose_is_written_anew_and_nothing_else(tmp_path: Path) -> None:
    card = {"parameters": 7, "counts": cards.photo_counts([])}
    cards.ship("tfidf", nn.Linear(3, 2), card, weights=tmp_path)
    cards.write_prose("tfidf", weights=tmp_path)
    found = json.loads((tmp_path / "tfidf" / "card.json").read_text(encoding="utf-8"))
    assert list(found)[:2] == ["name", "title"] and found["parameters"] == 7 and found["counts"] == card["counts"]
    assert found["files"] == {"tfidf.safetensors": cards.describe_file(tmp_path / "tfidf" / "tfidf.safetensors")}


def table(figure: str, task: str, values: dict[str, float], **others: float) -> list[dict]:
    shared = {"task": task, "modality_dropout": True, "commonest": 60.0, "no_image": [55.0, 0], "no_text": [52.0, 0]}
    return [{**shared, "fusion": kind, figure: [value, 0.1], **others} for kind, value in values.items()]


def test_findings_are_the_tables_own_figures() -> None:
    rows = table("AUC", "matching", {"cosine": 0.91, "product": 0.93, "concat": 0.8, "early": 0.7})
    rows += table("accuracy", "sentiment", {"cosine": 71.0, "late": 73.0, "early": 69.0, "image_only": 64.0})
    card = {"counts": cards.photo_counts([]) | findings(rows, pairs=100)}
    match, feeling, missing, _ = (said["en"] for said in card_prose.written("fusions", card)["findings"])
    assert "AUC of 0.910 to 0.930" in match and match.endswith("(early, cross_attention) 0.700.")
    assert "right on 71.0 to 73.0 %" in feeling and "the photo alone on 64.0 %" in feeling
    assert "4.5 points are one standard error" in feeling  # sqrt(.2 / 100)
    assert "55.0 % without the photo" in missing and "commonest class 60.0 %" in missing


SAID = sorted([*ROOT.rglob("*.py"), *ROOT.rglob("*.json")])


@pytest.mark.parametrize("path", SAID, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_count_of_the_data_is_typed_in(path: Path) -> None:
    """Photos, captions and pairs of the sets that figures are measured on: cards count them."""
    typed = re.compile(r"\b(998|9,?980|4,?990|14,?970|394|6,?078|4,?232|461|3,?934|2,?462)\b")
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        values = [text]
    else:
        values = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    assert [v for v in values if isinstance(v, (int, str)) and typed.search(str(v))] == []
