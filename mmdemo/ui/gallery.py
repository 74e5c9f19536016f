"""The examples: a photo each, with a true sentence, one that is nearly true, and a false one, in both languages.

Some photos come with gradio, the others are painted by code (`drawn/`), so nothing has to be shipped. What the models
say of each is measured in `tests/ui/test_gallery.py`: they get the examples right, except where `lesson` says which
celebrated failure an example shows. Read next: `drawn/kept.py`.
"""

from dataclasses import dataclass

import gradio as gr

from mmdemo.ui.drawn.kept import DRAWINGS, drawing
from mmdemo.ui.text import LANGUAGES, Say


@dataclass(frozen=True)
class Example:
    """One photo, and three sentences about it.

    Args:
        key: stands in the address of the page.
        photo: the photo's file name.
        name: what the photo shows, in a few words, for those who do not see it.
        true: what it opens with.
        near: the same with one thing wrong.
        false: something else.
        lesson: "", or the failure that it shows: "counting", "negation", "roles" (who does what to whom).
    """

    key: str
    photo: str
    name: str
    true: str
    near: str
    false: str
    lesson: str = ""

    @property
    def path(self) -> str:
        """The photo's file."""
        return photo_path(self.photo)

    @property
    def text(self) -> str:
        """What it opens with."""
        return self.true


Row = tuple[tuple[str, str], tuple[str, str], tuple[str, str], tuple[str, str]]  # name, true, near, false

# By key: the photo's file; then what it shows and the three sentences, in English and Chinese.
TABLE: dict[str, tuple[str, Row]] = {
    "sunset": ("sunset.jpg", (
        ("two people jumping", "跳起来的两个人"),
        ("two people jumping on the beach at sunset, so happy", "两个人在海边跳跃，夕阳真美"),
        ("two people jumping in the snow at sunset, so happy", "两个人在雪地里跳跃，夕阳真美"),
        ("a cat on a sofa", "沙发上的一只猫"),
    )),
    "tower": ("tower.jpg", (
        ("a tower at dusk", "黄昏的铁塔"),
        ("a tall tower in the evening, what a lovely sight", "傍晚亮着灯的高塔，真美"),
        ("a small wooden house in the morning sun, what a lovely sight", "清晨阳光下的小木屋，真美"),
        ("a dog on a sofa", "沙发上的一只狗"),
    )),
    "lion": ("lion.jpg", (
        ("a lion on a rock", "石头上的狮子"),
        ("a lion resting on a rock", "一头狮子趴在石头上休息"),
        ("a lion swimming in a river", "一头狮子在河里游泳"),
        ("two people riding bicycles", "两个人在骑自行车"),
    )),
    "rain": ("rain.jpg", (
        ("a red umbrella in the rain", "雨中的红伞"),
        ("a lonely person with a red umbrella in the rain, such a sad evening", "一个人打着红伞走在雨中，心里很难过"),
        ("a lonely person on a bicycle in the rain, such a sad evening", "一个人骑着自行车走在雨中，心里很难过"),
        ("a lion on a rock", "石头上的一头狮子"),
    )),
    "pizza": ("pizza.jpg", (
        ("a pizza", "一个披萨"),
        ("what a delicious pizza, I love it!", "这个披萨太好吃了，我真喜欢！"),
        ("what a delicious cup of tea, I love it!", "这杯茶太好喝了，我真喜欢！"),
        ("a boat on the sea", "大海上的一条船"),
    )),
    "bus": ("bus.jpg", (
        ("a red bus", "红色公交车"),
        ("a red double-decker bus in a city street", "城市街道上的一辆红色公交车"),
        ("a red bicycle in a city street", "城市街道上的一辆红色自行车"),
        ("a fox in the snow", "雪地里的一只狐狸"),
    )),
    "bedroom": ("bedroom.jpg", (
        ("a bedroom", "卧室"),
        ("a bedroom with a bed and a lamp", "卧室里有一张大床和一盏台灯"),
        ("a kitchen with a table and a lamp", "厨房里有一张餐桌和一盏台灯"),
        ("a man riding a horse", "一个男人在骑马"),
    )),
    "cheetah": ("cheetah.jpg", (
        ("a running cheetah", "奔跑的猎豹"),
        ("a cheetah running very fast", "一只猎豹飞快地奔跑"),
        ("a cheetah sleeping in a tree", "一只猎豹睡在树上"),
        ("two people riding bicycles", "两个人在骑自行车"),
    )),
    "stop": ("stop.jpg", (
        ("a stop sign", "停车标志"),
        ("a red stop sign beside the road", "路边的红色交通标志，上面写着停"),
        ("a red fire engine beside the road", "路边的红色消防车"),
        ("two dogs playing", "两只狗在玩耍"),
    )),
    "boat": ("boat.jpg", (
        ("a sailing boat", "海上的帆船"),
        ("a white sailing boat on the blue sea, but I am so sad", "蓝色大海上的一条白帆船，可是我难过极了"),
        ("a white swan on a lake, but I am so sad", "湖面上的一只白天鹅，可是我难过极了"),
        ("a bedroom with a bed", "一间有床的卧室"),
    )),
    "duck": ("duck.jpg", (
        ("a rubber duck", "橡皮鸭"),
        ("a yellow toy duck swimming in the water", "水里游着一只黄色的玩具鸭"),
        ("a yellow toy duck standing on the road", "路上站着一只黄色的玩具鸭"),
        ("a red bus in the street", "街上的一辆红色公交车"),
    )),
    "fox": ("fox.jpg", (
        ("a fox in the snow", "雪地里的狐狸"),
        ("a fox standing in the snow", "一只狐狸站在雪地里"),
        ("a fox lying in the grass", "一只狐狸躺在草地上"),
        ("a tall tower in the evening", "傍晚的高塔"),
    )),
    "groot": ("groot.jpeg", (
        ("a tree or a man?", "是树还是人？"),
        ("a tree that looks like a sad man", "长着人脸的树，看起来很难过"),
        ("a sad man with a long beard", "留着长胡子的人，看起来很难过"),
        ("a bowl of fruit", "一盘水果"),
    )),
}  # fmt: skip

# Failures: the near sentence is wrong, and the models prefer it, or cannot tell it from the true one.
LESSONS: dict[str, tuple[str, Row]] = {
    "counting": ("rabbits.jpg", (
        ("five rabbits", "五只兔子"),
        ("five rabbits in the grass", "草地上有五只兔子"),
        ("three rabbits in the grass", "草地上有三只兔子"),
        ("a red bus in the street", "街上的一辆红色公交车"),
    )),
    "negation": ("rabbit.jpg", (
        ("one rabbit", "一只兔子"),
        ("there is no car in the grass", "草地上没有汽车"),
        ("there is no rabbit in the grass", "草地上没有兔子"),
        ("a red bus in the street", "街上的一辆红色公交车"),
    )),
    "roles": ("fox_rabbit.jpg", (
        ("a fox behind a rabbit", "兔子后面的狐狸"),
        ("a fox follows a rabbit in the grass", "草地上的狐狸跟着兔子"),
        ("a rabbit follows a fox in the grass", "草地上的兔子跟着狐狸"),
        ("a red bus in the street", "街上的一辆红色公交车"),
    )),
}  # fmt: skip


def examples(say: Say) -> tuple[Example, ...]:
    """All examples, the lessons last; the first one is what the page opens with."""
    at = LANGUAGES[say.language]
    rows = [(key, row, key if key in LESSONS else "") for key, row in (TABLE | LESSONS).items()]
    return tuple(Example(key, file, *(pair[at] for pair in words), lesson) for key, (file, words), lesson in rows)


def photos() -> tuple[str, ...]:
    """The files of all example photos, each once; what is painted by code is painted where it is missing."""
    return tuple(dict.fromkeys(photo_path(file) for file, _ in (TABLE | LESSONS).values()))


def photo_path(name: str) -> str:
    """Where the file lies: painted here, or in gradio."""
    return drawing(name) if name in DRAWINGS else gr.media.get_image(name)


def in_other_language(text: str, say: Say) -> str | None:
    """An example's sentence in the language that `say` does not speak; None for any other text.

    Args:
        text: as it was typed, in either language.
        say: the page's language.
    """
    other = 1 - LANGUAGES[say.language]
    for _, words in (TABLE | LESSONS).values():
        for pair in words[1:]:
            if text.strip() in pair:
                return pair[other]
    return None
