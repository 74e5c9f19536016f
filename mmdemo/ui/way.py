"""The walk between two codes: pictures decoded on the straight line between them, and a slider over them.

All pictures are sent at once, so that the slider moves in the browser alone. Read next: `way.js`.
"""

import json
from collections.abc import Sequence

from mmdemo.types import Reconstruction
from mmdemo.ui import heat
from mmdemo.ui.imagined import in_language
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

STEPS = 10  # the slider's; there is one picture more
SAID = 4  # words under a picture
START = 5  # where the slider stands first


def way(frames: Sequence[Reconstruction], say: Say) -> str:
    """Pictures from the first code to the second, the chosen one large, its words below."""
    uris = [heat.picture_uri(frame.picture) for frame in frames]
    lines = [_line(i / (len(frames) - 1), frame, say) for i, frame in enumerate(frames)]
    data = escape(json.dumps([{"picture": u, "line": t} for u, t in zip(uris, lines, strict=True)], ensure_ascii=False))
    ends = [say("autoencoder.walk_start"), *[""] * (len(frames) - 2), say("autoencoder.walk_end")]
    strip = "".join(
        f'<figure><img src="{uri}" alt=""><figcaption>{escape(name)}</figcaption></figure>'
        for uri, name in zip(uris, ends, strict=True)
    )
    alt, label = escape(say("autoencoder.walk_alt")), escape(say("autoencoder.walk_slider"))
    return (
        f'<div class="mm-way" data-frames="{data}"><img class="mm-pixels" src="{uris[START]}" alt="{alt}">'
        f'<div class="mm-way-tools"><label>{label}<input type="range" min="0" max="{len(frames) - 1}" step="1"'
        f' value="{START}" aria-valuetext="{escape(lines[START])}"></label>'
        f'<p class="mm-way-line" aria-live="polite">{escape(lines[START])}</p>'
        f'<div class="mm-frames" aria-hidden="true">{strip}</div></div></div>'
    )


def _line(share: float, frame: Reconstruction, say: Say) -> str:
    words = [word for word, _ in in_language(frame.words, say.language == "zh")[:SAID]]
    return say("autoencoder.walk_at", percent=say.percent(share), words=say.joined(words))
