"""The quiet line: what was not read and what is unlike a photo is said, in the page's language, and nothing else is."""

import pytest
from PIL import Image

from mmdemo.ui.doubts import doubts
from mmdemo.ui.tabs.match import events as match
from mmdemo.ui.tabs.sentiment import events as sentiment
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")


@pytest.fixture
def grey(tmp_path):
    path = tmp_path / "grey.png"
    Image.new("RGB", (40, 30), "grey").save(path)
    return str(path)


def test_what_is_understood_and_familiar_needs_no_line(photo):
    assert doubts(["a dog"], [0.5], 0.5, EN) == ""
    assert "mm-doubt" not in match.answer(FakeEngine(), EN, photo, "a dog\n一只狗")
    assert "mm-doubt" not in sentiment.answer(FakeEngine(), EN, photo, "a dog")


def test_an_unread_text_is_named_in_both_tabs_and_languages(photo):
    for answer in (match.answer, sentiment.answer):
        assert "I do not read this text: “qwer zz”." in answer(FakeEngine(), EN, photo, "qwer zz")
        assert "这句话我读不懂：“qwer zz”。" in answer(FakeEngine(), ZH, photo, "qwer zz")


def test_an_unread_text_never_fits(photo):
    html = match.answer(FakeEngine({"qwer": 0.9}), EN, photo, "qwer")
    assert "None of these texts fits" in html
    assert "mm-first" not in html


def test_several_unread_texts_share_one_line():
    three = doubts(["a", "b", "dog", "c"], [0.1, 0.2, 0.9, 0.3], 1.0, EN)
    assert "these texts: “a”, “b”, “c”." in three and "dog" not in three
    many = doubts(["a", "b", "c", "d"], [0.1] * 4, 1.0, ZH)
    assert "有 4 句我读不懂，比如“a”、“b”、“c”。" in many and "“d”" not in many


def test_a_picture_unlike_a_photo_is_said_after_the_text(grey):
    html = match.answer(FakeEngine(), EN, grey, "qwer")
    assert html.index("I do not read") < html.index("unlike the photos I learned from") and html.count("mm-doubt") == 1
    assert "不像" in sentiment.answer(FakeEngine(), ZH, grey, "")


def test_emoji_alone_are_left_to_the_sentiment_head():
    engine = FakeEngine()
    engine.understood = lambda texts: [0.01] * len(texts)
    assert "mm-doubt" not in sentiment.answer(engine, EN, None, "😭😭 !!!")
    assert "mm-doubt" in sentiment.answer(engine, EN, None, "zxq 😭")


def test_a_long_text_is_cut_and_html_is_text():
    html = doubts(["<b>" + "x" * 100], [0.0], 1.0, EN)
    assert "&lt;b&gt;" in html and "…" in html and "x" * 40 not in html
