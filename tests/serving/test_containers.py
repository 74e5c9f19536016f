"""The container files do what the README's one line does. No container engine runs here: they are read, not built."""

import re
from pathlib import Path

import pytest
import yaml

from mmdemo.ui.gate.health import ALIVE

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PAGES = [name for name, service in COMPOSE["services"].items() if "build" in service]


def test_it_installs_and_starts_as_the_readme_says():
    one_line = next(line for line in (ROOT / "README.md").read_text().splitlines() if line.endswith("python app.py"))
    assert "pip install -r requirements.txt" in one_line
    assert re.search(r"^RUN pip install .*-r requirements.txt$", DOCKERFILE, re.MULTILINE)
    assert 'CMD ["python", "app.py"]' in DOCKERFILE


def test_its_python_is_one_that_the_package_takes():
    minor = int(re.search(r"^FROM python:3\.(\d+)-slim$", DOCKERFILE, re.MULTILINE)[1])
    lowest, above = re.search(
        r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text()
    ).groups()
    assert int(lowest) <= minor < int(above)


def test_it_runs_as_nobody_special_with_a_health_check_and_no_secret():
    assert DOCKERFILE.index("\nUSER visitor") > DOCKERFILE.index("\nRUN useradd") > DOCKERFILE.index("\nCOPY weights")
    assert f":7860{ALIVE}'" in DOCKERFILE.partition("HEALTHCHECK")[2]
    for text in (DOCKERFILE, str(COMPOSE)):
        assert not re.search(r"token|secret|password|api_?key", text, re.IGNORECASE)


def test_only_what_is_copied_reaches_the_engine():
    first, *let_in = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("**")]
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    assert first == "*"
    assert {line.removeprefix("!") for line in let_in} == copied
    assert all((ROOT / name).exists() for name in copied)


def test_there_is_a_profile_for_a_cpu_a_gpu_and_two_pages_behind_the_proxy():
    by_profile = {profile: [] for service in COMPOSE["services"].values() for profile in service["profiles"]}
    for name, service in COMPOSE["services"].items():
        by_profile[service["profiles"][0]].append(name)
    assert by_profile == {"cpu": ["cpu"], "gpu": ["gpu"], "pages": ["page-1", "page-2", "proxy"]}
    [device] = COMPOSE["services"]["gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia"
    [file] = COMPOSE["services"]["proxy"]["volumes"]
    proxied = (ROOT / file.partition(":")[0]).read_text()
    assert all(f"{name}:7860" in proxied for name in by_profile["pages"] if name != "proxy")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_a_container_has_time_to_leave_and_listens_to_this_machine_alone(name: str):
    service = COMPOSE["services"][name]
    assert service["stop_grace_period"] == "12s"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
