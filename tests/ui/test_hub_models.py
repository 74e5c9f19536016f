"""Models of the Hub on the page, over the stand-in: the picker and its card, what they answer, how a download goes."""

import re
import time
from dataclasses import replace

import gradio as gr
import pytest

from mmdemo.errors import ChoiceError
from mmdemo.inputs import read_image
from mmdemo.ui import chain
from mmdemo.ui.api_answers import match as match_api
from mmdemo.ui.gallery import examples
from mmdemo.ui.hub import downloads, names
from mmdemo.ui.hub.downloads import Downloads
from mmdemo.ui.hub.picker import Picker
from mmdemo.ui.page import build_page
from mmdemo.ui.stale import StaleGuard
from mmdemo.ui.tabs.about import draw as about
from mmdemo.ui.tabs.match.draw import draw
from mmdemo.ui.tabs.match.events import Asked, answer
from mmdemo.ui.tabs.match.several import MOST, cells, with_more
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")
CLIP, SIGLIP = Asked("clip_b32"), Asked("siglip2")


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


@pytest.fixture
def engine() -> FakeEngine:
    """A stand-in with CLIP here too."""
    made = FakeEngine({"good": 0.31, "bad": 0.05, "好": 0.2})
    list(made.fetch("clip_b32"))
    return made


@pytest.fixture
def picker():
    engine = FakeEngine()
    with gr.Blocks():
        return Picker(engine, EN, Downloads(engine))


def until(picker: Picker, name: str, state: str) -> None:
    deadline = time.monotonic() + 10
    while picker.downloads.latest(name) is None or picker.downloads.latest(name).state != state:
        assert time.monotonic() < deadline
        time.sleep(0.01)


# ---- the picker


def test_the_built_in_model_comes_first_and_what_is_refused_is_not_offered():
    choices = names.model_choices(FakeEngine(), EN)
    assert [name for _, name in choices] == ["matching", "clip_b32", "siglip2", "multilingual_clip"]
    assert choices[0] == ("built in (EfficientNet + E5)", "matching")
    assert choices[1][0].replace("\u00a0", " ") == "CLIP ViT-B/32 · 605 MB"


def test_a_model_that_is_here_answers_at_once_and_one_that_is_not_shows_its_card(picker):
    here, missing = picker.values("siglip2"), picker.values("clip_b32")
    assert (here[picker.used], here[picker.card]) == ("siglip2", "")
    assert missing[picker.used] == "matching"
    card = readable(missing[picker.card])
    for said in ("605 MB; 50 GB free", "MIT", "English", "openai/clip-vit-base-patch32", "not on this machine yet"):
        assert said in card, said
    assert picker.engine.rows["clip_b32"].state == "missing"  # nothing is fetched before somebody presses


def test_a_download_moves_ends_and_the_model_answers_from_then_on(picker):
    picker.engine.fetch_seconds = 0.05
    begun = picker.fetched("clip_b32")
    assert 'role="progressbar"' in begun[picker.card] and begun[picker.timer].active
    assert begun[picker.used] == "matching" and begun[picker.cancel]["visible"] and not begun[picker.get]["visible"]
    until(picker, "clip_b32", "done")
    ended = picker.values("clip_b32")
    assert ended[picker.used] == "clip_b32" and ended[picker.card] == "" and not ended[picker.timer].active


def test_two_visitors_and_one_who_reloads_see_the_same_download(picker):
    picker.engine.fetch_seconds = 0.1
    with gr.Blocks():
        other = Picker(picker.engine, ZH, picker.downloads)
    picker.fetched("clip_b32")
    other.fetched("clip_b32")
    assert 'role="progressbar"' in other.values("clip_b32")[other.card]
    assert 'role="progressbar"' in picker.restored({"model": "clip_b32"})[picker.card]
    until(picker, "clip_b32", "done")


def asking(session: str) -> gr.Request:
    return gr.Request(session_hash=session)


def test_nobody_ends_what_another_page_waits_for(picker, monkeypatch):
    picker.engine.fetch_seconds = 0.3
    picker.fetched("clip_b32", asking("one"))
    until(picker, "clip_b32", "fetching")
    picker.values("clip_b32", asking("two"))
    values = picker.cancelled("clip_b32", asking("one"))
    assert "Another page waits" in values[picker.card] and values[picker.timer].active
    monkeypatch.setattr(downloads, "WAITS", -1.0)  # the other has left
    picker.downloads.look("clip_b32", "three")
    monkeypatch.setattr(downloads, "WAITS", 5.0)
    assert "Another page waits" not in picker.cancelled("clip_b32", asking("one"))[picker.card]
    until(picker, "clip_b32", "cancelled")


def test_a_cancelled_download_says_that_it_goes_on_and_a_failed_one_why(picker):
    picker.engine.fetch_seconds = 0.2
    picker.fetched("clip_b32")
    picker.cancelled("clip_b32")
    until(picker, "clip_b32", "cancelled")
    values = picker.values("clip_b32")
    assert "goes on from there" in values[picker.card] and values[picker.get]["visible"]
    picker.engine.fetch_seconds = 0.0
    picker.fetched("multilingual_clip")
    until(picker, "multilingual_clip", "failed")
    values = picker.values("multilingual_clip")
    assert "Nothing answers at the Hub" in values[picker.card] and values[picker.used] == "matching"
    assert "<b>clip</b>" not in values[picker.card] and "&lt;b&gt;" in values[picker.card]
    assert "too little room" in values[picker.card]


@pytest.mark.parametrize("name", ["clip_l14", "nothing", "../../etc"])
def test_an_address_or_a_call_that_names_what_is_not_offered_gets_a_sentence_and_no_download(picker, name):
    values = picker.restored({"model": name})
    assert values[picker.used] == values[picker.model] == "matching"
    assert "not offered here" in values[picker.card]
    picker.fetched(name)
    assert picker.downloads.latest(name) is None


def test_the_counter_says_how_many_tokens_are_read(picker):
    assert "5 of 64 tokens" in picker.count("a dog runs", "siglip2")
    assert "mm-over" in picker.count("a " * 70, "siglip2")
    assert picker.count(" ", "siglip2") == ""


# ---- Match


def test_a_clip_has_shares_among_the_texts_and_no_verdict(engine, photo):
    html = answer(engine, EN, photo, "good", "bad", asked=CLIP)
    assert "Nearest of these texts" in html and "Of these texts" in html and "no yes or no" in html
    assert "Probability" not in html and "mm-first" not in html and "mm-strong" not in html
    assert "CLIP ViT-B/32" in html and "softmax of cosine / 0.0100" in html


def test_of_one_text_alone_a_clip_says_cosine_and_place_only(engine, photo):
    html = readable(answer(engine, EN, photo, "good", asked=CLIP))
    assert "cos 0.31" in html and "a softmax over one text is always 100 %" in html
    assert "Of these texts" not in html and "higher than" in html


def test_a_siglip_has_its_own_probability_and_no_share(engine, photo):
    html = answer(engine, EN, photo, "good", "bad", asked=SIGLIP)
    assert "Probability" in html and "Of these texts" not in html and "Share" not in html
    assert "sigmoid of the cosine" in html and "Best fit" in html


def test_a_text_in_a_language_that_the_model_does_not_read_gets_no_number(engine, photo):
    html = answer(engine, EN, photo, "好", "good", asked=CLIP)
    assert "It does not read this language" in html
    assert html.count("Of these texts") == 2  # of "good": the name, and the bar's text
    assert "读不懂这种语言" in answer(engine, ZH, photo, "好", asked=CLIP)


def test_of_the_built_in_model_whether_it_reads_a_text_says_as_much_as_before(engine, photo):
    result = replace(engine.match(photo, ["good", "собака"]), foreign=(False, True))
    html = draw(result, engine.match_background(), 0, EN)
    assert html == draw(replace(result, foreign=()), engine.match_background(), 0, EN) and "does not read" not in html


def test_the_background_is_called_what_it_is(engine, photo):
    html = readable(answer(engine, EN, photo, "good", asked=CLIP))
    assert "the autoencoder drew of other photos" in html and "matched pairs 0." not in html
    assert "自编码器" in answer(engine, ZH, photo, "good", asked=CLIP)


def test_a_temperature_moves_the_shares_and_templates_are_listed(engine, photo):
    own, flat = (answer(engine, EN, photo, "good", "bad", asked=Asked("clip_b32", octaves=o)) for o in (0, 4))
    assert "Temperature 0.1600; the model’s own is 0.0100." in flat and "Temperature" not in own
    assert "100 %" in readable(own)
    assert "84 %" in readable(flat)  # softmax(0.26 / 0.16)
    assert "a drawing of {}" in answer(engine, EN, photo, "good", asked=Asked("clip_b32", ensemble=True))


def test_two_models_stand_side_by_side_each_by_its_name(engine, photo):
    html = answer(engine, EN, photo, "good", "bad", asked=Asked("clip_b32", rival="matching"))
    assert html.count("<section") == 2 and html.index("CLIP ViT-B/32") < html.index("built in (EfficientNet")
    missing = answer(FakeEngine(), EN, photo, "good", asked=Asked("matching", rival="clip_b32"))
    assert "not on this machine yet. Pick it" in missing
    assert "<section" not in answer(engine, EN, photo, "good", asked=Asked("clip_b32", rival="clip_b32"))


# ---- several photos


def test_the_tray_holds_each_photo_once_and_eight_at_most():
    assert with_more(["a"], ["b", "a"]) == ["a", "b"]
    assert len(with_more([], [str(i) for i in range(20)])) == MOST


def several(demo):
    """The events of "Several photos" on the English page, by the button that asks them."""
    found = {}
    for fn in demo.fns.values():
        for place, event in fn.targets:
            name = getattr(demo.blocks.get(place), "elem_id", None)
            if (
                fn.fn
                and (fn.page or "") == ""
                and name
                and name.startswith(("match-several", "match-tray", "match-view"))
            ):
                found[name, event] = fn.fn
    return found


def test_photos_are_added_drawn_and_looked_at_again_by_the_gate(engine, photo):
    asked = several(build_page(engine))
    given = ("good", "bad\n好", "clip_b32", 0, "texts")
    paths, tray, table = asked["match-several-examples", "click"](StaleGuard(), [], None, *given).values()
    assert len(paths) == 4 and tray.count("<button") == 4
    assert table.count("<tr>") == 5 and table.count('class="mm-num"') == 12 and "–" in table
    assert 'alt="Photo 1"' in table and "share of each row" in table
    with_own = asked["match-several-add", "click"](StaleGuard(), paths, photo, *given)  # it was never uploaded here
    assert [*with_own.values()][0] == paths
    stranger = asked["match-view", "input"](StaleGuard(), ["/etc/passwd"], None, *given)
    assert [*stranger.values()][0] == [] and "<table" not in [*stranger.values()][2]


def test_of_one_photo_or_one_text_a_softmax_is_a_sentence(engine):
    paths = [one.path for one in examples(EN)[:2]]
    images = [read_image(path) for path in paths]
    assert cells(engine.matrix(images, ["a"], "clip_b32"), "texts", EN) is None
    assert cells(engine.matrix(images[:1], ["a", "b"], "clip_b32"), "images", EN) is None
    shaded = cells(engine.matrix(images, ["a", "b"], "clip_b32"), "cosine", EN)
    assert {dark for row in shaded for _, dark in row} >= {0, 100}


# ---- the chain, About, programs


def test_the_chain_names_the_model_and_shows_its_own_number(engine, photo):
    assert "CLIP ViT-B/32" in (html := chain.answer(engine, EN, photo, "good", "clip_b32")) and "cos 0.31" in html
    assert "not read" in chain.answer(engine, EN, photo, "好", "clip_b32")
    html = readable(chain.answer(engine, EN, photo, "bad", "siglip2"))
    assert "SigLIP 2 base < 1 %" in html.replace("&lt;", "<") and "fit" not in html
    assert "it fits" in chain.answer(engine, EN, photo, "good")


def test_about_has_a_card_for_every_model_of_the_hub(engine):
    html = about.draw(engine.status(), EN, engine.hub_models())
    for row in engine.hub_models():
        assert f"python -m mmdemo fetch {row.name}" in html and row.title in html
    assert "needs more memory" in html and "cd" * 32 in html and "63.2\u00a0%" in html
    assert "&lt;b&gt;clip" in html and "<b>clip" not in html
    assert "下载命令" in about.draw(engine.status(), ZH, engine.hub_models())


def test_programs_may_name_a_model_and_a_name_that_is_not_offered_is_an_error(engine, photo):
    found = match_api(engine, photo, ["good", "bad"], "clip_b32")
    assert found["probability"] is None and found["model"] == "clip_b32" and sum(found["share"]) == pytest.approx(1)
    assert match_api(engine, photo, "good")["model"] == "matching"
    with pytest.raises(ChoiceError):
        match_api(engine, photo, "good", "clip_l14")
