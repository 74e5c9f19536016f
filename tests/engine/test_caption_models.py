"""Captions and answers by rows of the Hub: tiny BLIP and SmolVLM, as a download leaves them, through the engine."""

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo.checkpoints import find
from mmdemo.engine.answer import as_answers
from mmdemo.errors import ChoiceError, InputError, WeightsError
from mmdemo.tasks.writing import Written, write
from mmdemo.ui.text import Say
from tests.hub_cache import install
from tests.pictures import picture
from tests.tiny_checkpoints import save

WRITERS = ("blip_caption", "smolvlm")
ANSWERERS = ("blip_answer", "smolvlm")
ASKED = "is it a dog"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """An engine that has all three."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache") / "hub"))
        for name in (*WRITERS, ANSWERERS[0]):
            folder = tmp_path_factory.mktemp(name)
            save(name, folder)
            install(find(name), folder)
        yield mmdemo.load(device="cpu", offline=True)


def test_those_that_are_here_can_be_asked(engine):
    assert engine.caption_models() == ("captioning", *WRITERS)
    assert engine.answer_models() == ("answering", *ANSWERERS)


@pytest.mark.parametrize("model", WRITERS)
def test_captions_of_a_row_of_the_hub_are_its_own_generates(engine, model):
    found = engine.caption(picture(0), count=3, model=model)
    module = engine.models.load(model)
    prompt = module.caption(picture(0))
    end, fill = prompt.ends
    ids = prompt.decoder.generate(
        **prompt.inputs, num_beams=3, do_sample=False, num_return_sequences=3, max_new_tokens=prompt.longest,
        eos_token_id=end, pad_token_id=fill,
    )[:, len(prompt.ids) :]  # fmt: skip
    known = [module.processor.decode(row, skip_special_tokens=True).strip() for row in ids]
    assert list(found.texts) == known and found.model == model and found.language == "en"
    assert all(0 <= p <= 1 for p in found.probabilities) and all(-1 <= c <= 1 for c in found.cosines)
    assert all(word.attention.sum() == pytest.approx(1, abs=1e-3) for words in found.words for word in words)


@pytest.mark.parametrize("model", WRITERS)
def test_a_start_and_chance_and_word_by_word(engine, model):
    found = engine.caption(picture(0), start="A dog", temperature=1.5, count=2, model=model)
    assert all(text.startswith("A dog") for text in found.texts)
    assert all([word.given for word in words][:3] == [True, True, False] for words in found.words)
    first = next(words := engine.spoken(picture(0), start="A dog", model=model))
    assert first.text and not first.given and np.isclose(first.attention.sum(), 1, atol=1e-3)
    assert engine.match(picture(0), "a circle").texts == ("a circle",)  # the device is free meanwhile
    words.close()
    assert list(words) == []


def test_closing_the_words_ends_the_decoder_and_lets_the_row_go(engine):
    engine.unload("blip_caption")
    words, calls = engine.spoken(picture(0), model="blip_caption"), []
    engine.models.load("blip_caption").model.text_decoder.register_forward_hook(lambda *_: calls.append(1))
    next(words)
    assert engine.models.in_use._pinned["blip_caption"] == 1
    before = len(calls)
    words.close()
    assert len(calls) == before and engine.models.in_use._pinned["blip_caption"] == 0
    engine.unload("blip_caption")


def test_closing_the_words_of_our_own_decoder_ends_it(engine):
    words, calls = engine.spoken(picture(0)), []
    hook = engine.models.load("captioning").norm.register_forward_hook(lambda *_: calls.append(1))
    next(words)
    before = len(calls)
    words.close()
    hook.remove()
    assert len(calls) == before and list(words) == []


def test_a_language_that_a_row_does_not_write_is_said_in_both_languages(engine):
    for ask in (engine.caption, engine.spoken):
        with pytest.raises(InputError) as caught:
            ask(picture(0), "zh", model="blip_caption")
        assert caught.value.code == "caption_language"
        assert "BLIP base, captions" in Say("en").error(caught.value) and "换一种语言" in Say("zh").error(caught.value)


def test_what_writes_no_captions_or_is_not_here_is_said(engine, monkeypatch, tmp_path):
    for name in ("blip_answer", "clip_b32", "nothing"):
        with pytest.raises(ChoiceError):
            engine.caption(picture(0), model=name)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(WeightsError):
        mmdemo.load(device="cpu", offline=True).caption(picture(0), model="blip_caption")


@pytest.mark.parametrize("model", ANSWERERS)
def test_answers_of_a_row_of_the_hub_are_its_own_generates(engine, model):
    found, module = engine.answer(picture(0), ASKED, model), engine.models.load(model)
    prompt = module.answer(picture(0), ASKED)
    known = [one.text for one in write(prompt, 3)]
    assert {name for name, _ in found.answers} == set(known) and len(found.without_image) >= 1
    assert (found.model, found.ranked_by, found.known, found.kind) == (model, "writer", True, "yes/no")
    assert found.explanation.image_map.shape == picture(0).size[::-1] and found.explanation.word_weights == ()
    best = max(write(prompt, 3), key=lambda one: one.probability)
    mean = np.mean([word.attention for word in best.words if word.text], 0)
    assert np.allclose(found.explanation.patch_map, mean, atol=1e-5) and found.best == best.text


def test_without_the_photo_it_is_asked_about_an_even_picture_of_zeros(engine):
    module = engine.models.load("blip_answer")
    blank = Image.new("RGB", picture(0).size, module.mean_colour)
    pixels = module.processor(images=blank, return_tensors="pt").pixel_values
    assert pixels.abs().max() < 0.02
    found = engine.answer(picture(0), ASKED, "blip_answer")
    assert found.without_image == engine.answer(blank, ASKED, "blip_answer").answers
    assert found.without_image == engine.answer(picture(1), ASKED, "blip_answer").without_image


def test_answers_that_are_written_in_several_ways_count_together():
    written = [Written("a dog", 0.2, ()), Written("yes", 0.3, ()), Written("a dog", 0.25, ())]
    assert as_answers(written) == (("a dog", pytest.approx(0.45)), ("yes", pytest.approx(0.3)))


def test_a_question_that_a_row_does_not_read_is_said_in_both_languages(engine):
    with pytest.raises(InputError) as caught:
        engine.answer(picture(0), "图里有狗吗？", "blip_answer")
    assert caught.value.code == "question_language"
    assert "BLIP base, questions" in Say("en").error(caught.value) and "换一种语言" in Say("zh").error(caught.value)
    with pytest.raises(ChoiceError):
        engine.answer(picture(0), ASKED, "blip_caption")
