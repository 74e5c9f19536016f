"""A small Hub on this machine: repositories from FOLDER/OWNER/NAME, answered as huggingface.co does.

    with hub(folder) as server:                # in a thread
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        server.fault = Fault(status=500)       # from now on

    python -m tests.hub.server FOLDER [--slow SECONDS]    # in a process of its own; prints its address

Large files (safetensors) are kept as the Hub keeps them: `resolve` sends to another address for them, and says their
sha256. A repository's commit moves when its files change.
"""

import argparse
import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

PIECE = 8192
LARGE = ".safetensors"


@dataclass
class Fault:
    """What goes wrong with requests from now on.

    Args:
        file: only requests that end so; "" is all of them, "info" the list of files.
        status: answered instead of the file; 0 is none.
        cut: byte of the file where the connection breaks; -1 is never.
        shorter: bytes that are left out at the end of the file, its size said accordingly.
        flipped: True changes the file's first byte.
        slow: seconds between two pieces.
        ranges: False sends whole files, whatever range was asked.
        times: requests that meet it; after them all is well.
    """

    file: str = ""
    status: int = 0
    cut: int = -1
    shorter: int = 0
    flipped: bool = False
    slow: float = 0.0
    ranges: bool = True
    times: int = 1_000_000


class Hub(ThreadingHTTPServer):
    """The server, what it was asked, and how much it gave.

    Args:
        folder: of repositories.

    Attributes:
        fault: what goes wrong.
        requests: (method, path, range) of each.
        sent: bytes of files.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.fault = folder, Fault()
        self.requests: list[tuple[str, str, str]] = []
        self.sent = 0
        self._guard = threading.Lock()

    def count(self, sent: int) -> None:
        """So many bytes more, from one of several threads."""
        with self._guard:
            self.sent += sent

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def commit(self, repository: str) -> str:
        """40 hex digits that stand for the files as they are: their names, sizes and times."""
        files = sorted(path for path in (self.folder / repository).rglob("*") if path.is_file())
        known = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return hashlib.sha1(repr(known).encode()).hexdigest()

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that leave are what the tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        """/api/models/REPOSITORY/revision/REVISION, /REPOSITORY/resolve/REVISION/FILE, /cdn/REPOSITORY/FILE."""
        path = unquote(self.path.partition("?")[0]).strip("/")
        self.server.requests.append((self.command, path, self.headers.get("Range", "")))
        fault = self.meets(path)
        repository, _, rest = path.partition("/resolve/")
        revision, _, file = rest.partition("/")
        if fault.status:
            self.fail(fault.status, "")
        elif path.startswith("api/models/"):
            repository, _, revision = path.removeprefix("api/models/").partition("/revision/")
            if self.check(repository, revision or "main"):
                self.info(repository)
        elif path.startswith("cdn/"):
            _, owner, name, file = path.split("/", 3)
            self.send(f"{owner}/{name}", file, fault)
        elif self.check(repository, revision, file):
            if file.endswith(LARGE):
                self.redirect(repository, file)
            else:
                self.send(repository, file, fault)

    def meets(self, path: str) -> Fault:
        """The fault that this request meets, and one fewer left of it."""
        fault = self.server.fault
        on_its_way = self.command == "GET" and not (path.endswith(LARGE) and "/resolve/" in path)
        meant = path.startswith("api/") if fault.file == "info" else path.endswith(fault.file)
        if not meant or fault.times <= 0 or not (on_its_way or fault.status):
            return Fault()
        fault.times -= 1
        return fault

    def check(self, repository: str, revision: str, file: str = "") -> bool:
        """Whether repository, revision and file exist; otherwise 404, as the Hub words it."""
        folder = self.server.folder / repository
        if not folder.is_dir():
            self.fail(404, "RepoNotFound")
        elif revision not in ("main", "refs/pr/1", self.server.commit(repository)):
            self.fail(404, "RevisionNotFound")
        elif file and not (folder / file).is_file():
            self.fail(404, "EntryNotFound")
        else:
            return True
        return False

    def info(self, repository: str) -> None:
        folder, siblings = self.server.folder / repository, []
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            content = path.read_bytes()
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            lfs = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            large = {"lfs": lfs} if path.suffix == LARGE else {}
            name = str(path.relative_to(folder))
            siblings.append({"rfilename": name, "size": len(content), "blobId": blob, **large})
        commit = self.server.commit(repository)
        told = {"id": repository, "modelId": repository, "sha": commit, "siblings": siblings, "tags": []}
        body = json.dumps(told).encode()
        self.head(200, {"Content-Type": "application/json", "Content-Length": len(body)})
        if self.command == "GET":
            self.wfile.write(body)

    def redirect(self, repository: str, file: str) -> None:
        self.head(302, {**self.about(repository, file), "Location": f"/cdn/{repository}/{file}", "Content-Length": 0})

    def about(self, repository: str, file: str) -> dict[str, object]:
        content = (self.server.folder / repository / file).read_bytes()
        large = file.endswith(LARGE)
        etag = hashlib.sha256(content) if large else hashlib.sha1(b"blob %d\0" % len(content) + content)
        linked = {"X-Linked-Etag": f'"{etag.hexdigest()}"', "X-Linked-Size": len(content)} if large else {}
        return {"X-Repo-Commit": self.server.commit(repository), "ETag": f'"{etag.hexdigest()}"', **linked}

    def send(self, repository: str, file: str, fault: Fault) -> None:
        """The file, or the range of it that was asked for, with all that goes wrong."""
        content = (self.server.folder / repository / file).read_bytes()
        content = content[: len(content) - fault.shorter]
        content = bytes([content[0] ^ 1]) + content[1:] if fault.flipped else content
        asked = self.headers.get("Range", "") if fault.ranges else ""
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        if start and start >= len(content):
            return self.fail(416, "")
        span = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if asked else {}
        about = {**self.about(repository, file), "Accept-Ranges": "bytes", "Content-Length": len(content) - start}
        self.head(206 if asked else 200, {**about, **span})
        if self.command == "HEAD":
            return None
        for at in range(start, len(content), PIECE):
            ends = 0 <= fault.cut <= at + PIECE
            piece = content[at : max(at, fault.cut) if ends else at + PIECE]
            self.server.count(len(piece))  # before: whoever has it all may look at once
            try:
                self.wfile.write(piece)
            except OSError:
                self.server.count(-len(piece))
                raise
            if ends:
                return None
            time.sleep(fault.slow)
        return None

    def fail(self, status: int, code: str) -> None:
        self.head(status, {**({"X-Error-Code": code} if code else {}), "Content-Length": 0})

    def head(self, status: int, headers: dict[str, object]) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")  # nothing is answered any more when the block has ended
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: `Hub.requests` has them."""


@contextlib.contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    """A Hub over a folder of repositories, for as long as the block runs."""
    with Hub(folder) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds between two pieces of 8 kB")
    given = parser.parse_args()
    with Hub(given.folder) as running:
        running.fault = Fault(slow=given.slow)
        print(running.address, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            running.serve_forever()
