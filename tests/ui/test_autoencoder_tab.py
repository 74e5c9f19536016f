"""The Autoencoder tab without a server: results in, HTML out, and a slider that needs no server at all."""

import base64
import html as markup
import io
import json
import re

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mmdemo.errors import MMDemoError
from mmdemo.types import Reconstruction
from mmdemo.ui import heat
from mmdemo.ui.tabs.autoencoder import draw
from mmdemo.ui.tabs.autoencoder import events as autoencoder
from mmdemo.ui.text import Say
from tests.fake_autoencoder import FAKE_BACKGROUND
from tests.fakes import FakeEngine

EVIL = '<script>alert("1")</script>'
EN, ZH = Say("en"), Say("zh")
WORDS = (("dog", 0.9), ("狗", 0.8), ("grass", 0.5), ("草地", 0.4))


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def decoded(uri: str) -> np.ndarray:
    kind, _, data = uri.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def result(**other) -> Reconstruction:
    grey = np.full((64, 64, 3), 0.5, np.float32)
    fields = {"original": grey, "picture": grey, "words": WORDS, "latent": np.array([0.5, -2.0, 1.0, 0.0])}
    return Reconstruction(**{**fields, "image_error": 0.0175, "text_error": 0.02, **other})


def piece(name: str, say: Say, **fields) -> str:
    """One part of the answer, from its class to that of the next part."""
    html = draw.draw(result(**fields), FAKE_BACKGROUND, "both", say)
    parts = re.split(r'(?=<div class="mm-(?:likely|errors|code|near)")', html)
    return next(part for part in parts if part.startswith(f'<div class="{name}"'))


def test_a_picture_is_sent_pixel_for_pixel():
    pixels = np.random.default_rng(0).random((64, 64, 3))
    assert (decoded(heat.picture_uri(pixels)) == (255 * pixels).round()).all()


def test_only_words_of_the_pages_language_are_bars_and_those_given_are_marked():
    english = piece("mm-likely", EN, known_words=("dog",))
    assert re.findall(r"<span>(\w+)</span>", english) == ["dog", "grass"]
    assert english.index("mm-strong") < english.index("grass") and english.count("mm-strong") == 1
    assert re.findall(r"<span>(\w+)</span>", piece("mm-likely", ZH)) == ["狗", "草地"]


def test_the_code_is_told_in_words():
    html = piece("mm-code", EN)
    assert html.count("<rect") == 4
    assert "as 4 bars. The largest number is no. 3, 1.00; the smallest is no. 2, −2.00." in html


def test_a_bar_of_an_error_is_its_share_of_an_answer_without_looking():
    html = piece("mm-errors", EN)
    assert re.findall(r"width:([\d.]+)%", html) == ["25.0", "50.0"]  # 0.0175 of 0.07, 0.02 of 0.04
    assert "mean picture: 0.0700" in html
    missing = readable(piece("mm-errors", EN, image_error=None, text_error=None))
    assert "no photo to compare with" in missing and "no sentence to compare with" in missing


def test_neighbours_are_captions_in_the_pages_language():
    near = (("A dog <b>runs</b> · 一只狗在跑", 0.93), ("No Chinese", -0.2))
    english, chinese = (piece("mm-near", say, neighbours=near) for say in (EN, ZH))
    assert "A dog &lt;b&gt;runs" in english and "一只狗" not in english and "−0.20" in english
    assert "一只狗在跑" in chinese and "A dog" not in chinese and "No Chinese" in chinese


def test_the_tint_of_a_picture_is_said():
    blue = np.zeros((64, 64, 3), np.float32)
    blue[..., 2] = 0.9
    assert draw.spoken(result(picture=blue), EN).endswith("Brightness 30\u00a0%; mostly bluish.")
    assert "整体偏灰" in draw.spoken(result(), ZH)


def test_unread_words_are_named_and_a_sentence_without_any_known_word_is_said():
    some = draw.unread(result(known_words=("dog",), unknown_words=("xylophone",)), FAKE_BACKGROUND, EN)
    assert "not read: xylophone" in some
    none = draw.unread(result(unknown_words=("xylophone",)), FAKE_BACKGROUND, EN)
    assert "None of these words is on its word list of 40" in none
    assert draw.unread(result(known_words=("dog",)), FAKE_BACKGROUND, EN) == ""


@pytest.mark.parametrize(
    ("side", "said", "pictures"),
    [("both", "Photo and sentence went in", 2), ("image", "Only the photo", 2), ("text", "Only the sentence", 1)],
)
def test_what_goes_in_is_what_the_switch_says(photo, side, said, pictures):
    html = autoencoder.answer(FakeEngine(), EN, photo, "a dog runs", side)
    assert said in html
    assert html.count("<img") == pictures
    assert ("no sentence to compare with" in html) == (side == "image")


def test_the_answer_says_how_blurred_it_is_and_mends_the_articles_sign(photo):
    text = readable(autoencoder.answer(FakeEngine(), EN, photo, "a dog", "both"))
    assert "12,288 numbers of a picture pass through 4" in text and "25 % of the edges survive" in text
    assert "sign error" in text


@pytest.mark.parametrize("say", [EN, ZH])
def test_html_in_a_sentence_is_shown_as_text(photo, say):
    html = autoencoder.answer(FakeEngine(), say, photo, f"dog {EVIL} script", "both")
    assert "<script" not in html and "<b>boats" not in html


@pytest.mark.parametrize(("path", "side"), [(None, "image"), ("photo", "text"), (None, "both")])
def test_nothing_left_to_read_is_an_error_with_a_code(photo, path, side):
    with pytest.raises(MMDemoError) as caught:
        autoencoder.answer(FakeEngine(), EN, path and photo, " " if side != "image" else "a dog", side)
    assert caught.value.code == "nothing_given"


def test_the_walk_sends_every_picture_from_the_first_code_to_the_second(tmp_path):
    paths = [str(tmp_path / f"{name}.png") for name in ("black", "white")]
    for path in paths:
        Image.new("RGB", (20, 20), path.split("/")[-1].split(".")[0]).save(path)
    html = autoencoder.walked(FakeEngine(), EN, paths[0], "", "both", paths[1], "")
    frames = json.loads(markup.unescape(re.search(r'data-frames="([^"]*)"', html)[1]))
    assert len(frames) == draw.STEPS + 1
    assert [int(decoded(f["picture"]).mean().round()) for f in frames[::5]] == [0, 128, 255]
    assert frames[3]["line"].replace("\u00a0", " ").startswith("30 % of the way: dog, man")
    assert 'value="5"' in html and frames[5]["picture"] in html


# ---- the endpoint


@pytest.fixture(scope="module")
def client(address, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("downloads"))
    found = Client(address, verbose=False, download_files=folder, analytics_enabled=False)
    yield found
    found.close()


def test_reconstruct_answers_with_pictures_words_and_errors(client, photo):
    answer = client.predict(image=handle_file(photo), text="dogs xylophone", api_name="/reconstruct")
    assert decoded(answer["picture"]).shape == decoded(answer["original"]).shape == (64, 64, 3)
    assert len(answer["words"]) >= 20 and answer["words"][0] == ["dog", pytest.approx(0.9)]
    assert answer["image_error"] > 0 and answer["text_error"] == pytest.approx(0.01)
    assert answer["unknown_words"] == ["xylophone"] and len(answer["latent"]) == 4
    assert answer["neighbours"][0][0].startswith("A dog runs")


def test_reconstruct_takes_either_side_and_refuses_none(client, photo):
    imagined_ = client.predict(image=None, text="a dog", api_name="/reconstruct")
    assert imagined_["original"] is None and imagined_["image_error"] is None
    assert client.predict(image=handle_file(photo), text=None, api_name="/reconstruct")["text_error"] is None
    with pytest.raises(AppError, match="Give a photo, a sentence, or both"):
        client.predict(image=None, text=" ", api_name="/reconstruct")
