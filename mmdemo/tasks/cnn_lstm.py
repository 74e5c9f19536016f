"""A small CNN and a small LSTM, trained together from nothing, and the three places where they can be joined.

Data level: the words are laid beside the pixels before the first layer, as a fourth plane whose row i is word i.
Feature level: each side is read to its end, the two vectors are put in one row, one classifier decides.
Model level: each side has a classifier of its own, and the verdicts are averaged with learned weights.
Ramachandram and Taylor 2017 survey the three ("early", "intermediate", "late"). A fourth network asks two questions of
one shared trunk, match and sentiment (Caruana 1997, "Multitask learning").
Read next: `resnet_lstm.py`, `training/recipes/cnn_lstm.py`.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.encoders.cnn import SIZE, CnnEncoder
from mmdemo.encoders.lstm import LstmEncoder
from mmdemo.errors import ChoiceError, IncompatibleError
from mmdemo.tasks.base import Task
from mmdemo.types import FEELINGS, LABELS, Batch

WIDTH, EMBEDDING = 128, 100
CORNERS = 2  # the feature map is summed up in 2 x 2 quarters: above and below, left and right stay apart


class Level(nn.Module):
    """What the four networks share: both encoders, and the vector that each makes of its side.

    Args:
        vocab: the word list.
        dropout: in training only.
        planes: of the picture, before the first layer.
    """

    quarters: type[nn.Module] = nn.AdaptiveAvgPool2d  # how a quarter of the feature map becomes 64 numbers

    def __init__(self, vocab: Sequence[str], dropout: float, planes: int = 3) -> None:
        super().__init__()
        self.image = CnnEncoder(planes=planes)
        self.text = LstmEncoder(vocab, WIDTH, EMBEDDING, layers=1, longest=SIZE, dropout=dropout)
        nn.init.normal_(self.text.embedding.weight, std=0.1)  # torch's 1 is slow to forget: 3,540 texts are few
        quarters = (self.quarters(CORNERS), nn.Flatten(), nn.Dropout(dropout))
        self.image_projection = nn.Sequential(*quarters, nn.Linear(CORNERS**2 * self.image.width, WIDTH), nn.ReLU())

    def forward(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """Logits [B, C] by task; either side may be None, not both.

        Args:
            image: "pixels" [B, 3, 64, 64].
            text: "ids" and "mask" [B, N].
        """
        if image is None and text is None:
            raise IncompatibleError("A network of two sides needs a picture or a text; both are missing.")
        return self.decide(image, text)

    def decide(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """The level itself."""
        raise TypeError(f"{type(self).__name__} does not say how it joins its sides.")

    def see(self, image: Batch) -> Tensor:
        """v [B, 128]."""
        return self.image_projection(self.image.features(image.tensors["pixels"]))

    def hear(self, text: Batch) -> Tensor:
        """t [B, 128], the largest of each number over the words: a mean would drown the one that tells."""
        tokens, mask = self.text.tokens(text.tensors["ids"]), text.tensors["mask"]
        return tokens.masked_fill(~mask.unsqueeze(-1), float("-inf")).amax(1)


class DataLevel(Level):
    """The CNN sees four planes: red, green, blue, and the text, a word a row; a missing side is zero."""

    quarters = nn.AdaptiveMaxPool2d  # one row of 64 is one word

    def __init__(self, vocab: Sequence[str], dropout: float = 0.0) -> None:
        super().__init__(vocab, dropout, planes=4)
        self.lay = nn.Linear(WIDTH, SIZE)
        self.head = nn.Linear(WIDTH, len(FEELINGS))

    def decide(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """Planes [B, 4, 64, 64] -> logits."""
        plane = None if text is None else self.plane(text)  # [B, 1, 64, 64]
        pixels = plane.new_zeros(len(plane), 3, SIZE, SIZE) if image is None else image.tensors["pixels"]
        plane = torch.zeros_like(pixels[:, :1]) if plane is None else plane
        return {"sentiment": self.head(self.image_projection(self.image.features(torch.cat([pixels, plane], 1))))}

    def plane(self, text: Batch) -> Tensor:
        """The text as a picture of one plane, word i in row i, [B, 1, 64, 64]."""
        rows = self.lay(self.text.tokens(text.tensors["ids"])) * text.tensors["mask"].unsqueeze(-1)  # [B, N, 64]
        return F.pad(rows, (0, 0, 0, SIZE - rows.shape[1])).unsqueeze(1)


class TwoVectors(Level):
    """Base of the levels that read each side to its end: what stands in for a missing one is learned."""

    def __init__(self, vocab: Sequence[str], dropout: float = 0.0) -> None:
        super().__init__(vocab, dropout)
        self.no_image, self.no_text = nn.Parameter(torch.zeros(WIDTH)), nn.Parameter(torch.zeros(WIDTH))

    def vectors(self, image: Batch | None, text: Batch | None) -> tuple[Tensor, Tensor]:
        """v and t, [B, 128] each."""
        v, t = (None if image is None else self.see(image)), (None if text is None else self.hear(text))
        return (self.no_image.expand_as(t) if v is None else v), (self.no_text.expand_as(v) if t is None else t)


class FeatureLevel(TwoVectors):
    """logits = W ReLU(U [v; t])."""

    def __init__(self, vocab: Sequence[str], dropout: float = 0.0) -> None:
        super().__init__(vocab, dropout)
        self.mix = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * WIDTH, WIDTH), nn.ReLU(), nn.Dropout(dropout))
        self.head = nn.Linear(WIDTH, len(FEELINGS))

    def decide(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """Concatenation, then one classifier."""
        return {"sentiment": self.head(self.mix(torch.cat(self.vectors(image, text), -1)))}


class ModelLevel(Level):
    """p = w p_image + (1 - w) p_text, w learned; a side alone decides alone."""

    def __init__(self, vocab: Sequence[str], dropout: float = 0.0) -> None:
        super().__init__(vocab, dropout)
        self.image_head = nn.Linear(WIDTH, len(FEELINGS))
        self.text_head = nn.Sequential(nn.Dropout(dropout), nn.Linear(WIDTH, len(FEELINGS)))
        self.raw_weight = nn.Parameter(torch.zeros(()))

    def decide(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """The logarithm of the averaged probabilities, so that softmax gives them back."""
        verdicts = []
        if image is not None:
            verdicts.append(self.image_head(self.see(image)).log_softmax(-1))
        if text is not None:
            verdicts.append(self.text_head(self.hear(text)).log_softmax(-1))
        if len(verdicts) == 2:
            shares = torch.stack([F.logsigmoid(self.raw_weight), F.logsigmoid(-self.raw_weight)])  # log w, log (1 - w)
            verdicts = [torch.stack([v + s for v, s in zip(verdicts, shares, strict=True)]).logsumexp(0)]
        return {"sentiment": verdicts[0]}


class MultiTask(TwoVectors):
    """One trunk, two questions: both encoders, and v' = U v, t' = V t, are shared.

    Sentiment is read from [v'; t'] by a small network, the match from their cosine: s = e^a cos(v', t') + b is the
    logit of "match". With a side missing there is no cosine, and both answers are as likely: s = 0.
    """

    def __init__(self, vocab: Sequence[str], dropout: float = 0.0) -> None:
        super().__init__(vocab, dropout)
        self.shared = nn.ModuleList(nn.Sequential(nn.Dropout(dropout), nn.Linear(WIDTH, WIDTH)) for _ in range(2))
        self.mix = nn.Sequential(nn.ReLU(), nn.Dropout(dropout), nn.Linear(2 * WIDTH, WIDTH), nn.ReLU())
        self.head = nn.Linear(WIDTH, len(FEELINGS))
        self.log_scale, self.offset = nn.Parameter(torch.tensor(2.3)), nn.Parameter(torch.zeros(()))  # e^2.3 = 10

    def decide(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """Both answers from the shared vectors."""
        v, t = self.trunk(*self.vectors(image, text))
        s = self.log_scale.exp() * F.cosine_similarity(v, t, dim=-1) + self.offset  # [B]
        s = s if image is not None and text is not None else torch.zeros_like(s)
        feeling = self.head(self.mix(torch.cat([v, t], -1)))
        return {"matching": torch.stack([torch.zeros_like(s), s], -1), "sentiment": feeling}

    def trunk(self, v: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """The shared vectors, [B, 128] each."""
        return self.shared[0](v), self.shared[1](t)


LEVELS: dict[str, type[Level]] = {
    "data": DataLevel,
    "feature": FeatureLevel,
    "model": ModelLevel,
    "multitask": MultiTask,
}


class CnnLstm(Task):
    """The four networks in one file; each has its own encoders, for each was trained from nothing.

    Args:
        vocab: the word list that all share.
        best: the level that answers for sentiment; the card says how good each is.
        dropout: in training only.
    """

    labels = LABELS

    def __init__(self, vocab: Sequence[str], best: str = "feature", dropout: float = 0.0) -> None:
        super().__init__()
        if best not in LEVELS:
            raise ChoiceError("level", best, list(LEVELS))
        self.best = best
        self.levels = nn.ModuleDict({name: level(vocab, dropout) for name, level in LEVELS.items()})

    def prepare(self, image: Any | None, text: str | None) -> tuple[Batch | None, Batch | None]:
        """One RGB picture, one text -> what the levels take; None stays None."""
        level = self.levels[self.best]
        return (
            None if image is None else level.image.prepare([image]),
            None if text is None else level.text.prepare([text]),
        )

    def answering(self) -> list[nn.Module]:
        """The best level and the network of two questions."""
        return [self.levels[name] for name in sorted({self.best, "multitask"})]

    @torch.no_grad()
    def predict(self, image: Batch | None, text: Batch | None) -> dict[str, Tensor]:
        """See `Task.predict`: the match by the network of two questions, sentiment by the best level."""
        both = self.levels["multitask"](image, text)
        feeling = both if self.best == "multitask" else self.levels[self.best](image, text)
        return {"matching": both["matching"].softmax(-1), "sentiment": feeling["sentiment"].softmax(-1)}
