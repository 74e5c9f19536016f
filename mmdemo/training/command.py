"""The command line that all recipes share, and what a card says of it."""

import argparse
from pathlib import Path
from typing import Any

from mmdemo.training.data.photos import data_folder


class RecipeParser(argparse.ArgumentParser):
    """Fills --features with the run's own folder where it was not given."""

    def parse_args(self, *given: Any, **options: Any) -> argparse.Namespace:
        """As `argparse` does it."""
        args = super().parse_args(*given, **options)
        args.features = args.features or args.out
        return args


def recipe_parser(title: str | None, steps: int) -> argparse.ArgumentParser:
    """--out, --features, --data, --seed and --steps.

    Args:
        title: the recipe's docstring; its first line is the help text.
        steps: the default, which is what the shipped weights were trained for.
    """
    parser = RecipeParser(description=(title or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: checkpoints, log")
    parser.add_argument("--features", type=Path, help="what frozen towers said, shared by recipes; OUT if not given")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=steps)
    return parser


def command_of(recipe: str, args: argparse.Namespace, *options: str) -> str:
    """The command that trains the same again, for a card: "python -m ...recipes.matching --out RUN --seed 0"."""
    given = "".join(f" --{name} {getattr(args, name.replace('-', '_'))}" for name in options)
    return f"python -m mmdemo.training.recipes.{recipe} --out RUN{given}"
