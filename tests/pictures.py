"""Pictures that tests draw themselves."""

import numpy as np
from PIL import Image


def picture(seed: int = 0, size: tuple[int, int] = (90, 60)) -> Image.Image:
    """Smooth coloured blotches, others for each seed; `size` is (width, height)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
