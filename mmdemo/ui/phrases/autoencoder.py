"""Strings of the Autoencoder tab."""

Pair = tuple[str, str]

AUTOENCODER: dict[str, Pair] = {}
