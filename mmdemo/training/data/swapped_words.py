"""Captions made wrong by one word: another colour, count, person, animal, place or doing. Hard negatives for matching.

"A brown dog runs on the beach" becomes "a white dog runs on the beach": nearly the same sentence, and false of the
photo (Yuksekgonul et al. 2023, arXiv 2210.01936, section 5, swap words too). Read next: `recipes/matching.py`.
"""

import random
import re

GROUPS = {
    "en": (
        ("red", "blue", "green", "yellow", "white", "black", "brown", "orange", "pink", "purple", "gray"),
        ("two", "three", "four", "five", "several"),
        ("man", "woman", "boy", "girl", "baby"),
        ("men", "women", "boys", "girls", "children"),
        ("dog", "cat", "horse", "bird", "cow", "bear"),
        ("dogs", "cats", "horses", "birds", "cows", "sheep"),
        ("beach", "street", "snow", "grass", "water", "forest", "kitchen", "road", "field", "sand"),
        ("running", "sitting", "standing", "jumping", "sleeping", "swimming", "eating", "climbing", "riding",
         "walking"),
        ("runs", "sits", "stands", "jumps", "sleeps", "swims", "eats", "climbs", "rides", "walks"),
        ("ball", "bike", "frisbee", "skateboard", "surfboard", "kite", "car", "boat", "hat", "umbrella"),
        ("small", "large"), ("young", "old"), ("left", "right"), ("over", "under"), ("in front of", "behind"),
    ),
    "zh": (
        ("红色", "蓝色", "绿色", "黄色", "白色", "黑色", "棕色", "橙色", "粉色", "紫色", "灰色"),
        ("一个", "两个", "三个", "四个", "几个", "一群"), ("一只", "两只", "三只", "一群"),
        ("男人", "女人", "男孩", "女孩", "小孩", "婴儿", "老人"),
        ("狗", "猫", "马", "鸟", "牛", "熊"),
        ("沙滩", "街道", "雪地", "草地", "水里", "树林", "厨房", "公路", "海边"),
        ("奔跑", "坐着", "站着", "跳跃", "睡觉", "游泳", "吃东西", "攀岩", "骑车", "走路"),
        ("足球", "自行车", "飞盘", "滑板", "冲浪板", "风筝", "汽车", "船", "帽子"),
        ("左", "右"), ("前面", "后面"),
    ),
}  # fmt: skip


def swapped(text: str, language: str, rng: random.Random) -> str | None:
    """The text with one word of a group in the place of another of the same group; None where it has no such word.

    Args:
        text: a caption.
        language: "en" or "zh".
        rng: draws which word, and which other one.
    """
    places = []
    for group in GROUPS[language]:
        for word in group:
            pattern = rf"\b{word}\b" if language == "en" else word
            places += [(match, group, word) for match in re.finditer(pattern, text, re.IGNORECASE)]
    if not places:
        return None
    match, group, word = rng.choice(places)
    other = rng.choice([w for w in group if w != word])
    return text[: match.start()] + other + text[match.end() :]
