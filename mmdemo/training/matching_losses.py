"""The losses of the matching head, one function each, and the step that adds them up.

Matching: each photo finds its own text in the batch, each text its photo. Beside it: a caption with one word swapped
must lie farther; the start's own knowledge of a thousand classes is carried into the space of texts, for whole photos
and for single places; a text finds its own photo's places among those of three others, and a named thing its box;
texts that mean the same, or speak of the same photo, lie together in both languages. Read next: `recipes/matching.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmdemo.fusion.shared_space import Reading
from mmdemo.training.data.boxes import box_mask
from mmdemo.training.data.lessons import PLACES, TEMPLATES, Captions, Labelled, Narrowing
from mmdemo.training.loop import autocast
from mmdemo.types import TokenSet

CAPTIONED, LABELLED, BOXED, TWINS, ALIKE, SMOOTHED = 420, 90, 12, 256, 0.33, 0.05  # rows of a step; shares
WEIGHTS = {
    "match": 1.0, "swapped": 0.3, "classes": 2.0, "place_classes": 0.3, "own_places": 0.3, "box": 0.3, "twins": 0.3,
    "same_photo": 0.3,
}  # fmt: skip


class Scales(nn.Module):
    """Learned temperatures, as logarithms: of the match, of the classes by photo and by place, of attention."""

    def __init__(self) -> None:
        super().__init__()
        self.match, self.classes = nn.Parameter(torch.tensor(3.0)), nn.Parameter(torch.tensor(3.5))
        self.places, self.attention = nn.Parameter(torch.tensor(3.0)), nn.Parameter(torch.tensor(2.7))


@dataclass
class Lesson:
    """Everything that a reading learns from.

    Args:
        classes: (weight [C, 1280], bias [C]) of the start's classifier.
        class_of: [1000] which of the C different names each class has.
        class_points: by language, names of the C classes in all templates [templates * C, 384].
        box_points: name -> [n, 384], ways of saying it.
        twins: English and Chinese vectors of texts that mean the same, [n, 384] each.
    """

    captions: Captions
    labelled: Labelled
    narrowing: Narrowing
    classes: tuple[Tensor, Tensor]
    class_of: Tensor
    class_points: dict[str, Tensor]
    box_points: dict[str, Tensor]
    twins: tuple[Tensor, Tensor]

    def __post_init__(self) -> None:
        self.photos_with_boxes = np.array([p for p, row in enumerate(self.captions.rows) if row.get("boxes")])
        weight, bias = self.classes
        n = self.narrowing
        self.place_classes = (weight * n.deviation) @ n.axes, weight @ n.mean + bias  # of narrowed places

    def named(self, logits: Tensor) -> Tensor:
        """What the start says, logits [B, 1000] -> probabilities of the C different names [B, C]."""
        count = int(self.class_of.max()) + 1
        return torch.zeros(len(logits), count).index_add_(1, self.class_of, logits.float().softmax(-1))


def place_vectors(reading: Reading, narrowed: Tensor, narrowing: Narrowing) -> Tensor:
    """`Reading.places` of narrowed places [B, N, narrow] -> unit vectors [B, N, D], without the rest."""
    straight, whole = reading.image.straight, reading.image
    back = narrowing.axes * (narrowing.deviation / whole.deviation)[:, None]  # [1280, narrow]
    shift = straight.weight @ ((narrowing.mean - whole.mean) / whole.deviation) + straight.bias
    return F.normalize((F.linear(narrowed, straight.weight @ back) + shift + reading.place(narrowed)).float(), dim=-1)


def contrast(logits: Tensor, same: Tensor) -> Tensor:
    """InfoNCE both ways with several right answers, each with an equal share, labels smoothed. [B, B], bool [B, B]."""
    target = same.float() / same.sum(1, keepdim=True)
    target = (1 - SMOOTHED) * target + SMOOTHED / len(logits)
    both = (logits.log_softmax(1), logits.T.log_softmax(1))  # `same` is symmetric
    return -sum((target * found).sum(1).mean() for found in both) / 2


def step_losses(
    reading: Reading, scales: Scales, lesson: Lesson, step: int, rng: np.random.Generator
) -> dict[str, Tensor]:
    """All losses of one batch; every third one is Chinese, classes are asked in every second."""
    language = "zh" if step % 3 == 2 else "en"
    view = lesson.captions.views[int(rng.integers(len(lesson.captions.views)))]
    photos, texts = lesson.captions.draw(language, CAPTIONED, ALIKE, rng)
    known, names, name_points = lesson.labelled.draw(language, LABELLED, rng)
    seen = lesson.labelled.seen
    pooled = torch.cat([view.pooled[photos], seen.pooled[known]])
    places = torch.cat([view.some_places(photos, PLACES, rng), seen.some_places(known, PLACES, rng)])
    with autocast(torch.device("cpu")):
        images = reading.embed_image(pooled, places, torch.ones(places.shape[:2], dtype=torch.bool)).float()
        words = lesson.captions.tokens.batch(torch.from_numpy(texts))
        said = torch.cat([reading.embed_text(words), reading.embed_text(TokenSet.of_vectors(name_points))]).float()
        same = torch.eye(len(images), dtype=torch.bool)
        same[len(photos) :, len(photos) :] = torch.from_numpy(names[:, None] == names[None, :])
        losses = {
            "match": contrast(scales.match.exp() * images @ said.T, same),
            "swapped": _swapped(reading, scales, lesson.captions, texts, images, said),
            "own_places": _own_places(reading, scales, lesson.narrowing, places[: len(photos)], said, rng),
            "box": _box(reading, scales, lesson, rng),
            "twins": _twins(reading, lesson.twins, rng),
            "same_photo": _same_photo(reading, scales, lesson.captions, photos, said, rng),
        }
        if step % 2 == 0:
            losses |= _classes(reading, scales, lesson, language, (images, pooled, places), rng)
    return losses


def _swapped(
    reading: Reading, scales: Scales, captions: Captions, texts: np.ndarray, images: Tensor, said: Tensor
) -> Tensor:
    """log(1 + exp(wrong - own)): a caption with a word swapped must fit less than the caption."""
    rows = [(row, captions.wrong[text]) for row, text in enumerate(texts.tolist()) if text in captions.wrong]
    if not rows:
        return torch.zeros(())
    row, place = torch.tensor(rows).T
    wrong = reading.embed_text(TokenSet.of_vectors(captions.wrong_points[place])).float()
    return F.softplus(scales.match.exp() * ((images[row] * wrong).sum(1) - (images[row] * said[row]).sum(1))).mean()


def _classes(
    reading: Reading, scales: Scales, lesson: Lesson, language: str, seen: tuple[Tensor, Tensor, Tensor],
    rng: np.random.Generator,
) -> dict[str, Tensor]:  # fmt: skip
    """KL of the similarities to the class names from what the start's classifier says, of photos and of places.

    A place counts by how sure the classifier is of it: of background it says a little of everything.
    """
    images, pooled, places = seen
    points = lesson.class_points[language]
    count = len(points) // len(TEMPLATES[language])
    first = count * int(rng.integers(len(TEMPLATES[language])))
    names = reading.embed_text(TokenSet.of_vectors(points[first : first + count])).float()  # [C, D]
    weight, bias = lesson.classes
    goal = lesson.named(F.linear(pooled, weight, bias))
    whole = F.kl_div((scales.classes.exp() * images @ names.T).log_softmax(1), goal, reduction="batchmean")
    some = places[torch.from_numpy(rng.choice(len(places), 160, replace=False))][:, :4].flatten(0, 1)  # [640, narrow]
    goal = lesson.named(F.linear(some, *lesson.place_classes))
    sure = goal.max(1).values
    log_q = (scales.places.exp() * place_vectors(reading, some, lesson.narrowing) @ names.T).log_softmax(1)
    each = F.kl_div(log_q, goal, reduction="none").sum(1)
    return {"classes": whole, "place_classes": (sure * each).sum() / sure.sum()}


def _own_places(
    reading: Reading, scales: Scales, narrowing: Narrowing, places: Tensor, said: Tensor, rng: np.random.Generator
) -> Tensor:
    """-log of the share of a text's attention that falls on its own photo's places, three other photos beside it."""
    row = torch.from_numpy(rng.choice(len(places), 96, replace=False))
    vectors = place_vectors(reading, places[row], narrowing)  # [96, n, D]
    four = torch.cat([vectors.roll(shift, 0) for shift in range(4)], 1)  # own first: [96, 4 n, D]
    attention = (scales.attention.exp() * torch.einsum("bnd,bd->bn", four, said[row])).softmax(-1)
    return -attention[:, : vectors.shape[1]].sum(1).clamp_min(1e-4).log().mean()


def _box(reading: Reading, scales: Scales, lesson: Lesson, rng: np.random.Generator) -> Tensor:
    """-log of the share of a name's attention that falls into the boxes of the things it names."""
    photos = rng.choice(lesson.photos_with_boxes, BOXED, replace=False)
    points, masks = [], []
    for photo in photos:
        boxes = lesson.captions.rows[photo]["boxes"]
        name = str(rng.choice(sorted(boxes)))
        ways = lesson.box_points[name]
        points.append(ways[int(rng.integers(len(ways)))])
        masks.append(box_mask(boxes[name]))
    vectors = place_vectors(reading, lesson.captions.views[0].some_places(photos, 0, rng), lesson.narrowing)
    text = reading.embed_text(TokenSet.of_vectors(torch.stack(points))).float()
    attention = (scales.attention.exp() * torch.einsum("bnd,bd->bn", vectors, text)).softmax(-1)  # [B, N]
    return box_loss(attention, masks)


def box_loss(attention: Tensor, masks: Sequence[np.ndarray]) -> Tensor:
    """-log of the share of the attention [B, N] that falls on the places of each row's boxes."""
    mask = torch.from_numpy(np.stack(masks))
    told = mask.any(1) & ~mask.all(1)  # a box too small for the grid, or as large as the photo, tells nothing
    return -(attention * mask).sum(1)[told].clamp_min(1e-4).log().sum() / max(1, int(told.sum()))


def _twins(reading: Reading, twins: tuple[Tensor, Tensor], rng: np.random.Generator) -> Tensor:
    """Texts that mean the same in both languages: near each other, and nearer than to other texts."""
    chosen = torch.from_numpy(rng.choice(len(twins[0]), TWINS, replace=False))
    english, chinese = (reading.embed_text(TokenSet.of_vectors(side[chosen])).float() for side in twins)
    apart = (1 - (english * chinese).sum(1)).mean()
    return apart + 0.2 * F.cross_entropy(20 * english @ chinese.T, torch.arange(TWINS))


def _same_photo(
    reading: Reading, scales: Scales, captions: Captions, photos: np.ndarray, said: Tensor, rng: np.random.Generator
) -> Tensor:
    """InfoNCE between each caption, of either language, and an English caption of the same photo."""
    rows = [row for row, photo in enumerate(photos) if photo in captions.by_language["en"]]
    of = captions.by_language["en"]
    others = [of[photos[row]][rng.integers(len(of[photos[row]]))] for row in rows]
    english = reading.embed_text(captions.tokens.batch(torch.tensor(others))).float()
    logits = scales.match.exp() * said[torch.tensor(rows)] @ english.T
    return contrast(logits, torch.eye(len(rows), dtype=torch.bool))
