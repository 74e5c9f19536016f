"""What the log holds of something that went wrong: one line, and never what a visitor typed or how a photo is called.

Read next: `calls.py`.
"""

import logging
import traceback
from collections import Counter
from pathlib import Path

LOG = logging.getLogger("mmdemo")
PLACES = 4  # the innermost calls that a line names
FAILURES: Counter[str] = Counter()  # how many lines this process wrote, by the kind of error


def note_failure(what: str, error: BaseException, private: bool = True) -> None:
    """One line: what failed, the kind of error, and where in the code.

    Args:
        what: our own words.
        error: what was raised.
        private: whether its message may hold something of a visitor's; then it stays out.
    """
    FAILURES[type(error).__name__] += 1
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    where = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    said = "" if private else f" ({' '.join(str(error).split())})"
    LOG.error("%s: %s%s at %s", what, type(error).__name__, said, where or "unknown")
