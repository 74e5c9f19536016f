"""Token similarity: each patch takes the picture's place, each word the text's, and is compared by itself.

Where the picture's vector is a sum over its places, what each of them adds is compared with the text: no guess.
Elsewhere a dual encoder's projection reads one token as if it were the whole (Zhou et al. 2022, arXiv 2112.01071,
"MaskCLIP", section 3.2, does it for CLIP). Words are read so too. No gradient; signed like any cosine.
Read next: `grad_eclip.py`.
"""

import torch
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, copies, only, signed_shares
from mmdemo.types import TokenSet


class TokenSimilarity(ExplanationMethod):
    """Weight of a token = the number of the pair in which it stands alone for its side."""

    name = "token_similarity"
    paper = "Zhou et al. 2022, arXiv 2112.01071"
    signed = True
    cost = "1 F, and the head once a token"
    needs = ("dual_encoder",)

    @torch.no_grad()
    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`."""
        chosen_image, chosen_text = only(image, place), only(text, word)
        if subject.places is None:
            patches = subject.score(each_alone(image), copies(chosen_text, image.tokens.shape[1]))  # [Ni]
        else:
            patches = subject.place_scores(image, chosen_text)[0]  # [Ni]
        tokens = subject.score(copies(chosen_image, text.tokens.shape[1]), each_alone(text))  # [Nt]
        prefix = image.layout[0].prefix
        patches = torch.cat([torch.zeros_like(patches[:prefix]), patches[prefix:]])
        worded = torch.tensor([i is not None for i in text.layout[0].word_ids], device=tokens.device)
        return TokenWeights(signed_shares(patches), signed_shares(tokens * worded))


def each_alone(side: TokenSet) -> TokenSet:
    """One item (B = 1) -> N items, of each of which one token alone is real: [N, N, D], mask = the identity."""
    n = side.tokens.shape[1]
    alone: Tensor = torch.eye(n, dtype=torch.bool, device=side.tokens.device)
    return copies(side, n).with_tokens(side.tokens.expand(n, -1, -1), alone)
