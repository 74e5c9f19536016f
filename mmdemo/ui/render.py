"""The small pieces of `templates/parts.html` as plain strings, for those who still join strings by hand.

Read next: `markup.py`.
"""

import html
from collections.abc import Sequence

from mmdemo.ui.markup import part
from mmdemo.ui.text import Say

escape = html.escape
number = Say.number


def bar(share: float, label: str, *, strong: bool = False) -> str:
    """A horizontal bar for a share in [0, 1]; `label` is its text alternative."""
    return str(part("bar", float(share), label, strong))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int]) -> str:
    """A table of plain strings; the `numeric` columns are set flush right."""
    return str(part("table", head, rows, numeric))
