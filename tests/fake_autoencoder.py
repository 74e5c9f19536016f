"""The autoencoder's part of the stand-in engine: pictures and words by arithmetic."""

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.errors import InputError, TextError
from mmdemo.types import Reconstruction, ReconstructionBackground

WORDS = (
    "dog man grass run ball beach snow child play water red bike tree car boat sky wall hat rock girl",
    "狗 男人 草地 奔跑 球 沙滩 雪地 孩子 玩耍 水 红色 自行车 树 汽车 船 天空 墙 帽子 岩石 女孩",
)
ENGLISH, CHINESE = (line.split() for line in WORDS)
KNOWN = {*ENGLISH, *CHINESE, "dogs", "runs"}
FAKE_BACKGROUND = ReconstructionBackground(0.02, 0.07, 0.03, 0.04, 0.25, 40, "Fake8k val, 998 photos")

Pair = tuple[Image.Image | None, str | None]


class FakeImagination:
    """`reconstruct`, `walk` and their background; the code of a pair is its mean colour and its number of letters."""

    reconstruction_background = FAKE_BACKGROUND
    calls: list[str]

    def reconstruct(self, image: Image.Image | None = None, text: str | None = None) -> Reconstruction:
        """The picture comes back as its mean colour; without one it is grey, brighter with a longer text."""
        self.calls.append("reconstruct")
        code, original, sentence = _encode((image, text))
        picture, both = _decode(code), list(zip(ENGLISH, CHINESE, strict=True))
        words = [] if sentence is None else [w for w in sentence.lower().split() if w.isalpha()]
        return Reconstruction(
            original=original,
            picture=picture,
            words=tuple((pair[k], 0.9 - 0.04 * i - 0.01 * k) for i, pair in enumerate(both) for k in (0, 1)),
            latent=code,
            image_error=None if original is None else float(((original - picture) ** 2).mean()),
            text_error=None if sentence is None else 0.01,
            neighbours=(
                ("A dog runs · 一只狗在跑", 0.93),
                ("Another dog runs after a ball in the snow · 另一只狗在雪地里追球", 0.88),
                ("A dog in the grass · 草地里的狗", 0.61),
                ("Two <b>boats</b> · 两条船", -0.2),
            ),
            known_words=tuple(w for w in words if w in KNOWN),
            unknown_words=tuple(w for w in words if w not in KNOWN),
        )

    def walk(self, first: Pair, second: Pair, share: float) -> Reconstruction:
        """The mean colours mixed."""
        self.calls.append("walk")
        if not 0 <= share <= 1:
            raise InputError("Expected a share between 0 and 1.", "share_outside", got=str(share))
        code = (1 - share) * _encode(first)[0] + share * _encode(second)[0]
        words = tuple((w, 0.5) for w in [*ENGLISH, *CHINESE])
        return Reconstruction(None, _decode(code), words, code, None, None)


def _encode(pair: Pair) -> tuple[np.ndarray, np.ndarray | None, str | None]:
    image, text = pair
    sentence = inputs.clean_text(text) if text and text.strip() else None
    if image is None and sentence is None:
        raise TextError("Expected a picture, a text, or both; got neither.", "nothing_given")
    if image is None:
        return np.full(4, min(len(sentence), 100) / 100, np.float32), None, sentence
    original = np.asarray(inputs.clean_image(image).resize((64, 64)), np.float32) / 255
    return np.array([*original.mean((0, 1)), len(sentence or "") / 100], np.float32), original, sentence


def _decode(code: np.ndarray) -> np.ndarray:
    return np.broadcast_to(code[:3], (64, 64, 3)).copy()
