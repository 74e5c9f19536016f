"""What of an engine may be asked from elsewhere: `engine.Engine`'s questions by what they give.

A name that is in none of these is not answered. Read next: `replica.py`, `client.py`.
"""

QUESTIONS = frozenset({
    "agreement", "alpha_curve", "answer", "answer_models", "ask", "capabilities", "caption", "caption_models",
    "compare", "count_tokens", "default_method", "encode_images", "encode_texts", "explain", "explained_models",
    "faithfulness", "familiar", "fusion_table", "hub_models", "match", "match_background", "match_models", "match_pair",
    "matrix", "method_notes", "recognise", "reconstruct", "sanity", "sentiment", "shapley_values", "status",
    "target_values", "targets", "timeline", "trace", "understood", "walk", "words", "words_at",
})  # fmt: skip
STREAMS = frozenset({"growing_faithfulness", "spoken"})  # one part after the other
FACTS = frozenset({  # do not change while an engine runs
    "all_methods", "fusions", "imputations", "match_aucs", "reconstruction_background", "verdict_bounds",
})  # fmt: skip
# `at_once` is of the road there, `index` is put together where it is searched. Whoever runs the replicas fetches and
# forgets models there; a `case` holds tensors.
OWN = frozenset({"at_once", "case", "cancel_fetch", "fetch", "index", "unload", "warm_up"})

ASKED = QUESTIONS | STREAMS | FACTS

VALUE, ERROR, PHOTOS, END = b"v", b"e", b"p", b"."  # the kinds of frames: see `replica.py`
SECONDS = "mmdemo-seconds"  # the header that says how long whoever asks will wait
