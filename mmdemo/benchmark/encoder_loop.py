"""`engine.index` beside the loop that clip-retrieval's inference runs: not the package, the same loop around our tower.

A reader of photos in a DataLoader, the encoder on whole batches, unit vectors as float16 (clip_retrieval's
`clip_inference`: reader, mapper, writer). Its worker processes are left out on both sides. Read next: `visitors.py`.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader

from mmdemo.benchmark.rounds import Setting, new_photos, take_turns
from mmdemo.benchmark.rows import Row, per_round
from mmdemo.engine import Engine

PHOTOS, BATCH, MODEL = 64, 32, "matching"


def measure(setting: Setting) -> list[Row]:
    """The same photos, read anew each time."""
    engine, some = setting.engine, list(new_photos(PHOTOS, setting.seed))

    def ours() -> None:
        engine.models.readings.forget(None)
        engine.index(some)

    times = take_turns({"ours": ours, "loop": lambda: encoder_loop(engine, some)}, setting.few)
    return [per_round("index", times["ours"], times["loop"])]


@torch.no_grad()
def encoder_loop(engine: Engine, some: Sequence[Image.Image]) -> np.ndarray:
    """Unit vectors [N, D] float16 of all photos."""
    encoder, head = engine.models.tower(MODEL, "image").encoder, engine.models.load(MODEL)
    parts = []
    for batch in DataLoader(some, BATCH, collate_fn=encoder.prepare):
        vectors = head.embed_image(encoder(batch.to(engine.models.device)))  # [B, D]
        parts.append(F.normalize(vectors, dim=-1).cpu().numpy().astype(np.float16))
    return np.concatenate(parts)
