"""BLIP and SmolVLM: tiny random ones, as a download leaves them, beside transformers' own processor and generate."""

import pytest
import torch

from mmdemo.checkpoints import find
from mmdemo.errors import IncompatibleError
from mmdemo.loading import load_module
from tests.hub_cache import install
from tests.pictures import picture
from tests.tiny_checkpoints import BLIPS, save

ASKED = "a dog on the beach"


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """name -> (our module, transformers' own model, its processor), of the same files."""
    import transformers

    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache") / "hub"))
        for name in (*BLIPS, "smolvlm"):
            folder, row = tmp_path_factory.mktemp(name), find(name)
            save(name, folder)
            assert set(row.hub.files) <= {path.name for path in folder.iterdir()}
            install(row, folder)
            model = getattr(transformers, row.config["model"]).from_pretrained(folder).eval()
            found[name] = load_module(name), model, transformers.AutoProcessor.from_pretrained(folder, backend="pil")
        yield found


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("begun", ["", "a dog"])
def test_blip_writes_the_caption_that_transformers_own_generate_writes(given, begun, beams):
    mine, model, processor = given["blip_caption"]
    inputs = processor(images=picture(0, (37, 91)), return_tensors="pt", **({"text": begun} if begun else {}))
    ids = model.generate(**inputs, max_new_tokens=8, num_beams=beams, do_sample=False)
    known = processor.decode(ids[0], skip_special_tokens=True)
    assert mine.caption(picture(0, (37, 91)), begun, longest=8, beams=beams) == known.strip() != ""


def test_blip_answers_as_transformers_own_generate_does(given):
    mine, model, processor = given["blip_answer"]
    inputs = processor(images=picture(), text=ASKED, return_tensors="pt")
    known = processor.decode(model.generate(**inputs, max_new_tokens=5, do_sample=False)[0], skip_special_tokens=True)
    assert mine.answer(picture(), ASKED, longest=5) == known.strip() != ""


def test_blip_says_how_likely_a_text_belongs_to_a_picture(given):
    mine, model, processor = given["blip_match"]
    with torch.no_grad():
        known = model(**processor(images=picture(), text=ASKED, return_tensors="pt")).itm_score.softmax(-1)[0, 1]
    assert mine.match(picture(), ASKED) == pytest.approx(float(known), abs=1e-5)


def test_a_chat_model_is_asked_in_its_own_template(given):
    mine, model, processor = given["smolvlm"]
    said = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": ASKED}]}]
    prompt = processor.apply_chat_template(said, add_generation_prompt=True)
    inputs = processor(images=[picture()], text=prompt, return_tensors="pt")
    ids = model.generate(**inputs, max_new_tokens=6, do_sample=False)[0, inputs["input_ids"].shape[1] :]
    known = processor.decode(ids, skip_special_tokens=True).strip()
    assert mine.answer(picture(), ASKED, longest=6) == known != ""
    assert mine.caption(picture(), longest=6) and mine.able == ("caption", "answer")


def test_marks_that_a_visitor_types_are_plain_spaces(given):
    mine, _, _ = given["smolvlm"]
    assert mine.answer(picture(), f"<image>{ASKED}<end_of_utterance>", longest=4) is not None
    assert mine._plain("a <image> dog") == "a   dog"


def test_what_a_model_cannot_be_asked_is_said(given):
    for name, able in (("blip_caption", "caption"), ("blip_answer", "answer"), ("blip_match", "match")):
        assert given[name][0].able == (able,)
    with pytest.raises(IncompatibleError, match="can be asked for caption; got match"):
        given["blip_caption"][0].match(picture(), ASKED)
