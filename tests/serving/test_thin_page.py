"""`app.py --engine http://...`: the whole page over an engine in another process, where no torch can be imported."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.pictures import picture
from tests.serving.proxies import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
# torch and its company are blocked, then app.py runs as whoever types it runs it
THIN = "import sys, runpy; sys.modules.update(dict.fromkeys(['torch', 'torchvision', 'transformers', 'ray']))"
THIN += "; runpy.run_path('app.py', run_name='__main__')"


@contextmanager
def running(*command: str, **environment: str):
    """A process for as long as the block runs."""
    settings = {"cwd": ROOT, "env": os.environ | environment, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, *command], **settings)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for(address: str) -> httpx.Response:
    until = time.monotonic() + 60
    while True:
        try:
            return httpx.get(address, timeout=30, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < until, f"nothing answers at {address}"
            time.sleep(0.2)


@pytest.mark.slow
def test_the_page_serves_and_answers_without_torch(tmp_path: Path) -> None:
    from gradio_client import Client, handle_file

    photo = tmp_path / "photo.png"
    picture(3).save(photo)
    far, port = free_port(), free_port()
    with running("-m", "tests.serving.near", str(far)):
        wait_for(f"http://127.0.0.1:{far}/ready")
        given = {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
        with running("-c", THIN, "--engine", f"http://127.0.0.1:{far}", **given):
            assert wait_for(f"http://127.0.0.1:{port}/zh").status_code == 200
            client = Client(f"http://127.0.0.1:{port}", verbose=False)
            try:
                answer = client.predict(handle_file(photo), "a dog\n两只猫", api_name="/match")
            finally:
                client.close()
    assert len(answer["similarity"]) == 2


def test_a_page_without_its_engine_says_so_in_both_languages(tmp_path: Path) -> None:
    given = {"GRADIO_SERVER_PORT": str(free_port()), "GRADIO_TEMP_DIR": str(tmp_path)}
    with running("app.py", "--engine", f"http://127.0.0.1:{free_port()}", **given) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "do not answer at the moment" in said and "暂时没有响应" in said and "Traceback" not in said
