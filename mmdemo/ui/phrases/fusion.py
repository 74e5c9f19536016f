"""Strings of the Fusion tab."""

Pair = tuple[str, str]

FUSION: dict[str, Pair] = {}
