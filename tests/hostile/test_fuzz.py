"""Anything at all into `inputs` and into every endpoint: in short with all tests, for a night by MMDEMO_FUZZ=20000."""

import io
import os
import string

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from mmdemo.errors import ImageError, TextError
from mmdemo.inputs import clean_text, read_image, split_lines
from tests.hostile import pictures
from tests.hostile.test_calls import sentence
from tests.hostile.test_files import ENDPOINTS
from tests.hostile.wire import Visitor

PATHS = ("queue/join", "call/match", "call/v2/match", "run/x", "cancel")
MANY = int(os.environ.get("MMDEMO_FUZZ", "0"))
SHORT = {"pictures": 150, "texts": 250, "calls": 60}


def budget(kind: str) -> settings:
    """How many cases; the same ones in the short form each time, so that CI does not toss coins."""
    return settings(
        max_examples=MANY or SHORT[kind], deadline=None, derandomize=not MANY, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def seeds() -> list[bytes]:
    """Small files of every kind that is read, and some that are not."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8))
    found = [pictures.saved(noise, kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO")]
    frames = io.BytesIO()
    noise.save(frames, "GIF", save_all=True, append_images=[noise.rotate(90)])
    found += [
        frames.getvalue(),
        pictures.saved(noise, "JPEG", progressive=True),
        pictures.saved(noise.convert("P"), "PNG"),
    ]
    found += [pictures.with_place(kind=kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF")]
    return [*found, *pictures.strangers().values()]


@st.composite
def broken_pictures(draw: st.DrawFn) -> bytes:
    """A picture with some bytes changed, cut out, doubled or put in."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        until = at + draw(st.integers(0, 64))
        what = draw(st.sampled_from(("change", "cut", "double", "put", "end")))
        if what == "change":
            content[at : at + 4] = draw(st.binary(min_size=1, max_size=4))
        elif what == "cut":
            del content[at:until]
        elif what == "double":
            content[at:at] = content[at:until] * draw(st.integers(1, 50))
        elif what == "put":
            content[at:at] = draw(st.binary(max_size=40))
        else:
            del content[at:]
    return bytes(content)


SEEDS = seeds()
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.sampled_from(["", "\0", "{}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["path", "url", "meta", "a"]), inner),
    max_leaves=8,
)


@budget("pictures")
@given(broken_pictures())
@example(b"")
def test_any_bytes_become_a_clean_picture_or_an_error_of_ours(content: bytes) -> None:
    try:
        image = read_image(content)
    except ImageError as error:
        assert error.code.startswith("image_") and str(error)
    else:
        assert image.mode == "RGB" and max(image.size) <= 2048 and not image.info
        assert b"Secret" not in pictures.saved(image, "PNG")


@budget("texts")
@given(st.text(max_size=3000) | st.text(string.printable, max_size=3000) | JUNK)
def test_any_text_becomes_clean_or_an_error_of_ours(text: object) -> None:
    for read in (clean_text, split_lines):
        try:
            found = read(text)
        except TextError as error:
            assert error.code in ("text_missing", "text_too_long")
        else:
            lines = [found] if isinstance(found, str) else found[0]
            assert all(line == clean_text(line) for line in lines)
            "".join(lines).encode()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_any_call_is_answered_or_gets_a_sentence(visitor: Visitor, name: str) -> None:
    @settings(budget("calls"), max_examples=MANY or SHORT["calls"])
    @given(st.lists(JUNK, max_size=10))
    def call(data: list[object]) -> None:
        kind, said = visitor.call(name, data)
        if kind != "complete":
            sentence(kind, said)

    call()


def test_any_body_is_answered_or_gets_a_sentence(visitor: Visitor) -> None:
    @budget("calls")
    @given(
        st.binary(max_size=200) | JUNK,
        st.sampled_from(["queue/join", "call/match", "call/v2/match", "run/x", "cancel"]),
    )
    def post(body: object, path: str) -> None:
        answer = visitor.ask("POST", f"/gradio_api/{path}", body)
        assert answer.status < 500, answer.text

    post()
