"""A row comes here from a small Hub: whole, cut, damaged, slow, killed, twice at once, on a full or closed disk."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mmdemo import loading
from mmdemo.errors import WeightsError
from mmdemo.loading import fetching, hub
from mmdemo.ui.phrases import ERRORS
from mmdemo.ui.text import Say
from tests.hub.server import Fault

ROOT = Path(__file__).resolve().parents[2]
FETCH = """
import sys
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.loading import fetch
from tests.encoders.test_dual_encoders import row_of
for progress in fetch(row_of("tiny")):
    print(progress.state, progress.done, flush=True)
"""


def size_of(repositories: Path, row) -> int:
    return sum((repositories / "tests" / "tiny" / name).stat().st_size for name in row.hub.files)


def failure(row, cache: Path, **given) -> WeightsError:
    """Why a fetch fails; its sentences are those of the page, in both languages, and tell no path of this disk."""
    with pytest.raises(WeightsError) as caught:
        list(loading.fetch(row, **given))
    error = caught.value
    assert error.code in ERRORS and Say("en").error(error) == str(error)
    chinese = Say("zh").error(error)
    assert re.search(r"[\u4e00-\u9fff]", chinese) and "{" not in chinese
    for sentence in (str(error), chinese):
        assert "`python -m mmdemo fetch tiny`" in sentence
        assert str(cache) not in sentence and "/tmp" not in sentence
    return error


def gets(server, file: str) -> list[str]:
    """The ranges of every request for a file's bytes."""
    return [asked for method, path, asked in server.requests if method == "GET" and path == f"cdn/tests/tiny/{file}"]


def start(server, cache: Path, **environment: str) -> subprocess.Popen:
    given = {"HF_ENDPOINT": server.address, "HF_HUB_CACHE": str(cache / "hub"), "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-c", FETCH]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | given | environment, stdout=subprocess.PIPE, text=True)


# ---- all goes well


def test_a_first_fetch_brings_the_rows_files_and_no_others_and_locks_them(server, row, cache, repositories):
    (repositories / "tests" / "tiny" / "pytorch_model.bin").write_bytes(b"a pickle")
    (repositories / "tests" / "tiny" / "modeling.py").write_text("print('code')")
    items = list(loading.fetch(row))
    total = size_of(repositories, row)
    assert (items[-1].state, items[-1].done, items[-1].total) == ("done", total, total)
    assert [item.done for item in items] == sorted(item.done for item in items)
    assert loading.is_here(row) and server.sent == total
    place = hub.folder(row)
    assert sorted(path.name for path in place.iterdir()) == sorted(row.hub.files)
    assert all(
        (place / name).read_bytes() == (repositories / "tests/tiny" / name).read_bytes() for name in row.hub.files
    )
    lock = json.loads((cache / hub.LOCK).read_text())["tests/tiny"]
    assert lock["commit"] == server.commit("tests/tiny") == place.name
    for name, file in lock["files"].items():
        assert file == {"size": (place / name).stat().st_size, "sha256": hub.sha256_of(place / name)}
    asked = " ".join(path for _, path, _ in server.requests)
    assert "pytorch_model.bin" not in asked and "modeling.py" not in asked
    (repositories / "tests" / "tiny" / "pytorch_model.bin").unlink()
    (repositories / "tests" / "tiny" / "modeling.py").unlink()


def test_what_is_here_is_not_asked_for_again(server, row):
    list(loading.fetch(row))
    asked = len(server.requests)
    assert [item.state for item in loading.fetch(row)] == ["done"]
    assert [item.state for item in loading.fetch(row, offline=True)] == ["done"]
    assert len(server.requests) == asked


def test_a_branch_that_moved_does_not_move_what_was_locked(server, row, repositories):
    list(loading.fetch(row))
    commit = hub.locked(row)[0]
    before = (repositories / "tests/tiny/config.json").read_text()
    (repositories / "tests/tiny/config.json").write_text(before + " ")
    try:
        assert server.commit("tests/tiny") != commit
        assert [item.state for item in loading.fetch(row)] == ["done"] and hub.locked(row)[0] == commit
        pinned = replace(row, hub=replace(row.hub, revision=server.commit("tests/tiny")))
        assert not loading.is_here(pinned)  # the table names another commit than was fetched
        assert "was fetched, the table names" in next(loading.differences(pinned))
        list(loading.fetch(pinned))
        assert hub.locked(pinned)[0] == pinned.hub.revision and loading.is_here(pinned)
    finally:
        (repositories / "tests/tiny/config.json").write_text(before)


def test_a_row_that_gained_a_file_stays_at_the_commit_that_was_locked(server, row, repositories):
    list(loading.fetch(replace(row, hub=replace(row.hub, files=row.hub.files[:-1], revision="refs/pr/1"))))
    assert not loading.is_here(row)
    list(loading.fetch(row))
    asked = [path.rpartition("/revision/")[2] for _, path, _ in server.requests if path.startswith("api/")]
    assert asked == ["refs/pr/1", server.commit("tests/tiny")]
    assert loading.is_here(row) and server.sent == size_of(repositories, row)


def test_a_file_that_was_damaged_here_is_found_and_fetched_again(server, row):
    list(loading.fetch(row))
    path = hub.folder(row) / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(b"\0" + content[1:])
    assert [line.split(" has ")[0] for line in loading.differences(row)] == ["model.safetensors"]
    sent = server.sent
    assert list(loading.fetch(row))[-1].state == "done"
    assert path.read_bytes() == content and server.sent - sent == len(content)
    assert list(loading.differences(row)) == []


def test_huggingface_hubs_own_download_takes_the_small_hub_for_a_real_one(server, row, cache):
    from huggingface_hub import HfApi, hf_hub_download

    told = HfApi(endpoint=server.address).model_info("tests/tiny", files_metadata=True)
    assert told.sha == server.commit("tests/tiny")
    known = {s.rfilename: s for s in told.siblings}
    for name in ("config.json", "model.safetensors"):
        path = hf_hub_download("tests/tiny", name, cache_dir=cache / "other", endpoint=server.address)
        assert Path(path).stat().st_size == known[name].size
    assert known["model.safetensors"].lfs.sha256 == hub.sha256_of(Path(path))


# ---- cut, slow, killed, twice


def test_a_connection_that_breaks_is_gone_on_with(server, row, repositories):
    server.fault = Fault("model.safetensors", cut=20_000, times=2)
    assert list(loading.fetch(row))[-1].state == "done"
    assert gets(server, "model.safetensors") == ["", "bytes=20000-", "bytes=20000-"]
    assert server.sent == size_of(repositories, row)


def test_a_fetch_that_was_cut_goes_on_the_next_time(server, row, cache, repositories):
    server.fault = Fault("model.safetensors", cut=20_000)
    error = failure(row, cache)
    assert error.code == "fetch_cut" and error.values["done"] == "20 kB" and not loading.is_here(row)
    assert len(gets(server, "model.safetensors")) == 1 + fetching.TRIES
    server.fault = Fault()
    assert list(loading.fetch(row))[-1].state == "done"
    assert gets(server, "model.safetensors")[-1] == "bytes=20000-"
    assert server.sent == size_of(repositories, row)


def test_a_server_that_knows_no_ranges_sends_the_whole_file_once_more(server, row, repositories):
    server.fault = Fault("model.safetensors", cut=20_000, times=1)
    for _ in loading.fetch(row):
        if server.fault.times == 0:
            server.fault = Fault(ranges=False)
    assert loading.is_here(row) and server.sent == size_of(repositories, row) + 20_000


def test_progress_moves_while_the_hub_is_slow_and_leaving_it_cancels(server, row, repositories):
    server.fault = Fault("model.safetensors", slow=0.02)
    seen = []
    for progress in loading.fetch(row):
        seen.append(progress.done)
        if progress.file == "model.safetensors" and len(set(seen)) > 12:
            break
    size = (repositories / "tests/tiny/model.safetensors").stat().st_size
    steps = [b - a for a, b in zip(seen, seen[1:], strict=False) if b > a]
    assert max(steps) < size / 3 and not loading.is_here(row)
    kept = next(hub.cache().rglob("*.incomplete")).stat().st_size
    assert 0 < kept < size
    server.fault = Fault()
    assert list(loading.fetch(row))[-1].state == "done"
    assert gets(server, "model.safetensors")[-1] == f"bytes={kept}-"


def test_a_process_that_is_killed_leaves_nothing_damaged_and_the_next_one_goes_on(server, row, cache, repositories):
    server.fault = Fault("model.safetensors", slow=0.05)
    with start(server, cache) as process:
        deadline = time.time() + 60
        while not (parts := [p for p in cache.rglob("model*.incomplete") if p.stat().st_size > 16_000]):
            assert time.time() < deadline and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    kept = parts[0].stat().st_size
    assert not loading.is_here(row) and list(loading.differences(row)) == []
    server.fault = Fault()
    assert list(loading.fetch(row))[-1].state == "done"
    assert gets(server, "model.safetensors")[-1] == f"bytes={kept}-"
    assert list(cache.rglob("*.incomplete")) == [] and list(loading.differences(row)) == []


def test_two_processes_at_once_download_once(server, row, cache, repositories):
    server.fault = Fault("model.safetensors", slow=0.02)
    with start(server, cache) as first, start(server, cache) as second:
        said = [process.communicate(timeout=120)[0].splitlines() for process in (first, second)]
    assert [lines[-1].split()[0] for lines in said] == ["done", "done"]
    assert server.sent == size_of(repositories, row)
    assert loading.is_here(row) and list(loading.differences(row)) == []


# ---- what goes wrong is said


def test_offline_no_request_is_sent(server, row, cache, monkeypatch):
    assert failure(row, cache, offline=True).code == "fetch_offline"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert failure(row, cache).code == "fetch_offline"
    assert server.requests == []


def test_no_route(server, row, cache, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert failure(row, cache).code == "fetch_no_route"


@pytest.mark.parametrize("file", ["info", "model.safetensors"])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "fetch_denied"), (403, "fetch_denied"), (404, "fetch_gone"), (429, "fetch_server"),
        (500, "fetch_server"), (503, "fetch_server"),
    ],
)  # fmt: skip
def test_an_answer_that_refuses(server, row, cache, file, status, code):
    server.fault = Fault(file, status=status)
    error = failure(row, cache)
    assert error.code == code and error.values["status"] == status and str(status) in str(error)
    assert not loading.is_here(row)


def test_a_repository_a_revision_and_a_file_that_are_not_there(server, row, cache):
    gone = replace(row, hub=replace(row.hub, repository="tests/gone"))
    assert failure(gone, cache).values["repository"] == "tests/gone"
    moved = replace(row, hub=replace(row.hub, revision="0" * 40))
    assert failure(moved, cache).code == "fetch_gone"
    more = replace(row, hub=replace(row.hub, files=(*row.hub.files, "merges.txt")))
    error = failure(more, cache)
    assert (error.code, error.values["file"]) == ("fetch_no_file", "merges.txt")
    assert server.sent == 0


def test_a_row_that_names_a_pickle_is_not_fetched(server, row, cache, repositories):
    (repositories / "tests/tiny/pytorch_model.bin").write_bytes(b"a pickle")
    pickled = replace(row, hub=replace(row.hub, files=("config.json", "pytorch_model.bin")))
    assert failure(pickled, cache).code == "fetch_kind" and server.sent == 0
    (repositories / "tests/tiny/pytorch_model.bin").unlink()


def test_a_wrong_checksum_is_deleted_and_said(server, row, cache):
    server.fault = Fault("model.safetensors", flipped=True)
    error = failure(row, cache)
    assert error.code == "fetch_checksum" and error.values["file"] == "model.safetensors"
    assert list(cache.rglob("model.safetensors*")) == [] and not loading.is_here(row)
    server.fault = Fault()
    assert list(loading.fetch(row))[-1].state == "done"


def test_a_settings_file_other_than_the_locked_one_is_deleted_and_said(server, row, cache):
    list(loading.fetch(row))
    path = hub.folder(row) / "config.json"  # the Hub says no sha256 of it; the lock does
    path.unlink()
    server.fault = Fault("config.json", flipped=True)
    assert failure(row, cache).code == "fetch_checksum" and not path.exists()


def test_a_file_that_is_shorter_than_announced(server, row, cache, repositories):
    server.fault = Fault("model.safetensors", shorter=1000)
    error = failure(row, cache)
    assert error.code == "fetch_cut" and not loading.is_here(row)
    server.fault = Fault()
    assert list(loading.fetch(row))[-1].state == "done"
    assert server.sent == size_of(repositories, row)


def test_too_little_room_is_said_before_a_byte_comes(server, row, cache, monkeypatch):
    monkeypatch.setattr(hub, "free_disk", lambda: 5_000_000 // 1000)
    error = failure(row, cache)
    assert error.code == "fetch_no_space" and server.sent == 0
    assert error.values["free"] == "5 kB" and error.values["need"].endswith(" kB")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which has no room")
def test_a_disk_that_fills_while_it_writes(server, row, cache):
    part = hub.snapshot(row, server.commit("tests/tiny")) / "model.safetensors.incomplete"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    assert failure(row, cache).code == "fetch_no_space" and not loading.is_here(row)
    part.unlink()  # there is room again
    assert list(loading.fetch(row))[-1].state == "done"


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_cache_that_cannot_be_written(server, row, cache, monkeypatch, number):
    def closed(self, *args, **given):
        raise OSError(number, os.strerror(number), str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", closed)
        error = failure(row, cache)
    assert (error.code, error.values["why"]) == ("fetch_closed", errno.errorcode[number])
    list(loading.fetch(row))
    monkeypatch.setattr(Path, "mkdir", closed)
    monkeypatch.setattr(Path, "write_text", closed)
    assert [item.state for item in loading.fetch(row)] == ["done"]  # what is here needs no writing


def test_what_is_no_hub_is_no_route(server, row, cache, monkeypatch):
    """A network's login page answers everything with a page of HTML."""
    monkeypatch.setattr(type(server), "commit", lambda self, repository: "main")
    assert failure(row, cache).code == "fetch_no_route"


def test_every_reason_has_its_sentence_on_the_page():
    for code, said in fetching.SAID.items():
        assert ERRORS[code][0] == f"{said}, then run `python -m mmdemo fetch {{name}}`."
