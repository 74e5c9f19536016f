"""Tests mirror the package; what several of them share stands in `fakes.py` and `tokens.py`."""
