"""Text tower: multilingual-E5-small, a BERT of 12 layers that was taught on sentence pairs in a hundred languages.

A text is cut into pieces that a Unigram model finds likeliest (Kudo 2018, arXiv 1804.10959; XLM-R's pieces): English
words and parts of them, Chinese words ("地上") and characters. "query: " stands before every text, as in its
training. Tokens are the last layer's, less the mean vector of many texts: E5's raw vectors all point one way (cosines
between .7 and 1). Wang et al. 2024, arXiv 2402.05672. Read next: `words.py`, `training/recipes/e5.py` (the weights).
"""

import re
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor

from mmdemo.encoders.base import Encoder, without_words
from mmdemo.encoders.bert_layers import Bert
from mmdemo.encoders.transformer import maps_of, run_all, run_bert_layer
from mmdemo.encoders.words import layout_of
from mmdemo.types import FEWEST, Batch, TextLayout, TokenSet, mean_pool

BEGIN, PAD, END, UNKNOWN = range(4)  # ids of <s>, <pad>, </s>, <unk>
PREFIX = "query:"  # the space after it is the one that every text begins with
# what no piece holds and SentencePiece reads as a space: control characters, joiners, lone surrogates
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd\ud800-\udfff]")


class E5Encoder(Encoder):
    """A BERT over Unigram pieces; the pooled vector is the mean over the real tokens.

    Args:
        pieces: "PIECE<tab>LOG PROBABILITY" in the order of their ids, <s>, <pad>, </s> and <unk> first.
        width: D.
        layers: L.
        heads: H.
        inner: width of the hidden layer of each feed-forward block.
        longest: most tokens read of one text, those of the prefix and the marks at the ends included.
    """

    modality = "text"
    traits = frozenset({"reread", "attention"})

    def __init__(
        self, pieces: Sequence[str], width: int = 384, layers: int = 12, heads: int = 12, inner: int = 1536,
        longest: int = 128,
    ) -> None:  # fmt: skip
        super().__init__()
        self.width, self.longest, self.layers, self.heads = width, longest, layers, heads
        self.tokenizer = build_tokenizer(pieces)
        self.prefix: list[int] = self.tokenizer.encode(PREFIX).ids
        self.bert = Bert(len(pieces), width, layers, heads, inner, longest, PAD)
        self.register_buffer("centre", torch.zeros(width))  # mean pooled vector of many texts

    def prepare(self, items: Sequence[str]) -> Batch:
        """B texts -> "ids" [B, N] int64 and "mask" [B, N] bool, padded to the longest of them, with layouts."""
        encodings = self.tokenizer.encode_batch([UNREADABLE.sub(" ", text) for text in items])
        room = self.longest - len(self.prefix) - 2
        longest = max([min(len(e.ids), room) for e in encodings], default=0) + len(self.prefix) + 2
        ids = torch.full((len(items), longest), PAD)  # [B, N]
        layout = []
        for row, text, encoding in zip(ids, items, encodings, strict=True):
            read = [BEGIN, *self.prefix, *encoding.ids[:room], END]
            row[: len(read)] = torch.tensor(read)
            layout.append(self._layout(text, encoding, room, longest))
        return Batch({"ids": ids, "mask": ids != PAD}, tuple(layout))

    def _layout(self, text: str, encoding: Encoding, room: int, longest: int) -> TextLayout:
        before, used = len(self.prefix) + 1, len(encoding.ids[:room])
        after = longest - before - used  # the end mark, and padding
        tokens = ("<s>", *self._strings(self.prefix), *encoding.tokens[:room], "</s>", *["<pad>"] * (after - 1))
        nowhere = (0, 0)
        spans = (*[nowhere] * before, *encoding.offsets[:room], *[nowhere] * after)
        unknown = [span for span, piece in zip(encoding.offsets, encoding.ids, strict=True) if piece == UNKNOWN]
        return layout_of(text, tokens, spans, len(encoding.ids) - used, unknown)

    def _strings(self, ids: Sequence[int]) -> list[str]:
        return [self.tokenizer.id_to_token(i) for i in ids]

    def forward(self, batch: Batch, attentions: bool = False) -> TokenSet:
        """Tokens [B, N, D], mask [B, N], pooled [B, D]; with `attentions` also one [B, H, N, N] per layer."""
        mask, maps = batch.tensors["mask"], []
        n = mask.shape[1]
        more = max(0, min(FEWEST, self.longest) - n)  # tokens of padding: see `FEWEST`
        bias, x = bias_of(F.pad(mask, (0, more))), self.bert.embeddings(F.pad(self.start(batch), (0, 0, 0, more)))
        for layer in self.bert.encoder.layer:
            x, heads = run_bert_layer(layer, x, bias, shown=True)
            maps += [heads.weights[:, :, :n, :n]] if attentions else []
        x = x[:, :n] - self.centre  # [B, N, D]
        return TokenSet(x, mask, mean_pool(x, mask), batch.layout, tuple(maps) if attentions else None)

    def start(self, batch: Batch) -> Tensor:
        """The vectors of the pieces before position and normalisation are added, [B, N, D]."""
        return self.bert.embeddings.word_embeddings(batch.tensors["ids"])

    def nothing(self, batch: Batch) -> Tensor:
        """The same with zeros in the place of every word; the prefix and the marks at the ends stay."""
        return without_words(self.start(batch), batch)

    def reread(self, start: Tensor, batch: Batch, kept: Tensor | None = None) -> TokenSet:
        """Piece vectors [S, N, D] -> tokens [S, N, D] with attentions; a token not kept is padding to all others."""
        mask = batch.tensors["mask"].expand(len(start), -1)
        mask = mask if kept is None else mask & kept
        x = self.bert.embeddings(start)
        x, insides = run_all(run_bert_layer, self.bert.encoder.layer, x, bias_of(mask), shown=True)
        x = x - self.centre
        return TokenSet(x, mask, mean_pool(x, mask), batch.layout * len(start), maps_of(insides))


def bias_of(mask: Tensor) -> Tensor:
    """What is added to the scores of attention: nobody attends to padding. [B, N] -> [B, 1, 1, N], 0 or -inf."""
    return torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, float("-inf"))[:, None, None, :]


def build_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """The likeliest way to cut a text into pieces, a space before a word written "▁". Adds no marks at the ends.

    The four marks are kept under names that begin with NUL, so that a typed "</s>" is plain text.

    Args:
        pieces: "PIECE<tab>LOG PROBABILITY", <unk> the fourth.
    """
    split = (line.rpartition("\t") for line in pieces)
    table = [(piece, float(log_probability)) for piece, _, log_probability in split]
    table[: UNKNOWN + 1] = [(f"\0{piece}", score) for piece, score in table[: UNKNOWN + 1]]
    tokenizer = Tokenizer(models.Unigram(table, unk_id=UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer
