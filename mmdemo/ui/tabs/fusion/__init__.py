"""Fusion: one photo, one sentence, every way of joining them; then one fusion closer, its knob, and its ancestors.

Read in this order: `build.py` (widgets), `events.py` (who asks what); then the pictures, one file a part of the tab:
`strip.py` (every fusion's answer), `shapley_values.py` (who said how much), `inside.py` (the data flow), `dial.py` (the
weighted sum's knob), `history.py` (five systems), `figures.py` (the table of all measurements).
"""

from mmdemo.ui.tabs.fusion.build import build

__all__ = ["build"]
