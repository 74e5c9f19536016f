"""HTML from templates: jinja2 escapes every string that it is given, so no text of a person can become markup.

A template lies in `templates/`, gets plain values and `say`, and imports its small pieces (bars, tables, folded notes)
from `templates/parts.html`. Read next: `chart.py`, `tabs/match/draw.py`.
"""

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).with_name("templates")
STATIC = Path(__file__).with_name("static")


@functools.cache
def environment() -> Environment:
    """Jinja's settings: everything escaped, a name that is missing is an error, no blank lines left by the tags."""
    loader = FileSystemLoader(TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"zip": zip}
    made.filters |= {"said": lambda key, say, **values: say(key, **values)}  # keys|map("said", say)
    return made


def render(template: str, **values: Any) -> Markup:
    """A template of `templates/`, filled; its strings are escaped unless they are `Markup` (made by a template)."""
    return Markup(environment().get_template(template).render(**values))  # the template has escaped them


def part(name: str, *values: Any, **named: Any) -> Markup:
    """One macro of `templates/parts.html` by itself: `part("bar", 0.5, "half")`."""
    return getattr(environment().get_template("parts.html").module, name)(*values, **named)


def script(name: str) -> str:
    """A small program of `static/`, for `build_html`."""
    return STATIC.joinpath(name).read_text(encoding="utf-8")
