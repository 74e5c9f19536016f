"""How good captions are, by the measures of the field: BLEU-1 to 4, ROUGE-L and CIDEr against five people's captions.

By the package `pycocoevalcap`, the code of the COCO captioning challenge (Chen et al. 2015, arXiv 1504.00325), on words
as `tasks/caption_words.py` cuts them: English in lower case without marks, Chinese by characters. Its own tokenizer
(Stanford's, in Java) is not used, nor METEOR and SPICE, which need Java too; its CIDEr is the variant CIDEr-D, as
everywhere. And by the matching head: is the photo among the ten nearest of its own caption? Read next: `consensus.py`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from torch import Tensor

from mmdemo.tasks.caption_search import BEAMS, ranked, search
from mmdemo.tasks.caption_words import caption_words
from mmdemo.tasks.captioning import Captioning
from mmdemo.training.data.features import Features, encode_texts
from mmdemo.training.data.pairs import CAPTIONS, Captioned
from mmdemo.training.loop import autocast, training_device
from mmdemo.training.measure.metrics import recall_at

BATCH = 32
Figures = dict[str, float]
Encode = Callable[[Sequence[str]], Tensor]


def agreement(said: Sequence[str], people: Sequence[Sequence[str]]) -> Figures:
    """BLEU-1 to 4, ROUGE-L and CIDEr of one caption a photo against the captions by people."""
    ours = {i: [" ".join(caption_words(text))] for i, text in enumerate(said)}
    theirs = {i: [" ".join(caption_words(text)) for text in texts] for i, texts in enumerate(people)}
    bleu = Bleu(4).compute_score(theirs, ours, verbose=0)[0]
    figures = {f"BLEU-{n}": float(value) for n, value in enumerate(bleu, 1)}
    figures["ROUGE-L"] = float(Rouge().compute_score(theirs, ours)[0])
    return figures | {"CIDEr": float(Cider().compute_score(theirs, ours)[0])}


@torch.no_grad()
def captions_of(
    model: Captioning, tokens: Tensor, pictures: Tensor, language: str, beams: int = BEAMS, encode: Encode | None = None
) -> list[str]:
    """The best caption of each photo by beam search.

    Args:
        tokens: [P, N, image_width], N a square number of places.
        pictures: [P, picture_width], unit vectors.
        encode: texts -> unit vectors [T, picture_width]; given, the beams are ranked by their fit too.
    """
    side = int(tokens.shape[1] ** 0.5)
    said: list[str] = []
    for some, whole in zip(tokens.split(BATCH), pictures.float().split(BATCH), strict=True):
        with autocast(training_device()):
            picture = model.read_picture(some.float(), whole, (side, side))
            found = search(model, picture, language, beams)
        texts = [[model.vocabulary.write(words) for words in row] for row in found.words.tolist()]
        best = torch.zeros(len(texts), dtype=torch.long)
        if encode:
            vectors = encode([text for row in texts for text in row]).view(len(texts), beams, -1)  # [P, K, D]
            best = ranked(found, (vectors @ whole.unsqueeze(-1)).squeeze(-1))[:, 0]
        said += [row[i] for row, i in zip(texts, best.tolist(), strict=True)]
    return said


def figures(
    model: Captioning, val: Captioned, tokens: Tensor, pictures: Tensor, beams: int = BEAMS,
    encode: Encode | None = None,
) -> tuple[Figures, dict[str, list[str]]]:  # fmt: skip
    """What `agreement` says in each language, by "en_CIDEr" and so on, and the captions themselves."""
    found, said = {}, {}
    for language in ("en", "zh"):
        said[language] = captions_of(model, tokens, pictures, language, beams, encode)
        people = [photo[CAPTIONS[language]] for photo in val.photos]
        found |= {f"{language}_{name}": value for name, value in agreement(said[language], people).items()}
    return found, said


def own_photo(said: Sequence[str], pictures: Tensor, features: Features, head: torch.nn.Module) -> Figures:
    """Per cent of captions whose photo is the nearest, or among the ten nearest, of all photos.

    Args:
        pictures: [P, D] unit vectors of the matching head.
    """
    texts = encode_texts(head, features.text_tokens(said))
    similarity, right = (texts @ pictures.float().T).numpy(), np.eye(len(said), dtype=bool)
    return {f"own_photo_R@{k}": share for k, share in recall_at(similarity, right, (1, 10)).items()}
