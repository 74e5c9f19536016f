"""`python -m mmdemo fetch` and `doctor`, as whoever owns the machine meets them."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import mmdemo.__main__ as command
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import hub
from tests.hub.server import Fault

ROOT = Path(__file__).resolve().parents[2]
AS_A_COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts the tests may ignore it
from mmdemo.__main__ import main
from mmdemo.checkpoints import CHECKPOINTS
from tests.encoders.test_dual_encoders import row_of
CHECKPOINTS["tiny"] = row_of("tiny")
sys.exit(main(sys.argv[1:]))
"""


def test_without_a_name_fetch_lists_the_rows(server, row, capsys):
    assert command.main(["fetch"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name} " in said for name, one in CHECKPOINTS.items() if one.hub) and "not here" in said
    assert server.requests == []


def test_fetch_says_size_and_free_disk_first_and_the_commit_last(server, row, capsys, monkeypatch):
    monkeypatch.setenv("MMDEMO_MODELS", "none")  # binds visitors, not whoever sits here
    monkeypatch.setenv("MMDEMO_MEMORY_GB", "0.0000000001")
    assert command.main(["fetch", "tiny"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "MIT" in lines[0] and "disk free" in lines[0]
    assert lines[-1].endswith(server.commit("tests/tiny"))
    assert any("model.safetensors" in line for line in lines[1:-1])


def test_all_goes_on_behind_a_row_that_fails(server, row, capsys, monkeypatch):
    hub_rows = [name for name, one in CHECKPOINTS.items() if one.hub and name != "tiny"]
    for name in reversed(hub_rows):  # they are put back last first, each at the end: in the table's order
        monkeypatch.delitem(CHECKPOINTS, name)
    gone = replace(row, name="gone", hub=replace(row.hub, repository="tests/gone"))
    monkeypatch.setattr(command, "rows", lambda: {"gone": gone, "tiny": row})
    assert command.main(["fetch", "all"]) == 1
    said = capsys.readouterr()
    assert "python -m mmdemo fetch gone" in said.err and "tiny: here" in said.out
    assert command.main(["fetch", "nobody"]) == 1
    assert "'tiny', 'all'" in capsys.readouterr().err


def test_doctor_compares_what_is_here_with_the_lock_and_the_lock_with_the_row(server, row, capsys, monkeypatch):
    assert command.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "huggingface-hub" in said and "device" in said and "of memory" in said
    command.main(["fetch", "tiny"])
    monkeypatch.setenv("MMDEMO_MODELS", "clip_b32")
    assert command.main(["doctor"]) == 0
    assert "here, refused to visitors (not_offered), commit" in capsys.readouterr().out
    monkeypatch.delenv("MMDEMO_MODELS")
    assert command.main(["doctor"]) == 0
    assert f"commit {server.commit('tests/tiny')}" in capsys.readouterr().out
    place = hub.folder(row)
    model, settings = (place / name for name in ("model.safetensors", "config.json"))
    model.write_bytes(b"\0" + model.read_bytes()[1:])
    settings.write_text("{}")
    (place / "tokenizer.json").unlink()
    assert command.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "model.safetensors has sha256" in said and "config.json has 2 bytes" in said
    assert "tokenizer.json is missing" in said and said.count("`python -m mmdemo fetch tiny`") == 3
    assert command.main(["fetch", "tiny"]) == command.main(["doctor"]) == 0
    pinned = replace(row, hub=replace(row.hub, revision="a" * 40))
    monkeypatch.setitem(CHECKPOINTS, "tiny", pinned)
    assert command.main(["doctor"]) == 1
    assert f"the table names {'a' * 40}" in capsys.readouterr().out


def test_control_c_says_that_it_goes_on_the_next_time(server, row, cache):
    server.fault = Fault("model.safetensors", slow=0.05)
    given = {"HF_ENDPOINT": server.address, "HF_HUB_CACHE": str(cache / "hub"), "HF_HUB_OFFLINE": "0"}
    start = [sys.executable, "-c", AS_A_COMMAND, "fetch", "tiny"]
    with subprocess.Popen(start, cwd=ROOT, env=os.environ | given, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.time() + 60
        while not list(cache.rglob("model*.incomplete")):
            assert time.time() < deadline and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130 and "the same command goes on from there" in said
    assert "Traceback" not in said
    server.fault = Fault()
    assert command.main(["fetch", "tiny"]) == 0 and hub.is_here(row)


def test_the_small_hub_runs_in_a_process_of_its_own_too(server, row, repositories, monkeypatch):
    start = [sys.executable, "-m", "tests.hub.server", str(repositories), "--slow", "0.001"]
    with subprocess.Popen(start, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        monkeypatch.setenv("HF_ENDPOINT", process.stdout.readline().strip())
        assert command.main(["fetch", "tiny"]) == 0 and hub.is_here(row)
        process.terminate()
    assert server.requests == []


def test_a_command_that_is_none_is_explained(capsys):
    with pytest.raises(SystemExit) as caught:
        command.main([])
    assert caught.value.code == 2 and "fetch" in capsys.readouterr().err
