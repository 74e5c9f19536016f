"""The command line that all recipes share."""

from pathlib import Path

import pytest

from mmdemo.training.command import recipe_parser


def test_features_lie_in_the_runs_own_folder_where_nobody_says_otherwise() -> None:
    parser = recipe_parser("Trains a thing.\n\nAnd more.", steps=7)
    args = parser.parse_args(["--out", "run"])
    assert args.features == args.out == Path("run")
    assert parser.parse_args(["--out", "run", "--features", "kept"]).features == Path("kept")
    assert (args.steps, args.seed, parser.description) == (7, 0, "Trains a thing.")


def test_a_run_without_a_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        recipe_parser(None, steps=0).parse_args([])
    assert "--out" in capsys.readouterr().err
