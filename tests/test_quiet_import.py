"""Importing any room does nothing: nothing printed, written, fetched or built, and nothing heavy without need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "mmdemo").rglob("*.py")
)
LIGHT = ("mmdemo", "mmdemo.errors", "mmdemo.checkpoints", "mmdemo.inputs")

# Runs in a fresh interpreter. An audit hook also hears a library that kept its own reference to `open`.
WATCHED = """
import json, sys, importlib
writes, sockets, built, noisy = [], [], [], []
watching = True

def hook(event, args):
    if not watching:
        return
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        name = str(args[0])
        if "__pycache__" not in name and not name.startswith("/dev/") and not name.isdigit():
            writes.append(name)
    if event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir") and "__pycache__" not in str(args[0]):
        writes.append(f"{event} {args[0]}")
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        sockets.append(f"{event} {args[1:]}")

for name in HEAVY:
    importlib.import_module(name)  # what these packages do to themselves is not ours
torch = sys.modules.get("torch")
if torch is not None:
    init = torch.nn.Module.__init__
    def counted(self, *a, **k):
        if type(self).__module__.startswith("mmdemo"):
            built.append(type(self).__name__)
        init(self, *a, **k)
    torch.nn.Module.__init__ = counted
sys.addaudithook(hook)
for name in NAMES:
    importlib.import_module(name)
watching = False
heavy = [m for m in ("torch", "gradio", "transformers", "torchvision", "sklearn") if m in sys.modules]
json.dump({"writes": writes, "sockets": sockets, "built": built, "heavy": heavy}, open(RESULT, "w"))
"""


def import_quietly(names: list[str], heavy: tuple[str, ...], folder: Path, blocked: tuple[str, ...] = ()) -> dict:
    """What importing the names did, in a fresh interpreter that starts in an empty folder."""
    result = folder / "result.json"
    work = folder / "work"
    work.mkdir()
    code = f"NAMES, HEAVY, RESULT = {names!r}, {heavy!r}, {str(result)!r}\n"
    code += f"import sys\nsys.modules.update(dict.fromkeys({blocked!r}))\n" + WATCHED
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(work)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=work, env=environment)
    assert run.returncode == 0, run.stderr
    return {**json.loads(result.read_text()), "printed": run.stdout + run.stderr, "left": os.listdir(work)}


def test_importing_every_module_prints_writes_fetches_and_builds_nothing(tmp_path: Path) -> None:
    names = [name for name in MODULES if not name.startswith("mmdemo.ui")]
    assert {"mmdemo.evaluate", "mmdemo.benchmark", "mmdemo.training.recipes.lstm"} <= set(names)  # commands do not run
    did = import_quietly(
        names, ("torch", "mmdemo.torchvision_ops", "torchvision", "transformers", "sklearn.metrics"), tmp_path
    )
    assert did["printed"] == ""
    assert did["writes"] == did["sockets"] == did["built"] == did["left"] == []
    assert "gradio" not in did["heavy"], "a room other than ui imports gradio"


def test_importing_the_page_prints_writes_fetches_and_builds_nothing(tmp_path: Path) -> None:
    names = [*(name for name in MODULES if name.startswith("mmdemo.ui")), "app"]
    did = import_quietly(names, ("torch", "mmdemo.torchvision_ops", "torchvision", "transformers", "gradio"), tmp_path)
    assert did["printed"] == ""
    assert did["sockets"] == did["built"] == []
    assert [name for name in did["writes"] if "mmdemo" in name or str(tmp_path) in name] == []


def test_light_modules_import_neither_torch_nor_gradio(tmp_path: Path) -> None:
    assert import_quietly(list(LIGHT), (), tmp_path)["heavy"] == []


def test_training_imports_where_gradio_is_not_installed(tmp_path: Path) -> None:
    names = [name for name in MODULES if name.startswith("mmdemo.training")]
    did = import_quietly(names, (), tmp_path, blocked=("gradio", "gradio_client"))
    assert "torch" in did["heavy"]


@pytest.mark.parametrize(
    ("planted", "where"),
    [
        ("print('hello')", "printed"),
        ("open('left.txt', 'w').close()", "writes"),
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "sockets"),
        ("import sys, types; sys.modules['gradio'] = types.ModuleType('gradio')", "heavy"),
    ],
)
def test_a_planted_noise_is_heard(planted: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "planted"
    package.mkdir()
    (package / "noisy.py").write_text(planted)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", package)
    assert import_quietly(["noisy"], (), tmp_path)[where]
