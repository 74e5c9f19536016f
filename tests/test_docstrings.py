"""What a docstring or a comment names must be there: a reader who follows "Read next: `x.py`" finds the file."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "mmdemo").rglob("*.py"))
NAMED = re.compile(r"(?<![\w./{}*-])((?:\.{1,2}/|\w[\w-]*/)*\w[\w-]*\.py)\b|`((?:\.{1,2}/|\w[\w-]*/)+)`")


def prose(source: str) -> Iterator[str]:
    """Every docstring and every comment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def named_paths(source: str) -> list[str]:
    """Files `x.py`, `folder/x.py` and folders `folder/` that the prose names."""
    return sorted({file or folder for text in prose(source) for file, folder in NAMED.findall(text)})


def missing(path: Path, source: str) -> list[str]:
    """Those that lie neither beside the file nor in a folder above it, up to the repository's."""
    above = [folder for folder in path.parents if folder == ROOT or ROOT in folder.parents]
    return [name for name in named_paths(source) if not any((folder / name).exists() for folder in above)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_folder_that_a_docstring_names_is_there(path: Path) -> None:
    assert missing(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "gone"),
    [
        ('"""One line. Read next: `no_such_file.py`."""', ["no_such_file.py"]),
        ('"""See (no_such_folder/loop.py), and `loop.py`."""', ["no_such_folder/loop.py"]),
        ('def f():\n    """As `no_such_folder/` keeps them."""', ["no_such_folder/"]),
        ("x = 1  # see no_such_file.py", ["no_such_file.py"]),
        ('"""`loop.py`, `../evaluate.py`, `tasks/matching.py`, `weights/`, mmdemo/evaluate.py."""', []),
        ('"""`weights/NAME.pt`, `python -m mmdemo.training`, a / b."""\nx = "no_such_file.py"', []),
    ],
)
def test_a_planted_name_of_nothing_is_found(source: str, gone: list[str]) -> None:
    assert missing(ROOT / "mmdemo" / "training" / "loop.py", source) == gone
