"""Attention: the sentence as words to click, the photo with the map of each, and the map's own test.

Read in this order: `build.py` (widgets), `question.py` (what is asked), `events.py` (who asks), `answers.py` (what
comes of it), `draw_map.py` (a map as HTML).
"""

from mmdemo.ui.tabs.attention.build import build

__all__ = ["build"]
