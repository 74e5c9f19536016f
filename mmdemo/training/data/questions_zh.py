"""Questions in Chinese: those that captions answer, put into Chinese, and statements made of Chinese captions.

The English questions of `questions.py` come from a few templates, so that the same question is asked in Chinese by
matching its template and translating its few words. Their answers stay the English ones, of which answers_zh.txt says
the Chinese. Read next: `recipes/answering.py`.
"""

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from mmdemo.training.data.questions import statements

# an English template, its words in brackets -> ways to ask the same in Chinese
TEMPLATES = (
    (r"(?:Is there|Are there|Do you see|Can you see) (?:an? |any )?([\w ]+?)(?: in the picture)?",
     ("图中有{}吗", "照片里有{}吗", "你看到{}了吗", "有没有{}", "图片里有没有{}")),
    (r"Is an? (\w+) there", ("图中有{}吗", "这里有{}吗")),
    (r"(?:What colou?r (?:is|are) the|what is the colour of the) (\w+)",
     ("{}是什么颜色的", "{}是什么颜色", "{}的颜色是什么")),
    (r"Is the (\w+) (\w+) or (\w+)", ("{}是{}还是{}",)),
    (r"How many (\w+) are there", ("图中有多少{}", "有几个{}", "照片里一共有几个{}")),
    (r"What (?:is|are) the (\w+) doing", ("{}在做什么", "{}在干什么", "图中的{}正在做什么")),
    (r"(?:Is|Are) the (\w+) (\w+ing)", ("{}在{}吗", "{}是不是在{}", "图中的{}正在{}吗")),
    ("What is the person wearing", ("这个人穿着什么", "他身上穿戴着什么")),
    ("What is the person holding", ("这个人拿着什么", "他手里拿着什么")),
    ("What is the person riding", ("这个人骑着什么", "他骑的是什么")),
    ("What is the person eating", ("这个人在吃什么",)),
    ("What is the person carrying", ("这个人带着什么",)),
    (r"Where (?:is|are) the (\w+)", ("{}在哪里", "{}在什么地方")),
    ("Where is this|Where was the picture taken", ("这是哪里", "这张照片是在哪里拍的", "这是什么地方")),
    ("What animal is (?:this|in the picture)", ("这是什么动物", "图中是什么动物")),
    ("Is it a man or a woman", ("是男人还是女人",)),
    ("Who is (?:this|in the picture)", ("图中的人是谁", "照片里是谁")),
    ("What is this|What is in the picture|What does the picture show", ("这是什么", "图中有什么", "照片里是什么")),
)  # fmt: skip


@cache
def chinese_answers() -> dict[str, str]:
    """English word or answer -> Chinese."""
    text = (Path(__file__).parent / "answers_zh.txt").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines())


def in_chinese(question: str, rng: random.Random) -> str | None:
    """A question of a template in Chinese; None where it is of none, or a word of it has no translation."""
    for template, ways in TEMPLATES:
        if match := re.fullmatch(template, question.rstrip("?")):
            words = [chinese_answers().get(word.lower()) for word in match.groups()]
            return rng.choice(ways).format(*words) + "？" if all(words) else None
    return None


def chinese_questions(
    english: Sequence[tuple[str, str]], captions: Sequence[str], rng: random.Random
) -> Iterator[tuple[str, str]]:
    """(question, answer) of one photo, from its English ones and its Chinese captions."""
    for question, answer in english:
        if asked := in_chinese(question, rng):
            yield asked, answer
    if captions:
        yield from statements(rng.choice(captions), "zh", rng)
