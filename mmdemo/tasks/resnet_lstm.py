"""ResNet-18 and a two-layer LSTM: the two sides look at each other before anybody decides.

Places of the picture and words of the text stand in one row, and self-attention lets each of them gather from all: so
text is carried into image features and back. Then multi-head attention fuses: words ask the places, places ask the
words (Vaswani et al. 2017, arXiv 1706.03762, eq. 1; the two-way form is Lu et al. 2019, arXiv 1908.02265). What was
asked and what was found are put in one row, and a classifier decides. The tutorial's ten classes become our three, and
its match is ours. Read next: `training/recipes/resnet_lstm.py`.
"""

import torch
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.fusion.attention_layers import MultiHeadAttention
from mmdemo.tasks.base import Task
from mmdemo.types import LABELS, FusionOutput, TokenSet, mean_pool


class TwoWayAttention(nn.Module):
    """Self-attention over both sides, then attention from each side to the other, then one vector.

    Args:
        image_width: width of the image tokens.
        text_width: width of the text tokens.
        width: D.
        heads: H.
        dropout: in training only.
    """

    def __init__(self, image_width: int, text_width: int, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.image_in = nn.Sequential(nn.LayerNorm(image_width), nn.Dropout(dropout), nn.Linear(image_width, width))
        self.text_in = nn.Sequential(nn.LayerNorm(text_width), nn.Dropout(dropout), nn.Linear(text_width, width))
        self.no_image, self.no_text = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.zeros(width))
        self.sides = nn.Parameter(torch.zeros(2, width))  # tells a place from a word
        self.carry = MultiHeadAttention(width, heads, dropout)
        self.ask_image = MultiHeadAttention(width, heads, dropout)
        self.ask_text = MultiHeadAttention(width, heads, dropout)
        self.norms = nn.ModuleDict({name: nn.LayerNorm(width) for name in ("in", "carried", "seen", "heard")})
        self.mix = nn.Sequential(nn.Dropout(dropout), nn.Linear(6 * width, width), nn.GELU(), nn.Dropout(dropout))

    def forward(self, image: TokenSet | None, text: TokenSet | None) -> FusionOutput:
        """joint [B, D]; attention "joint" [B, H, N, N], "text_to_image" and "image_to_text"; one side may be None."""
        if image is None and text is None:
            raise IncompatibleError("Two-way attention needs a picture or a text; both are missing.")
        v, v_mask = self._side(image, text, 0)  # [B, Ni, D]
        t, t_mask = self._side(text, image, 1)  # [B, Nt, D]
        both, mask = self.norms["in"](torch.cat([v, t], 1)), torch.cat([v_mask, t_mask], 1)
        carried, joint = self.carry(both, both, mask)
        both = self.norms["carried"](both + carried)  # [B, Ni + Nt, D]
        v, t = both[:, : v.shape[1]], both[:, v.shape[1] :]
        seen, to_image = self.ask_image(t, v, v_mask)  # what each word found in the picture, [B, Nt, D]
        heard, to_text = self.ask_text(v, t, t_mask)  # what each place found in the text, [B, Ni, D]
        seen, heard = self.norms["seen"](seen), self.norms["heard"](heard)
        words = [mean_pool(x, t_mask) for x in (t, seen, t * seen)]
        places = [mean_pool(x, v_mask) for x in (v, heard, v * heard)]
        maps = {"joint": joint, "text_to_image": to_image, "image_to_text": to_text}
        return FusionOutput(self.mix(torch.cat(words + places, -1)), maps)

    def summaries(self, image: TokenSet, text: TokenSet) -> tuple[Tensor, Tensor]:
        """Each side by itself, before it has seen the other: the means of its tokens in the shared width, [B, D]."""
        return mean_pool(self.image_in(image.tokens), image.mask), mean_pool(self.text_in(text.tokens), text.mask)

    def _side(self, side: TokenSet | None, other: TokenSet | None, which: int) -> tuple[Tensor, Tensor]:
        """One side's tokens in the shared width and their mask; one learned token where it is missing."""
        if side is None:
            nothing = (self.no_image, self.no_text)[which].expand(len(other.tokens), 1, -1)
            return nothing + self.sides[which], torch.ones_like(other.mask[:, :1])
        return (self.image_in, self.text_in)[which](side.tokens) + self.sides[which], side.mask


class ResNetLstm(Task):
    """Match and sentiment of a pair, each with attention of its own."""

    labels = LABELS

    def __init__(
        self, image_width: int, text_width: int, width: int = 96, heads: int = 4, dropout: float = 0.0
    ) -> None:
        super().__init__()
        ask = (image_width, text_width, width, heads, dropout)
        self.fusions = nn.ModuleDict({task: TwoWayAttention(*ask) for task in LABELS})
        self.heads = nn.ModuleDict({task: nn.Linear(width, len(names)) for task, names in LABELS.items()})

    def forward(self, image: TokenSet | None, text: TokenSet | None, task: str) -> Tensor:
        """Logits [B, C] of one task; either side may be None, not both."""
        return self.heads[task](self.fusions[task](image, text).joint)

    @torch.no_grad()
    def predict(self, image: TokenSet | None, text: TokenSet | None) -> dict[str, Tensor]:
        """See `Task.predict`."""
        return {task: self(image, text, task).softmax(-1) for task in LABELS}
