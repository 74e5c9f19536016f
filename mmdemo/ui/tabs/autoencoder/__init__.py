"""Autoencoder: a photo and a sentence through one short code and back, either side imagined from the other, and a walk.

Read in this order: `build.py` (widgets), `events.py` (who asks what), `draw.py` (results as HTML).
"""

from mmdemo.ui.tabs.autoencoder.build import build

__all__ = ["build"]
