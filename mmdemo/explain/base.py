"""The contract of every explanation method: a subject and one pair in, weights over patches and text tokens out.

A method never knows which model it explains. It gets a `Subject`: how two token sets become the number to be explained,
and, for methods that begin deeper, two `Tower`s: how pixels and word vectors become those tokens. What a method needs
it declares, what a model has its classes declare, as traits; so what fits is known without running anything:

    image_reread, text_reread                        that tower can be entered at its first layer
    image_attention, text_attention                  it has self-attention to show
    image_attention_pooling, text_attention_pooling  an attention makes its pooled vector
    image_class_token                                one token that is no patch stands for all patches
    image_finer                                      pictures can be read with places half as wide
    cross_attention                                  the fusion hands over attention between the sides
    dual_encoder                                     two pooled vectors are compared: a token can stand for its side

Read next: `attention.py`, `gradcam.py`, then `grid.py` (from tokens to pixels and words).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from mmdemo.errors import ChoiceError, IncompatibleError
from mmdemo.types import FusionOutput, ImageLayout, LastAttention, TokenSet

Kept = Tensor | None  # bool [N] or [B, N], True = stays; None = everything stays


@dataclass(frozen=True)
class Tower:
    """How one side of the pair came to be.

    Args:
        start: what the network reads first, [1, ...]: pixels [1, 3, height, width], or one vector a token [1, N, D].
        nothing: () -> the same with nothing to see in it, [1, ...]: the picture blurred away; zeros where words stood.
        read: (start [B, ...], kept [B, N] bool or None) -> B items, differentiable in `start`, with their attentions
            where the network has any. What is not kept is not read at all (a word taken out of its sentence).
        traits: those of the list above that are the side's, less its name.
        last_attention: start [1, ...] -> the token set and its last attention; only with "attention_pooling".
        finer: () -> the item read with places half as wide; only with "finer".
    """

    start: Tensor
    nothing: Callable[[], Tensor]
    read: Callable[[Tensor, Kept], TokenSet]
    traits: frozenset[str] = frozenset({"reread"})
    last_attention: Callable[[Tensor], tuple[TokenSet, LastAttention]] | None = None
    finer: Callable[[], TokenSet] | None = None

    @cached_property
    def blank(self) -> Tensor:
        """`nothing()`, made once, and only for the methods that ask."""
        return self.nothing()


@dataclass(frozen=True)
class Subject:
    """What is explained: one number of one model's answer.

    Args:
        fuse: (image, text) -> the joint vectors and the attention between the sides.
        judge: `FusionOutput` -> [B], the number to explain: a cosine, log odds of a label, a difference of two labels.
        rival: another text, where the question is why the given one and not this: its number is taken off.
        shown: the number as a person sees it: log odds [B] become probabilities [B]; a cosine stays as it is.
        image: the picture's tower, for methods that need more than its tokens.
        text: the text's tower.
        task_traits: those of the list above that are of no side.
        places: (image, text) -> [B, Ni], how well what each place adds to the picture's vector fits the text; None
            where the picture's vector is no sum over its places.
    """

    fuse: Callable[[TokenSet, TokenSet], FusionOutput]
    judge: Callable[[FusionOutput], Tensor]
    rival: TokenSet | None = None
    shown: Callable[[Tensor], Tensor] = lambda number: number
    image: Tower | None = None
    text: Tower | None = None
    task_traits: frozenset[str] = frozenset()
    places: Callable[[TokenSet, TokenSet], Tensor] | None = None

    @property
    def traits(self) -> frozenset[str]:
        """All that a method may look at."""
        sides = (frozenset() if tower is None else tower.traits for tower in (self.image, self.text))
        return all_traits(self.task_traits, *sides)

    def score(self, image: TokenSet, text: TokenSet) -> Tensor:
        """The number of each pair [B], differentiable in the tokens."""
        number = self.judge(self.fuse(image, text))
        if self.rival is not None:
            number = number - self.judge(self.fuse(image, copies(self.rival, len(image.tokens))))
        return number

    def place_scores(self, image: TokenSet, text: TokenSet) -> Tensor:
        """`places`, the rival's taken off, [B, Ni]; only where there are any."""
        own = self.places(image, text)
        return own if self.rival is None else own - self.places(image, copies(self.rival, len(image.tokens)))


def all_traits(task: Collection[str], image: Collection[str], text: Collection[str]) -> frozenset[str]:
    """The traits of a model from those of its task and its towers."""
    return frozenset(task) | {f"image_{trait}" for trait in image} | {f"text_{trait}" for trait in text}


@dataclass(frozen=True)
class TokenWeights:
    """What a method finds for one pair: weights over patches [Ni] and over text tokens [Nt].

    The absolute values of each side sum to 1, or are all 0 where the method found nothing. Below 0 (methods that are
    signed): against the answer. `layout` says which grid the patches are of, where it is not the picture's own.
    """

    patches: Tensor
    tokens: Tensor
    layout: ImageLayout | None = None


class ExplanationMethod:
    """Base class; a method is one overridden function, `weigh`.

    Attributes:
        name: the method's file name.
        paper: where it was published.
        signed: True when weights below 0 mean "against".
        targeted: False when the map is the same whatever number is asked about.
        options: which of "layer" and "head" its constructor takes.
        cost: passes through the network, in words: F forward, B backward.
        finer: how many of its places lie side by side where the picture's own grid has one.
        needs: traits that a model must have, all of them.
        needs_one_of: traits of which it must have one; () for none.
        never_with: traits that it must not have.
    """

    name: str
    paper: str
    signed: bool = False
    targeted: bool = True
    options: tuple[str, ...] = ()
    cost: str
    finer: int = 1
    needs: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()

    @classmethod
    def fits(cls, traits: Collection[str]) -> bool:
        """Whether this method can explain a model of these traits."""
        one = not cls.needs_one_of or any(trait in traits for trait in cls.needs_one_of)
        return one and set(cls.needs) <= set(traits) and not set(cls.never_with) & set(traits)

    def explain(
        self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept = None, place: Kept = None
    ) -> TokenWeights:
        """Explain one pair (B = 1).

        Args:
            subject: what is explained.
            image: the picture's tokens [1, Ni, D].
            text: the text's tokens [1, Nt, D].
            word: [Nt] bool, True for the tokens of the word to explain; None = the whole text.
            place: [Ni] bool, True for the patches to explain; None = the whole picture.

        Raises:
            IncompatibleError: the subject lacks what the method looks at. ChoiceError: it has no such layer or head.
        """
        if not self.fits(subject.traits):
            message = f"The method {self.name!r} does not fit this model: it lacks what the method looks at."
            raise IncompatibleError(message, "method_does_not_fit", method=self.name, choices=[])
        return self.weigh(subject, image, text, word, place)

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """The method itself; arguments as in `explain`, the subject fits."""
        raise TypeError(f"{type(self).__name__} does not say how it explains.")


def shares(weights: Tensor) -> Tensor:
    """Weights >= 0 scaled to sum to 1; what is below 0 is cut off; all zeros stay zeros. [N] -> [N]."""
    return signed_shares(weights.clamp_min(0))


def signed_shares(weights: Tensor) -> Tensor:
    """Weights of either sign scaled so that their absolute values sum to 1; all zeros stay zeros. [N] -> [N]."""
    total = weights.abs().sum()
    return weights / total if total > 0 else torch.zeros_like(weights)


def only(side: TokenSet, kept: Kept) -> TokenSet:
    """A side of which the model sees these tokens alone, each as it was read among all the others."""
    return side if kept is None else side.with_tokens(side.tokens, side.mask & kept)


def focused(subject: Subject, word: Kept, place: Kept) -> Callable[[TokenSet, TokenSet], Tensor]:
    """The subject's number when only one word and one place are seen, (image, text) -> [B]."""
    return lambda image, text: subject.score(only(image, place), only(text, word))


def copies(side: TokenSet, count: int) -> TokenSet:
    """One item (B = 1), `count` times, without its attentions."""
    return side.select(torch.zeros(count, dtype=torch.long, device=side.tokens.device))


def readers(side: TokenSet) -> Tensor:
    """Equal shares for the tokens that the pooled vector is made of, zeros for the others, [N] (B = 1).

    All real tokens where the tower takes their mean; one where a class token or an end token stands for the side.
    """
    with torch.enable_grad():
        tokens = side.tokens.detach().requires_grad_()
        pooled = side.pool(tokens, side.mask)
        direction = torch.linspace(1, 2, pooled.shape[1], device=pooled.device).cos()  # any will do that is not flat
        (gradient,) = torch.autograd.grad((pooled * direction).sum(), tokens)
    return shares((gradient[0].abs().sum(-1) > 0).to(tokens.dtype))


def checked(what: str, index: object, count: int) -> int:
    """An index in [0, count); `ChoiceError` naming the choices otherwise."""
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
        raise ChoiceError(what, index, [str(i) for i in range(count)])
    return index


def of_head(weights: Tensor, head: int | None) -> Tensor:
    """[H, Nq, Nk] -> one head's [Nq, Nk], or the mean over heads; `ChoiceError` when there is no such head."""
    return weights.mean(0) if head is None else weights[checked("head", head, len(weights))]
