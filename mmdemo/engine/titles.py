"""What people call a row of the table. Read next: `hub.py`."""

from mmdemo.checkpoints import CHECKPOINTS


def hub_title(name: str) -> str:
    """What people call a row of the Hub; "" for what is none."""
    row = CHECKPOINTS.get(name)
    return row.hub.title if row and row.hub else ""
