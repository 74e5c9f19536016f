"""The front door on the shipped weights: typed answers, caches, errors."""

import threading

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS
from mmdemo.errors import ChoiceError, ImageError, TextError
from tests.pictures import picture


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


def test_embeddings_are_unit_vectors_whose_dot_product_is_the_similarity(engine):
    images, texts = [picture(0), picture(1)], ["a dog on a beach", "两只猫", "snow"]
    a, b = engine.encode_images(images), engine.encode_texts(texts)
    assert a.shape == (2, b.shape[1]) and b.shape[0] == 3
    assert np.allclose(np.linalg.norm(a, axis=1), 1, atol=1e-5) and np.allclose(np.linalg.norm(b, axis=1), 1, atol=1e-5)
    assert np.allclose(engine.match(images[1], texts).similarity, b @ a[1], atol=1e-5)


def test_no_items_give_no_rows(engine):
    width = engine.encode_texts(["x"]).shape[1]
    assert engine.encode_images([]).shape == (0, width) and engine.encode_texts([]).shape == (0, width)


def test_more_items_than_a_batch_keep_their_order(engine):
    texts = [f"photo number {i}" for i in range(70)]
    together = engine.encode_texts(texts)
    assert np.allclose(together[69], engine.encode_texts([texts[69]])[0], atol=1e-4)


def test_match_answers_each_text_by_itself(engine):
    three = engine.match(picture(), ["a dog", "a red car", "一只狗"])
    assert three.share.sum() == pytest.approx(1, abs=1e-5)
    assert ((three.probability >= 0) & (three.probability <= 1)).all()
    assert ((three.percentile >= 0) & (three.percentile <= 100)).all()
    one = engine.match(picture(), "a dog")
    assert one.share is None and one.probability[0] == pytest.approx(three.probability[0], abs=1e-5)


def test_a_text_too_long_for_the_network_says_how_much_was_cut(engine):
    result = engine.match(picture(), ["dog", "dog " * 200])
    assert result.cut_tokens[0] == 0 and result.cut_tokens[1] == 200 - 123  # 128 less prefix and ends


def test_sentiment_takes_either_side(engine):
    both = engine.sentiment(picture(), "what a lovely day")
    assert both.probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert engine.sentiment(text="这家餐厅太糟糕了").image_only is None
    assert engine.sentiment(image=picture()).text_only is None
    with pytest.raises(TextError, match="got neither"):
        engine.sentiment()
    with pytest.raises(TextError, match="got neither"):
        engine.sentiment(text="  ")


def test_plain_words_of_feeling_are_read_in_both_languages(engine):
    for good, bad in (("I love this, wonderful!", "I hate this, terrible."), ("太好了，非常喜欢", "太差了，非常失望")):
        assert engine.sentiment(text=good).probabilities[2] > engine.sentiment(text=bad).probabilities[2]


@pytest.mark.parametrize("method", ["cross_attention", "gradcam"])
@pytest.mark.parametrize("word", [None, "dog", 0])
def test_explanations_fit_the_original_picture(engine, method, word):
    found = engine.explain(picture(size=(90, 60)), "a dog runs", method=method, word=word)
    assert found.image_map.shape == (60, 90) and (found.image_map >= 0).all()
    assert found.patch_map.sum() == pytest.approx(1, abs=1e-4) or found.patch_map.sum() == 0
    assert [w for w, _ in found.word_weights] == ["a", "dog", "runs"]
    assert found.method == method and found.word == {None: None, "dog": 1, 0: 0}[word]


def test_a_chinese_word_of_two_characters_is_found(engine):
    found = engine.explain(picture(), "海滩上的小狗", word="小狗")
    words = [word for word, _ in found.word_weights][found.word : found.word + found.run]
    assert words == ["小狗"]  # one word, though the tower's pieces cut it: 的小 + 狗
    assert engine.explain(picture(), "海滩上的小狗", word="海滩").word == 0


def test_explaining_leaves_no_gradient_and_no_growth_behind(engine):
    engine.explain(picture(), "a dog", method="gradcam")
    assert all(p.grad is None and not p.requires_grad for m in engine.models.modules.values() for p in m.parameters())


def test_unknown_words_and_methods_list_what_there_is(engine):
    with pytest.raises(TextError, match="a, dog") as caught:
        engine.explain(picture(), "a dog", word="cat")
    assert caught.value.code == "unknown_word"
    with pytest.raises(TextError):
        engine.explain(picture(), "a dog", word=7)
    with pytest.raises(ChoiceError, match="gradcam"):
        engine.explain(picture(), "a dog", method="magic")


def test_missing_inputs_are_said_clearly(engine):
    with pytest.raises(ImageError):
        engine.match(None, ["a dog"])
    for texts in ([], [""], ["  "]):
        with pytest.raises(TextError):
            engine.match(picture(), texts)


def test_odd_pictures_are_read(engine):
    for mode in ("L", "P", "RGBA", "CMYK", "1", "LA", "I;16"):
        image = Image.new(mode, (20, 10)) if mode == "I;16" else picture(size=(20, 10)).convert(mode)
        assert np.isfinite(engine.match(image, ["a dog"]).similarity).all()
    for size in ((1, 1), (20_000, 10)):
        found = engine.explain(Image.new("RGB", size), "a dog")
        assert found.image_map.shape == size[::-1]


def test_a_second_question_about_a_picture_does_not_read_it_again(engine, monkeypatch):
    engine.match(picture(5), ["a dog"])
    monkeypatch.setattr(
        engine.models.load(CHECKPOINTS["matching"].image_encoder), "tokens", None
    )  # reading again would fail
    engine.match(picture(5), ["a cat"])


def test_caches_stay_bounded(engine):
    from mmdemo.engine.readings import TEXTS_KEPT

    engine.encode_texts([f"text {i}" for i in range(TEXTS_KEPT + 40)])
    assert len(engine.models.texts) <= TEXTS_KEPT


def test_threads_get_their_own_answers(engine):
    pictures = [picture(i) for i in range(6)]
    alone = [engine.match(p, ["a dog"]).similarity[0] for p in pictures]
    found: dict[int, float] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: engine.match(pictures[i], ["a dog"]).similarity[0]}))
        for i in range(6)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [found[i] for i in range(6)] == pytest.approx(alone, abs=1e-5)


def test_status_tells_device_cards_and_the_last_call(engine):
    engine.match(picture(), ["a dog"])
    status = engine.status()
    assert status.device == "cpu" and status.offline
    assert {card["name"] for card in status.cards} >= {"efficientnet", "e5", "matching", "cross_attention", "sentiment"}
    assert status.last_call[0] == "match" and status.last_call[1] > 0
    assert "torch" in status.versions


def test_warming_up_loads_every_model_and_survives_a_damaged_one(monkeypatch, caplog):
    from mmdemo import loading

    fresh = mmdemo.load(device="cpu")
    fresh.warm_up().join(60)
    assert set(fresh.models.modules) == {name for name, row in CHECKPOINTS.items() if not row.hub}
    broken = mmdemo.load(device="cpu")
    monkeypatch.setattr(
        loading, "load_module", lambda name, device: (_ for _ in ()).throw(loading.WeightsError("gone"))
    )
    broken.warm_up().join(60)
    assert "gone" in caplog.text
    with pytest.raises(loading.WeightsError, match="gone"):
        broken.match(picture(), ["a dog"])
