"""The text tower's contract, on a tiny random encoder with a tiny vocabulary."""

import pytest
import torch

from mmdemo.encoders.bert import SPECIAL, BertEncoder, read_vocab, split_words
from mmdemo.types import Batch, TextLayout

PIECES = ["a", "dog", "run", "##ning", "##s", "don", "t", "'", ".", "cafe", "一", "只", "狗", "，", "[", "]", "sep"]
HARD_TEXTS = {
    "empty": "",
    "spaces": " \t\n\u3000",
    "emoji": "dog😀👍🏽👨\u200d👩\u200d👧",
    "right to left": "שלום dog مرحبا",
    "control characters": "a\x00\x1b[0m\u200bdog\ufeff",
    "lone accent": "\u0301 dog",
    "lone surrogate": "dog \ud800",
    "astral Chinese": "𠀀𠀁",
    "one endless word": "dog" * 500,
}


@pytest.fixture(scope="module")
def encoder() -> BertEncoder:
    torch.manual_seed(0)
    return BertEncoder([*SPECIAL, *PIECES], width=16, layers=2, heads=2, inner=32, longest=12).eval()


def layout_of(encoder: BertEncoder, text: str) -> TextLayout:
    return encoder.prepare([text]).layout[0]


def test_shapes_follow_the_contract(encoder: BertEncoder) -> None:
    with torch.no_grad():
        said = encoder(encoder.prepare(["a dog", "一只狗，a dog running."]))
    assert said.tokens.shape == (2, 11, 16)
    assert said.mask.sum(1).tolist() == [4, 11]
    assert said.pooled.shape == (2, 16)
    assert said.attentions is None


def test_pooled_is_the_mean_over_real_tokens(encoder: BertEncoder) -> None:
    with torch.no_grad():
        said = encoder(encoder.prepare(["dog", "a dog running."]))
    assert torch.allclose(said.pooled[0], said.tokens[0, :3].mean(0), atol=1e-6)


def test_each_token_names_its_english_word(encoder: BertEncoder) -> None:
    layout = layout_of(encoder, "Don't running, DOGS.")
    assert layout.words == ("Don't", "running", ",", "DOGS", ".")
    assert layout.tokens == ("[CLS]", "don", "'", "t", "run", "##ning", "[UNK]", "dog", "##s", ".", "[SEP]")
    assert layout.word_ids == (None, 0, 0, 0, 1, 1, 2, 3, 3, 4, None)


def test_each_chinese_character_is_a_word(encoder: BertEncoder) -> None:
    layout = layout_of(encoder, "一只狗，dog狗")
    assert layout.words == ("一", "只", "狗", "，", "dog", "狗")
    assert layout.tokens == ("[CLS]", "一", "只", "狗", "，", "dog", "狗", "[SEP]")
    assert layout.word_ids == (None, 0, 1, 2, 3, 4, 5, None)


def test_case_and_accents_are_read_alike(encoder: BertEncoder) -> None:
    batch = encoder.prepare(["café", "CAFE", "cafe\u0301"])
    assert (batch.tensors["ids"] == batch.tensors["ids"][0]).all()
    assert batch.layout[0].words == ("café",)


def test_an_emoji_does_not_take_its_word_along(encoder: BertEncoder) -> None:
    assert layout_of(encoder, "dog😀").tokens == ("[CLS]", "dog", "[UNK]", "[SEP]")


def test_typed_special_tokens_are_plain_text(encoder: BertEncoder) -> None:
    assert layout_of(encoder, "[SEP]").tokens == ("[CLS]", "[", "sep", "]", "[SEP]")


def test_tokens_beyond_the_limit_are_counted(encoder: BertEncoder) -> None:
    layout = layout_of(encoder, "dogs " * 7)
    assert len(layout.tokens) == 12
    assert layout.tokens[-1] == "[SEP]"
    assert layout.cut_tokens == 4
    assert len(layout.words) == 7
    assert layout_of(encoder, "dogs " * 5).cut_tokens == 0


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
def test_hard_texts_are_read(encoder: BertEncoder, text: str) -> None:
    batch = encoder.prepare([text, "a dog"])
    with torch.no_grad():
        said = encoder(batch)
    layout = said.layout[0]
    assert isinstance(layout, TextLayout)
    assert said.tokens.isfinite().all() and said.pooled.isfinite().all()
    assert all(i is None or i < len(layout.words) for i in layout.word_ids)


def test_an_empty_text_is_its_two_special_tokens(encoder: BertEncoder) -> None:
    layout = layout_of(encoder, "")
    assert layout.tokens == ("[CLS]", "[SEP]")
    assert layout.words == ()


def test_attention_rows_sum_to_one_over_real_tokens(encoder: BertEncoder) -> None:
    with torch.no_grad():
        said = encoder(encoder.prepare(["dog", "a dog running."]), attentions=True)
    assert said.attentions is not None and len(said.attentions) == 2
    for attention in said.attentions:
        assert attention.shape == (2, 2, 7, 7)
        over_real = (attention * said.mask[:, None, None, :]).sum(-1)  # [B, H, N]
        assert torch.allclose(over_real, torch.ones_like(over_real), atol=1e-5)


def test_padding_changes_nothing(encoder: BertEncoder) -> None:
    with torch.no_grad():
        alone = encoder(encoder.prepare(["一只 dog"]))
        beside = encoder(encoder.prepare(["a dog running dogs a dog.", "一只 dog"])).item(1)
    assert torch.allclose(alone.tokens, beside.tokens, atol=1e-5)
    assert torch.allclose(alone.pooled, beside.pooled, atol=1e-5)
    assert alone.layout == beside.layout


def test_the_same_text_twice_gives_the_same_tokens(encoder: BertEncoder) -> None:
    first, second = (encoder(encoder.prepare(["a dog"])).tokens for _ in range(2))
    assert torch.equal(first, second)


def test_a_vocabulary_file_gives_the_same_encoder(encoder: BertEncoder, tmp_path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("".join(f"{token}\n" for token in encoder.vocab), encoding="utf-8")
    assert read_vocab(path) == encoder.vocab
    again = BertEncoder(path, width=16, layers=2, heads=2, inner=32, longest=12)
    again.load_state_dict(encoder.state_dict())
    assert isinstance(again.prepare(["a dog"]), Batch)


def test_no_texts_are_an_empty_batch(encoder: BertEncoder) -> None:
    assert encoder.prepare([]).tensors["ids"].shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rock'n'roll", ["rock'n'roll"]),
        ("’tis dogs' 'a'", ["’", "tis", "dogs", "'", "'", "a", "'"]),
        ("5pm!?", ["5pm", "!", "?"]),
        ("x_y", ["x", "_", "y"]),
        ("हिन्दी", ["हिन्दी"]),
        ("a\x00b", ["a", "b"]),
    ],
)
def test_words_are_split_as_a_reader_would(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_read_from_its_first_layer_it_says_the_same_and_leaves_no_hook() -> None:
    encoder = BertEncoder([*SPECIAL, *PIECES], width=16, layers=2, heads=2, inner=32, longest=12).eval()
    batch = encoder.prepare(["a dog running."])
    said = encoder.reread(encoder.start(batch).detach().requires_grad_(), batch)
    assert not any(module._forward_hooks for module in encoder.modules())
    with torch.no_grad():
        known = encoder(batch, attentions=True)  # transformers' own way
    assert torch.allclose(said.tokens, known.tokens, atol=1e-5)
    for mine, theirs in zip(said.attentions, known.attentions, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)
    direction = torch.randn(16)  # the last layer ends in a LayerNorm: a plain sum would not move
    grads = torch.autograd.grad(said.pooled @ direction, said.attentions)
    assert all(g.abs().sum() > 0 for g in grads)


def test_a_word_not_kept_is_read_by_nobody(encoder: BertEncoder) -> None:
    one, other = (encoder.prepare([text]) for text in ("a dog run", "a cafe run"))
    kept = torch.tensor([[i != 1 for i in one.layout[0].word_ids]])
    with torch.no_grad():
        a, b = (encoder.reread(encoder.start(batch), batch, kept) for batch in (one, other))
        whole = encoder.reread(encoder.start(one), one)
    assert torch.allclose(a.pooled, b.pooled, atol=1e-5)  # the word that is gone might have been any other
    assert not torch.allclose(a.pooled, whole.pooled, atol=1e-3)


def test_nothing_leaves_the_marks_at_the_ends_alone(encoder: BertEncoder) -> None:
    batch = encoder.prepare(["a dog"])
    blank, start = encoder.nothing(batch)[0], encoder.start(batch)[0]
    assert (blank[1:-1] == 0).all() and torch.equal(blank[[0, -1]], start[[0, -1]])
