"""What goes over the wire comes back bit for bit, and what is not ours does not come in."""

import contextlib
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mmdemo import types
from mmdemo.errors import ChoiceError, ImageError, MMDemoError, TextError
from mmdemo.serving import wire
from tests.fakes import FakeEngine
from tests.pictures import picture
from tests.same import same
from tests.serving.questions import questions

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=20)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
    ),
)


@given(TREES)
def test_any_tree_comes_back(tree) -> None:
    assert same(wire.loads(wire.dumps(tree)), tree)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", ">i2", "float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (2, 3)])
def test_arrays_keep_type_shape_and_bytes(dtype: str, shape: tuple) -> None:
    array = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    back = wire.loads(wire.dumps(array))
    assert same(back, array) and back.flags.writeable
    assert same(wire.loads(wire.dumps(array.T)), array.T)


def test_numbers_of_numpy_and_odd_floats_keep_their_bits() -> None:
    odd = (math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1 + 0.2, np.float32(0.1), np.float64(0.3), np.int64(7))
    assert same(wire.loads(wire.dumps(odd)), odd)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I", "F", "CMYK"])
def test_pictures_keep_every_pixel(mode: str) -> None:
    photo = picture(3, (31, 17)).convert("RGB").convert(mode) if mode != "LA" else picture(3).convert("LA")
    back = wire.loads(wire.dumps(photo))
    assert same(back, photo)
    assert same(back.convert("RGB"), photo.convert("RGB"))


@pytest.mark.parametrize("name", questions())
def test_answers_come_back_as_they_are(name: str) -> None:
    given = questions()[name]
    answer = getattr(FakeEngine(), name)(*given)
    assert same(wire.loads(wire.dumps(answer)), answer)
    assert same(wire.loads(wire.dumps(given)), given)


@pytest.mark.parametrize(
    "error",
    [
        TextError("too long", "text_too_long", got=9, limit=3),
        ChoiceError("method", "x", ["gradcam", "rollout"]),
        ImageError("这不是照片", "image_strange", kinds=("a", "b")),
        MMDemoError("plain"),
    ],
)
def test_errors_keep_class_sentence_and_values(error: MMDemoError) -> None:
    back = wire.loads(wire.dumps(error))
    assert same(back, error)


def test_an_error_of_another_room_comes_as_the_nearest_that_is_known() -> None:
    class OwnError(TextError):
        """Somebody's own."""

    back = wire.loads(wire.dumps(OwnError("no", "code", a=1)))
    assert type(back) is TextError and back.values == {"a": 1}


def test_photos_are_named_by_their_content_and_asked_for_by_name() -> None:
    photos: dict[str, bytes] = {}
    message = wire.dumps((picture(1), picture(2), picture(1)), photos)
    assert len(photos) == 2 and len(message) < 300
    with pytest.raises(wire.PhotosMissing) as missing:
        wire.loads(message)
    assert set(missing.value.hashes) == set(photos)
    known = {name: wire.loads(photo) for name, photo in photos.items()}
    assert same(wire.loads(message, known), (picture(1), picture(2), picture(1)))


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), np.datetime64("now"), types.Sides, len])
def test_what_has_no_place_in_a_message_is_refused(value) -> None:
    with pytest.raises(wire.WireError):
        wire.dumps(value)


def message(tree, rest: bytes = b"") -> bytes:
    written = json.dumps(tree).encode()
    return wire.MAGIC + len(written).to_bytes(4, "big") + written + rest


@pytest.mark.parametrize(
    "strange",
    [
        b"", b"\x80\x04K\x01.", wire.MAGIC, wire.MAGIC + b"\xff" * 4, message(["type", "Engine", {}]),
        message(["type", "Popen", {"args": "ls"}]), message(["type", "Hit", {"nothing": 1}]), message(["reduce", 1]),
        message(["array", "O", [1], 8], bytes(8)), message(["array", "<f4", [2], 4], bytes(4)),
        message(["array", "<f4", [1], 4]), message(["picture", "RGB", [99999, 99999], None, 3], bytes(3)),
        message(["picture", "RGB", [-1, -1], None, 3], bytes(3)),
        message(["error", "SystemExit", "", "", ["dict", []]]),
        message([]), message(["bytes", -1]), message([["list"]]), message({"a": object.__name__})[:-1],
        message(["dict", [[["list", []], 1]]]), b"[" * 100_000,
        message(["type", "MatrixResult", {"texts": [], "similarity": 1, "over_texts": 1, "over_images": 1}]),
        message(["type", "Curves", {"share": 1, "map": 1, "random": 1, "centre": 1}]),
        message(["picture", "L", [10**30, 0], None, 0]),
    ],
)  # fmt: skip
def test_strange_bytes_are_refused_with_a_sentence(strange: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.loads(strange)


def test_a_deep_message_is_refused() -> None:
    deep = b'["list",[' * 5000 + b"1" + b"]]" * 5000
    with pytest.raises(wire.WireError):
        wire.loads(wire.MAGIC + len(deep).to_bytes(4, "big") + deep)


def test_a_long_message_is_refused_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = wire.dumps(Image.new("RGB", (90, 60)))
    monkeypatch.setattr(wire, "LONGEST", 1000)
    with pytest.raises(wire.WireError) as long:
        wire.dumps(Image.new("RGB", (90, 60)))
    assert long.value.code == "wire_too_long"
    with pytest.raises(wire.WireError):
        wire.loads(photo)


@given(st.binary(max_size=60), st.integers(0, 400))
def test_a_damaged_message_gives_a_value_or_a_sentence(noise: bytes, at: int) -> None:
    whole = wire.dumps((FakeEngine().match(picture(), ["a", "b"]), picture(1, (4, 3))))
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    with contextlib.suppress(MMDemoError):
        wire.loads(damaged)
