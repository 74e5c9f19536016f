"""hypothesis is imported before any test: its plugin would import it when all have run, where Python 3.11's parser may
fail ("AST constructor recursion depth mismatch") and turn a run in which everything passed into an error.
"""

import hypothesis  # noqa: F401
