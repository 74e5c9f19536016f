"""In words: what the tab calls a method, a model, a target, a head; and where in a picture the weight of a map lies.

Read next: `../../phrases/attention.py`.
"""

from collections.abc import Mapping

import numpy as np

from mmdemo.engine.titles import hub_title
from mmdemo.types import FEELINGS, Explanation
from mmdemo.ui.tabs.attention.question import HEADS
from mmdemo.ui.text import Say

FUSION_TASKS = ("matching", "sentiment")
SYSTEMS = ("bert_resnet",)  # of the Fusion tab's time machine, those that can be explained
A_QUARTER, A_HALF = 0.45, 0.6  # shares of the weight from which a quarter, else a half of the picture is named


def caption(explanation: Explanation, say: Say) -> str:
    """Whose map it is: method, head, model and target."""
    e = explanation
    names = [method_name(e.method, say), head_name(e.layer, e.head, say)]
    names += [model_name(e.model, say), target_name(e.target, say)] if e.model else []
    return " · ".join(name for name in names if name)


def method_name(method: str, say: Say) -> str:
    """A method, or the mean of all, as people call it."""
    return say(f"attention.{method}")


def model_name(model: str, say: Say) -> str:
    """A model of the table as people call it."""
    if model in HEADS:
        return say(f"attention.model_{model}")
    if model in SYSTEMS:
        return say(f"fusion.system_{model}")
    task, _, fusion = model.partition("-")
    if task in FUSION_TASKS and fusion:
        return say(f"attention.model_fusion_{task}", name=say(f"fusion.name_{fusion}"))
    return hub_title(model) or model


def target_name(target: str | tuple[str, str], say: Say) -> str:
    """The number that is explained, in words."""
    if isinstance(target, tuple):
        first, second = (say(f"sentiment.{t}") if t in FEELINGS else t for t in target)
        return say("attention.target_pair", first=first, second=second)
    if target in FEELINGS:
        return say("attention.target_feeling", label=say(f"sentiment.{target}"))
    known = {
        "similarity": "attention.target_similarity", "match": "attention.target_match", "mismatch": "fusion.mismatch",
    }  # fmt: skip
    return say(known.get(target, "attention.target_any"))


def answer_said(values: Mapping[str, float], target: str | tuple[str, str], say: Say) -> str:
    """What a model answers to the sentence: its match, or its strongest feeling, and the label that is explained.

    Args:
        values: its numbers by their targets.
        target: of the explanation.
    """
    asked = set(target) if isinstance(target, tuple) else {target}
    strongest = max(values, key=values.__getitem__)
    shown = [name for name in values if name in ("similarity", "match") or name in asked]
    if strongest in FEELINGS:
        shown = [strongest, *(name for name in shown if name != strongest)]
    numbers = [say("attention.area", name=value_name(n, say), area=value_said(n, values[n], say)) for n in shown]
    return say("attention.answer", numbers=say.joined(numbers))


def value_name(target: str, say: Say) -> str:
    """What one number of an answer is."""
    if target in FEELINGS:
        return say("attention.value_feeling", label=say(f"sentiment.{target}"))
    return say("fusion.mismatch" if target == "mismatch" else f"attention.value_{target}")


def value_said(target: str, value: float, say: Say) -> str:
    """A cosine as a number, everything else in per cent."""
    return say.number(value) if target == "similarity" else say.percent(value)


def subject_name(explanation: Explanation, say: Say) -> str:
    """The word that is explained, or "whole sentence"."""
    words = [explanation.word_weights[i][0] for i in words_explained(explanation)]
    return say("attention.word_caption", word="".join(words)) if words else say("attention.whole")


def words_explained(explanation: Explanation) -> range:
    """Indices of the words that are explained; empty for the whole sentence."""
    word = explanation.word
    return range(0) if word is None else range(word, word + explanation.run)


def head_name(layer: int | None, head: int | None, say: Say) -> str:
    """A layer and a head, counted from 1; "" where none was chosen."""
    if head is None:
        return ""
    if layer is None:
        return say("attention.only_head", head=head + 1)
    return say("attention.layer_head", layer=layer + 1, head=head + 1)


def where_said(explanation: Explanation, say: Say) -> str:
    """Where the weight for the answer lies, and of a signed map how much of all weight speaks against it."""
    image_map = explanation.image_map
    where = describe(np.maximum(image_map, 0), say)
    against = float(-image_map[image_map < 0].sum())
    if against <= 0:
        return where
    return f"{where} {say('attention.against', percent=say.percent(against / float(np.abs(image_map).sum())))}"


def describe(image_map: np.ndarray, say: Say) -> str:
    """Where the weight of a map [height, width] >= 0 lies, in one sentence: a quarter, else a half, else "spread"."""
    shares = regions(image_map)
    if not any(shares.values()):
        return say("attention.nothing")
    quarters = {name: share for name, share in shares.items() if "_" in name or name == "middle"}
    halves = {name: share for name, share in shares.items() if name not in quarters}
    for parts, enough in ((quarters, A_QUARTER), (halves, A_HALF), (quarters, 0)):
        name = max(parts, key=parts.__getitem__)
        if parts[name] >= enough:
            break
    key = "attention.where" if enough else "attention.spread"
    return say(key, percent=say.percent(parts[name]), place=say(f"attention.{name}"))


def regions(image_map: np.ndarray) -> dict[str, float]:
    """Share of the weight in nine named parts of the picture: four quarters, the middle quarter, four halves."""
    h, w = image_map.shape
    total = float(image_map.sum())
    y, x = (h + 1) // 2, (w + 1) // 2
    parts = {
        "upper_left": image_map[:y, :x], "upper_right": image_map[:y, x:],
        "lower_left": image_map[y:, :x], "lower_right": image_map[y:, x:],
        "middle": image_map[h // 4 : h - h // 4, w // 4 : w - w // 4],
        "left": image_map[:, :x], "right": image_map[:, x:], "upper": image_map[:y], "lower": image_map[y:],
    }  # fmt: skip
    return {name: float(part.sum()) / total if total > 0 else 0.0 for name, part in parts.items()}
