"""What is said of an explanation: how faithful it proved, how it agrees with others, what its method is.

Read next: `explain/faithfulness.py`, `explain/agreement.py`.
"""

from dataclasses import dataclass

import numpy as np

from mmdemo.types.require import require
from mmdemo.types.results import Explanation

CLEAR = 0.01  # areas and answers closer than a point are called equal
ALIKE = 0.5  # rank correlation from which two maps look like one


@dataclass(frozen=True)
class Curves:
    """An answer while more and more of one side is taken away, or given back, in the order of three maps.

    Args:
        share: [S + 1] rising from 0 to 1, how much of the side was taken or given.
        map: [S + 1], the answer when the order is that of the explanation, its largest weights first.
        random: [S + 1], the same in a random order. Of a picture one such order serves deletion and, read backwards,
            insertion: so the two areas are equal.
        centre: [S + 1], the same from the middle outwards: what one gets without looking at the model at all.
        random_orders: [R, S + 1], the random orders one by one, of which `random` is the mean; None for a single one.
    """

    share: np.ndarray
    map: np.ndarray
    random: np.ndarray
    centre: np.ndarray
    random_orders: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("map", "random", "centre"):
            require(getattr(self, name).shape == self.share.shape, f"{name} {self.share.shape}", getattr(self, name))
        orders = self.random_orders
        require(orders is None or orders.shape[1:] == self.share.shape, f"random orders [R, {len(self.share)}]", orders)

    @property
    def areas(self) -> dict[str, float]:
        """Area under each curve, by the trapezoidal rule: the mean answer on the way."""
        return {name: area(getattr(self, name), self.share) for name in ("map", "random", "centre")}

    @property
    def random_range(self) -> tuple[float, float]:
        """The smallest and the largest area of the random orders."""
        orders = self.random[None] if self.random_orders is None else self.random_orders
        areas = [area(order, self.share) for order in orders]
        return min(areas), max(areas)

    @property
    def margin(self) -> float:
        """How far a single order must lie from another to differ: half of the random orders' range, or `CLEAR`."""
        low, high = self.random_range
        return max(CLEAR, (high - low) / 2)

    def won(self, sign: int) -> bool:
        """Whether the map's area is larger (`sign` 1) or smaller (-1) than every random order's, and than the centre's.

        The first by `CLEAR`, the second, a single order, by the margin.
        """
        areas, (low, high) = self.areas, self.random_range
        over_random = sign * (areas["map"] - (high if sign > 0 else low))
        return over_random > CLEAR and sign * (areas["map"] - areas["centre"]) > self.margin


def area(values: np.ndarray, at: np.ndarray) -> float:
    """Area under the curve `values` [n] over `at` [n], rising, by the trapezoidal rule.

    numpy calls it `trapz` before version 2 and `trapezoid` from there on; both are allowed here.
    """
    return float((np.diff(at) * (values[1:] + values[:-1]) / 2).sum())


@dataclass(frozen=True)
class Faithfulness:
    """The test beside a map: does the answer hang on what the map calls important?

    Args:
        deletion: the picture is blurred away from the brightest place on; a good map's answer falls fast (small area).
        insertion: the blurred picture gets its places back, the brightest first; a good map's rises fast (large area).
        word_deletion, word_insertion: the same with the words; None where one word alone was explained, or nothing is
            said of the words.
        target: the number that the answer is: a cosine for "similarity", otherwise a probability.
        denied: "no" where the model itself says that the two do not match, "other" where it answers something else
            than what was explained; "" where it stands by the answer.
    """

    deletion: Curves
    insertion: Curves
    word_deletion: Curves | None
    word_insertion: Curves | None
    target: str | tuple[str, str]
    denied: str = ""

    @property
    def verdict(self) -> str:
        """Of the map: "finds" what matters, when deletion and insertion both beat random maps and a blob in the middle;
        "blob" when one of the four comparisons is not won, so that it is not shown; "flat" when the answer is the same
        with the picture blurred, so that there was nothing to find; "no" or "other", as in `denied`.
        """
        return self._verdict(self.deletion, self.insertion)

    @property
    def word_verdict(self) -> str | None:
        """The same for the words."""
        if self.word_deletion is None or self.word_insertion is None:
            return None
        return self._verdict(self.word_deletion, self.word_insertion)

    def _verdict(self, deletion: Curves, insertion: Curves) -> str:
        if abs(float(deletion.map[0] - deletion.map[-1])) < CLEAR:
            return "flat"
        return self.denied or ("finds" if deletion.won(-1) and insertion.won(1) else "blob")


@dataclass(frozen=True)
class Sanity:
    """The same method on the same network with random weights.

    Args:
        random: what it draws there.
        correlation: Spearman's rank correlation of the two patch maps in [-1, 1]; 0 where one of them is constant.
    """

    random: Explanation
    correlation: float

    @property
    def alike(self) -> bool:
        """True when the map hardly depends on what the network learned: then it explains the picture, not the model."""
        return self.correlation >= ALIKE


@dataclass(frozen=True)
class Agreement:
    """Several methods on one pair.

    Args:
        methods: their names, M of them.
        patches: [M, M], Spearman's rank correlation of the patch maps.
        words: [M, M], the same of the word weights.
        mean: the mean map, each method's weights counting as shares.
        explanations: what each method says, in the order of `methods`; () where nobody kept them.
    """

    methods: tuple[str, ...]
    patches: np.ndarray
    words: np.ndarray
    mean: Explanation
    explanations: tuple[Explanation, ...] = ()

    def __post_init__(self) -> None:
        m = len(self.methods)
        require(self.patches.shape == self.words.shape == (m, m), f"two matrices [{m}, {m}]", self.patches.shape)


@dataclass(frozen=True)
class MethodNote:
    """What is to be known of a method before its map is believed.

    Args:
        name: the method's file name.
        paper: where it was published.
        signed: True when weights below 0 mean "against".
        targeted: False when the map is the same whatever number is asked about.
        options: which of "layer" and "head" it takes.
        cost: passes through the network, in words: F forward, B backward.
    """

    name: str
    paper: str
    signed: bool
    targeted: bool
    options: tuple[str, ...]
    cost: str


@dataclass(frozen=True)
class Capabilities:
    """What one row of the table can be asked, known from what its classes declare: nothing was run.

    Args:
        model: the row.
        tasks: the questions that it answers ("matching", "sentiment").
        needs_both: True when it compares, so that with a side missing there is no match.
        targets: the numbers of its answer that can be explained; () for a row whose answers cannot.
        rivals: what "rather than" may name: "text" (another text), "label" (another label), both, or neither.
        methods: the methods that explain one target.
        rival_methods: those that explain one target rather than another.
        default_method: the method taken when none is named; "" where nothing can be explained.
        options: by method, how many there are of each of its options: {"self_attention": {"layer": 12, "head": 12}}.
    """

    model: str
    tasks: tuple[str, ...]
    needs_both: bool
    targets: tuple[str, ...]
    rivals: tuple[str, ...]
    methods: tuple[str, ...]
    rival_methods: tuple[str, ...]
    default_method: str
    options: dict[str, dict[str, int]]
