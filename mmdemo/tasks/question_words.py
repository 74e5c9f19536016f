"""What a question says of its answer, by its words alone: what kind it asks for, and what it offers to choose from.

Read next: `answering.py`.
"""

import re
from collections.abc import Collection, Sequence

_ASKS = {  # the first that fits names the kind; "what" is the rest
    "colour": r"\bcolou?rs?\b|颜色",
    "count": r"\bhow many\b|多少|几[^乎]",
    "where": r"^\W*where\b|哪里|哪儿|什么地方",
    "doing": r"\bdoing\b|[做干]什么",
    "which": r"\bor\b|\bwhich of\b|还是|哪一?[个种只]",
    "yes/no": r"^\W*(?:is|are|was|were|do|does|did|can|has|have|any)\b|吗|有没有|是不是",
}
KINDS = (*_ASKS, "what")
WHETHER = ("yes", "no", "是", "否")
_VERB = r"\b(?:is|are|was|were|do|does|did|can|has|have)\b"
_BE = ("is", "are", "was", "were")
_NOBODY = (
    r"(?:(?:it|this|that|there|these|those|he|she|they|you see|[这那]个?|[它他她])?是?|(?:wh\w+|how)\b.*|.*[哪什谁].*)"
)
_ARTICLE = r"^(?:an?|the|or) "


def question_kind(question: str) -> str:
    """What a question in English or Chinese asks for: one of `KINDS`."""
    return next((kind for kind, words in _ASKS.items() if re.search(words, question.lower())), "what")


def choices(question: str, known: Collection[str] = ()) -> list[str]:
    """What a question offers to choose from: "is it red or blue?", "which of these: a cat, a dog?", "是红色还是蓝色？".

    Nothing says where the first offer begins and the last one ends ("is the dog white or pink in this picture?"): the
    longest run of words there that is one of `known` counts; without one, the last word, and all that follows.

    Args:
        question: in English or Chinese.
        known: answers in the question's language.

    Returns:
        Two or more texts, or none.
    """
    plain = re.sub(r"[?？.。!！]", "", question.lower()).strip()
    offered = re.split(r"[:：]", plain, maxsplit=1)
    if len(offered) == 2:
        return [part for part in _parts(offered[1]) if part]
    parts = _parts(plain)
    if len(parts) < 2 or not re.search(r"\bor\b|还是", plain):
        return []
    asking = [i for i, part in enumerate(parts) if re.search(_VERB, part)]
    first, *middle, last = parts[max(asking, default=0) if max(asking, default=0) < len(parts) - 1 else 0 :]
    words, joint = (list(first), "") if re.search(r"[\u4e00-\u9fff]", plain) else (first.split(), " ")
    ends = [joint.join(words[i:]) for i in range(len(words))]
    after = re.split(r"是", first)[-1] if not joint else words[-1]
    words = list(last) if not joint else last.split()
    starts = [joint.join(words[:i]) for i in range(len(words), 0, -1)]
    return [_first(ends, known, after), *middle, _first(starts, known, last)]


def offers(question: str, known: Collection[str] = ()) -> list[str]:
    """`choices` that can be compared: each once, none that asks itself; [] of a count, and of "..., or not?"."""
    plain = (re.sub(r"(?<=.)[呢吗啊]$", "", one) for one in choices(question, known))
    found = list(dict.fromkeys(one for one in plain if not re.fullmatch(_NOBODY, one)))
    whether = {"not", "no", "没有", "不是"} & set(found)
    return [] if len(found) < 2 or whether or question_kind(question) == "count" else found


def left_open(question: str, names: Sequence[str]) -> list[int]:
    """Which answers of a list a question leaves open: yes and no, or those it offers if all stand in it; else all.

    Args:
        names: the list, in the question's language.
    """
    whether = question_kind(question) == "yes/no"
    offered = [name for name in WHETHER if name in names] if whether else offers(question, names)
    is_all = not offered or not set(offered) <= set(names)
    return [i for i, name in enumerate(names) if is_all or name in offered]


def statements(question: str, offered: Sequence[str]) -> list[str]:
    """What each offer would state: of "Is the car red or blue?" "the car is red", of "is it red or blue?" "red".

    Args:
        question: in English or Chinese.
        offered: its `offers`.
    """
    plain = question.lower()
    verb, said = re.match(rf"\W*({_VERB})?(.*)", plain[: max(plain.find(offered[0]), 0)]).groups()
    subject = re.sub(r"(?:\b(?:in|on|at))? *(?:\b(?:an?|the))?$", "", said.strip()).strip()
    if re.search(r"[:：,，]", subject) or re.fullmatch(_NOBODY, subject):
        return list(offered)
    joint = "" if re.search(r"[\u4e00-\u9fff]", plain) else f" {verb} " if verb in _BE else " "
    return [f"{subject}{joint}{offer}" for offer in offered]


def _parts(text: str) -> list[str]:
    """A list's entries, their articles taken off."""
    entries = (entry.strip() for entry in re.split(r"[,，、;；]|\bor\b|还是", text))
    return [re.sub(_ARTICLE, "", entry) for entry in entries if entry]


def _first(runs: Sequence[str], known: Collection[str], otherwise: str) -> str:
    return next((run for run in runs if run in known), otherwise)
