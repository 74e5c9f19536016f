"""The text tower's contract, on a tiny random encoder with a few pieces."""

import pytest
import torch

from mmdemo.encoders.e5 import BEGIN, END, PAD, UNKNOWN, E5Encoder, build_tokenizer
from mmdemo.loading import load_module
from mmdemo.types import FEWEST, TextLayout

PIECES = (
    "<s> <pad> </s> <unk> ▁ ▁query : ▁a ▁dog s ▁run ning . ▁cafe 一 只 狗 狮子 狮 子 , < / > ▁</ u n k p a d 😀 é ▁café"
)
LINES = [f"{piece}\t{0 if place < 4 else -1 - place / 100:.2f}" for place, piece in enumerate(PIECES.split(" "))]
PREFIX = ("<s>", "▁query", ":")
HARD_TEXTS = {
    "empty": "",
    "spaces": " \t\n\u3000",
    "emoji": "dog😀👍🏽👨\u200d👩\u200d👧",
    "right to left": "שלום dog مرحبا",
    "control characters": "a\x00\x1b[0m\u200bdog\ufeff",
    "lone accent": "\u0301 dog",
    "lone surrogate": "dog \ud800",
    "only a lone surrogate": "\udfff",
    "astral Chinese": "𠀀𠀁",
    "a mark of the tokenizer's own": "dog▁dog",
    "one endless word": "dog" * 500,
}


def tiny(longest: int = 14) -> E5Encoder:
    torch.manual_seed(0)
    encoder = E5Encoder(LINES, width=16, layers=2, heads=2, inner=32, longest=longest).eval()
    encoder.centre.copy_(torch.randn(16))
    return encoder


@pytest.fixture(scope="module")
def encoder() -> E5Encoder:
    return tiny()


def layout_of(encoder: E5Encoder, text: str) -> TextLayout:
    return encoder.prepare([text]).layout[0]


def test_shapes_follow_the_contract(encoder: E5Encoder) -> None:
    with torch.no_grad():
        said = encoder(encoder.prepare(["a dog", "一只狗，a dog running."]))
    assert said.tokens.shape == (2, 14, 16)
    assert said.mask.sum(1).tolist() == [6, 14]  # <s>, two of the prefix, the pieces, </s>
    assert said.pooled.shape == (2, 16)
    assert said.attentions is None


def test_pooled_is_the_mean_over_real_tokens(encoder: E5Encoder) -> None:
    with torch.no_grad():
        said = encoder(encoder.prepare(["dog", "a dog running."]))
    assert torch.allclose(said.pooled[0], said.tokens[0, :5].mean(0), atol=1e-6)


def test_the_mean_of_many_texts_is_taken_off_every_token(encoder: E5Encoder) -> None:
    batch, raw = encoder.prepare(["a dog", "一只狗"]), tiny()
    raw.centre.zero_()
    with torch.no_grad():
        assert torch.allclose(encoder(batch).tokens, raw(batch).tokens - encoder.centre, atol=1e-6)
        assert torch.allclose(encoder(batch).pooled, raw(batch).pooled - encoder.centre, atol=1e-6)


def test_each_piece_names_its_word_and_the_prefix_none(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "a dogs running.")
    assert layout.words == ("a", "dogs", "running", ".")
    assert layout.tokens == (*PREFIX, "▁a", "▁dog", "s", "▁run", "ning", ".", "</s>")
    assert layout.word_ids == (None, None, None, 0, 1, 1, 2, 2, 3, None)
    assert layout.unread == () and layout.cut_tokens == 0


def test_chinese_characters_that_spell_a_word_are_one_word_in_one_piece_or_in_two(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "一只狮子，狗")
    assert layout.words == ("一只", "狮子", "，", "狗")
    assert layout.tokens == (*PREFIX, "▁", "一", "只", "狮子", ",", "狗", "</s>")  # a wide comma is read as ","
    assert layout.word_ids == (None, None, None, 0, 0, 0, 1, 2, 3, None)


def test_a_word_with_one_character_that_has_no_piece_is_unread_and_says_which(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "一头狗")
    assert layout.words == ("一头", "狗") and layout.unread == (0,) and layout.unread_units == ("头",)


def test_ids_are_the_pieces_between_the_marks(encoder: E5Encoder) -> None:
    ids = encoder.prepare(["a dog"]).tensors["ids"][0].tolist()
    places = {piece: place for place, piece in enumerate(PIECES.split(" "))}
    assert ids == [BEGIN, places["▁query"], places[":"], places["▁a"], places["▁dog"], END]


def test_composed_and_decomposed_accents_are_read_alike(encoder: E5Encoder) -> None:
    batch = encoder.prepare(["café", "cafe\u0301"])
    assert torch.equal(batch.tensors["ids"][0], batch.tensors["ids"][1])
    assert batch.layout[0].words == ("café",) and batch.layout[1].words == ("cafe\u0301",)


def test_an_emoji_does_not_take_its_word_along(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "a dog😀")
    assert layout.tokens[3:-1] == ("▁a", "▁dog", "😀") and layout.word_ids[3:-1] == (0, 1, 2)


def test_a_word_without_a_piece_is_named_as_unread(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "a жук dog")
    assert layout.words == ("a", "жук", "dog") and layout.unread == (1,)
    assert UNKNOWN in encoder.prepare(["a жук dog"]).tensors["ids"]


@pytest.mark.parametrize("mark", ["<s>", "<pad>", "</s>", "<unk>"])
def test_typed_marks_are_plain_text(encoder: E5Encoder, mark: str) -> None:
    batch = encoder.prepare([f"a {mark} dog"])
    inside = batch.tensors["ids"][0, 1:-1]
    assert not torch.isin(inside, torch.tensor([BEGIN, PAD, END, UNKNOWN])).any()
    assert batch.tensors["mask"].all()
    assert "".join(batch.layout[0].words) == f"a{mark}dog"


def test_control_characters_and_joiners_divide_and_are_not_unknown(encoder: E5Encoder) -> None:
    for text in ("a\x00dog", "a\ndog", "a\u200bdog", "a\ud800dog", "a\ufeffdog"):
        layout = layout_of(encoder, text)
        assert layout.tokens == (*PREFIX, "▁a", "▁dog", "</s>"), repr(text)
        assert layout.unread == () and layout.text == text


def test_tokens_beyond_the_limit_are_counted(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "dogs " * 7)
    assert len(layout.tokens) == 14
    assert layout.tokens[-1] == "</s>"
    assert len(layout.words) == 7
    whole = tiny(longest=64)
    assert layout.cut_tokens == len(layout_of(whole, "dogs " * 7).tokens) - 14 > 0
    assert layout_of(encoder, "dogs dogs").cut_tokens == 0


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
def test_hard_texts_are_read(encoder: E5Encoder, text: str) -> None:
    batch = encoder.prepare([text, "a dog"])
    with torch.no_grad():
        said = encoder(batch)
    layout = said.layout[0]
    assert isinstance(layout, TextLayout)
    assert said.tokens.isfinite().all() and said.pooled.isfinite().all()
    assert all(i is None or i < len(layout.words) for i in (*layout.word_ids, *layout.unread))


def test_an_empty_text_is_the_prefix_between_the_marks(encoder: E5Encoder) -> None:
    layout = layout_of(encoder, "")
    assert layout.tokens == (*PREFIX, "</s>")
    assert layout.words == () and set(layout.word_ids) == {None}


def test_attention_rows_sum_to_one_over_real_tokens(encoder: E5Encoder) -> None:
    with torch.no_grad():
        said = encoder(encoder.prepare(["dog", "a dog running."]), attentions=True)
    assert said.attentions is not None and len(said.attentions) == 2
    for attention in said.attentions:
        assert attention.shape == (2, 2, 9, 9)
        over_real = (attention * said.mask[:, None, None, :]).sum(-1)  # [B, H, N]
        assert torch.allclose(over_real, torch.ones_like(over_real), atol=1e-5)


def test_padding_changes_nothing(encoder: E5Encoder) -> None:
    with torch.no_grad():
        alone = encoder(encoder.prepare(["一只 dog"]))
        beside = encoder(encoder.prepare(["a dog running dogs a dog.", "一只 dog"])).item(1)
    assert torch.allclose(alone.tokens, beside.tokens, atol=1e-5)
    assert torch.allclose(alone.pooled, beside.pooled, atol=1e-5)
    assert alone.layout == beside.layout


def test_the_same_text_twice_gives_the_same_tokens(encoder: E5Encoder) -> None:
    first, second = (encoder(encoder.prepare(["a dog"])).tokens for _ in range(2))
    assert torch.equal(first, second)


def test_no_texts_are_an_empty_batch(encoder: E5Encoder) -> None:
    assert encoder.prepare([]).tensors["ids"].shape == (0, 4)


def test_of_two_cuts_the_likelier_one_is_taken() -> None:
    marks = ["<s>\t0", "<pad>\t0", "</s>\t0", "<unk>\t0"]
    for whole, cut in ((-2.5, ["▁ab"]), (-3.5, ["▁a", "b"])):  # the two parts together have -3
        tokenizer = build_tokenizer([*marks, f"▁ab\t{whole}", "▁a\t-1", "b\t-2"])
        assert tokenizer.encode("ab").tokens == cut


def transformers_twin(encoder: E5Encoder) -> torch.nn.Module:
    """transformers' own BERT with the same weights."""
    from transformers import BertConfig, BertModel

    import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)

    words, inner = encoder.bert.embeddings.word_embeddings, encoder.bert.encoder.layer[0].intermediate.dense
    config = BertConfig(
        vocab_size=words.num_embeddings, hidden_size=encoder.width, num_hidden_layers=encoder.layers,
        num_attention_heads=encoder.heads, intermediate_size=inner.out_features, type_vocab_size=1, pad_token_id=PAD,
        max_position_embeddings=encoder.longest, attn_implementation="eager",
    )  # fmt: skip
    twin = BertModel(config, add_pooling_layer=False).eval()
    twin.load_state_dict(encoder.bert.state_dict())
    return twin


def test_read_from_its_first_layer_it_says_what_transformers_own_forward_says() -> None:
    encoder = tiny()
    batch = encoder.prepare(["a dog running.", "一只"])
    with torch.no_grad():
        known = transformers_twin(encoder)(
            input_ids=batch.tensors["ids"], attention_mask=batch.tensors["mask"].long(), output_attentions=True
        )
        said = encoder(batch, attentions=True)
    assert torch.equal(said.tokens, known.last_hidden_state - encoder.centre)
    assert all(map(torch.equal, said.attentions, known.attentions))
    for row, n in enumerate(batch.tensors["mask"].sum(1).tolist()):
        one = encoder.prepare([batch.layout[row].text])
        said = encoder.reread(encoder.start(one).detach().requires_grad_(), one)
        assert torch.allclose(said.tokens[0], known.last_hidden_state[row, :n] - encoder.centre, atol=1e-5)
        for mine, theirs in zip(said.attentions, known.attentions, strict=True):
            assert torch.allclose(mine[0], theirs[row, :, :n, :n], atol=1e-5)


def test_gradients_reach_the_attention_of_every_layer_and_no_hook_is_left() -> None:
    encoder = tiny()
    batch = encoder.prepare(["a dog running."])
    said = encoder.reread(encoder.start(batch).detach().requires_grad_(), batch)
    assert not any(module._forward_hooks for module in encoder.modules())
    direction = torch.randn(16)  # the last layer ends in a LayerNorm: a plain sum would not move
    grads = torch.autograd.grad(said.pooled @ direction, said.attentions)
    assert all(g.abs().sum() > 0 for g in grads)


def test_a_word_not_kept_is_read_by_nobody(encoder: E5Encoder) -> None:
    one, other = (encoder.prepare([text]) for text in ("a dog run", "a cafe run"))
    kept = torch.tensor([[i != 1 for i in one.layout[0].word_ids]])
    with torch.no_grad():
        a, b = (encoder.reread(encoder.start(batch), batch, kept) for batch in (one, other))
        whole = encoder.reread(encoder.start(one), one)
    assert torch.allclose(a.pooled, b.pooled, atol=1e-5)  # the word that is gone might have been any other
    assert not torch.allclose(a.pooled, whole.pooled, atol=1e-3)


def test_nothing_leaves_the_prefix_and_the_marks_at_the_ends_alone(encoder: E5Encoder) -> None:
    batch = encoder.prepare(["a dog"])
    blank, start = encoder.nothing(batch)[0], encoder.start(batch)[0]
    assert (blank[3:-1] == 0).all() and torch.equal(blank[[0, 1, 2, -1]], start[[0, 1, 2, -1]])
    assert start[3:-1].abs().min() > 0


# ---- the shipped tower


@pytest.fixture(scope="module")
def shipped() -> E5Encoder:
    return load_module("e5")


def test_the_shipped_pieces_cut_both_languages_without_an_unknown_one(shipped: E5Encoder) -> None:
    english, chinese = (layout_of(shipped, t) for t in ("a lion lies in the grass", "一头狮子躺在草地上"))
    assert english.tokens[4:-1] == ("▁a", "▁", "lion", "▁li", "es", "▁in", "▁the", "▁gras", "s")
    assert chinese.words == ("一头", "狮子", "躺", "在", "草地", "上")
    assert chinese.tokens[4:-1] == ("▁一", "头", "狮", "子", "躺在", "草", "地上")  # two of them reach over two words
    assert english.unread == chinese.unread == ()


def test_the_shipped_tower_says_what_it_said_on_the_day_it_was_shipped(shipped: E5Encoder) -> None:
    texts = ["a lion lies in the grass", "一头狮子躺在草地上", "the bus stops at the station", "狮子"]
    with torch.no_grad():
        pooled = shipped(shipped.prepare(texts)).pooled
    assert pooled.norm(dim=1).tolist() == pytest.approx([2.508, 1.990, 2.640, 2.214], abs=0.01)
    cosine = torch.nn.functional.cosine_similarity(pooled[:, None], pooled[None], dim=-1)
    assert cosine[0, 1:].tolist() == pytest.approx([0.124, 0.210, -0.025], abs=0.01)
    assert cosine[1, 2:].tolist() == pytest.approx([-0.073, 0.531], abs=0.01)


def test_shipped_marks_cannot_be_typed(shipped: E5Encoder) -> None:
    batch = shipped.prepare(["</s> <pad> <unk> <s>"])
    assert batch.tensors["mask"].all()
    assert not torch.isin(batch.tensors["ids"][0, 1:-1], torch.tensor([BEGIN, PAD, END, UNKNOWN])).any()


def test_the_shipped_tower_says_bit_for_bit_what_transformers_own_says(shipped: E5Encoder) -> None:
    texts = ["a lion lies in the grass, another in the shade of a tree", "一头狮子躺在草地上", "the bus stops", "狮子"]
    batch = shipped.prepare(texts)
    assert batch.tensors["ids"].shape[1] >= FEWEST  # nothing is added
    with torch.no_grad():
        known = transformers_twin(shipped)(
            input_ids=batch.tensors["ids"], attention_mask=batch.tensors["mask"].long()
        ).last_hidden_state
        assert torch.equal(shipped(batch).tokens, known - shipped.centre)
