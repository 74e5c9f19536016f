"""One server over the fake engine for all attacks, and what its log must never hold."""

from collections.abc import Iterator

import pytest

from tests.hostile.wire import Visitor
from tests.serve import Running, running

SECRET = "Xylophon7"  # stands in texts and names; whatever shows it in the log has leaked


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("hostile")
    with running("fake", folder / "uploads", folder / "log.txt") as found:
        yield found


@pytest.fixture
def visitor(server) -> Visitor:
    return Visitor(server.address)


@pytest.fixture(autouse=True)
def log_stays_clean(request) -> Iterator[None]:
    """After every attack: no traceback, no visitor's word, no path of a photo, and no more than a few lines."""
    if "server" not in request.fixturenames and "visitor" not in request.fixturenames:
        yield
        return
    log = request.getfixturevalue("server").log
    before = log.stat().st_size
    yield
    with log.open() as file:
        file.seek(before)
        new = file.read()
    assert "Traceback" not in new
    assert SECRET not in new
    assert ".png" not in new and ".jpg" not in new
