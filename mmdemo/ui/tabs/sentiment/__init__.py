"""Sentiment: what feeling a photo carries, what feeling a sentence carries, and what both say together.

Either side may be missing. Read in this order: `build.py`, `events.py` (who asks what), `draw.py` (a result as HTML).
"""

from mmdemo.ui.tabs.sentiment.build import build

__all__ = ["build"]
