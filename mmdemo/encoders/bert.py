"""Text tower: a small BERT (transformers' `BertModel`) that reads English and Chinese.

A text is cut into words first: a run of letters and digits is one word ("don't" too), each Chinese character is one,
each other mark is one. Every word is then lower-cased, stripped of accents and cut into the pieces that the vocabulary
knows (WordPiece), so that each token knows its word and an explanation can speak of words.
Devlin et al. 2019, arXiv 1810.04805. Read next: `training/recipes/bert.py`.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor

import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)
from mmdemo.encoders.base import Encoder
from mmdemo.types import Batch, TextLayout, TokenSet, mean_pool

PAD, UNKNOWN, CLS, SEP = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
SPECIAL = (PAD, UNKNOWN, CLS, SEP)
APOSTROPHES = "'\u2019"
CJK_RANGES = (  # the ranges of BERT's own tokenizer
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class BertEncoder(Encoder):
    """BERT without its pooling layer; the pooled vector is the mean over the real tokens.

    Args:
        vocab: the tokens in the order of their ids, [PAD], [UNK], [CLS], [SEP] among them; or a file, one token a line.
        width: D.
        layers: L.
        heads: H.
        inner: width of the hidden layer of each feed-forward block.
        longest: most tokens read of one text, [CLS] and [SEP] included.
        dropout: in training only.
    """

    modality = "text"
    rereads = attends = True

    def __init__(
        self,
        vocab: Sequence[str] | str | Path,
        width: int = 256,
        layers: int = 4,
        heads: int = 4,
        inner: int = 1024,
        longest: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.vocab = read_vocab(vocab) if isinstance(vocab, (str, Path)) else list(vocab)
        self.width, self.longest = width, longest
        self.tokenizer = build_tokenizer(self.vocab)
        self.ids = {name: self.vocab.index(name) for name in SPECIAL}
        self.bert = _build_bert(
            vocab_size=len(self.vocab),
            hidden_size=width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=inner,
            max_position_embeddings=longest,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            type_vocab_size=1,
            pad_token_id=self.ids[PAD],
        )

    def prepare(self, items: Sequence[str]) -> Batch:
        """B texts -> "ids" [B, N] int64 and "mask" [B, N] bool, padded to the longest of them, with layouts."""
        words = [split_words(text) for text in items]
        encodings = self.tokenizer.encode_batch(words, is_pretokenized=True)
        room = self.longest - 2
        longest = max([min(len(e.ids), room) for e in encodings], default=0) + 2
        ids = torch.full((len(items), longest), self.ids[PAD])  # [B, N]
        lengths, layout = [], []
        for row, text, split, encoding in zip(ids, items, words, encodings, strict=True):
            read = [self.ids[CLS], *encoding.ids[:room], self.ids[SEP]]
            row[: len(read)] = torch.tensor(read)
            padding = longest - len(read)
            word_ids = (None, *encoding.word_ids[:room], None, *[None] * padding)
            tokens = (CLS, *encoding.tokens[:room], SEP, *[PAD] * padding)
            layout.append(TextLayout(text, tokens, word_ids, tuple(split), max(0, len(encoding.ids) - room)))
            lengths.append(len(read))
        mask = torch.arange(longest)[None, :] < torch.tensor(lengths, dtype=torch.long)[:, None]  # [B, N]
        return Batch({"ids": ids, "mask": mask}, tuple(layout))

    def forward(self, batch: Batch, attentions: bool = False) -> TokenSet:
        """Tokens [B, N, D], mask [B, N], pooled [B, D]; with `attentions` also one [B, H, N, N] per layer."""
        ids, mask = batch.tensors["ids"], batch.tensors["mask"]
        tokens, maps = self.tokens(ids, mask, attentions)  # [B, N, D]
        return TokenSet(tokens, mask, mean_pool(tokens, mask), batch.layout, maps)

    def tokens(self, ids: Tensor, mask: Tensor, attentions: bool = False) -> tuple[Tensor, tuple[Tensor, ...] | None]:
        """ids, mask [B, N] -> tokens [B, N, D], and None or one [B, H, N, N] per layer. For training loops."""
        out = self.bert(input_ids=ids, attention_mask=mask.long(), output_attentions=attentions)
        return out.last_hidden_state, tuple(out.attentions) if attentions else None

    def start(self, batch: Batch) -> Tensor:
        """The vectors of the word pieces before position and normalisation are added, [B, N, D]."""
        return self.bert.embeddings.word_embeddings(batch.tensors["ids"])

    def nothing(self, batch: Batch) -> Tensor:
        """The same with zeros in the place of every word; [CLS] and [SEP] stay."""
        ids = batch.tensors["ids"]
        special = torch.isin(ids, torch.tensor(list(self.ids.values()), device=ids.device))
        return self.start(batch) * (special & (ids != self.ids[UNKNOWN])).unsqueeze(-1)

    def reread(self, start: Tensor, batch: Batch, kept: Tensor | None = None) -> TokenSet:
        """Word vectors [S, N, D] -> tokens [S, N, D] with attentions; a token not kept is padding to all others."""
        mask = batch.tensors["mask"].expand(len(start), -1)
        mask = mask if kept is None else mask & kept
        bias = torch.zeros(mask.shape, device=start.device).masked_fill(~mask, float("-inf"))[:, None, None, :]
        x, maps = self.bert.embeddings(inputs_embeds=start), []
        for layer in self.bert.encoder.layer:
            x, weights = _run_layer(layer, x, bias)
            maps.append(weights)
        return TokenSet(x, mask, mean_pool(x, mask), batch.layout * len(start), tuple(maps))


def _run_layer(layer: torch.nn.Module, x: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """One layer in the open: [B, N, D] -> [B, N, D] and its attention [B, H, N, N].

    transformers would hand attention over through hooks that it leaves in the network.
    """
    inside = layer.attention.self
    b, n, d = x.shape
    sides = (inside.query(x), inside.key(x), inside.value(x))  # [B, N, D]
    q, k, v = (t.view(b, n, inside.num_attention_heads, -1).transpose(1, 2) for t in sides)  # [B, H, N, D / H]
    weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + bias).softmax(-1)
    gathered = (weights @ v).transpose(1, 2).reshape(b, n, d)
    x = layer.attention.output(gathered, x)  # LayerNorm(x + W gathered)
    return layer.output(layer.intermediate(x), x), weights


def _build_bert(**config: int | float) -> torch.nn.Module:
    # Imported here, for transformers takes seconds that a reader of this file need not wait.
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(**config, attn_implementation="eager"), add_pooling_layer=False)


def read_vocab(path: str | Path) -> list[str]:
    """Tokens of a vocabulary file, one a line; the line's number is the token's id."""
    return Path(path).read_text(encoding="utf-8").split("\n")[:-1]


def build_tokenizer(vocab: Sequence[str]) -> Tokenizer:
    """WordPiece over words that `split_words` has found. Adds no [CLS] and [SEP]: whoever types them gets brackets."""
    table = {token: i for i, token in enumerate(vocab)}
    tokenizer = Tokenizer(models.WordPiece(table, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def split_words(text: str) -> list[str]:
    """The words of a text in reading order: runs of letters and digits, Chinese characters, single other marks.

    An apostrophe between letters stays in its word. Accents, joiners and variation selectors stay with the character
    before them. Control characters and lone surrogates, which no tokenizer can read, divide words and are dropped.
    """
    words: list[str] = []
    before = "space"
    for i, character in enumerate(text):
        kind = _kind(character)
        if kind == "apostrophe":
            inside = before == "letter" and i + 1 < len(text) and _kind(text[i + 1]) == "letter"
            kind = "letter" if inside else "mark"
        if kind == "joined" and before == "space":
            continue
        if kind == "joined" or (kind == before == "letter"):
            words[-1] += character
            continue
        if kind != "space":
            words.append(character)
        before = kind
    return words


@lru_cache(maxsize=65536)
def _kind(character: str) -> str:
    """Sort one character: "letter", "chinese", "mark", "joined" (to the one before), "apostrophe" or "space"."""
    if character in APOSTROPHES:
        return "apostrophe"
    if any(low <= ord(character) <= high for low, high in CJK_RANGES):
        return "chinese"
    category = unicodedata.category(character)
    if category[0] in "LN":
        return "letter"
    if category[0] == "M" or category == "Cf":
        return "joined"
    return "space" if category[0] in "ZC" or character == "\ufffd" else "mark"
