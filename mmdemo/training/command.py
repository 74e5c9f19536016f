"""The command line that the recipes of heads share."""

import argparse
from pathlib import Path

from mmdemo.training.photos import data_folder


def recipe_parser(title: str | None, steps: int) -> argparse.ArgumentParser:
    """--out, --data, --seed and --steps.

    Args:
        title: the recipe's docstring; its first line is the help text.
        steps: the default, which is what the shipped weights were trained for.
    """
    parser = argparse.ArgumentParser(description=(title or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: features, checkpoints, log")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=steps)
    return parser
