"""CNN + LSTM at three levels and for two tasks: shapes, what each level is, padding, missing sides."""

import pytest
import torch
from PIL import Image

from mmdemo.encoders.lstm import SPECIAL_WORDS
from mmdemo.errors import ChoiceError, IncompatibleError
from mmdemo.tasks.cnn_lstm import LEVELS, CnnLstm
from mmdemo.types import LABELS, Batch

WORDS = [*SPECIAL_WORDS, "a", "dog", "sad", "happy", "狗"]


@pytest.fixture(params=sorted(LEVELS))
def level(request):
    torch.manual_seed(0)
    return LEVELS[request.param](WORDS, 0.3).eval()


def inputs(level, texts=("a happy dog", "狗")):
    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(len(texts), 3, 64, 64, generator=generator) * 2 - 1
    return Batch({"pixels": pixels}, ()), level.text.prepare(list(texts))


def one(batch: Batch, i: int) -> Batch:
    return Batch({name: t[i : i + 1] for name, t in batch.tensors.items()}, ())


@torch.no_grad()
def test_every_level_answers_with_both_sides_and_with_either(level):
    image, text = inputs(level)
    both = level(image, text)
    assert "sentiment" in both
    for pair in ((image, text), (image, None), (None, text)):
        for task, logits in level(*pair).items():
            assert logits.shape == (2, len(LABELS[task])) and logits.isfinite().all()
    assert not torch.allclose(both["sentiment"], level(image, None)["sentiment"])
    assert not torch.allclose(both["sentiment"], level(None, text)["sentiment"])
    with pytest.raises(IncompatibleError, match="both are missing"):
        level(None, None)


@torch.no_grad()
def test_padding_and_company_do_not_change_an_answer(level):
    image, text = inputs(level)
    together = level(image, text)["sentiment"]
    alone = level(one(image, 1), level.text.prepare(["狗"]))["sentiment"]  # without the padding to three words
    torch.testing.assert_close(together[1:], alone, rtol=1e-4, atol=1e-5)


def test_gradients_reach_every_parameter(level):
    image, text = inputs(level)
    level.train()
    out = [x for pair in ((image, text), (image, None), (None, text)) for x in level(*pair).values()]
    sum((x * torch.linspace(-1, 2, x.numel()).view_as(x)).sum() for x in out).backward()
    assert [name for name, p in level.named_parameters() if p.grad is None] == []


@torch.no_grad()
def test_data_level_lays_word_i_in_row_i_beside_the_pixels():
    torch.manual_seed(0)
    level = LEVELS["data"](WORDS).eval()
    text = level.text.prepare(["a happy dog"])
    plane = level.plane(text)
    assert plane.shape == (1, 1, 64, 64)
    tokens = level.text(text).tokens[0]  # three words and the end mark
    torch.testing.assert_close(plane[0, 0, :4], tokens @ level.lay.weight.T + level.lay.bias)
    assert (plane[0, 0, 4:] == 0).all()


@torch.no_grad()
def test_data_level_takes_as_many_words_as_the_picture_has_rows():
    level = LEVELS["data"](WORDS).eval()
    assert level.plane(level.text.prepare(["dog " * 200])).shape == (1, 1, 64, 64)


@torch.no_grad()
def test_model_level_averages_the_two_verdicts_with_its_weight():
    torch.manual_seed(0)
    level = LEVELS["model"](WORDS).eval()
    level.raw_weight.fill_(1.5)
    image, text = inputs(level)
    p, q = (level(*pair)["sentiment"].softmax(-1) for pair in ((image, None), (None, text)))
    w = 1 / (1 + 2.718281828459045**-1.5)
    torch.testing.assert_close(level(image, text)["sentiment"].softmax(-1), w * p + (1 - w) * q)


@torch.no_grad()
def test_the_system_takes_each_answer_from_the_network_that_its_table_names():
    torch.manual_seed(0)
    system = CnnLstm(WORDS, best="model").eval()
    image, text = system.prepare(Image.new("RGB", (30, 20), (9, 99, 200)), "a sad dog")
    found = system.predict(image, text)
    torch.testing.assert_close(found["matching"], system.levels["multitask"](image, text)["matching"].softmax(-1))
    torch.testing.assert_close(found["sentiment"], system.levels["model"](image, text)["sentiment"].softmax(-1))
    assert system.prepare(None, "a dog")[0] is None
    with pytest.raises(ChoiceError, match="multitask"):
        CnnLstm(WORDS, best="deep")
