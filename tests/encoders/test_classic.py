"""The encoders of the older systems: pixels, the small CNN, TF-IDF and the LSTM keep the contract of `base.py`."""

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer

from mmdemo.encoders.cnn import CnnEncoder
from mmdemo.encoders.lstm import END, SPECIAL_WORDS, LstmEncoder
from mmdemo.encoders.pixels import PixelEncoder
from mmdemo.encoders.tfidf import TfidfEncoder, lower_words

TEXTS = ["A dog, a dog!", "the dog runs on a beach", "一只狗在海滩上跑", "nothing known here", "the beach"]
WORDS = [*SPECIAL_WORDS, "a", "dog", "runs", "狗", "跑"]
ENCODERS = {
    "cnn": CnnEncoder,
    "pixels": PixelEncoder,
    "tfidf": lambda: TfidfEncoder(["dog", "beach", "狗"]),
    "lstm": lambda: LstmEncoder(WORDS, width=12, embedding=6),
}


def picture(width: int = 40, height: int = 30, colour: tuple[int, int, int] = (200, 30, 90)) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


@pytest.fixture(params=sorted(ENCODERS))
def encoder(request):
    torch.manual_seed(0)
    return ENCODERS[request.param]().eval()


@pytest.fixture
def items(encoder):
    return [picture(), picture(9, 90, (0, 0, 255))] if encoder.modality == "image" else TEXTS[:2]


@torch.no_grad()
def test_tokens_mask_pooled_and_layout_fit_each_other(encoder, items):
    said = encoder(encoder.prepare(items))
    b, n, d = said.tokens.shape
    assert b == 2 and d == encoder.width and said.pooled.shape == (2, d)
    assert said.mask.any(1).all()
    if encoder.modality == "image":
        h, w = said.layout[0].grid
        assert n == h * w and said.mask.all()
        assert [layout.size for layout in said.layout] == [(30, 40), (90, 9)]
    else:
        assert all(len(layout.tokens) == n for layout in said.layout)
        assert [layout.text for layout in said.layout] == TEXTS[:2]


@torch.no_grad()
def test_an_item_says_the_same_alone_and_in_company(encoder, items):
    together = encoder(encoder.prepare(items))
    for i, item in enumerate(items):
        alone = encoder(encoder.prepare([item]))
        torch.testing.assert_close(together.item(i).tokens, alone.tokens, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(together.pooled[i : i + 1], alone.pooled, rtol=1e-4, atol=1e-5)


def test_pixels_are_the_picture_divided_by_255_row_by_row():
    square = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    encoder = PixelEncoder()
    said = encoder(encoder.prepare([Image.fromarray(square)]))
    assert said.tokens.shape == (1, 1, 12_288)
    np.testing.assert_allclose(said.pooled[0].numpy(), square.reshape(-1) / 255, atol=1e-6)


def test_cnn_grid_is_that_of_the_real_feature_map():
    encoder = CnnEncoder(planes=4).eval()
    assert encoder.features(torch.zeros(1, 4, 64, 64)).shape == (1, 64, *encoder.grid()) == (1, 64, 16, 16)
    assert [m.out_channels for m in encoder.features if isinstance(m, torch.nn.Conv2d)] == [32, 64]


def test_tfidf_is_that_of_scikit_learn():
    fitted = TfidfVectorizer(analyzer=lower_words).fit(TEXTS[:3])
    encoder = TfidfEncoder(fitted.get_feature_names_out().tolist())
    encoder.idf.copy_(torch.from_numpy(fitted.idf_))
    ours = encoder(encoder.prepare(TEXTS)).pooled.numpy()
    np.testing.assert_allclose(ours, fitted.transform(TEXTS).toarray(), atol=1e-6)
    assert (ours[3] == 0).all()  # no word known: no direction


def test_tfidf_worked_out_by_hand():
    encoder = TfidfEncoder(["dog", "beach"])
    encoder.idf.copy_(torch.tensor([1.0, 2.0]))
    said = encoder(encoder.prepare(["Dog dog dog on a beach"]))  # (3 * 1, 1 * 2), divided by the root of 13
    torch.testing.assert_close(said.pooled, torch.tensor([[3.0, 2.0]]) / 13**0.5)


def test_lstm_reads_words_and_single_chinese_characters_and_ends_every_text():
    encoder = LstmEncoder(WORDS, width=12, embedding=6)
    batch = encoder.prepare(["A Dog sings", "狗跑"])
    assert batch.layout[0].tokens == ("a", "dog", "[UNK]", END)
    assert batch.layout[1].tokens == ("狗", "跑", END, "[PAD]")
    assert batch.layout[1].word_ids == (0, 1, None, None)
    assert batch.tensors["mask"].tolist() == [[True] * 4, [True] * 3 + [False]]


def test_lstm_says_how_much_of_a_long_text_it_cut():
    encoder = LstmEncoder(WORDS, width=12, embedding=6, longest=5)
    layout = encoder.prepare(["dog runs a dog runs a dog"]).layout[0]
    assert layout.tokens == ("dog", "runs", "a", "dog", END) and layout.cut_tokens == 3 and len(layout.words) == 7


@torch.no_grad()
def test_lstm_is_torchs_own_step_by_step():
    """One layer, written out: gates i, f, g, o of `torch.nn.LSTM`, then the linear layer and the mean."""
    torch.manual_seed(1)
    encoder = LstmEncoder(WORDS, width=4, embedding=3, layers=1).eval()
    batch = encoder.prepare(["dog runs"])
    weights = encoder.lstm
    h, c, states = torch.zeros(4), torch.zeros(4), []
    for x in encoder.embedding(batch.tensors["ids"][0]):
        i, f, g, o = (
            weights.weight_ih_l0 @ x + weights.bias_ih_l0 + weights.weight_hh_l0 @ h + weights.bias_hh_l0
        ).chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        states.append(encoder.out(h))
    said = encoder(batch)
    torch.testing.assert_close(said.tokens[0], torch.stack(states))
    torch.testing.assert_close(said.pooled[0], torch.stack(states).mean(0))


@torch.no_grad()
def test_lstm_hears_the_order_of_words_and_tfidf_does_not():
    torch.manual_seed(0)
    lstm, tfidf = LstmEncoder(WORDS, width=12, embedding=6).eval(), TfidfEncoder(["a", "dog", "runs"])
    said = lstm(lstm.prepare(["a dog runs", "runs dog a"])).pooled
    assert not torch.allclose(said[0], said[1], atol=1e-4)
    counted = tfidf(tfidf.prepare(["a dog runs", "runs dog a"])).pooled
    torch.testing.assert_close(counted[0], counted[1])
