"""The endpoints over a real server, as `gradio_client` calls them; and what becomes of an uploaded file."""

import io
import json
import urllib.request
import uuid

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mmdemo.inputs import uploads
from tests.fakes import LABELS, FakeEngine


@pytest.fixture(scope="module")
def client(address, tmp_path_factory):
    found = Client(
        address, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")), analytics_enabled=False
    )
    yield found
    found.close()


def test_match_answers_with_every_field_as_the_engine_does(client, photo):
    answer = client.predict(image=handle_file(photo), texts=["a dog", "两只猫"], api_name="/match")
    expected = FakeEngine().match(photo, ["a dog", "两只猫"])
    assert answer["texts"] == ["a dog", "两只猫"]
    assert answer["similarity"] == pytest.approx(expected.similarity.tolist(), abs=1e-6)
    assert answer["probability"] == pytest.approx(expected.probability.tolist(), abs=1e-6)
    assert sum(answer["share"]) == pytest.approx(1)
    assert len(answer["percentile"]) == 2
    assert answer["cut_tokens"] == [0, 0]
    assert answer["dropped"] == 0
    assert answer["understood"] == pytest.approx([1.0, 1.0])
    assert answer["familiar"] == pytest.approx(0.9)
    assert answer["unread"] == [[], []]
    assert answer["none_of_these"] == pytest.approx(1 - max(answer["probability"]), abs=1e-6)


def test_match_asks_the_model_that_is_named_and_calls_without_one_stay_as_they_were(client, photo, address):
    named = client.predict(handle_file(photo), ["a dog", "a cat"], "siglip2", api_name="/match")
    assert named["model"] == "siglip2" and named["share"] is None and len(named["probability"]) == 2
    with pytest.raises(AppError, match="clip_l14"):
        client.predict(handle_file(photo), ["a dog"], "clip_l14", api_name="/match")
    sent = json.dumps({"data": [None, ["a dog"]]}).encode()  # two values, as before there were models to name
    call = urllib.request.Request(f"{address}gradio_api/call/match", sent, {"Content-Type": "application/json"})
    with urllib.request.urlopen(call) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}gradio_api/call/match/{event}") as answer:
        assert "no photo" in answer.read().decode()


def test_match_says_what_it_does_not_read(client, photo):
    answer = client.predict(handle_file(photo), ["a dog", "qwer dog"], api_name="/match")
    assert answer["understood"] == pytest.approx([1.0, 0.1])
    assert answer["unread"] == [[], ["qwer"]]
    assert answer["probability"][1] <= 0.1


def test_match_takes_one_text_and_bounds_many(client, photo):
    assert client.predict(handle_file(photo), "a dog", api_name="/match")["share"] is None
    many = client.predict(handle_file(photo), [f"text {i}" for i in range(200)], api_name="/match")
    assert len(many["texts"]) == 50
    assert many["dropped"] == 150


def test_sentiment_takes_either_side(client, photo):
    both = client.predict(image=handle_file(photo), text="what a day", api_name="/sentiment")
    assert both["labels"] == list(LABELS)
    assert both["label"] in LABELS
    assert sum(both["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert (both["understood"], both["familiar"]) == pytest.approx((1.0, 0.9))
    alone = client.predict(image=None, text="what a day", api_name="/sentiment")
    assert alone["image_only"] is None and alone["familiar"] is None
    alone = client.predict(image=handle_file(photo), text=None, api_name="/sentiment")
    assert alone["text_only"] is None and alone["understood"] is None


@pytest.mark.parametrize(("word", "index"), [(None, None), (1, 1), ("lion", 1)])
def test_attention_answers_for_the_sentence_and_for_a_word(client, photo, word, index):
    answer = client.predict(handle_file(photo), "a lion sleeps", "gradcam", word, api_name="/attention")
    assert np.array(answer["patch_map"]).shape == (7, 7)
    assert answer["words"] == ["a", "lion", "sleeps"]
    assert len(answer["word_weights"]) == 3
    assert answer["word"] == index
    assert answer["method"] == "gradcam"
    assert answer["size"] == [40, 60]


def test_attention_has_a_default_method(client, photo):
    answer = client.predict(image=handle_file(photo), text="a lion", method=None, word=None, api_name="/attention")
    assert (answer["model"], answer["method"]) == ("matching", FakeEngine().default_method("matching"))


def test_compare_answers_for_every_fusion_and_for_their_mean(client, photo):
    answer = client.predict(
        image=handle_file(photo), text="a dog", task="sentiment", imputation=None, api_name="/compare"
    )
    expected = FakeEngine().compare(Image.open(photo), "a dog", "sentiment")
    assert [row["name"] for row in answer["fusions"]] == list(FakeEngine.fusions)
    for row, result in zip(answer["fusions"], expected, strict=True):
        assert row["probabilities"] == pytest.approx(result.probabilities.tolist(), abs=1e-6)
        assert row["label"] == result.label
        assert row["missing"] is None
    mean = np.mean([r.probabilities for r in expected], axis=0)
    assert answer["ensemble"]["probabilities"] == pytest.approx(mean.tolist(), abs=1e-6)


def test_compare_takes_either_side_and_an_imputation(client, photo):
    given = {"image": None, "text": "a dog", "task": "sentiment", "api_name": "/compare"}
    learned, zeros = (client.predict(**given, imputation=name)["fusions"][0] for name in (None, "zeros"))
    assert learned["missing"] == zeros["missing"] == "image"
    assert learned["probabilities"] != zeros["probabilities"]
    alone = client.predict(handle_file(photo), None, None, None, api_name="/compare")
    assert alone["task"] == "matching"
    assert alone["fusions"][0]["missing"] == "text"


def test_ledger_adds_up(client, photo):
    found = client.predict(handle_file(photo), "a dog", "product", "sentiment", "positive", api_name="/ledger")
    assert (found["fusion"], found["label"]) == ("product", "positive")
    assert found["image_share"] + found["text_share"] == pytest.approx(found["both"] - found["none"])
    assert client.predict(handle_file(photo), "a dog", None, None, None, api_name="/ledger")["fusion"] == "gated"


PAIR = {"image": "photo", "text": "a dog"}
BAD = [
    ("/compare", {"image": None, "text": "", "task": None, "imputation": None}, "Give a photo, a sentence, or both"),
    ("/compare", PAIR | {"task": "taste", "imputation": None}, "Choose one of: matching, sentiment"),
    ("/compare", {"image": None, "text": "a", "task": None, "imputation": "magic"}, "Choose one of: zeros, mean"),
    ("/ledger", PAIR | {"fusion": "magic", "task": None, "label": None}, "Choose one of: cosine, concat"),
    ("/ledger", PAIR | {"fusion": None, "task": "sentiment", "label": "sad"}, "Choose one of: negative, neutral"),
    ("/ledger", {"image": None, "text": "a", "fusion": None, "task": None, "label": None}, "There is no photo"),
    ("/match", {"image": None, "texts": ["a"]}, "There is no photo"),
    ("/match", {"image": "photo", "texts": []}, "There is no text"),
    ("/match", {"image": "photo", "texts": ["x" * 10_000]}, "too long: 10,000 characters"),
    ("/match", {"image": b"I am a text", "texts": ["a"]}, "not a picture"),
    ("/match", {"image": b"", "texts": ["a"]}, "0 bytes"),
    ("/match", {"image": b"\x89PNG\r\n\x1a\n" + bytes(99), "texts": ["a"]}, "damaged"),
    ("/match", {"image": b"\0\0\0\x18ftypheic" + bytes(50), "texts": ["a"]}, "HEIC"),
    ("/sentiment", {"image": None, "text": " "}, "Give a photo, a sentence, or both"),
    ("/attention", {"image": "photo", "text": "a", "method": "magic", "word": None}, "Choose one of: cross_attention"),
    ("/attention", {"image": "photo", "text": "a lion", "method": None, "word": "tiger"}, "not a word of this text"),
]


@pytest.mark.parametrize(("name", "given", "sentence"), BAD)
def test_bad_input_is_answered_with_a_sentence_and_the_server_goes_on(client, photo, tmp_path, name, given, sentence):
    if isinstance(given["image"], bytes):
        (tmp_path / "bad.png").write_bytes(given["image"])
    files = {"photo": photo, None: None}
    path = files.get(given["image"], str(tmp_path / "bad.png"))
    with pytest.raises(AppError, match=sentence):
        client.predict(**{**given, "image": path and handle_file(path)}, api_name=name)
    assert client.predict(handle_file(photo), ["a"], api_name="/match")["texts"] == ["a"]


# ---- uploads


def upload(address: str, name: str, content: bytes) -> str:
    """Upload as a browser does; returns the path on the server."""
    border = uuid.uuid4().hex
    head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
    request = urllib.request.Request(
        address + "gradio_api/upload", body, {"Content-Type": f"multipart/form-data; boundary={border}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)[0]


def served(address: str, path: str) -> bytes:
    with urllib.request.urlopen(f"{address}gradio_api/file={path}") as answer:
        return answer.read()


def test_what_is_served_back_is_upright_and_does_not_tell_where_it_was_taken(address, with_gps):
    with Image.open(with_gps) as given:
        assert given.getexif().get_ifd(0x8825)
    back = Image.open(io.BytesIO(served(address, upload(address, "gps.jpg", with_gps.read_bytes()))))
    assert back.size == (40, 60)
    assert not dict(back.getexif())
    assert "exif" not in back.info
    assert back.convert("RGB").getpixel((20, 30))[0] > 240


def test_a_small_png_keeps_its_exact_pixels(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    assert uploads.clean_file(path, tmp_path / "clean", "a.png") is None
    assert (np.asarray(Image.open(tmp_path / "clean")) == pixels).all()


def test_of_a_file_that_is_no_picture_nothing_is_written(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"words")
    assert uploads.clean_file(path, tmp_path / "clean", "a.png").code == "image_not_picture"
    assert list(tmp_path.iterdir()) == [path]
