"""The Captions tab without a server: captions in, HTML out; what is told word by word; and the endpoint."""

import re
from dataclasses import replace

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from mmdemo.errors import MMDemoError
from mmdemo.inputs import read_image
from mmdemo.types import EngineStatus
from mmdemo.ui.hub.names import BUILT_IN, able
from mmdemo.ui.tabs.caption import draw, events
from mmdemo.ui.text import Say
from tests.fake_captions import CAPTION_CARD
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")
EVIL = "<script>alert(1)</script>"


class Carded(FakeEngine):
    """With the decoder's card."""

    def status(self) -> EngineStatus:
        return replace(super().status(), cards=(CAPTION_CARD,))


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def answer(
    photo: str, say: Say = EN, *, engine: FakeEngine | None = None, language="en", count=3, start="", model=BUILT_IN
) -> str:
    return events.answer(engine or FakeEngine(), say, photo, model, language, start, 0.0, count)


def test_every_word_of_every_caption_is_a_button_with_its_map_and_what_else_was_likely(photo):
    html = answer(photo)
    words = re.findall(r'<button type="button" class="mm-word[^>]*>([^<]+)<i>', html)
    assert words[:8] == ["a", "dog", "runs", "on", "the", "green", "grass", "(end)"] and len(words) == 3 * 8
    assert html.count('data-map="data:image/png') == 24
    sections = re.findall(r"<section .*?</section>", html, re.DOTALL)
    assert len(sections) == 24 and all(one.count('class="mm-bar') == 5 for one in sections)
    assert sum("hidden" not in one for one in sections) == 1 and html.count('aria-pressed="true"') == 3 + 1
    assert html.count("mm-caption-pick") == 3 and len(re.findall(r'class="mm-words mm-caption"[^>]*hidden>', html)) == 2


def test_captions_stand_in_their_rank_with_both_numbers_and_the_page_says_whose_they_are(photo):
    html = readable(answer(photo, count=2))
    assert html.index("a dog runs on the green grass the caption ranked first") < html.index("Ranked by two numbers")
    rows = html.partition("Ranked by two numbers")[2]
    assert rows.index("a dog runs") < rows.index("a cat runs")
    for number in ("0.40", "0.35", "2.0 %", "1.0 %"):
        assert number in rows
    assert "Fit (match head’s cosine)" in rows and "log probability / length^0.7 + 6 × fit" in rows


@pytest.mark.parametrize(("language", "figures"), [("en", ("0.43", "0.17")), ("zh", ("1.21", "0.36"))])
@pytest.mark.parametrize(("say", "learned"), [(EN, "people and dogs"), (ZH, "人和狗")])
def test_the_foot_says_what_it_learned_from_and_what_its_card_measured(photo, say, learned, language, figures):
    html = readable(answer(photo, say, engine=Carded(), language=language))
    assert learned in html and f"CIDEr {figures[0]}" in html and f"BLEU-4 {figures[1]}" in html and "Fake8k" in html
    assert "CIDEr" not in answer(photo, say, language=language)  # no card, no figure


def test_a_start_is_marked_as_given_and_is_text(photo):
    html = answer(photo, start=f"{EVIL} two")
    assert "<script" not in html and "&lt;script" in html
    assert html.count("mm-given") == 3 * 2 and "You gave this word" in html
    assert "<b>child" not in html  # a caption's own words are text too


def test_captions_without_a_word_are_left_out_and_none_at_all_is_said(photo):
    result = FakeEngine().caption(photo, count=2)
    silent = replace(result, texts=("", ""))
    html = draw.draw(read_image(photo), silent, 1.0, FakeEngine().status(), EN)
    assert "before the first word" in html and "mm-word" not in html


def test_one_is_told_word_by_word_and_ends(photo, monkeypatch):
    monkeypatch.setattr(events, "PACE", 0)
    engine = FakeEngine()
    told = list(events.spoken(engine, EN, photo, BUILT_IN, "en", "two men", 0.0))
    assert [html.count("data-map") for html in told] == list(range(1, 9))
    assert all(html.count('aria-pressed="true"') == 1 for html in told)
    assert "two men …" in readable(told[0])
    assert ["That is all" in html for html in told] == [False] * 7 + [True]


def test_whoever_stops_listening_stops_the_network(photo, monkeypatch):
    monkeypatch.setattr(events, "PACE", 0)
    engine = FakeEngine()
    telling = events.spoken(engine, EN, photo, BUILT_IN, "en", "", 0.0)
    next(telling)
    telling.close()
    assert engine.calls == ["word a"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (("fr", "", 0.0, 3), "unknown_choice"),
        (("en", "", 3.0, 3), "caption_temperature"),
        (("en", "", 0.0, 9), "caption_count"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence_in_both_languages(photo, fields, code):
    with pytest.raises(MMDemoError) as caught:
        events.answer(FakeEngine(), EN, photo, BUILT_IN, *fields)
    assert caught.value.code == code
    assert EN.error(caught.value) != ZH.error(caught.value)


def test_without_a_photo_it_says_so():
    with pytest.raises(MMDemoError) as caught:
        answer(None)
    assert caught.value.code == "image_missing"


def test_programs_ask_too(address, photo, tmp_path):
    client = Client(address, verbose=False, download_files=str(tmp_path), analytics_enabled=False)
    one = client.predict(handle_file(photo), api_name="/caption")
    said = {"text": "a dog runs on the green grass", "probability": pytest.approx(0.02), "cosine": pytest.approx(0.4)}
    assert one == [said]
    two = client.predict(handle_file(photo), language="zh", count=2, start="两 只", temperature=1, api_name="/caption")
    assert [len(two), two[0]["text"]] == [2, "两只一只狗在草地上跑"]
    for wrong in ({"count": 6}, {"count": "many"}, {"temperature": -1}, {"language": "fr"}):
        with pytest.raises(AppError) as caught:
            client.predict(handle_file(photo), **wrong, api_name="/caption")
        assert "our side" not in str(caught.value)
    client.close()


# ---- a model of the Hub


class Writing(FakeEngine):
    """With BLIP here, which writes English alone and says where it read only if `maps`."""

    def __init__(self, maps: bool = True) -> None:
        super().__init__()
        self.maps = maps
        kept = {"tasks": ("captioning",), "kind": "vision_language", "title": "BLIP", "languages": ("en",)}
        self.rows["blip_caption"] = replace(self.rows["siglip2"], name="blip_caption", **kept)

    def caption(self, *given, **named):
        found = super().caption(*given, **named)
        bare = tuple(tuple(replace(word, attention=None) for word in words) for words in found.words)
        return found if self.maps else replace(found, words=bare)


@pytest.mark.parametrize(("say", "named"), [(EN, "Ranked by BLIP;"), (ZH, "由 BLIP 自己排名")])
def test_a_model_of_the_hub_is_named_and_its_own_order_is_said(photo, say, named):
    html = readable(answer(photo, say, engine=Writing(), model="blip_caption"))
    assert html.strip().startswith("BLIP a dog runs") and named in html
    assert "6 ×" not in html and "learned from everyday" not in html


@pytest.mark.parametrize(("say", "only"), [(EN, "BLIP writes: English."), (ZH, "BLIP 只写：英文。")])
def test_a_language_that_it_does_not_write_gives_its_own_and_says_so(photo, say, only, monkeypatch):
    html = answer(photo, say, engine=Writing(), model="blip_caption", language="zh")
    assert only in readable(html) and '<strong lang="en"' in html
    assert only not in readable(answer(photo, say, engine=Writing(), model="blip_caption"))
    monkeypatch.setattr(events, "PACE", 0)
    told = list(events.spoken(Writing(), say, photo, "blip_caption", "zh", "", 0.0))
    assert told and all('lang="en"' in html for html in told)


def test_without_maps_the_photo_stands_alone_and_says_why(photo):
    html = answer(photo, engine=Writing(maps=False), model="blip_caption")
    assert "mm-heat" not in html and 'data-map=""' in html and "mm-photo-shown" in html
    assert "no map from this model" in readable(html) and "cannot be laid on the photo" in readable(html)


def test_a_picked_model_that_writes_no_captions_leaves_them_to_the_built_in_one():
    assert able(Writing(), "siglip2", "captioning") == able(Writing(), "blip_caption", "matching") == BUILT_IN
    assert able(Writing(), "blip_caption", "captioning") == "blip_caption"
