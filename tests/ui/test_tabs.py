"""What each tab answers, without a server: plain values in, HTML out."""

import re

import numpy as np
import pytest
from PIL import Image

from mmdemo.errors import MMDemoError
from mmdemo.inputs import clean_text, read_image
from mmdemo.types import MatchingResult, SentimentResult
from mmdemo.ui import chain
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.about import draw as about
from mmdemo.ui.tabs.attention import answers
from mmdemo.ui.tabs.attention import draw_map as figure
from mmdemo.ui.tabs.attention.question import Question
from mmdemo.ui.tabs.match import draw as match_draw
from mmdemo.ui.tabs.match import events as match
from mmdemo.ui.tabs.sentiment import draw as sentiment_draw
from mmdemo.ui.tabs.sentiment import events as sentiment
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine

EVIL = '<script>alert("1")</script>'
EN, ZH = Say("en"), Say("zh")


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


# ---- match


def test_texts_stand_in_order_of_fit_and_the_best_is_named(photo):
    engine = FakeEngine({"bad": 0.01, "good": 0.35, "fair": 0.2})
    html = match.answer(engine, EN, photo, "bad\ngood\nfair")
    assert html.index("good") < html.index("fair") < html.rindex(">bad<")
    assert "Best fit" in readable(html)
    assert "“good”" in readable(html)


def test_no_text_fits_when_every_probability_is_below_a_half(photo):
    engine = FakeEngine({"bad": 0.01, "worse": -0.1})
    assert "None of these texts fits" in match.answer(engine, EN, photo, "bad\nworse")
    assert "没有一句匹配" in match.answer(engine, ZH, photo, "bad\nworse")
    assert "mm-first" not in match.answer(engine, EN, photo, "bad\nworse")


def test_a_cosine_is_never_shown_as_a_percentage(photo):
    html = match.answer(FakeEngine({"a": 0.31}), EN, photo, "a")
    assert "0.31" in readable(html)
    assert "31 %" not in readable(html)


def test_the_share_is_shown_only_with_two_texts_or_more(photo):
    one, two = (match.answer(FakeEngine(), EN, photo, texts) for texts in ("a", "a\nb"))
    assert "Share" not in one
    assert "Share" in two


def test_a_long_list_is_bounded_and_the_page_says_so(photo):
    html = match.answer(FakeEngine(), EN, photo, "\n".join(f"text {i}" for i in range(200)))
    assert html.count('class="mm-text') == 50
    assert "the first 50 texts are used, 150 left out" in html


def test_cut_tokens_are_told(photo):
    assert "The last 100 tokens" in match.answer(FakeEngine(), EN, photo, "x" * 300)


def test_unread_words_are_struck_through_and_named_in_one_line(photo):
    result = {say: match.answer(FakeEngine({"q": 0.4}), say, photo, "a qi dog, qi\nsea qat\nqwer") for say in (EN, ZH)}
    assert "a <s>qi</s> dog, <s>qi</s>" in result[EN] and "sea <s>qat</s>" in result[EN]
    line = re.search(r"struck through: (.*?)\.</p>", result[EN])[1]
    assert sorted(line.split(", ")) == ["“qat”", "“qi”"]  # each once; of “qwer” nothing was read, and that is said
    assert "划掉的词我读不懂：“qi”、“qat”。" in result[ZH]
    assert "mm-unread" not in match.answer(FakeEngine(), EN, photo, "a dog")


def test_a_struck_word_is_whole_and_its_text_is_kept():
    assert match_draw.pieces("zx zxcv (zx)", ["zx"]) == [("zx", True), (" zxcv (", False), ("zx", True), (")", False)]
    assert match_draw.pieces("zx狗😀", ["😀", "zx"]) == [("zx", True), ("狗", False), ("😀", True)]
    assert match_draw.pieces("大龘大", ["龘"]) == [("大", False), ("龘", True), ("大", False)]
    assert match_draw.pieces("a dog", []) == [("a dog", False)]


@pytest.mark.parametrize(
    ("say", "headline", "row"), [(EN, "Cannot tell (48 %)", "cannot tell"), (ZH, "拿不准（48%）", "拿不准")]
)
def test_within_the_bounds_there_is_no_verdict(photo, say, headline, row):
    engine = FakeEngine({"so so": 0.1773, "bad": 0.0})  # the stand-in gives no verdict from 0.40 up to 0.55
    html = match.answer(engine, say, photo, "so so\nbad")
    text = readable(html)
    assert headline in text and text.count(row) == 1 + (say is ZH) and "mm-first" not in html
    assert all(figure in text for figure in ("120", "1,080", "51", "93"))  # what verdicts are worth
    drawn = chain.fits(engine.match(photo, ["so so"]), say)
    assert drawn[0] == row and "48" in drawn[1]


def test_a_text_that_fits_beside_one_that_nobody_can_tell_is_the_headline(photo):
    html = match.answer(FakeEngine({"good": 0.3, "so so": 0.1773}), EN, photo, "so so\ngood")
    assert "Cannot tell" not in html and "Best fit" in html and html.count("cannot tell") == 1


def test_the_percentile_is_a_sentence(photo):
    html = match.answer(FakeEngine({"a": 0.05}), EN, photo, "a")
    assert re.search(r"higher than \d+ % of unmatched pairs", readable(html))


def test_the_chart_tells_every_place_in_words():
    result = MatchingResult(
        ("a", "b"), np.array([0.1, 0.4]), np.array([0.1, 0.9]), np.array([0.1, 0.9]), np.zeros(2), (0, 0)
    )
    html = match_draw.chart(result, FakeEngine().match_background(), EN)
    assert "Text 1 stands at 0.40. Text 2 stands at 0.10." in html


@pytest.mark.parametrize("say", [EN, ZH])
def test_html_in_texts_is_shown_as_text(photo, say):
    for html in (
        match.answer(FakeEngine(), say, photo, EVIL),
        sentiment.answer(FakeEngine(), say, photo, EVIL),
        *pictured(say, photo, EVIL, "gradcam"),
        about.draw(FakeEngine().status(), say),
    ):
        assert "<script" not in html
        assert "<b>at all" not in html


@pytest.mark.parametrize("texts", ["", "\n \n", "\u200b"])
def test_no_text_is_an_error_with_a_code(photo, texts):
    with pytest.raises(MMDemoError) as caught:
        match.answer(FakeEngine(), EN, photo, texts)
    assert caught.value.code == "text_missing"


# ---- sentiment


def test_three_verdicts_stand_side_by_side(photo):
    html = sentiment.answer(FakeEngine(), EN, photo, "a lovely day")
    assert html.count("<section") == 3
    assert html.count('class="mm-bar') == 9


def test_labels_are_in_the_language(photo):
    html = sentiment.answer(FakeEngine(), ZH, photo, "真好")
    assert {"负面", "中性", "正面"} <= set(re.findall(r"负面|中性|正面", html))
    assert "negative" not in html


@pytest.mark.parametrize(
    ("path", "text", "sentence"), [(None, "fine", "No photo was given"), ("photo", " ", "No sentence was given")]
)
def test_a_missing_side_is_said(photo, path, text, sentence):
    html = sentiment.answer(FakeEngine(), EN, path and photo, text)
    assert sentence in html
    assert html.count("mm-absent") == 1


def test_nothing_given_is_an_error():
    with pytest.raises(MMDemoError) as caught:
        sentiment.answer(FakeEngine(), EN, None, "")
    assert caught.value.code == "nothing_given"


def test_a_disagreement_names_both_sides():
    sides = np.array([0.8, 0.1, 0.1]), np.array([0.1, 0.1, 0.8])
    result = SentimentResult(("negative", "neutral", "positive"), sides[0], *sides, "disagree")
    assert "photo negative 80\u00a0%, sentence positive 80\u00a0%" in sentiment_draw.note(result, EN)
    assert "照片负面 80%，句子正面 80%" in sentiment_draw.note(result, ZH)
    agreed = SentimentResult(("negative", "neutral", "positive"), sides[0], sides[0], sides[0], "")
    assert "same way" in sentiment_draw.note(agreed, EN)


def test_no_disagreement_is_called_irony_and_each_says_how_often_such_a_verdict_is_right():
    negative, neutral, positive = np.eye(3) * 0.7 + 0.1
    for image, text in ((negative, positive), (positive, negative), (neutral, negative), (positive, positive)):
        note = "" if image is text else "disagree"
        result = SentimentResult(("negative", "neutral", "positive"), image, image, text, note, accuracy=0.61)
        english, chinese = (sentiment_draw.note(result, say) for say in (EN, ZH))
        assert "irony" not in english and "反话" not in chinese
        assert f"sides {'disagreed' if note else 'agreed'}" in english and "right in 61\u00a0%" in english
        assert "61% 是对的" in chinese


# ---- attention; more in test_attention_tab.py


def pictured(say: Say, path: str, sentence: str, method: str) -> tuple[str, str]:
    model = "matching" if method == "gradcam" else "cross_attention"
    answer = answers.answer(FakeEngine(), say, Question(path, clean_text(sentence), model, method))
    return answer["words"], answer["shown"]


def test_every_word_is_a_button_with_its_weight_in_words(photo):
    words, shown = pictured(EN, photo, "a lion, 狮子", "cross_attention")
    assert words.count("<button") == 1 + len(FakeEngine().words("a lion, 狮子"))
    assert 'aria-pressed="true"' in words
    assert re.search(r'aria-label="lion, \d+\u00a0% of the words’ weight"', words)
    assert 'aria-label="Heat map over the photo for whole sentence.' in shown


def test_the_figure_says_where_the_weight_lies_as_its_numbers_do(photo):
    engine = FakeEngine()
    image = read_image(photo)
    found = engine.explain(image, "a lion", None, 1)
    html = figure.figure(image, found, EN, engine.target_values(image, "a lion", found.model))
    assert "“lion”" in html
    assert re.search(r"of the weight lies|spread out", html)


@pytest.mark.parametrize("size", [(1, 1), (20_000, 10), (3, 900)])
def test_pictures_of_any_shape_are_drawn(tmp_path, size):
    path = tmp_path / "odd.png"
    Image.new("RGB", size, "teal").save(path)
    words, shown = pictured(ZH, str(path), "😀 שלום", "cross_attention")
    assert words.count("<button") >= 3
    assert re.search(r"--ratio:\d+\.\d{4}", shown)
    assert "mm-card" in match.answer(FakeEngine(), ZH, str(path), "😀\nשלום")


def test_tools_are_labelled_and_carry_the_caution():
    html = render("attention/tools.html", say=EN)
    assert "<label>" in html
    assert "Attention says where the model read, not why it decided." in html
    assert "Grad-CAM" in figure.hint("gradcam", "Someone 2017", EN)
