"""What flows between the rooms: token sets, fusion outputs and the results a person sees.

All are frozen dataclasses that check their shapes when they are made, so that a mistake stops where it happens.
Letters: B batch, N tokens, D width, H heads, C classes, K candidate texts, (h, w) patch grid, (height, width) pixels.
Read next: `tokens.py`.
"""

from mmdemo.types.bench import (
    AlphaCurve,
    FusionResult,
    FusionTrace,
    Ledger,
    Recognised,
    Reconstruction,
    ReconstructionBackground,
    SystemResult,
    TraceStep,
)
from mmdemo.types.explaining import Agreement, Curves, Faithfulness, MethodNote, Sanity
from mmdemo.types.results import (
    FAMILIAR_FROM,
    UNDERSTOOD_FROM,
    EngineStatus,
    Explanation,
    MatchBackground,
    MatchingResult,
    SentimentResult,
)
from mmdemo.types.tokens import (
    Batch,
    FusionOutput,
    ImageLayout,
    Look,
    TextLayout,
    TokenSet,
    mean_pool,
)

__all__ = [
    "FAMILIAR_FROM",
    "UNDERSTOOD_FROM",
    "Agreement",
    "AlphaCurve",
    "Batch",
    "Curves",
    "EngineStatus",
    "Explanation",
    "Faithfulness",
    "FusionOutput",
    "FusionResult",
    "FusionTrace",
    "ImageLayout",
    "Ledger",
    "Look",
    "MatchBackground",
    "MatchingResult",
    "MethodNote",
    "Recognised",
    "Reconstruction",
    "ReconstructionBackground",
    "Sanity",
    "SentimentResult",
    "SystemResult",
    "TextLayout",
    "TokenSet",
    "TraceStep",
    "mean_pool",
]
