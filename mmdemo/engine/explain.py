"""Where in the picture and on which words an answer rests, by any method; and how far each map can be believed.

Read next: `cases.py` (what is explained), `explain/base.py` (how), `explain/faithfulness.py` (is it true).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image

from mmdemo import inputs
from mmdemo.checkpoints import find
from mmdemo.engine import cases
from mmdemo.engine import methods as table
from mmdemo.engine.capabilities import capabilities, offered_methods
from mmdemo.engine.cases import Case
from mmdemo.engine.models import Models
from mmdemo.errors import ChoiceError, IncompatibleError, InputError, MMDemoError
from mmdemo.explain import agreement, faithfulness, grid
from mmdemo.explain.base import only
from mmdemo.explain.faithfulness import STEPS
from mmdemo.tasks.targets import Target
from mmdemo.types import Agreement, Capabilities, Explanation, Faithfulness, MethodNote, Sanity

PICTURES = 0.9  # of a test's work, the words being the rest


class ExplanationService:
    """Maps over the picture, weights over the words, and their tests."""

    def __init__(self, models: Models) -> None:
        self.models = models

    def explain(
        self, image: Image.Image, text: str, method: str | None = None, word: int | str | None = None,
        target: Target | None = None, layer: int | None = None, head: int | None = None, model: str | None = None,
    ) -> Explanation:  # fmt: skip
        """Where in the picture, and on which words, the answer rests.

        Args:
            image: a PIL picture.
            text: one text.
            method: one of `all_methods`; None takes the one that is measured best for the model.
            word: index into `words(text)`, or the word itself (several Chinese characters are found as a run);
                None explains the whole text.
            target: what to explain: "similarity", "match", a label of the model, two labels ("positive", "negative")
                for why the first and not the second, or two texts, `text` and a rival, for the same. None takes the
                model's own answer.
            layer: for "self_attention": 0 is the first; None the last.
            head: for the attention methods: one head; None their mean.
            model: one of `explained_models()`; None takes the first that fits method and target.

        Raises:
            ChoiceError: no such method, model, target, layer or head. IncompatibleError: the method does not fit the
                model. InputError: an option that the method has not. TextError: the word is not in the text.
        """
        with self.models.call("explain"):
            options = [what for what, value in (("layer", layer), ("head", head)) if value is not None]
            case, name = self._chosen(image, text, method, target, model, options)
            return table.explained(case, name, table.find_words(case, word), layer, head)

    def words_at(
        self, image: Image.Image, text: str, row: int, column: int, method: str | None = None,
        target: Target | None = None, model: str | None = None,
    ) -> tuple[tuple[str, float], ...]:  # fmt: skip
        """The words that attended to one place of the picture: (word, weight) in reading order.

        Args:
            row, column: a patch of the map's grid, from the upper left.
            image, text, method, target, model: as in `explain`.

        Raises:
            InputError: there is no such patch. The others as in `explain`.
        """
        with self.models.call("words_at"):
            case, name = self._chosen(image, text, method, target, model)
            layout, how = case.image.layout[0], table.build(name)
            h, w = (how.finer * side for side in layout.grid)
            if not (isinstance(row, int) and isinstance(column, int) and 0 <= row < h and 0 <= column < w):
                got = f"({row!s:.20}, {column!s:.20})"
                message = f"Expected (row, column) of a patch in a grid of {h} rows and {w} columns; got {got}."
                raise InputError(message, "outside_grid", got=got, rows=h, columns=w)
            place = torch.zeros(case.image.tokens.shape[1], dtype=torch.bool, device=self.models.device)
            place[layout.prefix + row // how.finer * layout.grid[1] + column // how.finer] = True
            weights = how.explain(case.subject, case.image, case.text, place=place)
            return grid.to_word_weights(weights.tokens, case.text.layout[0])

    def target_values(self, image: Image.Image, text: str, model: str) -> dict[str, float]:
        """Every number of a model's answer that can be explained, by its target: a cosine, or a probability.

        Raises:
            As `explain`.
        """
        with self.models.call("target_values"):
            return cases.target_values(self.models, cases.build_case(self.models, model, image, text))

    def faithfulness(self, image: Image.Image, text: str, explanation: Explanation, steps: int = STEPS) -> Faithfulness:
        """Whether the answer hangs on what an explanation of this pair calls important.

        Args:
            image, text: the pair that was explained.
            explanation: what `explain` gave for it.
            steps: points of each curve, at least 2.

        Raises:
            InputError: the map is not of this model's grid, the words are not this text's, or too few steps.
        """
        *_, (_, whole) = self.growing_faithfulness(image, text, explanation, steps)
        return whole

    def growing_faithfulness(
        self, image: Image.Image, text: str, explanation: Explanation, steps: int = STEPS
    ) -> Iterator[tuple[float, Faithfulness]]:
        """The same while it grows: the device is held for a part at a time, and whoever stops asking stops the work.

        Args:
            image, text, explanation, steps: as in `faithfulness`.

        Yields:
            (how much is done, in (0, 1]; the curves at the points known so far, those of words at last).

        Raises:
            As `faithfulness`, when the first is asked for.
        """
        if isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= 100:
            raise InputError(f"Expected 2 to 100 steps; got {steps!s:.20}.", "bad_steps", got=str(steps)[:20])
        with self.models.call("faithfulness"):
            case = self._again(image, text, explanation)
            read, denied = only(case.text, table.words_kept(case, explanation)), cases.denied(self.models, case)
        patch_map, weights = torch.from_numpy(explanation.patch_map), [w for _, w in explanation.word_weights]
        tests_words = explanation.word is None and any(weights)  # of one word alone there is nothing to take away
        share = PICTURES if tests_words else 1.0
        work = faithfulness.growing_picture_curves(case.subject, read, patch_map, steps)
        for done, pictures in self.models.in_parts("faithfulness", work, case.model):
            yield share * done, Faithfulness(*pictures, None, None, case.target, denied)
        if tests_words:
            words = None
            work = faithfulness.growing_word_curves(case.subject, case.image, case.text, weights, steps)
            for words in self.models.in_parts("faithfulness", work, case.model):
                if words is None:
                    yield share, Faithfulness(*pictures, None, None, case.target, denied)
            yield 1.0, Faithfulness(*pictures, *(words or (None, None)), case.target, denied)

    def sanity(self, image: Image.Image, text: str, explanation: Explanation) -> Sanity:
        """The same method on the same network with random weights: a good map must not survive that.

        Raises:
            InputError: as in `faithfulness`.
        """
        with self.models.call("sanity"):
            known = self._again(image, text, explanation)
            target = known.target if explanation.target == "" else explanation.target
            case = cases.build_case(self.models, explanation.model, image, text, target, untrained=True)
            run = table.run_of(explanation)
            random = table.explained(case, explanation.method, run, explanation.layer, explanation.head)
        return Sanity(random, agreement.rank_correlation(explanation.patch_map, random.patch_map))

    def agreement(
        self, image: Image.Image, text: str, methods: Sequence[str | Explanation] | None = None,
        word: int | str | None = None, target: Target | None = None, model: str | None = None,
    ) -> Agreement:  # fmt: skip
        """Several methods on one pair: how far their maps agree, and their mean.

        Args:
            methods: names, or what `explain` gave for this very question, which is then not asked again; None takes all
                that fit the model, but for occlusion, which is slow.
            image, text, word, target, model: as in `explain`.

        Raises:
            As `explain`.
        """
        with self.models.call("agreement"):
            case, _ = self._chosen(image, text, None, target, model)
            given = tuple(methods or (name for name in table.fitting(case) if name != "occlusion"))
            names = tuple(one if isinstance(one, str) else one.method for one in given)
            for name in names:
                self._check_method(name)
                table.require_fit(name, case)
            run = table.find_words(case, word)
            explanations = tuple(table.explained(case, one, run) if isinstance(one, str) else one for one in given)
            mean = table.mean_of(case, explanations, run)
        patches = agreement.agreement(grid.on_one_grid([e.patch_map for e in explanations]))
        words = agreement.agreement([np.array([w for _, w in e.word_weights]) for e in explanations])
        return Agreement(names, patches, words, mean, explanations)

    # ---- what fits what

    @property
    def all_methods(self) -> tuple[str, ...]:
        """The methods that fit at least one row of the table."""
        return offered_methods()

    def capabilities(self, model: str) -> Capabilities:
        """What one row of the table can be asked: questions, targets, methods, options. Nothing is run to know it.

        Raises:
            ChoiceError: no such row. WeightsError: a file is missing or damaged.
        """
        return capabilities(self.models, model)

    def targets(self, model: str) -> tuple[str, ...]:
        """What of a model's answer can be explained: "similarity", "match", or its labels.

        Two labels ask why the first and not the second; two texts ask the same of a model that compares.

        Raises:
            ChoiceError: no such model, or none that can be explained.
        """
        cases.require_explained(model)
        return self.models.load(model).targets

    def default_method(self, model: str) -> str:
        """The method that `explain` takes for a model when none is named.

        Raises:
            ChoiceError: no such model, or none that can be explained.
        """
        cases.require_explained(model)
        return find(model).default_method

    def method_notes(self, model: str | None = None, target: Target | None = None) -> tuple[MethodNote, ...]:
        """What is to be known of every method that is offered, or of those that fit a model and a target.

        Raises:
            ChoiceError: no such model or target.
        """
        names = self.all_methods
        if model is not None:
            cases.require_explained(model)
            able = self.capabilities(model)
            asked, *_ = cases.resolve(able.targets, target)
            names = able.methods if asked is None or isinstance(asked, str) else able.rival_methods
        hows = [table.METHODS[name] for name in names]
        return tuple(MethodNote(h.name, h.paper, h.signed, h.targeted, h.options, h.cost) for h in hows)

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a text, as `explain` counts them: English words, Chinese words or characters, marks."""
        encoder = self.models.tower("matching", "text").encoder
        return encoder.prepare([inputs.clean_text(text)]).layout[0].words

    def _chosen(
        self, image: Image.Image, text: str, method: str | None, target: Target | None, model: str | None,
        options: Sequence[str] = (),
    ) -> tuple[Case, str]:  # fmt: skip
        """The case and the method's name, what was left open filled in."""
        if method is not None:
            self._check_method(method)
        problem: MMDemoError | None = None
        for name in [model] if model is not None else table.likely_models(method, target, options):
            try:
                case = cases.build_case(self.models, name, image, text, target)
                if method is not None:
                    table.require_fit(method, case)
                return case, method or table.default_method(case, options)
            except (ChoiceError, IncompatibleError) as error:
                problem = problem or error
        raise problem or ChoiceError("model", model, list(cases.explained_models()))

    def _check_method(self, name: str) -> None:
        if name not in table.METHODS:
            raise ChoiceError("method", name, list(self.all_methods))

    def _again(self, image: Image.Image, text: str, explanation: Explanation) -> Case:
        """The case that was explained."""
        case = cases.build_case(self.models, explanation.model, image, text, explanation.target or None)
        finer = getattr(table.METHODS.get(explanation.method), "finer", 1)  # a mean of methods is none of them
        own = tuple(finer * side for side in case.image.layout[0].grid), case.text.layout[0].words
        if own != (explanation.patch_map.shape, tuple(w for w, _ in explanation.word_weights)):
            message = "Expected the explanation of this very pair; its grid or its words are another's."
            raise InputError(message, "other_explanation")
        return case
