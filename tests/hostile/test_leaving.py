"""Starting where one cannot, and leaving in the middle of work."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile import pictures
from tests.hostile.wire import Visitor, detail
from tests.serve import ROOT, running

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_under_load_it_answers_what_it_has_and_takes_nothing_new(tmp_path: Path, number: int):
    log, uploads, go = tmp_path / "log", tmp_path / "uploads", tmp_path / "go"
    with running("slow", uploads, log, MMDEMO_TEST_GO=str(go)) as server, ThreadPoolExecutor(8) as pool:
        visitors = [Visitor(server.address) for _ in range(4)]
        visitors[0].photo("a.png", pictures.with_place(kind="PNG"))
        posted = [visitor.ask_for("sentiment", [None, f"held {n}"]) for n, visitor in enumerate(visitors)]
        events = [json.loads(answer.body)["event_id"] for answer in posted]
        heard = [pool.submit(one.heard, "sentiment", event) for one, event in zip(visitors, events, strict=True)]
        time.sleep(1.0)
        server.process.send_signal(number)
        time.sleep(0.5)
        late = Visitor(server.address).ask_for("sentiment", [None, "late"])
        go.touch()
        assert late.status == 503 and "shutting down" in detail(late)
        assert [job.result()[0] for job in heard] == ["complete"] * 4
        assert server.process.wait(30) == 0
    assert "Traceback" not in log.read_text() and "abort" not in log.read_text().lower()
    assert list(uploads.rglob("a.png")) == []


@posix
def test_work_that_takes_too_long_does_not_keep_it_from_leaving(tmp_path: Path):
    with running("slow", tmp_path / "u", tmp_path / "log", MMDEMO_TEST_PARTS=str(tmp_path / "parts")) as server:
        visitor = Visitor(server.address)
        photo = visitor.photo("a.png", pictures.with_place(kind="PNG"))
        visitor.ask_for("faithfulness", [photo, "a lion", *[None] * 6])
        end = time.monotonic() + 30
        while not (tmp_path / "parts").exists() and time.monotonic() < end:
            time.sleep(0.1)
        server.process.terminate()
        assert server.process.wait(40) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


@posix
def test_what_a_killed_server_left_is_neither_served_nor_kept_by_the_next(tmp_path: Path):
    with running("fake", tmp_path / "uploads") as server:
        path = Visitor(server.address).photo("a.png", pictures.with_place(kind="PNG"))["path"]
        server.process.kill()
        server.process.wait(30)
    assert Path(path).exists()
    with running("fake", tmp_path / "uploads") as server:
        assert Visitor(server.address).file(path).status == 403
        assert not Path(path).exists()


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """`tests.serve` where it should not start."""
    return subprocess.run(
        [sys.executable, "-m", "tests.serve", "fake"], cwd=ROOT, env=os.environ | environment, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip


def test_a_taken_port_is_said_and_nothing_is_served_elsewhere(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = started(GRADIO_SERVER_PORT=port, GRADIO_TEMP_DIR=str(tmp_path))
    assert done.returncode == 1 and "http" not in done.stdout and "Traceback" not in done.stderr
    assert f"Port {port} is taken" in done.stderr and f"端口 {port} 已被占用" in done.stderr


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("I am no folder")
    done = started(GRADIO_TEMP_DIR=str(tmp_path / "file" / "uploads"), GRADIO_SERVER_PORT="0")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr and "上传文件夹写不进去" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_up_later_is_said_to_whoever_uploads(tmp_path: Path):
    with running("fake", tmp_path / "uploads", tmp_path / "log") as server:
        incoming = tmp_path / "uploads" / "incoming"
        incoming.parent.mkdir(exist_ok=True)
        if incoming.exists():
            incoming.rmdir()
        incoming.symlink_to("/dev/full")
        answer = Visitor(server.address).upload("a.png", pictures.with_place(kind="PNG"))
        assert answer.status == 507 and "no room" in json.loads(answer.body)["detail"]
    assert "Traceback" not in (tmp_path / "log").read_text()
