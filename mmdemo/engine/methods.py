"""The table of explanation methods, which of them fits what, and from a method's weights to what a person sees.

Read next: `capabilities.py`, `explain.py`.
"""

from collections.abc import Collection, Sequence

import numpy as np
import torch
from torch import Tensor

from mmdemo.checkpoints import find
from mmdemo.engine.cases import Case
from mmdemo.errors import ChoiceError, IncompatibleError, InputError, TextError
from mmdemo.explain import agreement, grid
from mmdemo.explain.attention import CrossAttention
from mmdemo.explain.base import ExplanationMethod
from mmdemo.explain.finer import FineAttention, FineSimilarity
from mmdemo.explain.grad_eclip import GradEclip
from mmdemo.explain.gradcam import GradCam
from mmdemo.explain.integrated_gradients import IntegratedGradients
from mmdemo.explain.layercam import LayerCam
from mmdemo.explain.occlusion import Occlusion
from mmdemo.explain.relevance import Relevance
from mmdemo.explain.rollout import Rollout
from mmdemo.explain.self_attention import SelfAttention
from mmdemo.explain.shifted import ShiftedRelevance
from mmdemo.explain.token_similarity import TokenSimilarity
from mmdemo.tasks.targets import Target
from mmdemo.types import FEELINGS, Explanation

METHODS: dict[str, type[ExplanationMethod]] = {
    how.name: how
    for how in (
        CrossAttention, GradCam, LayerCam, Relevance, ShiftedRelevance, Rollout, SelfAttention, IntegratedGradients,
        TokenSimilarity, FineSimilarity, FineAttention, GradEclip, Occlusion,
    )
}  # fmt: skip
# Where a model's own default does not fit what is asked: the first of these that does.
PREFERRED = ("grad_eclip", "relevance", "gradcam", "integrated_gradients", "occlusion")


def build(name: str, layer: int | None = None, head: int | None = None) -> ExplanationMethod:
    """A method with its options.

    Raises:
        ChoiceError: no such method. InputError: an option that it has not.
    """
    if name not in METHODS:
        raise ChoiceError("method", name, list(METHODS))
    given = {what: value for what, value in (("layer", layer), ("head", head)) if value is not None}
    for what in given:
        if what not in METHODS[name].options:
            raise InputError(f"The method {name!r} has no {what} to choose.", "no_such_option", method=name, what=what)
    return METHODS[name](**given)


def fitting(case: Case) -> tuple[str, ...]:
    """The methods that can explain a case; "why this and not that" is nothing for one that knows no target."""
    rival = not isinstance(case.target, str)
    return tuple(n for n, how in METHODS.items() if how.fits(case.subject.traits) and (how.targeted or not rival))


def default_method(case: Case, options: Collection[str] = ()) -> str:
    """The method that explains a case when none was named: its row's default where it fits, else a preferred one.

    Args:
        case: what is explained.
        options: of "layer" and "head" those that were asked for; one that has them all is taken where there is one.
    """
    able = fitting(case)
    ranked = [name for name in (find(case.model).default_method, *PREFERRED, *METHODS) if name in able]
    return next((name for name in ranked if set(options) <= set(METHODS[name].options)), ranked[0])


def require_fit(name: str, case: Case) -> None:
    """Raise `IncompatibleError` naming the methods that fit, when this one does not."""
    choices = fitting(case)
    if name not in choices:
        message = f"The method {name!r} cannot explain this answer of {case.model!r}; these can: {', '.join(choices)}."
        raise IncompatibleError(message, "method_does_not_fit", method=name, model=case.model, choices=list(choices))


def likely_models(method: str | None, target: Target | None, options: Collection[str] = ()) -> tuple[str, ...]:
    """Models to try, the likeliest first, when none was named. Any target may come; `resolve` says what is wrong."""
    names = target if isinstance(target, (tuple, list)) else (target,)
    if all(name in FEELINGS for name in names):
        return ("sentiment",)
    attends = target == "match" or (method is None and options)  # a head or layer to show: of the attention itself
    return ("cross_attention", "matching") if attends else ("matching", "cross_attention", "sentiment")


def explained(
    case: Case, name: str, run: range | None = None, layer: int | None = None, head: int | None = None
) -> Explanation:
    """One method's answer as a map over the picture's pixels and weights over the text's words.

    Args:
        case: the pair, the model and the number.
        name: of the method.
        run: the words to explain, one after the other; None = the whole text.
        layer, head: see `ExplanationService.explain`.
    """
    how = build(name, layer, head)
    layout = case.text.layout[0]
    mask = None if run is None else grid.tokens_of_words(layout, run).to(case.text.mask.device)
    weights = how.explain(case.subject, case.image, case.text, mask)
    seen = weights.layout or case.image.layout[0]
    patch_map = grid.to_patch_map(weights.patches, seen).float().cpu()
    return Explanation(
        patch_map=patch_map.numpy(),
        image_map=grid.to_image_map(patch_map, seen),
        word_weights=grid.to_word_weights(weights.tokens, layout),
        method=name,
        signed=how.signed,
        model=case.model,
        target=case.target if how.targeted else "",
        layer=layer,
        head=head,
        **_word_fields(run),
    )


def mean_of(case: Case, explanations: Sequence[Explanation], run: range | None) -> Explanation:
    """The mean of several explanations of one case, each side's weights counting as shares."""
    layout = case.image.layout[0]
    patch_map = agreement.mean_map(grid.on_one_grid([e.patch_map for e in explanations])).astype(np.float32)
    weights = agreement.mean_map([np.array([w for _, w in e.word_weights]) for e in explanations])
    words = tuple(zip(case.text.layout[0].words, weights.tolist(), strict=True))
    image_map = grid.to_image_map(torch.from_numpy(patch_map), layout)
    signed = any(e.signed for e in explanations)
    named = {"method": "mean", "signed": signed, "model": case.model, "target": case.target}
    return Explanation(patch_map, image_map, words, **named, **_word_fields(run))


def run_of(explanation: Explanation) -> range | None:
    """The words that were explained; None for the whole text."""
    word = explanation.word
    return None if word is None else range(word, word + explanation.run)


def words_kept(case: Case, explanation: Explanation) -> Tensor | None:
    """[Nt] bool, the tokens of the words that were explained; None for the whole text."""
    run = run_of(explanation)
    return None if run is None else grid.tokens_of_words(case.text.layout[0], run).to(case.text.mask.device)


def _word_fields(run: range | None) -> dict[str, int | None]:
    return {} if run is None else {"word": run.start, "run": len(run)}


def find_words(case: Case, word: int | str | None) -> range | None:
    """The words meant by an index, or by a string that one word or a run of words spells; None for None.

    Raises:
        TextError: the text has no such word, or not so many.
    """
    if word is None:
        return None
    layout = case.text.layout[0]
    words = [w.lower() for w in layout.words]
    if isinstance(word, int) and not isinstance(word, bool) and 0 <= word < len(words):
        return range(word, word + 1)
    wanted = str(word).lower().replace(" ", "")
    runs = [range(a, b) for a in range(len(words)) for b in range(a + 1, len(words) + 1)]
    for fits in (str.__eq__, str.__contains__):  # the words spell it, or (pieces of Chinese may cut it) hold it
        for run in sorted(runs, key=len):
            if wanted and not isinstance(word, int) and fits("".join(words[run.start : run.stop]), wanted):
                return run
    listed = ", ".join(layout.words[:40])
    raise TextError(
        f"Expected one of the words of the text ({listed}); got {str(word)[:40]!r}.",
        "unknown_word",
        word=str(word)[:40],
        words=list(layout.words),
    )
