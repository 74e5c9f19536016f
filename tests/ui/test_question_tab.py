"""The Questions tab without a server: a question in, HTML out; and the endpoint."""

import re
from dataclasses import replace

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mmdemo.errors import InputError, MMDemoError
from mmdemo.inputs import read_image
from mmdemo.tasks.question_words import question_kind
from mmdemo.types import EngineStatus
from mmdemo.ui.tabs.question import draw, events
from mmdemo.ui.text import Say
from tests.fake_answers import ANSWER_CARD
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")
EVIL = "<script>alert(1)</script>"


class Carded(FakeEngine):
    """With the head's card."""

    def status(self) -> EngineStatus:
        return replace(super().status(), cards=(ANSWER_CARD,))


@pytest.fixture(scope="module")
def bright(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("photos") / "bright.png"
    Image.linear_gradient("L").convert("RGB").point(lambda v: 128 + v // 2).resize((60, 40)).save(path)
    return str(path)


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def answer(photo: str | None, question: str, say: Say = EN, engine: FakeEngine | None = None, model="matching") -> str:
    return events.answer(engine or FakeEngine(), say, photo, model, question)


def test_answers_stand_beside_those_without_the_photo(photo):
    html = answer(photo, "How many dogs are there?")
    seen, alone = re.findall(r"<section.*?</section>", html, re.DOTALL)
    assert "With the photo" in seen and "without the photo" in alone
    for section in (seen, alone):
        assert section.count('class="mm-measure"') == 5 and section.count("mm-strong") == 1
    assert re.search(r"<strong[^>]*>2</strong>", html) and "mm-guesses" not in html
    assert 'data-question="How many dogs are there?"' in html


@pytest.mark.parametrize(("say", "question"), [(EN, "Is there a dog?"), (ZH, "图里有狗吗？")])
def test_a_sentence_says_what_it_would_have_said_without_the_photo(photo, bright, say, question):
    same, other = (readable(answer(path, question, say)) for path in (photo, bright))
    yes = {"en": "yes", "zh": "是"}[say.language]
    percent = re.search(r"\d+ ?%", same)[0]
    assert say("question.same", answer=yes, percent=percent.replace(" ", "\u00a0")).replace("\u00a0", " ") in same
    assert say("question.differs", answer=yes, percent="").split("（")[0].split(" (")[0] in other
    assert say("question.same", answer=yes, percent="").split(yes)[1][:3] not in other


def test_the_map_and_the_words_of_the_best_answer_are_shown(photo):
    html = answer(photo, "Is there a dog?")
    assert html.count('class="mm-heat"') == 1 and "for “yes”" in html
    assert re.findall(r'<li class="mm-word"[^>]*>([^<]+)<i>', html) == ["Is", "there", "a", "dog", "?"]


@pytest.mark.parametrize(("say", "question"), [(EN, "Is there a dragon?"), (ZH, "图里有龙吗？")])
def test_where_it_cannot_tell_it_says_so_first_and_folds_its_guesses(photo, say, question):
    html = answer(photo, question, say)
    said, _, guesses = html.partition("<details")
    assert say("question.cannot_tell") in said and "mm-measure" not in said
    assert "mm-guesses" in guesses and say("question.guesses") in guesses and "mm-measure" in guesses


def test_named_answers_and_compared_statements_are_said_to_be_that(photo):
    assert EN("question.named") in answer(photo, "Is it red or blue?")
    result = replace(
        FakeEngine().answer(read_image(photo), "Is it red or blue?"), ranked_by="statements", without_image=()
    )
    html = draw.draw(read_image(photo), result, Carded().status(), EN)
    assert EN("question.statements") in html and EN("question.nothing") in html
    assert "Without the photo it would" not in html and "mm-table" not in html


@pytest.mark.parametrize("say", [EN, ZH])
def test_its_figures_for_this_kind_stand_beside_those_that_it_has_to_beat(photo, say):
    html = readable(answer(photo, "Is there a dog?", say, Carded()))
    for figure in ("71", "82", "60", "50", "1,500", "2026-11-27"):
        assert figure in html
    assert say("question.figures", kind=say("question.kind_yes/no")) in html
    assert "45 %" not in html and "1,234" in html and "62" in html
    assert "1,500" not in answer(photo, "Where is the dog?", say, Carded())  # none of this kind


@pytest.mark.parametrize("say", [EN, ZH])
def test_the_examples_ask_for_five_kinds(say):
    kinds = [question_kind(question) for question in events.examples(say)]
    assert kinds == ["which", "yes/no", "what", "colour", "count"]


def test_what_was_typed_and_what_is_answered_is_text(photo):
    html = answer(photo, f"What color is {EVIL} it?")
    assert "<script" not in html and "&lt;script" in html and "<b>blue" not in html and "&lt;b&gt;blue" in html


def test_what_is_not_read_is_said(photo):
    assert "mm-doubt" in answer(photo, "zx qwer?") and EN("question.cannot_tell") in answer(photo, "zx qwer?")
    assert "tokens were not read" in answer(photo, "Is there a dog " * 100)
    assert "mm-doubt" not in answer(photo, "a dog runs")  # no question, but it can be read


@pytest.mark.parametrize(
    ("path", "question", "code"),
    [(True, "", "question_missing"), (True, " \n", "question_missing"), (True, "x" * 2001, "text_too_long"),
     (False, "Is there a dog?", "image_missing")],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_sentence_in_both_languages(photo, path, question, code):
    with pytest.raises(MMDemoError) as caught:
        answer(photo if path else None, question)
    assert caught.value.code == code and EN.error(caught.value) != ZH.error(caught.value)


def test_programs_ask_too(address, photo, tmp_path):
    client = Client(address, verbose=False, download_files=str(tmp_path), analytics_enabled=False)
    found = client.predict(handle_file(photo), "图里有几只狗？", api_name="/answer")
    assert (found["language"], found["kind"], found["known"], found["ranked_by"]) == ("zh", "count", True, "list")
    assert found["answers"][0][0] == found["without_image"][0][0] == "2"
    assert len(found["patch_map"]) == 7 and found["words"][0][0] == "图" and "explanation" not in found
    for wrong in (("",), ("x" * 3000,), ("Is it?", "nobody")):
        with pytest.raises(AppError) as caught:
            client.predict(handle_file(photo), *wrong, api_name="/answer")
        assert "our side" not in str(caught.value)
    client.close()


# ---- a model of the Hub


class Writing(FakeEngine):
    """With BLIP here, which writes its answers and reads English alone."""

    def __init__(self) -> None:
        super().__init__()
        kept = {"tasks": ("answering",), "kind": "vision_language", "title": "BLIP", "languages": ("en",)}
        self.rows["blip_answer"] = replace(self.rows["siglip2"], name="blip_answer", **kept)

    def answer(self, image, question, model="answering"):
        if model == "blip_answer" and not question.isascii():
            raise InputError("English only.", "question_language", title="BLIP", languages="en")
        found = super().answer(image, question)
        bare = replace(found.explanation, word_weights=())
        return found if model == "answering" else replace(found, model=model, ranked_by="writer", explanation=bare)


@pytest.mark.parametrize(("say", "said"), [(EN, "always answers"), (ZH, "什么都会答")])
def test_a_model_of_the_hub_is_named_and_what_its_probability_is_is_said(photo, say, said):
    html = answer(photo, "Is there a dog?", say, Writing(), model="blip_answer")
    assert "mm-model-name" in html and "BLIP" in readable(html) and said in readable(html)
    assert "mm-still" not in html and "mm-heat" in html  # a map, and no words


@pytest.mark.parametrize(("say", "said"), [(EN, "The built-in model answers here"), (ZH, "这里由自带模型回答")])
def test_a_question_that_it_cannot_read_is_left_to_the_built_in_one(photo, say, said):
    html = answer(photo, "图里有狗吗？", say, Writing(), model="blip_answer")
    assert said in readable(html) and "mm-model-name" not in html
