"""About: what runs here and on what, how well every shipped model does, from its own card, and where it fails.

No figure is written in these files: all come from `engine.status()`. Read in this order: `build.py`, `draw.py`.
"""

from mmdemo.ui.tabs.about.build import build

__all__ = ["build"]
