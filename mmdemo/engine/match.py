"""How well does a text fit a picture: the vectors, the match of many texts, and the match of one pair word by word.

Read next: `tasks/ranking.py`, `languages.py`, `background.py`, `familiarity.py`.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from mmdemo import inputs
from mmdemo.engine import background
from mmdemo.engine.familiarity import FamiliarityService
from mmdemo.engine.hub import on_the_hub, usable
from mmdemo.engine.languages import is_foreign, templates_for
from mmdemo.engine.models import BATCH, Models
from mmdemo.engine.readings import made_once
from mmdemo.engine.verdicts import verdict_bounds
from mmdemo.errors import ChoiceError, InputError, TextError
from mmdemo.tasks.none_of_these import none_of_these
from mmdemo.types import MatchBackground, MatchingResult, MatrixResult, TokenSet, VerdictBounds

MODEL, PAIR_MODEL = "matching", "cross_attention"  # rows of the table
MATRIX_SIDE = 8  # most pictures, and most texts, of a matrix
HUB = ("dual_encoder", "matching")  # kind and question of the rows of the Hub that answer too
TEMPERATURES = (1e-4, 100.0)


def match_models() -> tuple[str, ...]:
    """Rows that rank texts: our own first, then those of the Hub that are here and offered."""
    return (MODEL, *usable(*HUB))


class MatchService:
    """Pictures and strings in, similarities and probabilities out."""

    def __init__(self, models: Models, familiarity: FamiliarityService) -> None:
        self.models, self.familiarity = models, familiarity
        self._backgrounds: dict[str, MatchBackground] = {}
        self._measuring = threading.Lock()  # never asked for by a thread that has the device

    def encode_images(self, images: Sequence[Image.Image], model: str = MODEL) -> np.ndarray:
        """Pictures -> unit vectors [B, D] float32 in the space shared with texts.

        Raises:
            ChoiceError, WeightsError: as `match`. ImageError: a picture cannot be used.
        """
        return self._encoded("image", images, model)

    def encode_texts(self, texts: Sequence[str], model: str = MODEL) -> np.ndarray:
        """Texts -> unit vectors [K, D] float32; a dot product with a picture's vector is the similarity.

        Raises:
            ChoiceError, WeightsError: as `match`. TextError: a text cannot be used.
        """
        return self._encoded("text", texts, model)

    @torch.no_grad()
    def match(
        self, image: Image.Image, texts: Sequence[str] | str, model: str = MODEL, ensemble: bool = False,
        temperature: float | None = None,
    ) -> MatchingResult:  # fmt: skip
        """How well each of K texts fits the picture.

        Args:
            image: a PIL picture of any mode; it is turned upright and made RGB.
            texts: K >= 1 texts, English or Chinese (one string counts as one text).
            model: one of `match_models()`.
            ensemble: each text is put into the templates of its language, and the mean of their vectors stands for it.
            temperature: of the softmax over the texts, from 0.0001 to 100; None takes the model's own.

        Returns:
            the model's answer; of our own head each probability is `understood` times what the head says, so that a
            text which is more likely nonsense than not never exceeds one half.

        Raises:
            ChoiceError: no such model. WeightsError: it is not on this machine. InputError: no such temperature.
            ImageError, TextError: there is no picture, no text, or one of them cannot be used.
        """
        clean = _cleaned(texts)
        _check_temperature(temperature)
        where = self.background_of(model)
        templates = [templates_for(text) if ensemble else () for text in clean]
        said = [[one.format(t) for one in some] or [t] for t, some in zip(clean, templates, strict=True)]
        if ensemble:
            self._read_ahead([text for some in said for text in some], model)
        with self.models.reading("match", model, [image], clean) as ((picture,), read):
            head = self.models.load(model)
            filled = [self.models.read_texts(some, model) for some in said] if ensemble else [[one] for one in read]
            (seen,) = self._vectors("image", [picture], model)  # [1, D]
            if ensemble:
                vectors = _mean_vectors([self._vectors("text", some, model) for some in filled])
            else:
                vectors = torch.cat(self._vectors("text", read, model))  # [K, D]
            cut = tuple(max(one.layout[0].cut_tokens for one in some) for some in filled)
            result = replace(
                head.rank(seen[0], vectors, tuple(clean), cut, where, temperature),
                unread=tuple(tuple(t.layout[0].words[i] for i in t.layout[0].unread) for t in read),
                templates=tuple(dict.fromkeys(one for some in templates for one in some)),
                **self._about(clean, filled, model),
            )
            return self._doubted(result, image, picture, read) if model == MODEL else result

    @torch.no_grad()
    def matrix(
        self, images: Sequence[Image.Image], texts: Sequence[str], model: str = MODEL, temperature: float | None = None
    ) -> MatrixResult:
        """Every picture with every text, at most 8 of each.

        Args:
            images, texts, model, temperature: as in `match`.

        Raises:
            InputError: no picture, or more than 8 pictures or texts. The others as in `match`.
        """
        clean = _cleaned(texts)
        _check_temperature(temperature)
        if not 1 <= len(images) <= MATRIX_SIDE or len(clean) > MATRIX_SIDE:
            message = f"Expected 1 to {MATRIX_SIDE} pictures and as many texts; got {len(images)} and {len(clean)}."
            raise InputError(message, "matrix_size", limit=MATRIX_SIDE, images=len(images), texts=len(clean))
        self._require(model)
        reading = (self.models.read_images([one], model)[0] for one in images)
        pictures = TokenSet.join(list(self.models.in_parts("matrix", reading, model)))
        with self.models.call("matrix"):
            head, read = self.models.load(model), self.models.read_texts(clean, model)
            vectors = head.embed_image(pictures), head.embed_text(TokenSet.join(read))
            about = self._about(clean, [[one] for one in read], model)
            result = replace(head.matrix(*vectors, tuple(clean), temperature), **about)
            if model != MODEL:
                return result
            return replace(result, probability=result.probability * self.familiarity.of_texts(clean, read, MODEL))

    def count_tokens(self, text: str, model: str = MODEL) -> tuple[int, int]:
        """(tokens of the whole text with the marks at its ends, how many of them the model reads at most).

        Raises:
            ChoiceError, WeightsError: as `match`. TextError: the text cannot be used.
        """
        self._require(model)
        encoder = self.models.tower(model, "text").encoder
        return encoder.prepare([inputs.clean_text(text)]).layout[0].token_count, encoder.longest

    @torch.no_grad()
    def match_pair(self, image: Image.Image, text: str) -> float:
        """Calibrated probability of "match" by the cross-attention head, which reads word by word over the patches.

        As in `match` it is multiplied by `understood`: below one half for a text that is more likely nonsense than not.

        Raises:
            ImageError, TextError: one of them is missing or cannot be used.
        """
        with self.models.reading("match_pair", PAIR_MODEL, [image], [text]) as ((picture,), read):
            probability = self.models.load(PAIR_MODEL).probability(picture, read[0])
            return float(probability[0] * self.familiarity.of_texts([text], read, PAIR_MODEL)[0])

    @cached_property
    def bounds(self) -> VerdictBounds:
        """Between which probabilities there is no verdict, from the matching card."""
        return verdict_bounds()[MODEL]

    @cached_property
    def background(self) -> MatchBackground:
        """Cosines of matched and unmatched validation pairs, from the matching card."""
        return background.measured(MODEL)

    def background_of(self, model: str = MODEL) -> MatchBackground:
        """The cosines that those of a model are compared with: from the card of our own, of the Hub's measured once.

        Raises:
            ChoiceError, WeightsError: as `match`.
        """
        if model == MODEL:
            return self.background
        self._require(model)
        with self._measuring:
            if model not in self._backgrounds:
                self._backgrounds[model] = background.estimated(self.models, model)
            return self._backgrounds[model]

    def _require(self, model: str) -> None:
        """`ChoiceError` for what ranks no texts; a row of the Hub that is not here says so when it is loaded."""
        if model != MODEL and model not in on_the_hub(*HUB):
            raise ChoiceError("model", model, list(match_models()))

    def _doubted(
        self, result: MatchingResult, image: Image.Image, picture: TokenSet, read: list[TokenSet]
    ) -> MatchingResult:
        """Our own head's answer, less sure where the text or the picture is strange."""
        understood = self.familiarity.of_texts(result.texts, read, MODEL)
        probability = result.probability * understood
        return replace(
            result,
            probability=probability,
            understood=understood,
            familiar=self.familiarity.of_image(image, picture, MODEL),
            none_of_these=none_of_these(probability),
            bounds=self.bounds,
        )

    def _about(self, texts: Sequence[str], read: Sequence[Sequence[TokenSet]], model: str) -> dict[str, Any]:
        """What is said of the texts, whatever the picture; `read` holds all that stands for each."""
        longest = getattr(self.models.tower(model, "text").encoder, "longest", 0)
        counts = (max(one.layout[0].token_count for one in some) for some in read)
        return {
            "model": model,
            "foreign": tuple(is_foreign(text, model) for text in texts),
            "tokens": tuple((count, longest) for count in counts),
        }

    def _vectors(self, side: str, read: Sequence[TokenSet], model: str) -> list[Tensor]:
        """Unit vectors [1, D] of what the model's towers read, each made once."""
        return made_once(f"{model}/vector", getattr(self.models.load(model), f"embed_{side}"), read)

    def _read_ahead(self, texts: Sequence[str], model: str) -> None:
        """Many texts into the cache, a batch at a time; others' questions go between."""
        parts = (self.models.read_texts(texts[i : i + BATCH], model) for i in range(0, len(texts), BATCH))
        for _ in self.models.in_parts("match", parts, model):
            pass

    @torch.no_grad()
    def _encoded(self, side: str, items: Sequence[Any], model: str) -> np.ndarray:
        """[n, D] of any number of items, `BATCH` at a time."""
        self._require(model)
        parts, call = [torch.empty(0, self.models.load(model).width)], f"encode_{side}s"
        gallery = side == "image" and model == MODEL and len(items) >= BATCH  # each is read once, none is kept
        for start in range(0, len(items), BATCH):
            some = items[start : start + BATCH]
            if gallery:
                encoder, head = self.models.tower(model, "image").encoder, self.models.load(model)
                batch = encoder.prepare([inputs.clean_image(image) for image in some])
                with self.models.call(call):
                    parts.append(head.embed_image(encoder(batch.to(self.models.device))).cpu())
            else:
                with self.models.reading(call, model, **{f"{side}s": some}) as sides:
                    parts += [vector.cpu() for vector in self._vectors(side, sides[0] or sides[1], model)]
        return torch.cat(parts).numpy()


def _cleaned(texts: Sequence[str] | str) -> list[str]:
    clean = [inputs.clean_text(text) for text in ([texts] if isinstance(texts, str) else texts)]
    if not clean:
        raise TextError("Expected at least one text to compare with the picture; got none.", "text_missing")
    return clean


def _check_temperature(temperature: float | None) -> None:
    low, high = TEMPERATURES
    number = isinstance(temperature, (int, float)) and not isinstance(temperature, bool)
    if temperature is not None and not (number and low <= temperature <= high):  # NaN is refused too
        message = f"Expected a temperature from {low} to {high}; got {str(temperature)[:40]}."
        raise InputError(message, "bad_temperature", got=str(temperature)[:40], low=low, high=high)


def _mean_vectors(vectors: Sequence[Sequence[Tensor]]) -> Tensor:
    """unit(mean of the unit vectors) of each text's filled templates, [K, D] (Radford et al. 2021, section 3.1.4)."""
    return F.normalize(torch.stack([torch.cat(some).mean(0) for some in vectors]), dim=-1)
