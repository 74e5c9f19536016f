"""Two pages over the stand-in engine behind nginx or Caddy, as `mmdemo/serving/deploy/` configures them."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mmdemo import serving
from tests.serve import Running, running

DEPLOY = Path(serving.__file__).parent / "deploy"
SBIN = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))  # Debian's place for nginx


def program(name: str) -> str | None:
    """Where nginx or caddy is; None where it is not installed."""
    return shutil.which(name, path=SBIN)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def command(name: str, folder: Path, pages: list[str], port: int) -> tuple[list[str], dict[str, str]]:
    """How a proxy is started in front of some "host:port", and its environment; nothing is written but in `folder`."""
    path = program(name) or name
    if name == "caddy":
        given = {"MMDEMO_ADDRESS": f"http://127.0.0.1:{port}", "MMDEMO_PAGES": " ".join(pages), "HOME": str(folder)}
        return [path, "run", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")], os.environ | given
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace("listen 8000", f"listen 127.0.0.1:{port}")
    text = text.replace("/tmp/", f"{folder}/")
    for i, page in enumerate(pages, start=1):
        text = text.replace(f"page-{i}:7860", page)
    assert not re.search(r"page-\d", text)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return [path, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"], dict(os.environ)


@dataclass
class Behind:
    """A proxy's address, and what stands behind it."""

    address: str
    pages: list[Running]


@contextlib.contextmanager
def proxied(name: str, folder: Path, engine: str = "fake") -> Iterator[Behind]:
    """Two pages behind a proxy, for as long as the block runs."""
    with contextlib.ExitStack() as stack:
        pages = [stack.enter_context(running(engine, folder / f"uploads-{i}", MMDEMO_METRICS="1")) for i in (1, 2)]
        port = free_port()
        names = [page.address.removeprefix("http://").rstrip("/") for page in pages]
        arguments, environment = command(name, folder, names, port)
        log = stack.enter_context((folder / "log").open("w"))
        process = stack.enter_context(subprocess.Popen(arguments, env=environment, stdout=log, stderr=log))
        stack.callback(process.terminate)
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/readyz", folder / "log")
        yield Behind(address, pages)


def wait_for(address: str, log: Path, seconds: float = 60) -> None:
    """Until it answers with 200."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(f"{address} does not answer: {log.read_text()[-2000:]}")
