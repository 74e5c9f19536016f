"""Texts ranked by our own head and by tiny CLIP and SigLIP: each number is what its model means by it."""

import numpy as np
import pytest
import torch

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.engine.languages import TEMPLATES, script
from mmdemo.errors import ChoiceError, InputError, WeightsError
from tests.encoders.test_dual_encoders import row_of
from tests.hub_cache import install
from tests.pictures import picture
from tests.tiny_checkpoints import LONGEST, build_model, save

TEXTS = ["a dog runs on the beach", "a cat", "a dog."]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """An engine with a tiny row "clip" and a tiny row "siglip", English both."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache") / "hub"))
        for family in ("clip", "siglip"):
            add_row(patch, family, family, tmp_path_factory.mktemp(family))
        yield mmdemo.load(device="cpu", offline=True)


def add_row(patch, name, family, folder):
    """A row of the table that is here; its own repository, whatever its family."""
    from dataclasses import replace

    row = row_of(name)
    row = replace(row, tasks=("matching",), hub=replace(row.hub, languages=("en",)))
    save(family, folder)
    patch.setitem(CHECKPOINTS, name, row)
    install(row, folder)


def reference(engine, family, images, texts):
    """transformers' own logits_per_image, [B, K]."""
    head, model = engine.models.load(family), build_model(family).eval()
    pixels, words = head.image_encoder.prepare(images), head.text_encoder.prepare(texts)
    mask = words.tensors["mask"] if family == "clip" else None
    given = {"pixel_values": pixels.tensors["pixels"], "input_ids": words.tensors["ids"], "attention_mask": mask}
    with torch.no_grad():
        return model(**given).logits_per_image


def test_clip_has_a_softmax_over_the_texts_and_no_probability(engine):
    found, logits = engine.match(picture(), TEXTS, model="clip"), reference(engine, "clip", [picture()], TEXTS)
    assert found.probability is None and found.none_of_these is None and found.verdict(0) == "unsure"
    assert np.allclose(found.share, logits[0].softmax(0), atol=1e-5)
    assert found.temperature == pytest.approx(1 / build_model("clip").logit_scale.exp().item())
    assert engine.match(picture(), TEXTS[0], model="clip").share is None
    warm = engine.match(picture(), TEXTS, model="clip", temperature=0.5)
    assert np.allclose(warm.share, torch.tensor(found.similarity / 0.5).softmax(0), atol=1e-5)
    assert warm.temperature == 0.5 and np.allclose(warm.similarity, found.similarity)


def test_siglip_has_the_probability_of_each_pair_and_a_softmax_only_where_asked(engine):
    found, logits = engine.match(picture(), TEXTS, model="siglip"), reference(engine, "siglip", [picture()], TEXTS)
    assert np.allclose(found.probability, logits[0].sigmoid(), atol=1e-5)
    assert found.share is None and found.temperature is None and found.bounds is None
    assert found.none_of_these == pytest.approx(1 - found.probability.max(), abs=1e-5)
    assert engine.match(picture(), TEXTS, "siglip", temperature=1.0).share.sum() == pytest.approx(1, abs=1e-5)
    said = engine.ask("siglip", picture(), TEXTS[0])["matching"]["match"]
    assert said == pytest.approx(found.probability[0], abs=1e-5)
    assert engine.ask("clip", picture(), TEXTS[0]) == {}


@pytest.mark.parametrize("model", ["matching", "clip", "siglip"])
def test_a_matrix_is_softmaxed_both_ways(engine, model):
    images = [picture(0), picture(1), picture(2, size=(31, 77))]
    found = engine.matrix(images, TEXTS[:2], model)
    assert found.similarity.shape == (3, 2) and found.model == model
    assert np.allclose(found.over_texts.sum(1), 1, atol=1e-5) and np.allclose(found.over_images.sum(0), 1, atol=1e-5)
    dots = engine.encode_images(images, model) @ engine.encode_texts(TEXTS[:2], model).T
    assert np.allclose(found.similarity, dots, atol=1e-5)
    for row, image in zip(found.similarity, images, strict=True):
        one = engine.match(image, TEXTS[:2], model)
        assert np.allclose(one.similarity, row, atol=1e-5)
        if found.probability is not None:
            place = found.similarity.tolist().index(row.tolist())
            assert np.allclose(one.probability, found.probability[place], atol=1e-5)
    if model != "matching":
        logits = reference(engine, model, images, TEXTS[:2])
        assert np.allclose(found.over_texts, logits.softmax(1), atol=1e-5)
        assert np.allclose(found.over_images, logits.softmax(0), atol=1e-5)
    alone = engine.matrix(images[:1], TEXTS[:1], model)
    assert alone.over_texts is None and alone.over_images is None


def test_more_than_eight_and_impossible_temperatures_are_refused(engine):
    for images, texts in (([picture()] * 9, ["a dog"]), ([], ["a dog"]), ([picture()], ["a dog"] * 9)):
        with pytest.raises(InputError, match="1 to 8") as caught:
            engine.matrix(images, texts)
        assert caught.value.code == "matrix_size" and caught.value.values["limit"] == 8
    for temperature in (0, -1, float("nan"), True, "hot", 1e9):
        with pytest.raises(InputError) as caught:
            engine.match(picture(), TEXTS, temperature=temperature)
        assert caught.value.code == "bad_temperature"


def test_models_are_those_that_are_here_and_others_say_why(engine, monkeypatch):
    assert engine.match_models() == ("matching", "clip", "siglip")
    for model in ("sentiment", "nobody"):
        with pytest.raises(ChoiceError, match="'matching', 'clip', 'siglip'"):
            engine.match(picture(), TEXTS, model)
    monkeypatch.setitem(
        CHECKPOINTS,
        "far",
        row_of("far").__class__(**{**vars(CHECKPOINTS["clip"]), "name": "far", "hub": row_of("far").hub}),
    )
    assert "far" not in engine.match_models()
    with pytest.raises(WeightsError, match="fetch far"):
        engine.match(picture(), TEXTS, "far")


def test_the_background_of_a_row_is_measured_once_and_says_what_it_is(engine):
    kept = len(engine.models.pictures), len(engine.models.texts)
    found = engine.match_background("clip")
    assert found is engine.match_background("clip") and found is not engine.match_background("siglip")
    assert found.unmatched.sum() == pytest.approx(1, abs=1e-5) and not found.matched.any()
    assert (found.captions, found.drawn) == (48, 8) and "drew" in found.source
    assert (len(engine.models.pictures), len(engine.models.texts)) == kept
    result = engine.match(picture(), TEXTS, "clip")
    assert np.allclose(result.percentile, found.percentile(result.similarity), atol=1e-3)
    assert engine.match_background() is engine.match_background("matching") and engine.match_background().drawn == 0


def test_an_ensemble_is_the_mean_of_unit_vectors_of_filled_templates(engine):
    for model in ("clip", "matching"):
        found = engine.match(picture(), ["a dog", "一只狗"], model, ensemble=True)
        assert found.templates == (*TEMPLATES["en"], *TEMPLATES["zh"]) and found.texts == ("a dog", "一只狗")
        filled = engine.encode_texts([one.format("a dog") for one in TEMPLATES["en"]], model).mean(0)
        image = engine.encode_images([picture()], model)[0]
        assert found.similarity[0] == pytest.approx(image @ filled / np.linalg.norm(filled), abs=1e-5)
        assert found.tokens[0][0] > engine.count_tokens("a dog", model)[0]
    assert engine.match(picture(), "a dog", "clip").templates == ()


def test_a_language_that_was_not_taught_is_said(engine):
    texts = ["a dog", "一只狗", "собака", "123 !", "a 狗 on the beach"]
    assert engine.match(picture(), texts, "clip").foreign == (False, True, True, False, False)
    assert engine.match(picture(), texts).foreign == (False, False, True, False, False)
    assert [script(text) for text in texts] == ["latin", "chinese", "other", "", "latin"]


def test_tokens_are_counted_whole_and_cut_ones_too(engine):
    assert engine.count_tokens("a dog", "clip") == (4, LONGEST)  # two words between two marks
    assert engine.count_tokens("a dog", "siglip") == (3, LONGEST)  # padding is not counted
    for model in ("matching", "clip", "siglip"):
        found = engine.match(picture(), ["a dog", "dog " * 200], model)
        for (used, longest), cut in zip(found.tokens, found.cut_tokens, strict=True):
            assert cut == max(0, used - longest)
        assert found.tokens[1] == engine.count_tokens("dog " * 200, model)
