"""The engine is put together from services that share one `Models`: nothing is inherited, nothing private is shared."""

import ast
import inspect
from pathlib import Path

import pytest

from mmdemo.engine import Engine
from mmdemo.engine.models import Models
from tests.fakes import FakeEngine

FILES = sorted((Path(__file__).resolve().parents[2] / "mmdemo" / "engine").glob("*.py"))
PLANTED = "class Service:\n    def ask(self):\n        return self.models._read() + self._own()\n"


def foreign_privates(source: str) -> list[str]:
    """Names with an underscore that are asked of anything but `self` or `cls`, or imported from another file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and private(node.attr):
            owner = node.value
            if not (isinstance(owner, ast.Name) and owner.id in ("self", "cls")):
                found.append(ast.unparse(node))
        if isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names if private(alias.name)]
    return found


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_a_planted_private_is_found() -> None:
    assert foreign_privates(PLANTED) == ["self.models._read"]
    assert foreign_privates("from mmdemo.engine.models import _key") == ["_key"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_private_attribute_crosses_a_file(path: Path) -> None:
    assert foreign_privates(path.read_text(encoding="utf-8")) == []


def test_the_engine_inherits_nothing_and_its_services_neither() -> None:
    engine = Engine(device="cpu", offline=True)
    assert Engine.__bases__ == (object,)
    services = [part for part in vars(engine).values() if not isinstance(part, Models)]
    assert len(services) == 11
    for service in services:
        assert type(service).__bases__ == (object,)
        assert service.models is engine.models


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def test_every_question_of_the_engine_is_one_call_to_the_code_that_runs() -> None:
    for name in public(Engine):
        member = inspect.getattr_static(Engine, name)
        function = member.fget if isinstance(member, property) else member
        (definition,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function))).body
        assert ast.get_docstring(definition) and len(definition.body) == 2, name


def test_the_stand_in_is_asked_as_the_engine_is() -> None:
    own = {"similarity", "calls"}  # what tests look into
    assert public(FakeEngine) - public(Engine) - own == set()
    for name in public(FakeEngine) & public(Engine):
        real, fake = (inspect.getattr_static(cls, name) for cls in (Engine, FakeEngine))
        if inspect.isfunction(real):
            assert list(inspect.signature(fake).parameters) == list(inspect.signature(real).parameters), name
