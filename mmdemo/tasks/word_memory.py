"""A memory beside the word decoder: what people wrote about the training photos whose codes are nearest.

A decoder squeezes what the captions of 6,078 photos say into one matrix; a memory keeps it whole.
Khandelwal et al. 2020, "Generalization through memorization: nearest neighbor language models", arXiv 1911.00172,
equation 3, with photos in the place of contexts:

    p(w) = TRUST * sum_i a_i share_i(w) + (1 - TRUST) * p_decoder(w),   a = softmax(cos(z, key_i) / TEMPERATURE)

over the NEAREST keys, where share_i(w) is the share of people who used the word w of photo i. Read next:
`reconstruction.py`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TRUST, NEAREST, TEMPERATURE = 0.3, 60, 0.1
USED = 32  # words kept of a photo, those that most people used
FULL = 60  # a share of 1: fifths, quarters and thirds are whole numbers


class WordMemory(nn.Module):
    """Codes of P photos and the words of each.

    Args:
        photos: P; an empty memory says nothing.
        width: S, width of a code.
    """

    def __init__(self, photos: int, width: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("keys", torch.zeros(photos, width))
        self.register_buffer("word", torch.zeros(photos, USED, dtype=torch.int16))
        self.register_buffer("share", torch.zeros(photos, USED, dtype=torch.uint8))

    @torch.no_grad()
    def fill(self, codes: Tensor, share: Tensor) -> None:
        """Remember codes [P, S] and the share of people who used each word of the list [P, V], in [0, 1]."""
        self.centre = codes.mean(0)
        self.keys = F.normalize(codes - self.centre, dim=1)
        most = share.topk(min(USED, share.shape[1]), 1)
        room = (0, USED - most.values.shape[1])
        self.word = F.pad(most.indices, room).to(torch.int16)
        self.share = F.pad((FULL * most.values).round(), room).to(torch.uint8)

    def votes(self, code: Tensor, words: int) -> Tensor:
        """The nearest photos' words, weighted. [B, S] -> [B, V] in [0, 1]."""
        cosine = F.normalize(code - self.centre, dim=1) @ self.keys.T  # [B, P]
        best = cosine.topk(min(NEAREST, len(self.keys)), 1)
        weight = (best.values / TEMPERATURE).softmax(1)  # [B, K]
        said = weight[:, :, None] * self.share[best.indices] / FULL  # [B, K, USED]
        place = self.word[best.indices].long()
        return code.new_zeros(len(code), words).scatter_add_(1, place.flatten(1), said.flatten(1))

    def forward(self, code: Tensor, logits: Tensor) -> Tensor:
        """The decoder's word logits [B, V] after the memory had its say; unchanged while it is empty. Code [B, S]."""
        if not len(self.keys):
            return logits
        both = TRUST * self.votes(code, logits.shape[1]) + (1 - TRUST) * logits.sigmoid()  # [B, V]
        return torch.logit(both, eps=1e-6)
