"""The whole chain as one table: which recipe writes which folders of weights/, and from which others it learned.

Every card keeps `built_on`, the digest of each folder that its recipe read. When a folder changes, whatever was built
on its earlier files is stale, and so in turn is what was built on that. Read next: `__main__.py`.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmdemo.errors import ChoiceError, TrainingError, WeightsError
from mmdemo.loading import WEIGHTS, read_card


@dataclass(frozen=True)
class Step:
    """One recipe.

    Args:
        folders: of weights/ that it writes; the first is the step's name.
        reads: folders of weights/ that must be there before.
        arguments: beside --out, --features and --data.
        module: below mmdemo.training.recipes; "" where it has the step's name.
    """

    folders: tuple[str, ...]
    reads: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    module: str = ""

    @property
    def name(self) -> str:
        """The first of the folders."""
        return self.folders[0]

    def command(self, out: Path, data: Path | None) -> list[str]:
        """What stands after the Python interpreter's name."""
        words = ["-m", f"mmdemo.training.recipes.{self.module or self.name}", "--out", str(out / self.run_folder())]
        words += ["--features", str(out / "features"), *self.arguments]
        return [*words, "--data", str(data)] if data else words

    def run_folder(self, weights: Path = WEIGHTS) -> str:
        """Another one for other inputs, so that no checkpoint of an earlier tower is taken up."""
        inputs = {name: digest(name, weights) for name in self.reads}
        key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:8]
        return f"{self.name}-{key}" if inputs else self.name


TOWERS = ("efficientnet", "e5")
STEPS = (
    Step(("efficientnet",)),
    Step(("e5",)),
    Step(("matching",), TOWERS),
    Step(("familiarity",), TOWERS),
    Step(("cross_attention",), (*TOWERS, "matching")),
    Step(("sentiment",), TOWERS),
    Step(("fusions", "imputation"), TOWERS, ("--seeds", "5")),
    Step(("autoencoder",), ("efficientnet", "matching")),
    Step(("captioning",), ("efficientnet", "matching")),
    Step(("answering",), (*TOWERS, "cross_attention")),
    Step(("resnet",), ("efficientnet",)),
    Step(("lstm",), ("e5",)),
    Step(("pixels_tfidf", "tfidf")),
    Step(("cnn_lstm", "cnn")),
    Step(("resnet_lstm",), ("resnet", "lstm")),
    Step(("bert_resnet",), ("resnet", "e5")),
)


@dataclass(frozen=True)
class State:
    """How a step stands: "fresh", "stale", "missing" or "unknown" (its card does not say what it was built on)."""

    word: str
    why: str = ""


def digest(folder: str, weights: Path = WEIGHTS) -> str:
    """One number for all files of a folder of weights/, as its card names them; "" where there is no card."""
    try:
        files = read_card(folder, weights)["files"]
    except WeightsError:
        return ""
    return hashlib.sha256("".join(f"{name} {files[name]['sha256']}\n" for name in sorted(files)).encode()).hexdigest()


def built_on(folder: str, weights: Path = WEIGHTS, steps: Iterable[Step] = STEPS) -> dict[str, str]:
    """What the card of a folder written now has to say: the digest of every folder that its recipe reads."""
    reads = next((step.reads for step in steps if folder in step.folders), ())
    return {name: digest(name, weights) for name in reads}


def state_of(step: Step, weights: Path = WEIGHTS, renewed: Collection[str] = ()) -> State:
    """How one step stands.

    Args:
        renewed: folders that will be written anew before it.
    """
    unknown = False
    for folder in step.folders:
        if not digest(folder, weights):
            return State("missing", f"no card in weights/{folder}")
        card = read_card(folder, weights)
        gone = [file for file in card["files"] if not (weights / folder / file).exists()]
        if gone:
            return State("missing", f"no weights/{folder}/{gone[0]}")
        if "built_on" not in card:
            unknown = unknown or bool(step.reads)
            continue
        changed = [name for name in step.reads if card["built_on"].get(name) != digest(name, weights)]
        if changed:
            return State("stale", f"{', '.join(changed)} changed since")
    later = [name for name in step.reads if name in renewed]
    if later:
        return State("stale", f"{', '.join(later)} will be made anew")
    return State("unknown", "its card does not say what it was built on") if unknown else State("fresh")


def plan(weights: Path = WEIGHTS, steps: Sequence[Step] = STEPS) -> list[tuple[Step, State]]:
    """Every step and how it stands, in order; what comes after a stale or missing one is stale too."""
    states: list[tuple[Step, State]] = []
    renewed: set[str] = set()
    for step in steps:
        state = state_of(step, weights, renewed)
        if state.word in ("stale", "missing"):
            renewed.update(step.folders)
        states.append((step, state))
    return states


def chosen(only: Sequence[str], steps: Sequence[Step] = STEPS) -> list[Step]:
    """The steps of these names or folders, all when there are none; `ChoiceError` for a name that is no step's."""
    known = {folder for step in steps for folder in step.folders}
    for name in only:
        if name not in known:
            raise ChoiceError("step", name, sorted(known))
    return [step for step in steps if not only or set(only) & set(step.folders)]


def run(
    launch: Callable[[Step], int],
    *,
    only: Sequence[str] = (),
    weights: Path = WEIGHTS,
    steps: Sequence[Step] = STEPS,
    say: Callable[[str], None] = print,
) -> None:
    """Every stale or missing step in order; those whose state is unknown when they are asked for by name.

    A step that was finished is fresh, so the same call again goes on where an earlier one stopped.

    Args:
        launch: runs one step to its end and gives its exit code, 0 = done.
        only: names of steps; empty for all.

    Raises:
        ChoiceError: no step has that name. TrainingError: a step failed; those after it were not begun.
    """
    for step in chosen(only, steps):
        state = state_of(step, weights)
        if state.word == "fresh" or (state.word == "unknown" and not only):
            say(f"{step.name}: {state.word}, left as it is")
            continue
        say(f"{step.name}: {state.word} ({state.why}), begins")
        code = launch(step)
        if code:
            raise TrainingError(
                f"The step {step.name!r} ended with exit code {code}; mend it and give the command again."
            )
        after = state_of(step, weights)
        if after.word != "fresh":
            raise TrainingError(f"The step {step.name!r} ended well but is {after.word}: {after.why}.")
        say(f"{step.name}: done")
