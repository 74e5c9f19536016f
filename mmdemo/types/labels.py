"""The names of the answers: what a model may say to each question, in the order of its probabilities."""

FEELINGS = ("negative", "neutral", "positive")
LABELS: dict[str, tuple[str, ...]] = {"matching": ("mismatch", "match"), "sentiment": FEELINGS}
