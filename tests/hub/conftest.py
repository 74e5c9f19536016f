"""A small Hub with one tiny CLIP on it, a cache of its own for every test, and a row that names it."""

import pytest

import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint
from mmdemo.loading import fetching
from tests.encoders.test_dual_encoders import row_of, save
from tests.hub.server import Hub, hub


@pytest.fixture(scope="session")
def repositories(tmp_path_factory):
    """A folder with the repository tests/tiny."""
    folder = tmp_path_factory.mktemp("repositories")
    (folder / "tests").mkdir()
    save("clip", folder / "tests" / "tiny")
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the Hub; the lock file lies beside it."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    return tmp_path / "cache"


@pytest.fixture
def server(repositories, cache, monkeypatch) -> Hub:
    """A Hub that answers as HF_ENDPOINT, and nobody waits long between two tries."""
    for name in ("HF_HUB_OFFLINE", "MMDEMO_MODELS", "MMDEMO_MEMORY_GB", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(fetching, "WAIT", 0.01)
    with hub(repositories) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


@pytest.fixture
def row(monkeypatch) -> Checkpoint:
    """The row "tiny" in the table of checkpoints."""
    monkeypatch.setitem(CHECKPOINTS, "tiny", row_of("tiny"))
    return CHECKPOINTS["tiny"]
