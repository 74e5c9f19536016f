"""The Captions tab without a server: captions in, HTML out; what is told word by word; and the endpoint."""

import re
from dataclasses import replace

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from mmdemo.errors import MMDemoError
from mmdemo.inputs import read_image
from mmdemo.types import EngineStatus
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


def answer(photo: str, say: Say = EN, *, engine: FakeEngine | None = None, language="en", count=3, start="") -> str:
    return events.answer(engine or FakeEngine(), say, photo, language, start, 0.0, count)


def test_every_word_of_every_caption_is_a_button_with_its_map_and_what_else_was_likely(photo):
    html = answer(photo)
    words = re.findall(r'<button type="button" class="mm-word[^>]*>([^<]+)<i>', html)
    assert words[:8] == ["a", "dog", "runs", "on", "the", "green", "grass", "(end)"] and len(words) == 3 * 8
    assert html.count('data-map="data:image/png') == 24
    sections = re.findall(r"<section .*?</section>", html, re.DOTALL)
    assert len(sections) == 24 and all(one.count('class="mm-bar') == 5 for one in sections)
    assert sum("hidden" not in one for one in sections) == 1 and html.count('aria-pressed="true"') == 3 + 1
    assert html.count("mm-caption-pick") == 3 and len(re.findall(r'class="mm-words mm-caption"[^>]*hidden>', html)) == 2


def test_captions_stand_in_the_order_of_their_fit_and_the_page_says_whose_number_it_is(photo):
    engine = FakeEngine({"a cat runs on the green grass": 0.4, "a dog runs on the green grass": 0.1})
    html = readable(answer(photo, engine=engine, count=2))
    assert html.index("a dog runs on the green grass the decoder’s likeliest") < html.index("as the match head judges")
    ranked = html.partition("as the match head judges")[2]
    assert ranked.index("a cat runs") < ranked.index("a dog runs")
    assert "Fit (match head)" in ranked and "2.0 %" in ranked and "1.0 %" in ranked
    assert "match head’s probability" in html


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
    html = draw.draw(read_image(photo), silent, None, FakeEngine().status(), EN)
    assert "before the first word" in html and "mm-word" not in html


def test_one_is_told_word_by_word_and_ends(photo, monkeypatch):
    monkeypatch.setattr(events, "PACE", 0)
    engine = FakeEngine()
    told = list(events.spoken(engine, EN, photo, "en", "two men", 0.0))
    assert [html.count("data-map") for html in told] == list(range(1, 9))
    assert all(html.count('aria-pressed="true"') == 1 for html in told)
    assert "two men …" in readable(told[0])
    assert ["That is all" in html for html in told] == [False] * 7 + [True]


def test_whoever_stops_listening_stops_the_network(photo, monkeypatch):
    monkeypatch.setattr(events, "PACE", 0)
    engine = FakeEngine()
    telling = events.spoken(engine, EN, photo, "en", "", 0.0)
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
        events.answer(FakeEngine(), EN, photo, *fields)
    assert caught.value.code == code
    assert EN.error(caught.value) != ZH.error(caught.value)


def test_without_a_photo_it_says_so():
    with pytest.raises(MMDemoError) as caught:
        answer(None)
    assert caught.value.code == "image_missing"


def test_programs_ask_too(address, photo, tmp_path):
    client = Client(address, verbose=False, download_files=str(tmp_path), analytics_enabled=False)
    one = client.predict(handle_file(photo), api_name="/caption")
    assert one == [{"text": "a dog runs on the green grass", "probability": pytest.approx(0.02)}]
    two = client.predict(handle_file(photo), language="zh", count=2, start="两 只", temperature=1, api_name="/caption")
    assert [len(two), two[0]["text"]] == [2, "两只一只狗在草地上跑"]
    for wrong in ({"count": 6}, {"count": "many"}, {"temperature": -1}, {"language": "fr"}):
        with pytest.raises(AppError) as caught:
            client.predict(handle_file(photo), **wrong, api_name="/caption")
        assert "our side" not in str(caught.value)
    client.close()
