"""BLIP and SmolVLM: tiny random ones, as a download leaves them, beside transformers' own processor and generate."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmdemo.checkpoints import find
from mmdemo.errors import IncompatibleError
from mmdemo.loading import load_module
from mmdemo.tasks.word_maps import Tiles
from mmdemo.tasks.writing import spoken, told, write
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
    (one,) = write(mine.caption(picture(0, (37, 91)), begun), longest=8, beams=beams)
    assert one.text == known.strip() != ""
    assert [word.given for word in one.words] == [i < len(begun.split()) for i in range(len(one.words))]


def test_blip_answers_as_transformers_own_generate_does(given):
    mine, model, processor = given["blip_answer"]
    inputs = processor(images=picture(), text=ASKED, return_tensors="pt")
    known = processor.decode(model.generate(**inputs, max_new_tokens=5, do_sample=False)[0], skip_special_tokens=True)
    (one,) = write(mine.answer(picture(), ASKED), longest=5, beams=1)
    assert one.text == known.strip() != ""


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
    assert write(mine.answer(picture(), ASKED), longest=6, beams=1)[0].text == known != ""
    assert write(mine.caption(picture()), longest=6)[0].text and mine.able == ("caption", "answer")


def test_marks_that_a_visitor_types_are_plain_spaces(given):
    mine, _, _ = given["smolvlm"]
    assert write(mine.answer(picture(), f"<image>{ASKED}<end_of_utterance>"), longest=4)
    assert mine._plain("a <image> dog") == "a   dog"


def test_what_a_model_cannot_be_asked_is_said(given):
    for name, able in (("blip_caption", "caption"), ("blip_answer", "answer"), ("blip_match", "match")):
        assert given[name][0].able == (able,)
    with pytest.raises(IncompatibleError, match="can be asked for caption; got match"):
        given["blip_caption"][0].match(picture(), ASKED)


# ---- the words of a text, one by one


def prompt_of(given, name: str):
    mine = given[name][0]
    return mine.answer(picture(), ASKED) if mine.able == ("answer",) else mine.caption(picture(), "a dog")


@pytest.mark.parametrize("name", ["blip_caption", "blip_answer", "smolvlm"])
def test_each_word_has_its_map_and_its_rivals_and_a_text_the_product_of_its_probabilities(given, name):
    prompt = prompt_of(given, name)
    found = write(prompt, count=3, longest=6)
    assert 1 < len(found) <= 3 and len({(one.text, one.probability) for one in found}) == len(found)
    for one in found:
        new = [word for word in one.words if not word.given]
        assert one.probability == pytest.approx(float(np.prod([word.probability for word in new])), rel=1e-4)
        for word in one.words:
            assert word.attention.ndim == 2 and word.attention.sum() == pytest.approx(1, abs=1e-4)
            assert len(word.others) == 5 and list(word.others) == sorted(word.others, key=lambda other: -other[1])


@pytest.mark.parametrize("name", ["blip_caption", "blip_answer", "smolvlm"])
def test_a_text_has_the_probability_that_generate_gives_it(given, name):
    prompt = prompt_of(given, name)
    (end, fill), inputs = prompt.ends, prompt.inputs
    known = prompt.decoder.generate(
        **inputs, num_beams=3, do_sample=False, max_new_tokens=6, eos_token_id=end, pad_token_id=fill,
        length_penalty=0.0, num_return_sequences=3, output_scores=True, return_dict_in_generate=True,
    )  # fmt: skip
    mine = [told(prompt, [n for n in row if n != fill]) for row in known.sequences[:, len(prompt.ids) :].tolist()]
    assert [np.log(one.probability) for one in mine] == pytest.approx(known.sequences_scores.tolist(), abs=1e-3)


@pytest.mark.parametrize("name", ["blip_caption", "blip_answer", "smolvlm"])
def test_word_by_word_says_what_generate_says_without_beams(given, name):
    prompt = prompt_of(given, name)
    (whole,) = write(prompt, beams=1)
    one_by_one = list(spoken(prompt))
    new = [word for word in whole.words if not word.given]
    assert [word.text for word in one_by_one] == [word.text for word in new]
    assert [w.probability for w in one_by_one] == pytest.approx([w.probability for w in new], abs=1e-4)
    for a, b in zip(one_by_one, new, strict=True):
        assert np.allclose(a.attention, b.attention, atol=1e-4)


def test_whoever_closes_the_words_stops_the_decoder(given):
    prompt, calls = prompt_of(given, "blip_caption"), []
    hook = prompt.decoder.register_forward_hook(lambda *_: calls.append(1))
    telling = spoken(prompt)
    next(telling)
    before = len(calls)
    telling.close()
    hook.remove()
    assert list(telling) == [] and len(calls) == before <= 3  # a word of one token, and the token that begins the next


def test_chance_follows_the_temperature(given):
    prompt = prompt_of(given, "blip_answer")
    torch.manual_seed(0)
    cold = write(prompt, count=3, temperature=1e-4, longest=4)
    assert [one.text for one in cold] == [write(prompt, beams=1, longest=4)[0].text]
    hot = write(prompt, count=4, temperature=2.0, longest=4)
    assert [one.probability for one in hot] == sorted((one.probability for one in hot), reverse=True) and len(hot) > 1


def test_blips_map_is_the_mean_of_the_upper_layers_of_its_decoder(given):
    mine, model, processor = given["blip_caption"]
    pixels = processor(images=picture(), return_tensors="pt").pixel_values
    with torch.no_grad():
        seen = model.vision_model(pixels).last_hidden_state
        read = model.text_decoder(
            torch.tensor([[2, 40]]), encoder_hidden_states=seen, output_attentions=True, is_decoder=True
        )
        upper = torch.stack(read.cross_attentions[1:]).mean((0, 2))[0, :, 1:]  # of three layers the last two
    known = (upper / upper.sum(-1, keepdim=True)).view(2, 3, 3)
    (first, second) = told(mine.caption(picture()), [40, 3]).words
    assert np.allclose(first.attention, known[0], atol=1e-5) and np.allclose(second.attention, known[1], atol=1e-5)


# ---- the places of a picture in a chat


def test_tiles_and_the_whole_become_one_map():
    """By hand: 1 x 2 tiles of 2 x 2; attention is on the second tile's upper right and on the whole's lower left."""
    tiles = Tiles(torch.arange(1, 13), 1, 2, True)
    weights = torch.zeros(1, 1, 1, 14)
    weights[..., 1 + 4 + 1] = 0.3
    weights[..., 1 + 8 + 2] = 0.1
    (found,) = tiles.map(SimpleNamespace(attentions=(weights, weights)))
    assert torch.allclose(found, torch.tensor([[0, 0, 0, 0.75], [0.125, 0.125, 0, 0]]))
    assert Tiles(tiles.places, 1, 2, False).map(SimpleNamespace(attentions=(weights,))) is None


def test_the_tiles_of_a_prompt_are_read_off_its_marks():
    prompt = "<row_1_col_1><image><row_1_col_2><image>\n<row_2_col_1><image><row_2_col_2><image>\n<global-img><image>"
    pictured = torch.tensor([False, True] * 5)
    tiles = Tiles.of(prompt, pictured, {"pixel_attention_mask": torch.ones(1, 5, 2, 2)})
    assert (tiles.rows, tiles.columns, tiles.exact, tiles.places.tolist()) == (2, 2, True, [1, 3, 5, 7, 9])
    assert not Tiles.of(prompt, pictured, {"pixel_attention_mask": torch.zeros(1, 5, 2, 2)}).exact
    assert Tiles.of("<image>", pictured[:2], {}).rows == 0


def test_a_picture_that_is_cut_has_one_map_over_all_its_tiles(given):
    """A wide picture: 1 x 2 tiles of 2 x 2 tokens, and the whole; the text is that of transformers' own generate."""
    mine, model, processor = (copy.deepcopy(one) for one in given["smolvlm"])
    wide, marks = picture(0, (40, 20)), [f"<row_{i}_col_{j}>" for i in (1, 2) for j in (1, 2)]
    for one in (mine.processor, processor):
        one.tokenizer.add_special_tokens({"additional_special_tokens": marks}, replace_extra_special_tokens=False)
        one.image_processor.do_image_splitting, one.image_processor.size = True, {"longest_edge": 64}
    for one in (mine.model, model):
        torch.manual_seed(0)
        one.resize_token_embeddings(len(processor.tokenizer))
    prompt = mine.caption(wide)
    assert prompt.inputs["pixel_values"].shape[1] == 3  # at most 2 tiles to a side
    known = model.generate(**prompt.inputs, max_new_tokens=5, do_sample=False)[0, len(prompt.ids) :]
    (one,) = write(prompt, longest=5, beams=1)
    assert one.text == processor.decode(known, skip_special_tokens=True).strip()
    assert all(word.attention.shape == (2, 4) for word in one.words)
