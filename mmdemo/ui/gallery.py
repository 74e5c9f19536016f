"""Photos and sentences to start from (a stand-in until the list of issue 13 is here)."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from mmdemo.ui.examples import PHOTOS, TEXTS
from mmdemo.ui.text import LANGUAGES, Say


@dataclass(frozen=True)
class Example:
    key: str
    path: str
    name: str
    true: str
    near: str
    false: str
    lesson: str = ""

    @property
    def photo(self) -> str:
        return Path(self.path).name

    @property
    def text(self) -> str:
        return self.true


def examples(say: Say) -> tuple[Example, ...]:
    at = LANGUAGES[say.language]
    return tuple(
        Example(p.split(".")[0], gr.media.get_image(p), PHOTOS[p][at], *TEXTS["match"][p][at].split("\n"))
        for p in PHOTOS
    )


def photos() -> tuple[str, ...]:
    return tuple(gr.media.get_image(p) for p in PHOTOS)
