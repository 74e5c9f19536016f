"""What every type says when something does not fit. Read next: `tokens.py`."""

from mmdemo.errors import ShapeError


def require(holds: bool, expected: str, came: object) -> None:
    """Raise `ShapeError` unless it holds."""
    if not holds:
        raise ShapeError(f"Expected {expected}; got {came}.")
