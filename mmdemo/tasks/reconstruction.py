"""Reconstruction: a photo and a sentence squeezed into one short code, and both drawn from that code again.

A cross-modal autoencoder (Hinton and Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks";
Ngiam et al. 2011, "Multimodal deep learning", the bimodal deep autoencoder). Its training drops a whole side now and
then (modality dropout, as Ngiam et al. do), and still asks for both: so it learns to draw a picture from words alone
and to find words for a picture alone. The code has two parts: a shared one, which either side writes and both are
decoded from, and a private one, which the pixels write and the picture alone is decoded from, for what no words say
(Bousmalis et al. 2016, "Domain separation networks", arXiv 1608.06019).

The loss is the SUM of the two reconstruction errors,

    L = lambda * |x - x'|^2 / n  -  sum_w [ y_w log y'_w + (1 - y_w) log (1 - y'_w) ].

The tutorial on cross-modal autoencoders that this system is rebuilt from writes the picture's error MINUS the words'
error. That is a sign error: such a loss falls when the words come out wrong, so training is rewarded for being as wrong
as possible about one side, and has no lower bound. Both errors must fall together, hence the plus (the second term
above is the cross-entropy, which is positive: its minus belongs to the logarithm).
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.errors import IncompatibleError
from mmdemo.tasks.word_list import WordList
from mmdemo.tasks.word_memory import WordMemory
from mmdemo.types import Reconstruction

SIDE = 64  # pixels
PICTURE_WEIGHT = 1000.0  # lambda: brings a mean over pixels (about 0.03) to the size of a sum over words (about 40)
SHOWN = 20  # words of each language in a result
BETWEEN = " · "  # a caption's two languages, as a person reads them
NEAREST = 6  # training pairs in a result


class PictureEncoder(nn.Module):
    """Three convolutions (64, 128, 256 channels), each halving the picture: 64 -> 32 -> 16 -> 8 places a side.

    Two readings leave it: what is there (the mean over all places) and where (few channels, all places kept).
    """

    CHANNELS = (3, 64, 128, 256)
    KEPT = 8  # channels of "where"

    def __init__(self) -> None:
        super().__init__()
        steps = []
        for before, after in zip(self.CHANNELS, self.CHANNELS[1:], strict=False):
            steps += [nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.steps = nn.Sequential(*steps)
        self.where = nn.Conv2d(self.CHANNELS[-1], self.KEPT, 1)
        self.width = self.CHANNELS[-1] + self.KEPT * (SIDE // 8) ** 2

    def forward(self, picture: Tensor) -> Tensor:
        """[B, 3, 64, 64] in [0, 1] -> [B, 768]."""
        maps = self.steps(2 * picture - 1)  # [B, 256, 8, 8]
        return torch.cat([maps.mean((2, 3)), self.where(maps).flatten(1)], 1)


class PictureDecoder(nn.Module):
    """The code on a 4 x 4 grid, then four transposed convolutions, each doubling the picture.

    Kernels of 4 at stride 2 overlap evenly, so that no checkerboard appears (Odena et al. 2016).

    Args:
        width: D of the code.
    """

    CHANNELS = (64, 64, 48, 24, 3)

    def __init__(self, width: int) -> None:
        super().__init__()
        self.start = nn.Linear(width, self.CHANNELS[0] * 16)
        steps: list[nn.Module] = []
        for before, after in zip(self.CHANNELS, self.CHANNELS[1:], strict=False):
            steps += [nn.ReLU(), nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
        self.steps = nn.Sequential(*steps, nn.Sigmoid())

    def forward(self, code: Tensor) -> Tensor:
        """[B, D] -> [B, 3, 64, 64] in [0, 1]."""
        return self.steps(self.start(code).unflatten(1, (self.CHANNELS[0], 4, 4)))


class CrossModalAutoencoder(nn.Module):
    """Photo and sentence -> one code -> photo and words; either side may be missing.

    Args:
        vocab: V words, English and Chinese.
        captions: K captions, English and Chinese parted by a tab, each with a code in `codes`: the training pairs that
            an answer names as neighbours.
        feature_widths: widths of what frozen networks say of the photo, read beside the pixels by one reader each.
        width: D of the code.
        shared: S, so many of its numbers are the shared part; the other D - S are the private part of the pixels.
        hidden: width of the layer between features or words and the code.
        pixel_hidden: width of the layer between the convolutions and the code.
        embedding: width of a word's embedding.
        remembered: photos in the memory that helps to name the words of a photo without a sentence; 0 for none.
        dropout: on features and on the layers of features and words, in training only.
    """

    def __init__(
        self, vocab: Sequence[str], captions: Sequence[str] = (), feature_widths: Sequence[int] = (1024, 1280),
        width: int = 224, shared: int = 128, hidden: int = 768, pixel_hidden: int = 192, embedding: int = 64,
        remembered: int = 0, dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.shared, self.private = shared, width - shared
        self.words = WordList(vocab)
        self.captions = tuple(BETWEEN.join(caption.split("\t")) for caption in captions)
        drop = nn.Dropout(dropout)
        self.feature_widths = tuple(feature_widths)
        self.feature_encoders = nn.ModuleList(
            nn.Sequential(
                nn.BatchNorm1d(read, affine=False), drop,
                nn.Linear(read, hidden), nn.ReLU(), drop, nn.Linear(hidden, shared, bias=False),
            )
            for read in feature_widths
        )  # fmt: skip
        convolutions = PictureEncoder()
        self.picture_encoder = nn.Sequential(
            convolutions,
            nn.Linear(convolutions.width, pixel_hidden), nn.ReLU(), nn.Linear(pixel_hidden, self.private, bias=False),
        )  # fmt: skip
        self.text_encoder = nn.Sequential(
            nn.Linear(len(vocab), embedding, bias=False),  # one column a word: its embedding
            nn.Linear(embedding, hidden), nn.ReLU(), drop, nn.Linear(hidden, shared, bias=False),
        )  # fmt: skip
        self.picture_decoder = PictureDecoder(width)
        self.word_decoder = nn.Linear(shared, len(vocab))
        self.memory = WordMemory(remembered, shared)
        self.register_buffer("codes", torch.zeros(len(self.captions), width))

    def encode_features(self, features: Tensor) -> Tensor:
        """What the frozen networks say, side by side, [B, 1024 + 1280] -> the shared part of the code. [B, D].

        The mean of the readers; in training one of them by chance, so that each learns to do without the others. Two
        that err in different places err less together (bagging: Breiman 1996).
        """
        parts = features.split(self.feature_widths, 1)
        said = torch.stack([read(x) for read, x in zip(self.feature_encoders, parts, strict=True)])  # [R, B, S]
        if self.training:
            chosen = torch.randint(len(said), said.shape[1:2], device=said.device)  # [B]
            return F.pad(said[chosen, torch.arange(len(chosen), device=said.device)], (0, self.private))
        return F.pad(said.mean(0), (0, self.private))

    def read_views(self, features: Tensor) -> Tensor:
        """The mean of what is read off V views of each photo (the photo, its mirror image). [V, B, 2304] -> [B, D]."""
        return torch.stack([self.encode_features(view) for view in features]).mean(0)

    def encode_picture(self, picture: Tensor) -> Tensor:
        """Pixels [B, 3, 64, 64] in [0, 1] -> the private part of the code, zeros in the shared one. [B, D]."""
        return F.pad(self.picture_encoder(picture), (self.shared, 0))

    def encode_image(self, picture: Tensor, features: Tensor) -> Tensor:
        """What photos write, both parts: pixels [B, 3, 64, 64] and features [V, B, 2304] of V views -> [B, D]."""
        return self.read_views(features) + self.encode_picture(picture)

    def encode_text(self, bag: Tensor) -> Tensor:
        """Which words were given, [B, V] of 0 and 1; the mean of their embeddings -> the shared part. [B, D]."""
        mean = bag / bag.sum(1, keepdim=True).clamp_min(1)
        return F.pad(self.text_encoder(mean), (0, self.private))

    def code(self, image: Tensor | None, text: Tensor | None) -> Tensor:
        """z = W_i h_i + W_t h_t = W [h_i; h_t], a missing side all zeros (Ngiam et al. 2011). [B, D] -> [B, D]."""
        parts = [part for part in (image, text) if part is not None]
        if not parts:
            raise IncompatibleError("Expected an encoded picture, an encoded text, or both; both are missing.")
        return torch.stack(parts).sum(0)

    def decode(self, code: Tensor, alone: bool = False) -> tuple[Tensor, Tensor]:
        """[B, D] -> (picture [B, 3, 64, 64] in [0, 1], word logits [B, V]); `alone`: see `name_words`."""
        return self.picture_decoder(code), self.name_words(code, alone)

    def name_words(self, code: Tensor, alone: bool = False) -> Tensor:
        """Word logits [B, V] from the shared part of the code [B, D].

        Where the photos came `alone`, the memory stands in for the missing sentence; with one it would only disturb.
        """
        shared = code[:, : self.shared]
        logits = self.word_decoder(shared)
        return self.memory(shared, logits) if alone else logits

    @torch.no_grad()
    def start_from(self, picture: Tensor, frequency: Tensor) -> None:
        """Begin with the commonplace: the mean picture's colour [1, 3, 64, 64], how often each word is used [1, V]."""
        self.picture_decoder.steps[-2].bias.copy_(torch.logit(picture.mean((0, 2, 3))))
        self.word_decoder.bias.copy_(torch.logit(frequency[0], eps=1e-3))
        self.word_decoder.weight.mul_(0.3)

    def picture_loss(self, drawn: Tensor, picture: Tensor) -> Tensor:
        """lambda times the mean squared error of drawn pictures [B, 3, 64, 64]."""
        return PICTURE_WEIGHT * F.mse_loss(drawn, picture)

    def words_loss(self, logits: Tensor, bag: Tensor) -> Tensor:
        """Binary cross-entropy, summed over the list: logits [B, V] against the share of people who use a word [B, V].

        Training adds it to `picture_loss`, and never subtracts (see above).
        """
        return F.binary_cross_entropy_with_logits(logits, bag, reduction="none").sum(1).mean()

    @torch.no_grad()
    def encode(self, picture: Tensor | None, features: Tensor | None, text: str | None) -> Tensor:
        """The code of one pair, [1, D]. `picture` [1, 3, 64, 64] and `features` [V, 1, 2304] come together or not.

        A text without a single known word counts as missing.
        """
        image = None if picture is None else self.encode_image(picture, features)
        if text is None or (image is not None and not self.knows(text)):
            return self.code(image, None)
        return self.code(image, self.encode_text(self.words.bag(text).to(self.codes.device)[None]))

    def knows(self, text: str | None) -> bool:
        """Whether the list holds a word of the text."""
        return text is not None and bool(self.words.read(text)[0])

    @torch.no_grad()
    def predict(
        self, code: Tensor, picture: Tensor | None = None, text: str | None = None, *, alone: bool = False
    ) -> Reconstruction:
        """What is decoded from a code [1, D], with the errors against the picture and the text where they are given.

        `alone`: the code is of photos without a sentence.
        """
        drawn, logits = self.decode(code, alone)
        known, unknown = ([], []) if text is None else self.words.read(text)
        return Reconstruction(
            original=None if picture is None else _pixels(picture),
            picture=_pixels(drawn),
            words=self.likely(logits[0]),
            latent=code[0].cpu().numpy(),
            image_error=None if picture is None else float(F.mse_loss(drawn, picture)),
            text_error=self.text_error(logits[0], self.words.bag(text).to(logits.device)) if known else None,
            neighbours=self.neighbours(code[0], NEAREST),
            known_words=tuple(self.words.words[i] for i in known),
            unknown_words=tuple(unknown),
        )

    def text_error(self, logits: Tensor, bag: Tensor) -> float:
        """Mean binary cross-entropy over the words of the languages that the bag [V] holds words of. logits [V]."""
        chinese = self.words.chinese.to(bag.device)
        inside = torch.where(chinese, bag[chinese].any(), bag[~chinese].any())
        return float(F.binary_cross_entropy_with_logits(logits[inside], bag[inside]))

    def likely(self, logits: Tensor) -> tuple[tuple[str, float], ...]:
        """The most probable words of each language, together, likeliest first. logits [V]."""
        probability = torch.sigmoid(logits).cpu()
        chosen = []
        for inside in (~self.words.chinese, self.words.chinese):
            some = torch.where(inside, probability, -1.0).topk(min(SHOWN, int(inside.sum()))).indices.tolist()
            chosen += [(self.words.words[i], float(probability[i])) for i in some]
        return tuple(sorted(chosen, key=lambda pair: -pair[1]))

    def neighbours(self, code: Tensor, k: int) -> tuple[tuple[str, float], ...]:
        """(caption, cosine) of the k nearest stored codes; cosines after the stored codes' mean was taken away. [D]."""
        if not self.captions:
            return ()
        centre = self.codes.mean(0)
        cosine = F.cosine_similarity(self.codes - centre, (code - centre)[None])  # [K]
        best = cosine.topk(min(k, len(self.captions)))
        return tuple((self.captions[i], float(v)) for v, i in zip(best.values, best.indices.tolist(), strict=True))


def _pixels(picture: Tensor) -> np.ndarray:
    """[1, 3, 64, 64] -> [64, 64, 3] float32 in [0, 1]."""
    return picture[0].clamp(0, 1).permute(1, 2, 0).cpu().numpy()
