"""The explanations of the stand-in engine: bumps whose place depends on letters, and curves one can work out by hand.

The answer's curves are straight lines: with the map's order it falls from 0.8 to 0.2 as (1 - s)^2, with the others'
as 1 - s; insertion is the same read backwards. So every map "finds" but those of `gradcam`, whose curve is 1 - s too.
"""

import hashlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from mmdemo import inputs
from mmdemo.errors import ChoiceError, IncompatibleError, InputError, TextError
from mmdemo.types import Agreement, Capabilities, Curves, Explanation, Faithfulness, MethodNote, Sanity
from tests.fake_bench import FUSIONS

NOTES = {
    "cross_attention": MethodNote("cross_attention", "Someone 2018", False, False, ("head",), "1 F"),
    "gradcam": MethodNote("gradcam", "Someone 2017", True, True, (), "1 F + 1 B"),
    "self_attention": MethodNote("self_attention", "Someone 2019", False, False, ("layer", "head"), "1 F"),
    "occlusion": MethodNote("occlusion", "Someone 2014", True, True, (), "many F"),
}
LAYERS, HEADS, GRID = 2, 3, (7, 7)
FEELINGS = ("negative", "neutral", "positive")


def fraction(*parts: object) -> float:
    """A number in [0, 1) from anything printable, the same on every machine."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def bump(h: int, w: int, y: float, x: float) -> np.ndarray:
    """[h, w], largest around (y, x), both as shares."""
    rows, columns = np.mgrid[0:h, 0:w]
    far = ((rows + 0.5) / h - y) ** 2 + ((columns + 0.5) / w - x) ** 2
    return np.exp(-12 * far).astype(np.float32)


class FakeExplaining:
    """`explain`, `faithfulness`, `words_at`, `sanity`, `agreement` and what fits what, over arithmetic."""

    all_methods: tuple[str, ...] = tuple(NOTES)
    calls: list[str]

    def explained_models(self) -> tuple[str, ...]:
        fusions = (f"{task}-{name}" for task in ("matching", "sentiment") for name in FUSIONS)
        return "matching", "cross_attention", "sentiment", *fusions

    def default_method(self, model: str) -> str:
        return "cross_attention" if model == "cross_attention" else "gradcam"

    def targets(self, model: str) -> tuple[str, ...]:
        known = (*self.explained_models(), *self.match_models()[1:])
        if model not in known:
            raise ChoiceError("model", model, list(known))
        if model.startswith("sentiment"):
            return FEELINGS
        return {"cross_attention": ("match",), "clip_b32": ("similarity",)}.get(model, ("similarity", "match"))

    def method_notes(self, model=None, target=None) -> tuple[MethodNote, ...]:
        fit = [n for n in NOTES.values() if n.name != "cross_attention" or model in (None, "cross_attention")]
        return tuple(n for n in fit if n.targeted or not isinstance(target, tuple))

    def capabilities(self, model: str) -> Capabilities:
        targets, fit = self.targets(model), [note.name for note in self.method_notes(model)]
        counts = {"layer": LAYERS, "head": HEADS}
        return Capabilities(
            model, ("sentiment",) if targets == FEELINGS else ("matching",), model in ("matching", "cross_attention"),
            targets, ("label",) if targets == FEELINGS else ("text",), tuple(fit),
            tuple(name for name in fit if NOTES[name].targeted), self.default_method(model),
            {name: {what: counts[what] for what in NOTES[name].options} for name in fit if NOTES[name].options},
        )  # fmt: skip

    def explain(
        self, image: Image.Image, text: str, method=None, word=None, target=None, layer=None, head=None, model=None
    ) -> Explanation:
        """A bump whose place depends on method, word, target, layer and head."""
        self.calls.append("explain")
        model = model or ("cross_attention" if method == "cross_attention" else "matching")
        method = method or self.default_method(model)
        if method not in NOTES:
            raise ChoiceError("method", method, list(NOTES))
        self._check(target, self.targets(model))
        if method not in [note.name for note in self.method_notes(model, target)]:
            raise IncompatibleError("No fit.", "method_does_not_fit", method=method, model=model, choices=["gradcam"])
        for what, value, count in (("layer", layer, LAYERS), ("head", head, HEADS)):
            if value is not None and value not in range(count):
                raise ChoiceError(what, value, [str(i) for i in range(count)])
        image = inputs.read_image(image)
        words = self.words(text)
        word = self._word(words, word)
        y, x = (fraction(axis, method, word, text, target, layer, head) for axis in "yx")
        maps = [bump(*size, y, x) for size in (GRID, (image.height, image.width))]
        if method == "occlusion":
            maps = [m - 0.3 for m in maps]
        if method == "self_attention":
            maps = [0 * m for m in maps]
        weights = tuple((w, 0.1 + fraction("weight", w, i, layer, head)) for i, w in enumerate(words))
        signed = NOTES[method].signed
        asked = target or self.targets(model)[-1]
        return Explanation(
            *maps, weights, method, signed, word, model=model, layer=layer, head=head,
            target=asked if NOTES[method].targeted else "",
        )  # fmt: skip

    @staticmethod
    def _check(target: object, targets: tuple[str, ...]) -> None:
        """Two labels are for models that feel, two sentences for those that compare."""
        names = {target} if isinstance(target, str) else set(target or ())
        if not names <= set(targets) and not (isinstance(target, tuple) and targets != FEELINGS):
            raise ChoiceError("target", target, list(targets))

    def _word(self, words: tuple[str, ...], word: int | str | None) -> int | None:
        if isinstance(word, str) and word in words:
            word = words.index(word)
        if word is not None and (isinstance(word, str) or not 0 <= word < len(words)):
            raise TextError("No such word.", "unknown_word", word=word, words=list(words))
        return word

    def target_values(self, image, text: str, model: str) -> dict[str, float]:
        """As `match` and `sentiment` answer; of the other models what hangs on their name and the text."""
        self.calls.append(f"values of {model}")
        targets = self.targets(model)
        if model in self.match_models():
            found = self.match(image, [text], model=model)
            numbers = {"similarity": found.similarity, "match": found.probability}
            return {name: float(values[0]) for name, values in numbers.items() if values is not None}
        if model == "sentiment":
            return dict(zip(FEELINGS, self.sentiment(image, text).probabilities.tolist(), strict=True))
        numbers = np.array([0.1 + fraction(model, name, inputs.clean_text(text)) for name in targets])
        return dict(zip(targets, (numbers / max(numbers.sum(), 1)).tolist(), strict=True))

    def faithfulness(self, image, text, explanation: Explanation, steps: int = 12) -> Faithfulness:
        self.calls.append("faithfulness")
        share = np.linspace(0, 1, steps + 1)
        power = 1 if explanation.method == "gradcam" else 2
        fall, line = 0.2 + 0.6 * (1 - share) ** power, 0.2 + 0.6 * (1 - share)
        curves = Curves(share, fall, line, line), Curves(share, 1 - fall, 1 - line, 1 - line)
        words = (None, None) if explanation.word is not None else curves
        return Faithfulness(*curves, *words, explanation.target or self.targets(explanation.model)[-1])

    def growing_faithfulness(self, image, text, explanation: Explanation, steps: int = 12) -> Iterator:
        """Three points, then those of `faithfulness`; each part is noted among the calls."""
        self.calls.append("part")
        yield 0.5, self.faithfulness(image, text, explanation, 2)
        self.calls.append("part")
        yield 1.0, self.faithfulness(image, text, explanation, steps)

    def sanity(self, image, text, explanation: Explanation) -> Sanity:
        self.calls.append("sanity")
        return Sanity(explanation, 1.0 if explanation.method == "gradcam" else -0.25)

    def words_at(self, image, text, row, column, method=None, target=None, model=None) -> tuple:
        self.calls.append("words_at")
        if not (row in range(GRID[0]) and column in range(GRID[1])):
            raise InputError("Outside.", "outside_grid", got=f"({row}, {column})", rows=GRID[0], columns=GRID[1])
        return tuple((w, 1.0 + i) for i, w in enumerate(self.words(text)))

    def agreement(self, image, text, methods=None, word=None, target=None, model=None) -> Agreement:
        self.calls.append("agreement")
        given = tuple(methods or (n.name for n in self.method_notes(model, target)))
        found = [
            m if isinstance(m, Explanation) else self.explain(image, text, m, word, target, model=model) for m in given
        ]
        names = tuple(e.method for e in found)
        table = np.where(np.eye(len(names)) > 0, 1.0, -0.5)
        mean = Explanation(
            np.mean([e.patch_map for e in found], 0), np.mean([e.image_map for e in found], 0), found[0].word_weights,
            "mean", True, found[0].word, model=found[0].model, target=found[0].target,
        )  # fmt: skip
        return Agreement(names, table, table, mean, tuple(found))
