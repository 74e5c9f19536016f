"""The contract of every task: a pair as its towers read it in, one answer to each of its questions out.

A task is a question with labels ("does the text fit the picture?": "mismatch", "match"). What a task is stands on its
class or, where its configuration decides, on what its class declares of that configuration; nothing has to be run to
know it.

A long answer is told in parts (`caption_search.spoken`, `writing.spoken`, `explain/faithfulness.py`), all in one way.
It is a generator: each `next` does the work of one part, one more word or the whole so far, and between two parts
nothing is worked at, so that others may use the device (`engine/models.py`, `in_parts`). `close()` ends the work where
it stands and lets go of what it held; whoever wraps such a generator closes it in turn (`contextlib.closing`). What
cannot be asked raises at the call or at the first part, never later. A download is no such work, for others may wait
for it: closing `engine.fetch` ends the watching, `cancel_fetch` the download.

Read next: `matching.py`, `sentiment.py`, `fused.py`, then the systems: `pixels_tfidf.py`, `cnn_lstm.py`,
`resnet_lstm.py`.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from mmdemo.tasks.targets import Target
from mmdemo.types import FusionOutput, TokenSet


class Task(nn.Module):
    """Base class; the row of the table says which questions it answers.

    Attributes:
        targets: the numbers of its answer that can be explained ("similarity", "match", a label); () for none.
        traits: what a method of explanation may look at, of those in `explain/base.py`.
        labels: by question, the names of its answers, in the order of its probabilities.
    """

    targets: tuple[str, ...] = ()
    traits: frozenset[str] = frozenset()
    labels: dict[str, tuple[str, ...]]

    @classmethod
    def declared(cls, config: Mapping[str, Any]) -> tuple[tuple[str, ...], frozenset[str]]:
        """(targets, traits) of the module that this configuration builds."""
        return cls.targets, cls.traits

    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """Probabilities [B, C] by question, over its `labels`; one that needs the side that is missing is left out.

        A network from end to end takes what its `prepare(image, text)` gives instead of tokens.
        """
        raise TypeError(f"{type(self).__name__} does not say how it answers.")

    def loss(self, *batch: Any) -> Tensor:
        """What training makes small, a scalar; of what it says so."""
        raise TypeError(f"{type(self).__name__} does not say how it is trained.")

    def answer(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, dict[str, float]]:
        """`predict` for one pair (B = 1): {question: {label: probability}}."""
        predicted = self.predict(image, text)
        return {task: dict(zip(self.labels[task], p[0].tolist(), strict=True)) for task, p in predicted.items()}

    def answering(self) -> list[nn.Module]:
        """The modules that an answer passes through."""
        return [self]

    # ---- for explanations; only where there are `targets`

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """Both sides -> joint vectors [B, D], and the attention between the sides where there is one: its fusion's."""
        return self.fusion(image, text)

    def judge(self, fused: FusionOutput, target: Target) -> Tensor:
        """The number of a target, [B]: a cosine, log odds of a label, or of one label rather than another."""
        raise TypeError(f"{type(self).__name__} has nothing to explain.")

    def own_target(self, fused: FusionOutput) -> Target:
        """The target that is meant when nobody says, for one pair (B = 1)."""
        return self.targets[0]
