"""The training chain, on folders of a few bytes: what is stale and why, what is run, and where it goes on."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from mmdemo.checkpoints import CHECKPOINTS, folders
from mmdemo.errors import ChoiceError, TrainingError
from mmdemo.training import __main__ as command
from mmdemo.training import cards, chain
from mmdemo.training.chain import STEPS, Step, digest, plan, run

RECIPES = Path(chain.__file__).parent / "recipes"
SHORT = (Step(("eye",)), Step(("ear",)), Step(("heart", "pulse"), ("eye", "ear")), Step(("voice",), ("heart",)))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of weights/ for the short chain, all written in order."""
    monkeypatch.setattr(cards, "built_on", lambda name, weights: chain.built_on(name, weights, SHORT))
    monkeypatch.setattr(cards, "written", lambda name, card: card)
    for step in SHORT:
        write(step, tmp_path)
    return tmp_path


def write(step: Step, weights: Path, value: float = 0.0) -> int:
    for folder in step.folders:
        cards.ship(folder, {"x": torch.full((2,), value)}, {}, weights=weights)
    return 0


def words(weights: Path) -> dict[str, str]:
    return {step.name: state.word for step, state in plan(weights, SHORT)}


def trainer(weights: Path, begun: list[str], value: float = 1.0) -> Callable[[Step], int]:
    def launch(step: Step) -> int:
        begun.append(step.name)
        return write(step, weights, value)

    return launch


def test_a_chain_written_in_order_is_fresh_and_nothing_is_run(weights: Path) -> None:
    begun: list[str] = []
    run(trainer(weights, begun), weights=weights, steps=SHORT)
    assert set(words(weights).values()) == {"fresh"} and begun == []


def test_a_changed_input_makes_its_readers_stale_and_is_named(weights: Path) -> None:
    write(SHORT[1], weights, 5.0)
    found = {step.name: state for step, state in plan(weights, SHORT)}
    assert [found[n].word for n in ("eye", "ear", "heart", "voice")] == ["fresh", "fresh", "stale", "stale"]
    assert "ear changed" in found["heart"].why and "eye" not in found["heart"].why
    assert "heart will be made anew" in found["voice"].why


def test_the_same_files_written_again_make_nothing_stale(weights: Path) -> None:
    before = digest("eye", weights)
    write(SHORT[0], weights)
    assert digest("eye", weights) == before and set(words(weights).values()) == {"fresh"}


def test_a_figure_that_changes_in_a_card_makes_nothing_stale(weights: Path) -> None:
    path = weights / "eye" / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "metrics": [1]}))
    assert set(words(weights).values()) == {"fresh"}


@pytest.mark.parametrize("gone", ["card.json", "pulse.safetensors"])
def test_a_folder_without_its_card_or_its_file_is_missing(weights: Path, gone: str) -> None:
    (weights / "pulse" / gone).unlink()
    assert words(weights) == {"eye": "fresh", "ear": "fresh", "heart": "missing", "voice": "stale"}


def test_a_card_from_before_the_chain_is_unknown_and_run_by_name_only(weights: Path) -> None:
    path = weights / "heart" / "card.json"
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != "built_on"}))
    assert words(weights)["heart"] == "unknown" and words(weights)["voice"] == "fresh"
    begun: list[str] = []
    run(trainer(weights, begun, 0.0), weights=weights, steps=SHORT)
    assert begun == []
    run(trainer(weights, begun, 0.0), weights=weights, steps=SHORT, only=["heart"])
    assert begun == ["heart"] and words(weights)["heart"] == "fresh"


def test_what_is_stale_is_run_in_order_and_its_readers_after_it(weights: Path) -> None:
    write(SHORT[0], weights, 7.0)
    begun: list[str] = []
    run(trainer(weights, begun), weights=weights, steps=SHORT)
    assert begun == ["heart", "voice"] and set(words(weights).values()) == {"fresh"}


def test_a_step_that_comes_out_the_same_leaves_its_readers_alone(weights: Path) -> None:
    (weights / "heart" / "card.json").unlink()
    begun: list[str] = []
    run(trainer(weights, begun, 0.0), weights=weights, steps=SHORT)
    assert begun == ["heart"]


def test_a_failing_step_stops_the_chain_and_the_next_call_goes_on_there(weights: Path) -> None:
    write(SHORT[0], weights, 7.0)
    begun: list[str] = []
    with pytest.raises(TrainingError, match="'heart' ended with exit code 3"):
        run(lambda step: begun.append(step.name) or 3, weights=weights, steps=SHORT)
    assert begun == ["heart"] and words(weights)["voice"] == "stale"
    run(trainer(weights, begun), weights=weights, steps=SHORT)
    assert begun == ["heart", "heart", "voice"]


def test_a_step_that_writes_nothing_is_not_taken_for_done(weights: Path) -> None:
    write(SHORT[0], weights, 7.0)
    with pytest.raises(TrainingError, match="'heart' ended well but is stale: eye changed"):
        run(lambda step: 0, weights=weights, steps=SHORT)


def test_a_step_that_nobody_knows_is_refused_with_the_names(weights: Path) -> None:
    with pytest.raises(ChoiceError, match="'ear'.*got 'nose'"):
        run(trainer(weights, []), weights=weights, steps=SHORT, only=["nose"])


def test_only_a_folder_of_several_runs_the_step_that_writes_it(weights: Path) -> None:
    write(SHORT[0], weights, 7.0)
    begun: list[str] = []
    run(trainer(weights, begun), weights=weights, steps=SHORT, only=["pulse"])
    assert begun == ["heart"]


def test_other_inputs_train_in_another_folder_of_the_run(weights: Path) -> None:
    first = SHORT[2].run_folder(weights)
    assert first == SHORT[2].run_folder(weights) and first.startswith("heart-")
    write(SHORT[0], weights, 7.0)
    assert SHORT[2].run_folder(weights) != first
    assert SHORT[0].run_folder(weights) == "eye"  # it reads nothing


# ---- the table itself


def test_the_steps_write_every_folder_of_the_checkpoint_table_once() -> None:
    written = [folder for step in STEPS for folder in step.folders]
    assert sorted(written) == sorted(folders())


def test_every_step_comes_after_what_it_reads() -> None:
    done: set[str] = set()
    for step in STEPS:
        assert set(step.reads) <= done, step.name
        done.update(step.folders)


def test_a_step_reads_the_towers_of_the_rows_it_writes() -> None:
    for step in STEPS:
        for row in CHECKPOINTS.values():
            if (row.folder or row.name) in step.folders:
                towers = {t for t in (row.image_encoder, row.text_encoder) if t and CHECKPOINTS[t].fitted}
                assert towers <= {*step.reads, *step.folders}, row.name


def test_a_step_reads_every_folder_that_its_recipe_loads() -> None:
    for step in STEPS:
        source = (RECIPES / f"{step.module or step.name}.py").read_text(encoding="utf-8")
        rows = (CHECKPOINTS[name] for name in re.findall(r'load_module\("(\w+)"\)', source))
        loaded = {row.folder or row.name for row in rows}
        assert loaded <= {*step.reads, *step.folders}, step.name


def test_the_chain_imports_no_recipe() -> None:
    for file in ("chain.py", "__main__.py", "cards.py"):
        tree = ast.parse((RECIPES.parent / file).read_text(encoding="utf-8"))
        named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        assert not any("recipes" in name for name in named), file


def test_the_plan_is_printed_a_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["plan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == [step.name for step in STEPS]
    assert {line.split()[0] for line in lines} <= {"fresh", "stale", "missing", "unknown"}


def test_an_unknown_name_is_said_and_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["run", "--out", str(tmp_path), "--only", "mobile"]) == 1
    assert "step must be one of" in capsys.readouterr().err


def test_a_step_is_launched_in_a_process_of_its_own_with_its_folders(tmp_path: Path) -> None:
    given = Step(("fusions",), (), ("--seeds", "5")).command(tmp_path, Path("photos"))
    assert given[:4] == ["-m", "mmdemo.training.recipes.fusions", "--out", str(tmp_path / "fusions")]
    assert given[4:] == ["--features", str(tmp_path / "features"), "--seeds", "5", "--data", "photos"]
    assert command.launch(Step(("no_such_recipe",)), tmp_path, None) == 1


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_recipe_takes_what_the_chain_gives_it(step: Step) -> None:
    """Its command line is the shared one (`command.py`): --out, --features, --data."""
    source = (RECIPES / f"{step.module or step.name}.py").read_text(encoding="utf-8")
    assert "recipe_parser(__doc__" in source
