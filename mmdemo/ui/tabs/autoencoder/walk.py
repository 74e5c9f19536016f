"""The walk between two codes: pictures decoded on the straight line between them, and a slider over them.

All pictures are sent at once, so that the slider moves in the browser alone.
Read next: `templates/autoencoder/walk.html`, `static/way.js`.
"""

import json
from collections.abc import Sequence

from mmdemo.types import Reconstruction
from mmdemo.ui import heat
from mmdemo.ui.markup import render
from mmdemo.ui.tabs.autoencoder.draw import in_language
from mmdemo.ui.text import Say

STEPS = 10  # the slider's; there is one picture more
SAID = 4  # words under a picture
START = 5  # where the slider stands first


def draw_walk(results: Sequence[Reconstruction], say: Say) -> str:
    """Pictures from the first code to the second, the chosen one large, its words below."""
    last = len(results) - 1
    frames = [
        {"picture": heat.picture_uri(result.picture), "line": line(i / last, result, say)}
        for i, result in enumerate(results)
    ]
    data = json.dumps(frames, ensure_ascii=False)
    return render("autoencoder/walk.html", say=say, frames=frames, data=data, start=START)


def line(share: float, result: Reconstruction, say: Say) -> str:
    """How far along, and the likeliest words there."""
    words = [word for word, _ in in_language(result.words, say.language == "zh")[:SAID]]
    return say("autoencoder.walk_at", percent=say.percent(share), words=say.joined(words))
