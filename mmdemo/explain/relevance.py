"""Gradient-weighted relevance: attention counts where it raised the answer, and is followed back through all layers.

One attention map becomes the mean over its heads of (gradient * attention), positive part (Chefer et al. 2021, arXiv
2103.15679, eq. 5). Relevance of a side to itself starts as I and grows by that map at each self-attention,
R += A R (eq. 6). Where the text looks at the picture, R_ti = Rn_tt^T A Rn_ii (eq. 10), Rn being R with the rows of
R - I scaled to sum to 1 (eqs. 8 and 9). The number hangs on what a tower pools: a mean is an attention with equal
weights 1 / N, so that the same eq. 5 gives each last token its part, (token * gradient), positive part.
Read next: `gradcam.py`, which is what remains of this for a convolutional picture.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, Tower, only, readers, shares
from mmdemo.explain.self_attention import has_attention
from mmdemo.types import FusionOutput, TokenSet


class Relevance(ExplanationMethod):
    """Relevance of every patch and every word, through the cross-attention where there is one.

    With a rival text ("why this and not that"), what attended to the picture for the rival counts where it lowered the
    rival's number.
    """

    name = "relevance"
    paper = "Chefer et al. 2021, arXiv 2103.15679"
    cost = "1 F + 1 B"
    needs_one_of = ("cross_attention", "image_attention", "text_attention")

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`."""
        with torch.enable_grad():
            seen, read = in_graph(subject.image, image), in_graph(subject.text, text)
            texts = [(read, word)] + ([] if subject.rival is None else [(in_graph(None, subject.rival), None)])
            fused = [subject.fuse(only(seen, place), only(t, w)) for t, w in texts]
            judged = [subject.judge(f).sum() for f in fused]
            number = judged[0] - sum(judged[1:])
        sides = [_relevance(number, seen, t, f) for (t, _), f in zip(texts, fused, strict=True)]
        tokens = sides[0][1]
        if "cross_attention" not in subject.traits:
            sides = sides[:1]  # the rival attends to nothing in the picture
        return TokenWeights(shares(torch.stack([patches for patches, _ in sides]).sum(0)), shares(tokens))


def _relevance(number: Tensor, seen: TokenSet, read: TokenSet, fused: FusionOutput) -> tuple[Tensor, Tensor]:
    """Relevance of patches [Ni] and tokens [Nt] to the number, as far as it went through this text and this fusion."""
    layers = [*(seen.attentions or ()), *(read.attentions or ())]
    wanted = [seen.tokens, read.tokens, *layers, *fused.attention.values()]
    grads = torch.autograd.grad(number, wanted, retain_graph=True, allow_unused=True, materialize_grads=True)
    maps = [weighted(a[0].detach(), g[0]) for a, g in zip(wanted[2:], grads[2:], strict=True)]  # [H, N, N] -> [N, N]
    n = len(seen.attentions or ())
    r_ii, r_tt = relevance(maps[:n], seen), relevance(maps[n : len(layers)], read)  # [Ni, Ni], [Nt, Nt]
    between = dict(zip(fused.attention, maps[len(layers) :], strict=True))
    if "text_to_image" in between:
        vote = between["joint_to_text"][0]  # [1, Nt] -> [Nt]
        if vote.sum() <= 0:  # no vote raised the number: count them all
            vote = fused.attention["joint_to_text"][0, 0, 0].detach()
        r_ti = normalised(r_tt).T @ between["text_to_image"] @ normalised(r_ii)  # eq. 10: [Nt, Ni]
        return vote @ r_ti, vote @ r_tt
    if "all_to_all" in between:  # both sides in one self-attention, all of whose rows are pooled
        both = between["all_to_all"].sum(0)  # [Ni + Nt]
        return both[: len(r_ii)] @ r_ii, both[len(r_ii) :] @ r_tt
    return last_part(seen, grads[0]) @ r_ii, last_part(read, grads[1]) @ r_tt


def in_graph(tower: Tower | None, side: TokenSet) -> TokenSet:
    """A side whose tokens and attentions can be differentiated: read again from the start where there is attention."""
    if has_attention(tower):
        return tower.read(tower.start.detach().requires_grad_(), None)
    return replace(side.with_tokens(side.tokens.detach().requires_grad_()), attentions=None)


def last_part(side: TokenSet, gradient: Tensor) -> Tensor:
    """The part of each last token in the number, [N]; a lone class token has all of it, whatever its sign."""
    part = (side.tokens[0].detach() * gradient[0]).sum(-1).relu()
    return part if part.sum() > 0 else readers(side)


def weighted(attention: Tensor, gradient: Tensor) -> Tensor:
    """Eq. 5: mean over heads of the positive part of gradient * attention. [H, Nq, Nk] -> [Nq, Nk]."""
    return (gradient * attention).relu().mean(0)


def relevance(maps: Sequence[Tensor], side: TokenSet) -> Tensor:
    """Eq. 6 over the layers of one side, the first layer first: [N, N], the identity where there is none."""
    n = side.tokens.shape[1]
    r = torch.eye(n, device=side.tokens.device, dtype=side.tokens.dtype)
    for a in maps:
        r = r + a @ r
    return r


def normalised(r: Tensor) -> Tensor:
    """Eqs. 8 and 9: the rows of R - I scaled to sum to 1, and I added again. [N, N] -> [N, N]."""
    eye = torch.eye(len(r), device=r.device, dtype=r.dtype)
    grown = r - eye
    total = grown.sum(-1, keepdim=True)
    return torch.where(total > 0, grown / total.clamp_min(torch.finfo(r.dtype).tiny), grown) + eye
