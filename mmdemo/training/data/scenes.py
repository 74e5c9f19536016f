"""Photos at 64 x 64 with what the frozen towers say of them, and their captions as words: for the autoencoder.

Read next: `bags.py`, `recipes/autoencoder.py`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmdemo.loading import load_module
from mmdemo.tasks.word_list import WordList
from mmdemo.training.data.bags import Bags, build_bags
from mmdemo.training.data.features import Features, Views, encode_images
from mmdemo.training.data.pairs import Captioned
from mmdemo.training.data.small_pictures import small_pictures


@dataclass
class Scenes:
    """Photos with their words.

    Args:
        pictures: [V, P, 64, 64, 3] uint8, V views of each photo.
        features: [V, P, 1024 + 1280], of the same views the matching head's embedding and the image tower's mean.
        bags: the captions' words.
    """

    pictures: Tensor
    features: Tensor
    bags: Bags

    def picture(self, view: Tensor, photo: Tensor) -> Tensor:
        """[B, 3, 64, 64] float32 in [0, 1]."""
        chosen = self.pictures[view, photo].permute(0, 3, 1, 2).float().div(255)
        return chosen.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def build_scenes(captioned: Captioned, words: WordList, views: Views, features: Features) -> Scenes:
    """Pixels, features and words of captioned photos."""
    pictures = torch.stack([small_pictures(captioned.photos, view, features, seed) for view, seed in views])
    head, parts = load_module("matching"), []
    for view, seed in views:
        embedded = encode_images(head, features.photo_tokens(captioned.photos, view, seed))
        parts.append(torch.cat([embedded, features.photo_vectors(captioned.photos, view, seed).float()], 1))
    return Scenes(pictures.permute(0, 1, 3, 4, 2).contiguous(), torch.stack(parts), build_bags(captioned, words))
