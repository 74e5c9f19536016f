"""No network at all: the picture itself, 64 x 64 pixels divided by 255, written in one row of 12,288 numbers.

What learning with pictures began with. Two photos of one thing have little in common here: the comparison is place by
place, so a step to the left changes every number. There is nothing to learn, hence no folder in weights/.
Read next: `tfidf.py`, `tasks/pixels_tfidf.py`.
"""

from torch import Tensor, nn

from mmdemo.encoders.picture import PictureEncoder

SIZE = 64


class PixelEncoder(PictureEncoder):
    """One token a picture: its pixels row by row, red, green and blue beside each other, in [0, 1].

    Args:
        size: side of the square, in pixels.
    """

    def __init__(self, size: int = SIZE) -> None:
        super().__init__(size)
        self.width = 3 * size * size
        self.features = nn.Sequential()

    def tokens(self, pixels: Tensor) -> Tensor:
        """[B, 3, height, width] in [-1, 1] -> [B, 1, height * width * 3] in [0, 1]."""
        return pixels.add(1).div(2).permute(0, 2, 3, 1).flatten(1).unsqueeze(1)

    def grid(self, size: int = 0) -> tuple[int, int]:
        """(1, 1): the one token is the whole picture."""
        return 1, 1
