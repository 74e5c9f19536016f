"""The autoencoder on random weights, its loss by hand, and sentences as bags of words."""

import math

import numpy as np
import pytest
import torch

from mmdemo.errors import IncompatibleError
from mmdemo.tasks.reconstruction import PICTURE_WEIGHT, CrossModalAutoencoder
from mmdemo.tasks.word_list import WordList, base_of, chinese_runs, cut_run

VOCAB = ("dog", "run", "beach", "building", "ski", "狗", "沙滩", "自行车", "跑")


def build(captions: tuple[str, ...] = (), **options) -> CrossModalAutoencoder:
    torch.manual_seed(0)
    widths = {"feature_widths": (2, 4), "width": 8, "shared": 5, "hidden": 12, "embedding": 5}
    return CrossModalAutoencoder(VOCAB, captions, **widths, **options).eval()


def inputs(b: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.rand(b, 3, 64, 64), torch.randn(b, 6), (torch.rand(b, len(VOCAB)) > 0.5).float()


# ---- words


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("Two dogs are running on the beach!", ["dog", "run", "beach"], []),
        ("a building, skiing, SKIS", ["building", "ski"], []),
        ("a xylophone", [], ["xylophone"]),
        ("一只狗在沙滩上跑", ["狗", "沙滩", "跑"], []),
        ("骑自行车", ["自行车"], ["骑"]),
        ("dog 狗 dog", ["dog", "狗"], []),
        ("the of 的 !", [], []),
    ],
)
def test_a_sentence_is_read_as_the_words_of_the_list(text, known, unknown):
    found, missed = WordList(VOCAB).read(text)
    assert [VOCAB[i] for i in found] == known
    assert missed == unknown


def test_a_bag_marks_each_word_once_however_often_it_is_said():
    assert WordList(VOCAB).bag("dog, dogs, a dog on a beach").tolist() == [1, 0, 1, 0, 0, 0, 0, 0, 0]


def test_of_several_base_forms_the_best_ranked_one_counts():
    assert base_of("riding", {"ride": 0, "rid": 1}) == "ride"
    assert base_of("riding", {"rid": 0, "ride": 1}) == "rid"
    assert base_of("grass", {"gras": 0, "grass": 1}) == "grass"
    assert base_of("quickly", {"quick": 0}) is None


def test_the_longest_listed_word_is_cut_first_and_function_characters_part_runs():
    assert chinese_runs("小狗在草地上跑。") == ["小狗", "草地", "跑"]
    assert cut_run("骑自行车", {"自行", "自行车"}) == ["骑", "自行车"]


# ---- the network


def test_shapes_ranges_and_either_side_alone():
    model = build()
    picture, features, bag = inputs()
    image, text = model.encode_image(picture, features[None]), model.encode_text(bag)
    for given in ((image, text), (image, None), (None, text)):
        code = model.code(*given)
        drawn, logits = model.decode(code)
        assert code.shape == (2, 8) and logits.shape == (2, len(VOCAB))
        assert drawn.shape == (2, 3, 64, 64) and 0 <= drawn.min() and drawn.max() <= 1
    with pytest.raises(IncompatibleError, match="both are missing"):
        model.code(None, None)


def test_a_missing_side_adds_nothing_to_the_code():
    model = build()
    picture, features, bag = inputs()
    image, text = model.encode_image(picture, features[None]), model.encode_text(bag)
    assert torch.allclose(model.code(image, text), image + text)
    assert torch.equal(model.code(image, None), image) and torch.equal(model.code(None, text), text)
    assert torch.allclose(image, model.encode_features(features) + model.encode_picture(picture))


def test_pixels_write_the_private_part_of_the_code_and_no_word_is_read_off_it():
    model = build()
    picture, features, bag = inputs()
    pixels, said, summed = model.encode_picture(picture), model.encode_text(bag), model.encode_features(features)
    assert not pixels[:, :5].any() and pixels[:, 5:].all()
    assert not said[:, 5:].any() and not summed[:, 5:].any()
    assert torch.equal(model.decode(summed + pixels)[1], model.decode(summed)[1])
    assert not torch.equal(model.decode(summed + pixels)[0], model.decode(summed)[0])


def test_a_photo_is_read_by_both_readers_and_in_training_by_one_of_them():
    model, features = build(), inputs()[1]
    one, other = (read(x) for read, x in zip(model.feature_encoders, features.split((2, 4), 1), strict=True))
    assert torch.allclose(model.encode_features(features)[:, :5], (one + other) / 2, atol=1e-6)
    model.training = True  # the parts stay as they are: no dropout, no batch statistics
    drawn = torch.stack([model.encode_features(features)[:, :5] for _ in range(60)])  # [60, 2, 5]
    first = (drawn == one).all(-1)
    assert ((drawn == other).all(-1) == ~first).all() and 0.3 < first.float().mean() < 0.7


def test_views_of_a_photo_are_read_one_by_one_and_averaged():
    model, features = build(), torch.randn(2, 3, 6)
    one, other = model.encode_features(features[0]), model.encode_features(features[1])
    assert torch.allclose(model.read_views(features), (one + other) / 2, atol=1e-6)


def test_the_text_encoder_reads_the_mean_of_the_words_embeddings():
    model = build()
    bag = torch.zeros(1, len(VOCAB))
    bag[0, [0, 2]] = 1
    embedding, first, _, _, last = model.text_encoder
    mean = (embedding.weight[:, 0] + embedding.weight[:, 2]) / 2
    assert torch.allclose(model.encode_text(bag)[0, :5], last(torch.relu(first(mean))), atol=1e-6)


def test_both_losses_by_hand():
    model = build()
    drawn, picture = torch.full((1, 3, 64, 64), 0.5), torch.full((1, 3, 64, 64), 0.3)
    assert model.picture_loss(drawn, picture).item() == pytest.approx(PICTURE_WEIGHT * 0.04)
    logits, bag = torch.tensor([[0.0, 2.0, -2.0]]), torch.tensor([[0.5, 1.0, 0.0]])
    by_hand = math.log(2) + 2 * math.log(1 + math.exp(-2))
    assert model.words_loss(logits, bag).item() == pytest.approx(by_hand, abs=1e-5)


def test_being_wrong_about_either_side_costs():
    """The article subtracts one error, and then a wrong side pays; here each wrong side raises the sum."""
    model = build()
    picture, bag = torch.full((1, 3, 64, 64), 0.8), torch.tensor([[1.0, 0.0]])
    right = model.picture_loss(picture, picture) + model.words_loss(torch.tensor([[4.0, -4.0]]), bag)
    assert model.picture_loss(1 - picture, picture) + model.words_loss(torch.tensor([[4.0, -4.0]]), bag) > right
    assert model.picture_loss(picture, picture) + model.words_loss(torch.tensor([[-4.0, 4.0]]), bag) > right


def test_training_with_dropped_sides_draws_from_words_alone_and_names_from_the_photo_alone():
    model = build().train()
    picture = torch.stack([torch.zeros(3, 64, 64), torch.ones(3, 64, 64)])
    features, bag = torch.eye(2).repeat(1, 3), torch.zeros(2, len(VOCAB))
    bag[0, 0] = bag[1, 2] = 1
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(120):
        optimiser.zero_grad()
        image, text = model.encode_image(picture, features[None]), model.encode_text(bag)
        for given in ((image, None), (None, text)):
            drawn, logits = model.decode(model.code(*given))
            (model.picture_loss(drawn, picture) + model.words_loss(logits, bag)).backward(retain_graph=True)
        optimiser.step()
    model.eval()
    drawn, _ = model.decode(model.code(None, model.encode_text(bag)))
    assert ((drawn - picture) ** 2).mean() < 0.1  # the mean picture, grey, has 0.25
    _, logits = model.decode(model.code(model.encode_image(picture, features[None]), None))
    assert logits.argmax(1).tolist() == [0, 2]


def test_training_begins_with_the_commonplace():
    model = build()
    frequency = torch.full((1, len(VOCAB)), 0.2)
    model.start_from(torch.full((1, 3, 64, 64), 0.7), frequency)
    drawn, logits = model.decode(torch.zeros(1, 8))
    assert drawn.mean().item() == pytest.approx(0.7, abs=0.03)
    assert torch.allclose(torch.sigmoid(logits), frequency, atol=1e-5)


# ---- results


def test_an_answer_holds_both_sides_their_errors_and_what_was_not_read():
    model = build()
    picture, features, _ = inputs(1)
    code = model.encode(picture, features[None], "dogs on a xylophone")
    result = model.predict(code, picture, "dogs on a xylophone")
    assert result.original.shape == result.picture.shape == (64, 64, 3)
    assert result.image_error == pytest.approx(((result.original - result.picture) ** 2).mean(), rel=1e-4)
    assert result.known_words == ("dog",) and result.unknown_words == ("xylophone",)
    probabilities = [p for _, p in result.words]
    assert probabilities == sorted(probabilities, reverse=True) and len(result.words) == len(VOCAB)
    alone = model.predict(model.encode(None, None, "dog"), text="dog")
    assert alone.original is None and alone.image_error is None and alone.text_error > 0


def test_the_words_error_is_that_of_the_sentences_language():
    model = build()
    logits = torch.zeros(len(VOCAB))
    logits[5:] = 30.0  # the Chinese words, all wrong
    assert model.text_error(logits, model.words.bag("dog")) == pytest.approx(math.log(2), abs=1e-5)
    assert model.text_error(logits, model.words.bag("狗")) == pytest.approx(22.5, abs=1e-3)  # three of four, 30 each


def test_a_sentence_without_a_listed_word_leaves_the_photo_to_speak_alone():
    model = build()
    picture, features, _ = inputs(1)
    assert torch.equal(model.encode(picture, features[None], "xylophone"), model.encode(picture, features[None], None))
    result = model.predict(model.encode(None, None, "xylophone"), text="xylophone")
    assert result.text_error is None and result.known_words == ()


def test_the_nearest_code_is_the_pairs_own_and_its_caption_shows_both_languages():
    model = build(("A dog.\t一只狗。", "A ball.\t一个球。", "A wave."))
    codes = torch.tensor(np.random.default_rng(0).normal(size=(3, 8)), dtype=torch.float32)
    model.codes.copy_(codes)
    found = model.neighbours(codes[1], 2)
    assert found[0] == ("A ball. · 一个球。", pytest.approx(1.0, abs=1e-5))
    assert len(found) == 2 and found[1][1] < 1
