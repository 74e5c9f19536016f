"""The table of strings: key -> (English, Chinese). One row, both languages, so that neither can be forgotten.

The Chinese is written for a classroom, not translated word by word. One file a group of tabs. Read next: `../text.py`.
"""

from mmdemo.ui.phrases.about import ABOUT
from mmdemo.ui.phrases.attention import ATTENTION
from mmdemo.ui.phrases.autoencoder import AUTOENCODER
from mmdemo.ui.phrases.caption import CAPTION
from mmdemo.ui.phrases.errors import ERRORS
from mmdemo.ui.phrases.explaining import METHODS
from mmdemo.ui.phrases.fusion import FUSION
from mmdemo.ui.phrases.gallery import GALLERY
from mmdemo.ui.phrases.gradio import GRADIO
from mmdemo.ui.phrases.hub import HUB
from mmdemo.ui.phrases.pages import MATCH, PAGE, SENTIMENT
from mmdemo.ui.phrases.pair import SHARED
from mmdemo.ui.phrases.question import QUESTION
from mmdemo.ui.phrases.terms import TERMS
from mmdemo.ui.phrases.verdicts import VERDICTS

__all__ = ["ERRORS", "GRADIO", "PHRASES", "TERMS"]

PHRASES: dict[str, tuple[str, str]] = (
    PAGE
    | SHARED
    | VERDICTS
    | MATCH
    | SENTIMENT
    | FUSION
    | AUTOENCODER
    | CAPTION
    | QUESTION
    | GALLERY
    | ATTENTION
    | METHODS
    | HUB
    | ABOUT
)
