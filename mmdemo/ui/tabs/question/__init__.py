"""Questions: a question about the photo, its answer, and what the question alone would have got.

Read in this order: `build.py` (widgets), `events.py` (who asks what), `draw.py` (answers as HTML).
"""

from mmdemo.ui.tabs.question.build import build

__all__ = ["build"]
