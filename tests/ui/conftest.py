"""A photo file, and the page over the fake engine: built once here, and served once in its own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from mmdemo.ui.page import build_page
from tests.fakes import FakeEngine
from tests.serve import served


@pytest.fixture(scope="session")
def photo(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    Image.linear_gradient("L").convert("RGB").resize((60, 40)).save(path)
    return str(path)


@pytest.fixture(scope="session")
def demo():
    return build_page(FakeEngine())


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    with served("fake", tmp_path_factory.mktemp("uploads")) as url:
        yield url


@pytest.fixture(scope="session")
def with_gps(tmp_path_factory) -> Path:
    """A photo that lies on its side and tells where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 30.0), 3: "E", 4: (8.0, 32.0, 0.0)})
    path = tmp_path_factory.mktemp("gps") / "gps.jpg"
    Image.new("RGB", (60, 40), "orange").save(path, exif=exif)
    return path
