"""The caption decoder on random weights: against itself word by word, against brute force, and what it returns."""

import itertools
import math

import pytest
import torch

from mmdemo.tasks.caption_search import FIT, Captions, describe, explained, ranked, sample, search, spoken
from mmdemo.tasks.caption_words import SPECIAL, CaptionWords, caption_words
from mmdemo.tasks.captioning import Captioning, ReadPicture, grid_positions

VOCAB = (*SPECIAL, "a", "dog", "狗", "跑", "一")
GRID = (2, 3)


@pytest.fixture
def model() -> Captioning:
    torch.manual_seed(0)
    model = Captioning(VOCAB, image_width=7, whole_width=5, width=16, heads=2, layers=2, inner=24).eval()
    torch.nn.init.normal_(model.word.weight, std=0.6)  # so that its words differ in probability
    return model


def picture_of(model: Captioning, p: int = 1) -> ReadPicture:
    generator = torch.Generator().manual_seed(1)
    tokens, whole = torch.randn(p, 6, 7, generator=generator), torch.randn(p, 5, generator=generator)
    return model.read_picture(tokens, whole, GRID)


def chance_of(model: Captioning, picture: ReadPicture, language: str, words: list[int]) -> float:
    """Log probability of the words after the first, all read at once."""
    return model.log_probability(torch.tensor([words]), picture, language).item()


# ---- words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A dog's toy, 2 cats .", ["a", "dog's", "toy", "2", "cats"]),
        ("一只狗。Hi", ["一", "只", "狗", "hi"]),
        ("?!", []),
    ],
)
def test_captions_are_cut_into_words_and_characters_without_marks(text: str, words: list[str]) -> None:
    assert caption_words(text) == words


def test_each_language_may_say_its_own_words_and_the_end() -> None:
    words = CaptionWords(VOCAB)
    assert [VOCAB[i] for i in words.sayable("en")] == ["[END]", "a", "dog"]
    assert [VOCAB[i] for i in words.sayable("zh")] == ["[END]", "狗", "跑", "一"]
    assert words.read("A cat, a dog") == [6, words.unknown, 6, 7]


def test_numbers_are_written_up_to_the_end() -> None:
    words = CaptionWords(VOCAB)
    assert words.write([3, 6, 7, 1, 7]) == "a dog"
    assert words.write([4, 10, 8, 1]) == "一狗"
    assert words.write([7, 1], after="A big ") == "A big dog"
    assert words.write([8], after="一只") == "一只狗"
    assert words.write([1], after="A big") == "A big"


# ---- the decoder


def test_attention_rows_sum_to_one_over_the_places(model: Captioning) -> None:
    attention = model.decode(torch.tensor([[3, 6, 7], [3, 7, 7]]), picture_of(model)).attention
    assert attention.shape == (2, 3, 6)
    torch.testing.assert_close(attention.sum(-1), torch.ones(2, 3))


def test_word_by_word_gives_what_all_at_once_gives(model: Captioning) -> None:
    words, picture = torch.tensor([[3, 6, 7, 6], [3, 7, 6, 7]]), picture_of(model, 2)
    whole = model.decode(words, picture)
    first = model.decode(words[:, :2], picture)
    second = model.decode(words[:, 2:3], picture, first.past)
    third = model.decode(words[:, 3:], picture, second.past)
    torch.testing.assert_close(torch.cat([first.hidden, second.hidden, third.hidden], 1), whole.hidden)
    torch.testing.assert_close(torch.cat([first.attention, second.attention, third.attention], 1), whole.attention)


def test_a_word_knows_nothing_of_those_after_it(model: Captioning) -> None:
    one, other = (model.decode(torch.tensor([words]), picture_of(model)).hidden for words in ([3, 6, 7], [3, 6, 6]))
    assert torch.equal(one[:, :2], other[:, :2])
    assert not torch.allclose(one[:, 2], other[:, 2])


def test_captions_side_by_side_read_their_own_picture(model: Captioning) -> None:
    words, both = torch.tensor([[3, 6], [3, 7], [3, 7], [3, 6]]), picture_of(model, 2)
    second = ReadPicture([(key[1:], value[1:]) for key, value in both.places], both.whole[1:])
    torch.testing.assert_close(model.decode(words, both).hidden[2:], model.decode(words[2:], second).hidden)
    assert not torch.allclose(model.decode(words, both).hidden[0], model.decode(words, both).hidden[3])


def test_probability_and_loss_agree_and_leave_unknown_words_out(model: Captioning) -> None:
    words, picture = torch.tensor([[3, 6, 7, 1, 0], [3, 2, 7, 6, 1]]), picture_of(model)
    chances = model.log_probability(words, picture, "en").detach()
    torch.testing.assert_close(model.loss(words, picture, "en").detach(), -chances.sum() / (3 + 3))
    sayable = model.vocabulary.sayable("en")
    hidden = model.decode(words[:1, :3], picture).hidden[0]
    by_hand = model.logits(hidden, sayable).log_softmax(-1)[range(3), [1, 2, 0]].sum()  # a, dog, [END]
    torch.testing.assert_close(chances[0], by_hand.detach())


def test_places_of_any_grid_have_their_own_position() -> None:
    positions = grid_positions(3, 4, 16)
    assert positions.shape == (12, 16)
    assert len(torch.unique(positions, dim=0)) == 12
    assert torch.equal(positions.view(3, 4, 16)[1, :, :8], positions.view(3, 4, 16)[1, :1, :8].expand(4, 8))  # the row


# ---- search


def every_caption(more: int) -> list[list[int]]:
    """All English captions of up to `more` words: those that end, and those that are cut off."""
    ended = [[*words, 1] for n in range(more) for words in itertools.product((6, 7), repeat=n)]
    return ended + [list(words) for words in itertools.product((6, 7), repeat=more)]


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.5])
@pytest.mark.parametrize("start", [(), (7,)])
def test_a_wide_beam_finds_what_brute_force_finds(model: Captioning, penalty: float, start: tuple[int, ...]) -> None:
    picture = picture_of(model)
    found = search(model, picture, "en", beams=15, start=start, penalty=penalty, more=3)
    given = chance_of(model, picture, "en", [3, *start]) if start else 0.0
    chances = {tuple(words): chance_of(model, picture, "en", [3, *start, *words]) - given for words in every_caption(3)}
    ranked = sorted(chances, key=lambda words: -chances[words] / len(words) ** penalty)
    assert len(chances) == 15
    assert found.words[0, 0, : len(start) + 1].tolist() == [3, *start]
    for row, chance, words in zip(found.words[0].tolist(), found.log_probability[0].tolist(), ranked, strict=True):
        assert [w for w in row[len(start) + 1 :] if w != 0] == list(words)
        assert chance == pytest.approx(chances[words], abs=1e-4)


def test_many_pictures_are_searched_as_each_alone(model: Captioning) -> None:
    both = picture_of(model, 2)
    together = search(model, both, "zh", beams=3)
    for i in range(2):
        one = ReadPicture([(key[i : i + 1], value[i : i + 1]) for key, value in both.places], both.whole[i : i + 1])
        alone = search(model, one, "zh", beams=3)
        torch.testing.assert_close(together.log_probability[i], alone.log_probability[0])
        width = alone.words.shape[-1]
        assert torch.equal(together.words[i, :, :width], alone.words[0])


def test_sampling_follows_the_probabilities(model: Captioning) -> None:
    torch.manual_seed(0)
    picture = picture_of(model)
    drawn = sample(model, picture, "en", count=4000, more=1).words[0, :, 1]
    expected = model.logits(model.decode(torch.tensor([[3]]), picture).hidden[0, 0], torch.tensor([1, 6, 7])).softmax(0)
    shares = torch.stack([(drawn == word).float().mean() for word in (1, 6, 7)])
    torch.testing.assert_close(shares, expected.detach(), atol=0.03, rtol=0)


def test_a_low_temperature_says_the_likeliest_word(model: Captioning) -> None:
    picture = picture_of(model)
    cold = sample(model, picture, "en", count=3, temperature=1e-4)
    greedy = search(model, picture, "en", beams=1)
    assert all(row == greedy.words[0, 0].tolist() for row in cold.words[0].tolist())
    torch.testing.assert_close(cold.log_probability[0], greedy.log_probability.expand(1, 3)[0])


# ---- what a person gets


def alike(texts: list[str]) -> torch.Tensor:
    """All fit equally well."""
    return torch.zeros(len(texts))


def test_captions_are_ranked_by_probability_for_their_length_and_by_fit() -> None:
    """By hand: -4 / 2^.7 = -2.46 and -6 / 3^.7 = -2.78; the second wins once it fits better by .32 / 6."""
    found = Captions(torch.tensor([[[3, 6, 1, 0], [3, 6, 7, 1]]]), torch.tensor([[-4.0, -6.0]]))
    for better, order in ((0.05, [0, 1]), (0.056, [1, 0])):
        assert ranked(found, torch.tensor([[0.0, better]]))[0].tolist() == order
    assert FIT * 0.05 < 6 / 3**0.7 - 4 / 2**0.7 < FIT * 0.056


def test_a_caption_that_fits_far_better_comes_first_and_says_its_cosine(model: Captioning) -> None:
    def fit(texts: list[str]) -> torch.Tensor:
        return torch.tensor([-len(text) / 100 for text in texts])

    plain = describe(model, picture_of(model), GRID, alike, "en", count=5)
    result = describe(model, picture_of(model), GRID, fit, "en", count=5)
    assert set(result.texts) == set(plain.texts) and result.texts != plain.texts
    assert result.cosines == pytest.approx([-len(text) / 100 for text in result.texts])


def test_a_start_is_kept_as_it_was_given(model: Captioning) -> None:
    result = describe(model, picture_of(model), GRID, alike, "en", count=2, start="A Purple dog")
    assert len(result.texts) == 2
    for text, words in zip(result.texts, result.words, strict=True):
        assert text.startswith("A Purple dog")
        assert [word.text for word in words[:3]] == ["a", "[UNK]", "dog"]
        assert [word.given for word in words[:4]] == [True, True, True, False]
    assert result.words[0][1].probability == 0  # nobody can say what is not in the list


def test_a_start_of_any_length_is_read(model: Captioning) -> None:
    assert describe(model, picture_of(model), GRID, alike, "en", start="dog " * 200).texts[0].startswith("dog dog")


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_each_word_has_its_map_its_probability_and_its_rivals(model: Captioning, temperature: float) -> None:
    torch.manual_seed(3)
    result = describe(model, picture_of(model), GRID, alike, "zh", count=3, temperature=temperature)
    for_length = [math.log(p) / len(w) ** 0.7 for p, w in zip(result.probabilities, result.words, strict=True)]
    assert for_length == sorted(for_length, reverse=True)
    for probability, words in zip(result.probabilities, result.words, strict=True):
        product = 1.0
        for word in words:
            assert word.attention.shape == GRID
            assert word.attention.sum() == pytest.approx(1, abs=1e-4)
            assert len(word.others) == 3  # of four sayable
            assert word.probability + sum(chance for _, chance in word.others) == pytest.approx(1, abs=1e-4)
            product *= word.probability
        assert probability == pytest.approx(product, rel=1e-3)


def test_word_by_word_says_what_the_narrowest_search_says(model: Captioning) -> None:
    picture = picture_of(model)
    row = search(model, picture, "en", beams=1).words[0, 0].tolist()
    told, again = list(spoken(model, picture, GRID, "en")), explained(model, picture, GRID, "en", row, 0)
    assert [word.text for word in told] == [word.text for word in again]
    assert [word.probability for word in told] == pytest.approx([word.probability for word in again], rel=1e-4)
