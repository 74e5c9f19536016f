"""Match: one photo, several texts; how well each fits, as a cosine, a probability, and a place among other pairs.

Read in this order: `build.py` (widgets), `events.py` (who asks what), `draw.py` (a result as HTML).
"""

from mmdemo.ui.tabs.match.build import build

__all__ = ["build"]
