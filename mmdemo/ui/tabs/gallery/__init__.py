"""Gallery: many photos, searched by the page's sentence, its photo, or both; and by captions, both ways.

Read in this order: `build.py`, `kept.py` (what a visitor has, and for how long), `photos.py` (from uploads to an
index), `captions.py`, `search.py`, `events.py` (who asks what), `draw.py`, `draw_captions.py`.
"""

from mmdemo.ui.tabs.gallery.build import build

__all__ = ["build"]
