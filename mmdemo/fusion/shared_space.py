"""Shared space: picture and text in one space where a cosine says how well they fit, and every place has its share.

Like `cosine.py`, but each side is read twice: as a whole (its mean) and part by part (places, words), and the two are
added before the length is made 1. The parts of a picture are added with equal weight, so that its similarity to a text
is a sum over its places: what each place adds is an exact map (`place_similarity`), as class activation maps are for a
classifier (Zhou et al. 2016, arXiv 1512.04150). Words are added by weights that a small attention learned.
Several readings learned from other random starts may stand beside each other; their cosines are averaged
(Lakshminarayanan et al. 2017, arXiv 1612.01474). Read next: `weighted_sum.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.base import Fusion
from mmdemo.types import FEWEST, FusionOutput, TokenSet, mean_pool


class ResidualMlp(nn.Module):
    """y = W x' + MLP(x') with x' = (x - mean) / deviation, both measured on the training set.

    Args:
        in_width, inner, width: of x, of the hidden layer, of y.
        dropout: share of hidden units silenced in training.
        input_dropout: share of inputs silenced in training.
    """

    def __init__(self, in_width: int, inner: int, width: int, dropout: float = 0.0, input_dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(in_width))
        self.register_buffer("deviation", torch.ones(in_width))
        self.straight = nn.Linear(in_width, width)
        self.hidden, self.out = nn.Linear(in_width, inner), nn.Linear(inner, width)
        self.dropout, self.input_dropout = nn.Dropout(dropout), nn.Dropout(input_dropout)
        nn.init.zeros_(self.out.weight)  # it begins as a linear map
        nn.init.zeros_(self.out.bias)

    def standardise(self, x: Tensor) -> Tensor:
        """[..., in_width] -> the same shape, mean 0 and deviation 1 over the training set."""
        return (x - self.mean) / self.deviation

    def forward(self, x: Tensor) -> Tensor:
        """[..., in_width] -> [..., width]."""
        return self.outer(*self.inner(x))

    def inner(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """[..., in_width] -> x' [..., in_width], hidden units [..., inner]."""
        x = self.input_dropout(self.standardise(x))
        return x, self.dropout(F.gelu(self.hidden(x)))

    def outer(self, x: Tensor, hidden: Tensor) -> Tensor:
        """x', hidden units -> [..., width]; linear, so that the mean of many is what it makes of their means."""
        return self.straight(x) + self.out(hidden)


class Reading(nn.Module):
    """One way into the shared space.

    Args:
        image_width, text_width: of the towers' tokens.
        width: D.
        narrow: numbers that a place is narrowed to, by principal components, before it is read by itself.
        dropout, input_dropout: in training only.
    """

    def __init__(
        self, image_width: int, text_width: int, width: int, narrow: int, dropout: float, input_dropout: float
    ) -> None:
        super().__init__()
        drop = {"dropout": dropout, "input_dropout": input_dropout}
        self.image = ResidualMlp(image_width, 2 * width, width, **drop)
        self.narrow = nn.Linear(image_width, narrow)  # fitted, not trained
        self.place = ResidualMlp(narrow, width, width, **drop)
        self.text = ResidualMlp(text_width, 2 * width, width, **drop)
        self.word = ResidualMlp(text_width, width // 2, width, **drop)
        self.vote = nn.Linear(text_width, 1)
        for part in (self.place, self.word):
            nn.init.zeros_(part.straight.weight)
        nn.init.zeros_(self.vote.weight)

    def embed_image(self, pooled: Tensor, narrowed: Tensor, mask: Tensor) -> Tensor:
        """Mean [B, image_width], narrowed places [B, N, narrow] and which are real [B, N] -> unit vectors [B, D]."""
        places = self.place.outer(*(mean_pool(part, mask) for part in self.place.inner(narrowed)))
        return F.normalize(self.image(pooled) + places, dim=-1)

    def embed_text(self, text: TokenSet) -> Tensor:
        """Tokens [B, N, text_width] -> unit vectors [B, D]."""
        b, n = text.mask.shape
        more, longer = max(0, FEWEST - b), -n % FEWEST  # rows of nothing, and tokens
        tokens, mask = F.pad(text.tokens, (0, 0, 0, longer)), F.pad(text.mask, (0, longer))
        votes = self.vote(tokens).squeeze(-1).masked_fill(~mask, float("-inf")).softmax(-1)  # [B, N]
        words = (votes.unsqueeze(-1) * self.word(tokens)).sum(1)  # [B, D]
        return F.normalize(self.text(F.pad(text.pooled, (0, 0, 0, more)))[:b] + words, dim=-1)

    def places(self, tokens: Tensor, narrowed: Tensor) -> Tensor:
        """What each place adds to the picture's vector by the paths that are sums over places, [B, N, D]."""
        return self.image.straight(self.image.standardise(tokens)) + self.place(narrowed)


class SharedSpaceFusion(Fusion):
    """Several readings side by side: unit vectors of width `readings * width`, whose product is the mean cosine.

    Args:
        image_width: width of the image tower's tokens.
        text_width: width of the text tower's tokens.
        width: D of one reading.
        readings: how many.
        narrow: see `Reading`.
        dropout, input_dropout: in training only.
    """

    formula = (
        r"v = \mathrm{unit}\big(g(\bar p) + \tfrac1N\sum_i f(p_i)\big),\quad"
        r" t = \mathrm{unit}\big(g'(\bar w) + \sum_j a_j f'(w_j)\big),\quad \cos(v,t) = \sum_i v_i t_i"
    )

    def __init__(
        self, image_width: int, text_width: int, width: int = 512, readings: int = 1, narrow: int = 320,
        dropout: float = 0.3, input_dropout: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__()
        self.width = readings * width
        parts = (Reading(image_width, text_width, width, narrow, dropout, input_dropout) for _ in range(readings))
        self.readings = nn.ModuleList(parts)

    def embed_image(self, image: TokenSet) -> Tensor:
        """B pictures -> unit vectors [B, D]."""
        vectors = [r.embed_image(image.pooled, r.narrow(image.tokens), image.mask) for r in self.readings]
        return torch.cat(vectors, -1) / len(vectors) ** 0.5  # each of length 1, so that together they are again

    def embed_text(self, text: TokenSet) -> Tensor:
        """B texts -> unit vectors [B, D]; a dot product with a picture's is the cosine."""
        return torch.cat([r.embed_text(text) for r in self.readings], -1) / len(self.readings) ** 0.5

    def place_similarity(self, image: TokenSet, text: TokenSet) -> Tensor:
        """The cosine of what each place adds with the text, mean over the readings: [B, N] in [-1, 1]."""
        cosines = []
        for reading in self.readings:
            places = F.normalize(reading.places(image.tokens, reading.narrow(image.tokens)), dim=-1)  # [B, N, D]
            cosines.append((places @ reading.embed_text(text).unsqueeze(-1)).squeeze(-1))
        return torch.stack(cosines).mean(0)

    def read_image(self, image: TokenSet) -> TokenSet:
        """The picture's unit vector as one token, [B, 1, D]."""
        return TokenSet.of_vectors(self.embed_image(image), image.layout)

    def read_text(self, text: TokenSet) -> TokenSet:
        """The text's unit vector as one token, [B, 1, D]."""
        return TokenSet.of_vectors(self.embed_text(text), text.layout)

    def fuse(self, image: TokenSet, text: TokenSet) -> FusionOutput:
        """joint [B, D] = image embedding * text embedding; its sum over D is the cosine in [-1, 1]."""
        return FusionOutput(image.pooled * text.pooled)
