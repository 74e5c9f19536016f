"""The house keeps its rules: who may import whom, how large things are, what may never stand in the code.

The rules are the two tables below. Every rule is also tried on a planted violation, so that none can sleep.
"""

import ast
import functools
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "mmdemo").rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]

EVERY_ROOM = {
    "types", "errors", "checkpoints", "torchvision_ops", "inputs", "loading", "encoders", "fusion", "tasks", "explain",
    "perturb", "engine", "serving", "training", "evaluate", "benchmark", "ui",
}  # fmt: skip
MAY_KNOW: dict[str, set[str]] = {
    "__init__": {"engine", "serving"},
    "__main__": {"engine", "loading", "checkpoints", "errors", "types"},
    "errors": set(),
    "torchvision_ops": set(),
    "types": {"errors"},
    "checkpoints": {"errors"},
    "inputs": {"errors"},
    "encoders": {"types", "errors", "torchvision_ops"},
    "fusion": {"types", "errors"},
    "explain": {"types", "errors"},
    "perturb": {"types", "errors"},
    "tasks": {"types", "errors", "encoders", "fusion", "explain", "perturb"},
    "loading": {"types", "errors", "checkpoints", "torchvision_ops", "encoders", "fusion", "tasks"},
    "engine": {
        "types",
        "errors",
        "checkpoints",
        "inputs",
        "loading",
        "serving",
        "tasks",
        "encoders",
        "fusion",
        "explain",
        "perturb",
    },
    "serving": {"types", "errors", "inputs", "engine"},
    "training": EVERY_ROOM - {"ui", "serving", "evaluate", "benchmark"},
    "evaluate": EVERY_ROOM - {"ui", "serving", "benchmark"},
    "benchmark": EVERY_ROOM | {""},  # a command, not a room: it times the page as a visitor meets it
    "ui": {"types", "errors", "inputs", "engine", "serving", "training"},
    "app": {"", "ui"},
}

GRADIO = {"gradio", "gradio_client"}
FILES_AND_NETWORK = {
    "os",
    "io",
    "pathlib",
    "socket",
    "urllib",
    "http",
    "requests",
    "httpx",
    "huggingface_hub",
    "tempfile",
}
MUST_NEVER_KNOW: dict[str, set[str]] = {
    "__init__": {"torch", "numpy", "PIL"},
    "__main__": GRADIO | {"torch", "huggingface_hub"},
    "errors": GRADIO | FILES_AND_NETWORK | {"torch", "transformers", "PIL"},
    "torchvision_ops": GRADIO | FILES_AND_NETWORK | {"transformers", "torchvision"},
    "types": GRADIO | FILES_AND_NETWORK | {"transformers", "torchvision", "PIL"},
    "checkpoints": GRADIO | FILES_AND_NETWORK | {"torch", "transformers", "torchvision"},
    "inputs": GRADIO | {"torch", "transformers", "torchvision", "huggingface_hub"},
    "encoders": GRADIO | {"huggingface_hub", "safetensors"},
    "fusion": GRADIO | FILES_AND_NETWORK | {"PIL", "transformers", "tokenizers", "torchvision"},
    "explain": GRADIO | FILES_AND_NETWORK | {"PIL", "transformers", "torchvision", "matplotlib"},
    "perturb": GRADIO | {"huggingface_hub"},
    "tasks": GRADIO | FILES_AND_NETWORK | {"PIL", "transformers", "torchvision", "safetensors"},
    "loading": GRADIO,
    "engine": GRADIO | {"transformers", "torchvision", "huggingface_hub", "safetensors", "tokenizers"},
    "serving": GRADIO,
    "training": GRADIO,
    "evaluate": GRADIO,
    "benchmark": set(),
    "ui": {"torch", "torchvision", "transformers", "huggingface_hub", "safetensors", "tokenizers"},
    "app": GRADIO | {"torch", "numpy", "PIL", "transformers"},
}

NEVER_IMPORTED = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
NEVER_NAMED = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}
DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "huggingface_hub": "huggingface-hub"}
DISTRIBUTIONS |= {"prometheus_client": "prometheus-client"}
AT_THE_TOP = {"app.py", "mmdemo", "tests", "weights", "README.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
AT_THE_TOP |= {"requirements.txt", "pyproject.toml", "Dockerfile", "compose.yaml"}


@functools.cache
def parsed(source: str) -> ast.Module:
    """`ast.parse`, once a text; without the garbage collector, which confuses Python 3.11's parser (a SystemError)."""
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()


def room_of(path: str) -> str:
    """"mmdemo/fusion/base.py" -> "fusion"; "mmdemo/engine/fusion.py" -> "engine"; "app.py" -> "app"."""  # fmt: skip
    parts = Path(path).with_suffix("").parts
    return parts[0] if parts[0] != "mmdemo" else parts[1]


def imports(path: str, source: str) -> Iterator[str]:
    """Dotted names imported anywhere in a file, those inside functions included; "mmdemo.x" for each name x."""
    package = Path(path).parent.parts
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ([module] if module != "mmdemo" else [f"mmdemo.{alias.name}" for alias in node.names])


def import_violations(path: str, source: str) -> list[str]:
    room, found = room_of(path), []
    for name in imports(path, source):
        top, _, rest = name.partition(".")
        if top == "mmdemo":
            other = rest.split(".")[0]
            if other not in MAY_KNOW[room] | {room} and other != "__version__":
                found.append(f"{path} ({room}) must not know {name}")
        elif top in MUST_NEVER_KNOW[room] | NEVER_IMPORTED:
            found.append(f"{path} ({room}) must not import {name}")
        elif room == "app":
            found.append(f"app.py imports {name}; it knows only mmdemo and its page")
    return found


def recipe_violations(path: str, source: str) -> list[str]:
    """Recipes that a recipe, or what recipes share, imports: each is a leaf, to be run or evaluated."""
    if not path.startswith("mmdemo/training/"):
        return []
    found, package, recipes = [], Path(path).parent.parts, "mmdemo.training.recipes"
    for node in ast.walk(ast.parse(source)):
        named = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            named = [f"{module}.{name}" for name in named]
        found += [f"{path} must not know {name}" for name in named if name.startswith(f"{recipes}.")]
    return found


def top_level_imports(path: str, source: str, modules: set[str]) -> set[str]:
    """Modules of the package that a file imports when it is imported itself; not those for type checking alone."""
    package, found = Path(path).parent.parts, set()
    waiting: list[ast.AST] = list(ast.parse(source).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{a.name}" if f"{module}.{a.name}" in modules else module for a in node.names}
    return (found & modules) - {module_of(path)}


def module_of(path: str) -> str:
    """"mmdemo/ui/page.py" -> "mmdemo.ui.page"; "mmdemo/ui/__init__.py" -> "mmdemo.ui"."""  # fmt: skip
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")


def circle(sources: dict[str, str]) -> list[str]:
    """Modules that import each other round and round, as one way through them; [] where none do."""
    modules = {module_of(path) for path in sources}
    knows = {module_of(path): top_level_imports(path, source, modules) for path, source in sources.items()}
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for other in sorted(knows[module]):
            if found := walk(other, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(modules) if (found := walk(module, []))), [])


def size_violations(path: str, source: str) -> list[str]:
    """Lines of the file, and of each function without its docstring."""
    found = []
    lines = len(source.splitlines())
    if lines > (40 if path == "app.py" else 300):
        found.append(f"{path} has {lines} lines")
    for node in ast.walk(parsed(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            documented = ast.get_docstring(node, clean=False) is not None
            length = node.end_lineno - node.lineno + 1 - (first.end_lineno - first.lineno + 1 if documented else 0)
            limit = 80 if node.name == "build" and "/tabs/" in path else 45
            if length >= limit:
                found.append(f"{path}:{node.lineno} {node.name} has {length} lines without its docstring")
    return found


def danger_violations(path: str, source: str) -> list[str]:
    """Ways to run code that came as data."""
    found = []
    for node in ast.walk(parsed(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {k.arg: ast.unparse(k.value) for k in node.keywords}
        if called == "torch.load" and given.get("weights_only") != "True":
            found.append(f"{path}:{node.lineno} torch.load without weights_only=True")
        if given.get("trust_remote_code", "False") != "False" or given.get("allow_pickle", "False") != "False":
            found.append(f"{path}:{node.lineno} {called} would run code that came with the weights")
        if called in ("eval", "exec", "os.system") or given.get("shell") == "True":
            found.append(f"{path}:{node.lineno} {called} runs text as code")
        if called in ("importlib.import_module", "__import__") and room_of(path) not in ("loading", "benchmark"):
            found.append(f"{path}:{node.lineno} {called} hides an import; only the table in loading may name modules")
    return found


def checked_files() -> list[str]:
    return [*NAMES, *(["app.py"] if (ROOT / "app.py").exists() else [])]


@pytest.mark.parametrize("path", checked_files())
def test_a_room_imports_only_what_it_may_know(path: str) -> None:
    assert import_violations(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [name for name in NAMES if name.startswith("mmdemo/training/")])
def test_no_recipe_and_nothing_they_share_imports_a_recipe(path: str) -> None:
    assert recipe_violations(path, (ROOT / path).read_text(encoding="utf-8")) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle({path: (ROOT / path).read_text(encoding="utf-8") for path in NAMES}) == []


@pytest.mark.parametrize("path", checked_files())
def test_files_and_functions_stay_small(path: str) -> None:
    assert size_violations(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", checked_files())
def test_nothing_runs_code_that_came_as_data(path: str) -> None:
    assert danger_violations(path, (ROOT / path).read_text(encoding="utf-8")) == []


def test_no_file_is_empty_or_named_after_a_role() -> None:
    files = [*FILES, *(ROOT / "tests").rglob("*.py")]
    assert [p for p in files if not p.read_text(encoding="utf-8").strip()] == []
    assert [p for p in files if p.name in NEVER_NAMED] == []


def test_every_module_says_what_it_is_and_who_it_knows_is_in_the_table() -> None:
    for path in checked_files():
        assert ast.get_docstring(parsed((ROOT / path).read_text(encoding="utf-8"))), f"{path} has no docstring"
        assert room_of(path) in MAY_KNOW, f"{path} belongs to no room of the table"


def test_every_package_imported_is_in_the_requirements() -> None:
    wanted = {line.split(">")[0].split("=")[0].strip() for line in read("requirements.txt") if line[:1].isalpha()}
    for_training = {line.split(">")[0].strip() for line in read("tests/requirements.txt") if line[:1].isalpha()}
    for path in checked_files():
        for name in imports(path, (ROOT / path).read_text(encoding="utf-8")):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in ("mmdemo", "gradio_client"):  # the latter comes with gradio
                continue
            package = DISTRIBUTIONS.get(top, top)
            extra = EXTRAS.get(room_of(path), set()) | (
                for_training if room_of(path) in ("training", "evaluate") else set()
            )
            assert package in wanted | extra | ALREADY_THERE, f"{path} imports {top}, which no requirements.txt names"


EXTRAS = {"serving": {"ray"}}  # of pyproject.toml; imported inside functions, so that nobody else needs them
ALREADY_THERE = {"starlette", "fastapi", "uvicorn", "h11", "anyio", "tqdm", "httpx"}  # come with gradio or transformers


def read(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def test_every_requirement_has_both_bounds() -> None:
    for line in [*read("requirements.txt"), *read("tests/requirements.txt")]:
        requirement = line.split("#")[0].strip()
        if requirement and not requirement.startswith("-r"):
            assert ">=" in requirement and "<" in requirement, requirement


def test_the_top_of_the_tree_holds_only_what_the_map_names() -> None:
    passing = {"__pycache__", "runs", "build", "dist"}
    there = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and not p.name.endswith(".egg-info")}
    assert there - passing - AT_THE_TOP == set()


@pytest.mark.parametrize(
    ("path", "planted"),
    [
        ("mmdemo/types/tokens.py", "from mmdemo.encoders.base import Encoder"),
        ("mmdemo/types/tokens.py", "import pathlib"),
        ("mmdemo/encoders/clip.py", "def f():\n    from mmdemo import loading"),
        ("mmdemo/encoders/clip.py", "from mmdemo.fusion.base import Fusion"),
        ("mmdemo/encoders/clip.py", "from ..tasks import matching"),
        ("mmdemo/fusion/late.py", "import transformers.models"),
        ("mmdemo/fusion/late.py", "from PIL import Image"),
        ("mmdemo/explain/rollout.py", "import gradio as gr"),
        ("mmdemo/tasks/retrieval.py", "from huggingface_hub import hf_hub_download"),
        ("mmdemo/tasks/retrieval.py", "from mmdemo.loading import load_module"),
        ("mmdemo/loading/modules.py", "import gradio"),
        ("mmdemo/engine/fusion.py", "from mmdemo.ui.page import build_page"),
        ("mmdemo/engine/fusion.py", "from mmdemo import ui"),
        ("mmdemo/training/recipes/x.py", "from mmdemo.ui import text"),
        ("mmdemo/ui/tabs/x.py", "import torch"),
        ("mmdemo/ui/tabs/x.py", "from mmdemo.encoders.resnet import ResNetEncoder"),
        ("mmdemo/training/loop.py", "import pickle"),
        ("mmdemo/__init__.py", "import numpy"),
        ("app.py", "import torch"),
        ("app.py", "import os"),
        ("app.py", "from mmdemo.loading import load_module"),
    ],
)
def test_a_planted_import_is_found(path: str, planted: str) -> None:
    assert len(import_violations(path, planted)) == 1


@pytest.mark.parametrize(
    "planted",
    [
        "from mmdemo.training.recipes.matching import measure",
        "from mmdemo.training.recipes import matching",
        "import mmdemo.training.recipes.matching",
        "from . import matching",
        "from ..recipes.matching import measure",
        "def f():\n    from .matching import measure",
    ],
)
def test_a_planted_recipe_in_a_recipe_is_found(planted: str) -> None:
    assert len(recipe_violations("mmdemo/training/recipes/x.py", planted)) == 1
    assert recipe_violations("mmdemo/evaluate.py", planted) == []


def test_a_planted_recipe_in_what_recipes_share_is_found() -> None:
    assert len(recipe_violations("mmdemo/training/measure/x.py", "from ..recipes import matching")) == 1
    assert recipe_violations("mmdemo/training/measure/x.py", "from . import matching") == []


def test_a_planted_circle_is_found_and_shown() -> None:
    sources = {"mmdemo/a.py": "from mmdemo.b import x", "mmdemo/b.py": "from . import c", "mmdemo/c.py": "import torch"}
    assert circle(sources) == []
    assert circle(sources | {"mmdemo/c.py": "import mmdemo.a"}) == ["mmdemo.a", "mmdemo.b", "mmdemo.c", "mmdemo.a"]
    late = "if TYPE_CHECKING:\n    import mmdemo.a\ndef f():\n    from mmdemo import a"
    assert circle(sources | {"mmdemo/c.py": late}) == []
    assert circle({"mmdemo/a/__init__.py": "from mmdemo.a.b import x", "mmdemo/a/b.py": "from mmdemo.a import x"})


@pytest.mark.parametrize(
    ("path", "planted"),
    [
        ("mmdemo/engine/fusion.py", "x = 1\n" * 301),
        ("app.py", "x = 1\n" * 41),
        ("mmdemo/engine/fusion.py", "def f():\n" + "    x = 1\n" * 45),
        ("mmdemo/ui/tabs/x.py", "def build():\n" + "    x = 1\n" * 80),
    ],
)
def test_a_planted_giant_is_found(path: str, planted: str) -> None:
    assert len(size_violations(path, planted)) == 1


@pytest.mark.parametrize(
    "planted",
    [
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "np.load(path, allow_pickle=True)",
        "eval(text)",
        "subprocess.run(text, shell=True)",
        "importlib.import_module(name)",
    ],
)
def test_a_planted_danger_is_found(planted: str) -> None:
    assert len(danger_violations("mmdemo/engine/fusion.py", planted)) == 1
