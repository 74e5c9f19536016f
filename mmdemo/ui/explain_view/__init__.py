"""Drawings of the Attention tab: the map, its test, methods side by side, heads, box and eraser.

Pure functions: typed results and a `Say` in, HTML out. Read next: `question.py`, `figure.py`.
"""
