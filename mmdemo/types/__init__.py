"""What flows between the rooms: sides, token sets, fusion outputs and the results a person sees.

All are frozen dataclasses that check their shapes when they are made, so that a mistake stops where it happens.
Letters: B batch, N tokens, D width, H heads, C classes, K candidate texts, (h, w) patch grid, (height, width) pixels.
Read next: `sides.py`, `tokens.py`.
"""

from typing import TYPE_CHECKING, Any

# ruff: noqa: I001  (several names a line)
from mmdemo.types.answers import AnswerResult
from mmdemo.types.bench import (
    AlphaCurve, FusionResult, FusionTrace, Recognised, Reconstruction, ReconstructionBackground, ShapleyValues,
    SystemResult, TraceStep,
)  # fmt: skip
from mmdemo.types.captions import CaptionResult, CaptionWord
from mmdemo.types.explaining import Agreement, Capabilities, Curves, Faithfulness, MethodNote, Sanity
from mmdemo.types.hub import FetchProgress, HubModel, LockedFile
from mmdemo.types.labels import FEELINGS, LABELS
from mmdemo.types.matching import MatchBackground, MatchingResult, MatrixResult, VerdictBounds
from mmdemo.types.results import (
    FAMILIAR_FROM, UNDERSTOOD_FROM, EngineStatus, Explanation, ModelRow, SentimentResult,
)  # fmt: skip
from mmdemo.types.search import GalleryMap, Hit, Recall
from mmdemo.types.sides import Sides, is_blank

if TYPE_CHECKING:
    from mmdemo.types.tokens import (
        FEWEST, Batch, FusionOutput, ImageLayout, LastAttention, TextLayout, TokenPair, TokenSet, mean_pool,
    )  # fmt: skip

__all__ = [
    "FAMILIAR_FROM", "FEELINGS", "FEWEST", "LABELS", "UNDERSTOOD_FROM", "Agreement", "AlphaCurve", "AnswerResult",
    "Batch", "Capabilities", "CaptionResult", "CaptionWord", "Curves", "EngineStatus", "Explanation", "Faithfulness",
    "FetchProgress", "FusionOutput", "FusionResult", "FusionTrace", "GalleryMap", "Hit", "HubModel", "ImageLayout",
    "LastAttention", "LockedFile", "MatchBackground", "MatchingResult", "MatrixResult", "MethodNote", "ModelRow",
    "Recall", "Recognised", "Reconstruction", "ReconstructionBackground", "Sanity", "SentimentResult",
    "ShapleyValues", "Sides", "SystemResult", "TextLayout", "TokenPair", "TokenSet", "TraceStep", "VerdictBounds",
    "is_blank", "mean_pool",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """What holds tensors comes when it is first named: a page whose engine is elsewhere imports no torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mmdemo.types import tokens  # heavy: torch

    return getattr(tokens, name)
