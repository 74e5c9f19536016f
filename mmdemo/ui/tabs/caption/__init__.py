"""Captions: what a photo shows, in a sentence; each word with its map and with what else could have stood there.

Only the photo is read. Read in this order: `build.py`, `events.py` (who asks what), `draw.py` (captions as HTML).
"""

from mmdemo.ui.tabs.caption.build import build

__all__ = ["build"]
