"""One row of the table: all that a model is, as data."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One entry of a card's "metrics", named exactly: there must be one with this metric, data set and split."""

    card: str
    metric: str
    dataset: str
    split: str


class Published(NamedTuple):
    """A figure that a model's makers published; ours stand in cards, with data set, split and date."""

    metric: str
    dataset: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class HubSource:
    """Where a model comes from that is fetched when somebody asks for it, and what its makers say of it.

    Args:
        title: what people call it ("CLIP ViT-B/32").
        repository: "owner/name" on the Hub.
        files: all that is fetched: config, safetensors, tokenizer, settings of the picture. Nothing that is code.
        size: of all files together, in bytes, as read where the row says so; the Hub's own count replaces it.
        licence: its SPDX name, or the name that its makers give it.
        languages: ISO 639-1 codes of the languages that its text side was trained on; ("*",) for a hundred or more.
        revision: 40 hex digits where a public source names the commit, otherwise a branch, which the first download
            turns into a commit.
        published: figures of its makers.
    """

    title: str
    repository: str
    files: tuple[str, ...]
    size: int
    licence: str
    languages: tuple[str, ...] = ()
    revision: str = "main"
    published: tuple[Published, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """One row: all that a model is, but for what its card says of its training and its class of its traits.

    Args:
        name: the key in `CHECKPOINTS`, and the folder in weights/ unless `folder` names another.
        kind: "image_encoder", "text_encoder", "matching", "sentiment", "fusion", "imputation", "autoencoder",
            "captioning", "answering", "familiarity" (of one side), "dual_encoder" (both towers in one),
            "vision_language" (writes about a picture), or "system" (a whole one of its time).
        builder: "module:Class" below mmdemo; called with `config`.
        config: keyword arguments of the builder.
        image_encoder: name of the row whose tokens this head reads; "" for an encoder.
        text_encoder: likewise.
        paper: the idea's source.
        folder: folder in weights/ that several rows share; each then has one file there.
        file: that file, "" where all files of the folder belong to the row.
        fitted: False for what has nothing to learn, and so no folder.
        hub: where it is fetched from, for what is not in weights/ (kind "dual_encoder": both towers in one model).
        tasks: the questions that it answers, by name in `types.LABELS`; of kind "vision_language" "captioning",
            "answering" and "pair_matching", which reads one pair at a time.
        uses: rows on the same towers that answer its other questions, or whose vectors it reads.
        end_to_end: True for a network that reads pictures and words itself, without a tower.
        needs_both: True when it compares, so that there is no match with a side missing.
        default_method: the method that explains it best, where its card has a table ("explanations", written by
            `python -m mmdemo.evaluate explain`) the winner; "" for a row whose answers are not explained.
        year: of the idea; only for the systems of the time machine.
        figures: by question, its validation figure: AUC of the match, accuracy of the feeling in per cent; of the
            feeling also where the verdicts of its two sides "disagree" and where they "agree".
    """

    name: str
    kind: str
    builder: str
    config: dict[str, Any] = field(default_factory=dict)
    image_encoder: str = ""
    text_encoder: str = ""
    paper: str = ""
    folder: str = ""
    file: str = ""
    fitted: bool = True
    hub: HubSource | None = None
    tasks: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    end_to_end: bool = False
    needs_both: bool = False
    default_method: str = ""
    year: int = 0
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def card(self) -> str:
        """The folder of weights/ where its card lies, "" for what has none."""
        return (self.folder or self.name) if self.fitted and not self.hub else ""
