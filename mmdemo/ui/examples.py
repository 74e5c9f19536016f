"""Photo and text to start from, in both languages. The photos come with gradio, so nothing has to be shipped.

Read next: `pair.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from mmdemo.ui.text import LANGUAGES, Say


@dataclass(frozen=True)
class Example:
    """One photo and one text, with the photo's name for those who do not see it.

    Args:
        path: the photo's file.
        name: what the photo shows, in two or three words.
        text: the text that goes with it.
    """

    path: str
    name: str
    text: str

    @property
    def photo(self) -> str:
        """The photo's file name."""
        return Path(self.path).name


PHOTOS: dict[str, tuple[str, str]] = {
    "lion.jpg": ("a lion on a rock", "石头上的狮子"),
    "cheetah.jpg": ("a running cheetah", "奔跑的猎豹"),
    "tower.jpg": ("a tower at dusk", "黄昏的铁塔"),
    "bus.png": ("a drawn bus", "画出来的公交车"),
}
TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "match": {
        "lion.jpg": (
            "a lion resting on a rock\na dog running on the beach\ntwo people riding bicycles",
            "一头狮子趴在石头上休息\n一只狗在海滩上奔跑\n两个人在骑自行车",
        ),
        "cheetah.jpg": (
            "a cheetah running very fast\na cat sleeping on a sofa\na red bus",
            "一只猎豹飞快地奔跑\n一只猫睡在沙发上\n一辆红色的公交车",
        ),
        "tower.jpg": (
            "a tall tower lit up in the evening\na boat on a quiet lake\nchildren playing football",
            "傍晚亮着灯的高塔\n平静湖面上的一条船\n孩子们在踢足球",
        ),
        "bus.png": (
            "a drawing of a red bus\na red bus in the street\na bowl of soup",
            "一幅红色公交车的画\n街上的一辆红色公交车\n一碗汤",
        ),
    },
    "sentiment": {
        "tower.jpg": ("What a lovely evening, I am so happy to be here!", "傍晚的铁塔真美，来这里太开心了！"),
        "cheetah.jpg": ("Late again. I hate this terrible day.", "又要迟到了，今天真倒霉，烦死了。"),
        "bus.png": ("The bus leaves at half past nine.", "公交车九点半发车。"),
        "lion.jpg": ("What a magnificent animal, best day at the zoo ever!", "太威风了！今天在动物园真开心！"),
    },
    "fusion": {
        "tower.jpg": ("a tall tower against the blue sky, what a lovely evening", "蓝天下的一座高塔，傍晚真美"),
        "bus.png": ("the red bus did not come again, terrible service", "红色公交车又没来，服务真差劲"),
        "cheetah.jpg": ("a cat sleeps on the sofa and I am bored", "一只猫在沙发上睡觉，无聊死了"),
        "lion.jpg": ("a proud lion rests on a rock, what a wonderful sight", "一头威风的狮子趴在石头上，真好看"),
    },
    "autoencoder": {
        "cheetah.jpg": ("a brown dog runs through the grass", "一只黄色的狗在草地上奔跑"),
        "tower.jpg": ("a man standing on a mountain at sunset", "一个人站在山顶上"),
        "lion.jpg": ("a brown animal lying on a rock", "一只大狗趴在岩石上"),
        "bus.png": ("a red car on a white road", "一辆汽车在路上"),
    },
    "attention": {
        "lion.jpg": ("a lion with a dark mane resting on a rock", "石头上趴着一只狮子"),
        "bus.png": ("a red bus with black wheels", "一辆红色的公交车"),
        "cheetah.jpg": ("a cheetah is running", "一只猎豹在奔跑"),
        "tower.jpg": ("a tall tower against a blue sky", "蓝天下的一座高塔"),
    },
}


def examples(tab: str, say: Say) -> tuple[Example, ...]:
    """The examples of one tab; the first one is what the page opens with."""
    at = LANGUAGES[say.language]
    return tuple(
        Example(gr.media.get_image(photo), PHOTOS[photo][at], texts[at]) for photo, texts in TEXTS[tab].items()
    )
