"""Where a cosine stands among those of pairs that do not belong together.

For our own head the card has it, measured on validation photos. For a model from the Hub nothing was measured here: its
cosines of shipped captions with pictures that the autoencoder drew of other photos stand in. Read next: `match.py`.
"""

from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image

from mmdemo import loading
from mmdemo.checkpoints import find
from mmdemo.engine.languages import OWN
from mmdemo.engine.models import Models
from mmdemo.types import MatchBackground, TokenSet

PAINTER = "autoencoder"  # row of the table: codes of training photos, and their captions in both languages
DRAWN, CAPTIONS, AT_ONCE, BINS = 8, 48, 8, 40


def measured(model: str) -> MatchBackground:
    """Cosines of matched and unmatched validation pairs, from a card."""
    kept = {k: loading.from_card(model, "background", k) for k in ("edges", "matched", "unmatched", "source")}
    arrays = {k: np.asarray(kept[k], np.float32) for k in ("edges", "matched", "unmatched")}
    return MatchBackground(**arrays, source=kept["source"])


def estimated(models: Models, model: str) -> MatchBackground:
    """Cosines of unmatched pairs by a row of the Hub, read a few at a time; others' questions go between."""
    vectors = list(models.in_parts("match_background", _vectors(models, model), model))
    pictures, captions = (torch.cat([v for side, v in vectors if side == s]) for s in ("image", "text"))
    cosine = (pictures @ captions.T).flatten().cpu().numpy()  # [DRAWN * CAPTIONS]
    width = max(float(np.ptp(cosine)), 1e-3)
    edges = np.linspace(cosine.min() - 0.05 * width, cosine.max() + 0.05 * width, BINS + 1, dtype=np.float32)
    counts, _ = np.histogram(cosine, edges)
    source = f"{CAPTIONS} captions of Flickr8k's photos x {DRAWN} pictures that the autoencoder drew of other photos; "
    source += "no matched pairs"
    unmatched = (counts / counts.sum()).astype(np.float32)
    return MatchBackground(edges, np.zeros(BINS, np.float32), unmatched, source, CAPTIONS, DRAWN)


@torch.no_grad()
def _vectors(models: Models, model: str) -> Iterator[tuple[str, torch.Tensor]]:
    """("image" or "text", unit vectors [n, D]), a part at a time; nothing of it is kept in the caches."""
    head, painter = models.load(model), models.load(PAINTER)
    places = torch.linspace(0, len(painter.captions) - 1, DRAWN + CAPTIONS).long()
    drawn = places[:: (DRAWN + CAPTIONS) // DRAWN][:DRAWN]
    others = [i for i in places.tolist() if i not in drawn.tolist()]
    pixels = painter.picture_decoder(painter.codes[drawn.to(models.device)])  # [DRAWN, 3, 64, 64] in [0, 1]
    shades = (255 * pixels.clamp(0, 1)).byte().permute(0, 2, 3, 1).cpu().numpy()
    languages = find(model).hub.languages
    language = OWN.index(next((code for code in languages if code in OWN), "en"))
    captions = loading.lines(loading.read_checked(PAINTER, "captions.txt"))
    texts = [captions[i].split("\t")[language] for i in others]
    for shade in shades:
        yield "image", head.embed_image(_read(models, model, "image", [Image.fromarray(shade)]))
    for start in range(0, len(texts), AT_ONCE):
        yield "text", head.embed_text(_read(models, model, "text", texts[start : start + AT_ONCE]))


def _read(models: Models, model: str, side: str, items: list) -> TokenSet:
    encoder = models.tower(model, side).encoder
    return encoder(encoder.prepare(items).to(models.device))
