"""The results a person sees: sentiment, explanation, and what the engine says of itself; matching is in `matching.py`.

Read next: `bench.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmdemo.types.require import require

UNDERSTOOD_FROM = 0.5  # a text with a lower `understood` is not to be believed
FAMILIAR_FROM = 0.3  # a picture with a lower `familiar` is unlike photos; chosen on val: of most sources under 1 % are


@dataclass(frozen=True)
class SentimentResult:
    """The feeling of a picture, of a text, and of both together.

    Args:
        labels: class names, in the order of all probabilities.
        probabilities: [C] verdict on what was given; equals the single side's verdict when one side is missing.
        image_only: [C] or None without a picture.
        text_only: [C] or None without a text.
        note: "disagree" when the two sides name different labels, otherwise "".
        understood: in [0, 1]: the probability that the text tower can read the text; None without a text.
        familiar: in [0, 1]: the probability that the picture is like the photos that the heads know; None without one.
        accuracy: in [0, 1]: share of right verdicts on validation pairs whose sides disagreed, or agreed, as these do;
            None with a side missing, or where nobody asked.
    """

    labels: tuple[str, ...]
    probabilities: np.ndarray
    image_only: np.ndarray | None
    text_only: np.ndarray | None
    note: str = ""
    understood: float | None = None
    familiar: float | None = None
    accuracy: float | None = None

    def __post_init__(self) -> None:
        c = (len(self.labels),)
        for p in (self.probabilities, self.image_only, self.text_only):
            require(p is None or (p.shape == c and abs(p.sum() - 1) < 1e-3), f"probabilities {c} summing to 1", p)

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]


@dataclass(frozen=True)
class Explanation:
    """Where in the picture and on which words an answer rests, according to one method.

    Args:
        patch_map: [h, w] float32, one value a patch; all 0 where the method has nothing to say of the picture.
        image_map: [height, width] float32 in the original picture's pixels; 0 where the network saw nothing.
        word_weights: (word, weight) in reading order; all 0 where the method has nothing to say of the text.
        method: the method's file name ("cross_attention", "gradcam").
        signed: True when weights below 0 mean "against"; those of unsigned methods are all >= 0.
        word: index of the word explained, or None for the whole text.
        run: how many words from there on were explained together (Chinese characters that spell one word).
        model: the checkpoint whose answer is explained.
        target: the number explained: "similarity", "match", a label, or a pair "why the first rather than the second";
            "" for a method whose map is the same for every number.
        layer: the layer whose attention is shown, or None.
        head: its head, or None for the mean over heads.
    """

    patch_map: np.ndarray
    image_map: np.ndarray
    word_weights: tuple[tuple[str, float], ...]
    method: str
    signed: bool
    word: int | None = None
    run: int = 1
    model: str = ""
    target: str | tuple[str, str] = ""
    layer: int | None = None
    head: int | None = None

    def __post_init__(self) -> None:
        require(self.patch_map.ndim == 2, "patch_map [h, w]", self.patch_map.shape)
        require(self.image_map.ndim == 2, "image_map [height, width]", self.image_map.shape)
        require(bool(np.isfinite(self.image_map).all()), "a finite image_map", "one that is not")
        require(self.signed or bool((self.image_map >= 0).all()), "image_map >= 0", "less")


@dataclass(frozen=True)
class ModelRow:
    """One model of the table, as an "About" page groups and draws it.

    Args:
        name: of the row.
        kind: "matching", "image_encoder", ...: see `checkpoints.Checkpoint`.
        folder: of its card in weights/, "" where it has nothing to learn and so none.
        image_encoder: name of the row that reads the photo for it, "" where none does.
        text_encoder: likewise for the sentence.
        paper: the idea's source.
    """

    name: str
    kind: str
    folder: str
    image_encoder: str = ""
    text_encoder: str = ""
    paper: str = ""


@dataclass(frozen=True)
class EngineStatus:
    """What the engine runs on and with, for an "About" page.

    Args:
        device: "cpu", "cuda" or "mps".
        offline: True when nothing may be fetched.
        cards: the card of every model in weights/, as read from its card.json.
        last_call: (method name, milliseconds) of the last call, or None before the first.
        versions: package name -> version.
        rows: every model of the table, in its order.
        speed: the figures of `python -m mmdemo.benchmark` as they were last kept; None where there are none.
    """

    device: str
    offline: bool
    cards: tuple[dict, ...]
    last_call: tuple[str, float] | None
    versions: dict[str, str]
    rows: tuple[ModelRow, ...]
    speed: dict[str, Any] | None = None

    def card(self, name: str) -> dict:
        """The card of that name; {} where there is none."""
        return next((card for card in self.cards if card.get("name") == name), {})
