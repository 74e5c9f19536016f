"""Layer-CAM: Grad-CAM's sibling that lets every place speak with its own gradient.

Grad-CAM averages a channel's gradient over the picture; here each place keeps the positive part of its own, and the map
is the sum over channels of relu(gradient) * feature, positive part (Jiang et al. 2021, "LayerCAM: Exploring
hierarchical class activation maps for localization", IEEE TIP 30, eqs. 6 and 7). Read next: `integrated_gradients.py`.
"""

from mmdemo.explain.base import ExplanationMethod, Kept, Subject, TokenWeights, shares
from mmdemo.explain.gradcam import gradients
from mmdemo.types import TokenSet


class LayerCam(ExplanationMethod):
    """Layer-CAM on the last feature map; the words alike, token by token."""

    name = "layercam"
    paper = "Jiang et al. 2021, IEEE TIP 30"
    cost = "1 F + 1 B of the head"
    never_with = ("image_class_token",)  # no gradient reaches the last patches then

    def weigh(self, subject: Subject, image: TokenSet, text: TokenSet, word: Kept, place: Kept) -> TokenWeights:
        """See `ExplanationMethod.weigh`."""
        sides = gradients(subject, image, text, word, place)
        patches, tokens = ((x * gradient.relu()).sum(-1).relu() for x, gradient in sides)  # [Ni], [Nt]
        return TokenWeights(shares(patches), shares(tokens))
