"""What fits what: the methods, targets and options of every row, from what classes declare. Nothing is run to know it.

Read next: `explain.py`.
"""

from mmdemo.checkpoints import CHECKPOINTS, Checkpoint, find
from mmdemo.engine.cases import explained_models
from mmdemo.engine.methods import METHODS
from mmdemo.engine.models import Models
from mmdemo.explain.base import all_traits
from mmdemo.loading import builder, read_config
from mmdemo.types import Capabilities


def capabilities(models: Models, model: str) -> Capabilities:
    """What one row can be asked; its module and its towers are loaded, for some of it they alone know.

    Raises:
        ChoiceError: no such row. WeightsError: a file is missing or damaged.
    """
    row = find(model)
    kept = {"model": model, "tasks": row.tasks, "needs_both": row.needs_both, "default_method": row.default_method}
    if not row.default_method:
        return Capabilities(**kept, targets=(), rivals=(), methods=(), rival_methods=(), options={})
    targets, traits = models.load(model).targets, row_traits(row)
    methods = tuple(name for name, how in METHODS.items() if how.fits(traits))
    labels = len([name for name in targets if name != "similarity"]) > 1
    texts = "similarity" in targets or "match" in targets
    return Capabilities(
        **kept,
        targets=targets,
        rivals=tuple(kind for kind, has in (("label", labels), ("text", texts)) if has),
        methods=methods,
        rival_methods=tuple(name for name in methods if METHODS[name].targeted),
        options={name: _counts(models, model, name) for name in methods if METHODS[name].options},
    )


def row_traits(row: Checkpoint) -> frozenset[str]:
    """The traits of a row that can be explained; of the Hub one that is here, for its config.json names its towers."""
    if row.hub:
        return builder(row).declared(read_config(row))[1]
    towers = [builder(find(name)) for name in (row.image_encoder, row.text_encoder)]
    return all_traits(builder(row).declared(row.config)[1], *(tower.traits for tower in towers))


def offered_methods() -> tuple[str, ...]:
    """The methods that fit at least one row, in the order of `METHODS`."""
    known = {row_traits(CHECKPOINTS[name]) for name in explained_models()}
    return tuple(name for name, how in METHODS.items() if any(map(how.fits, known)))


def _counts(models: Models, model: str, method: str) -> dict[str, int]:
    """How many layers and heads a method may be asked for: those of the fusion, or of the towers with attention."""
    if "cross_attention" in METHODS[method].needs:
        parts = [models.load(model).fusion]
    else:
        encoders = [models.tower(model, side).encoder for side in ("image", "text")]
        parts = [encoder for encoder in encoders if "attention" in encoder.traits]
    return {option: min(getattr(part, f"{option}s") for part in parts) for option in METHODS[method].options}
