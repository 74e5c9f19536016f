"""Short texts with the feeling that a reader finds in them: a last measure that nothing is trained on or chosen by.

Corpora of tweets and reviews hardly hold what a visitor types first: one word, one emoji, a negation, a plain
statement. `MEASURED` was written and committed before the first training run; it is measured once a head is final.
`DEVELOPMENT` holds other texts of the same kinds, to choose settings by. No training text is equal to one of either
(`is_kept_apart`). A statement without a judgement is neutral, and so is a judgement that takes no side.
Read next: `phrases.py`.
"""

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
Texts = dict[str, dict[str, tuple[str, ...]]]


def _parted(texts: dict[str, dict[str, str]]) -> Texts:
    return {name: {label: tuple(some.split("|")) for label, some in of.items()} for name, of in texts.items()}


MEASURED = _parted({
    "English": {
        NEGATIVE: "I am not happy|😭|not good|I hate Mondays|this is awful|so tired of this 😩|what a waste of money|"
        "I don't like it|👎|worst service ever",
        NEUTRAL: "it is a table|the train leaves at nine|two people stand on a street|📷|my phone number has changed|"
        "neither good nor bad|it's okay, I guess|the shop opens on Monday|meeting at 3 pm 📅|"
        "a red car and a blue bicycle",
        POSITIVE: "so good!!|not bad at all|I love it|what a lovely day ☀️|😍|best day ever 🎉|can't stop smiling|"
        "this made my day|I couldn't be happier|well done, team!",
    },
    "Chinese": {
        NEGATIVE: "太难吃了|不好看|气死我了|😡|我不开心|真无语|服务太差了|心好累😔|再也不来了|一点都不好用",
        NEUTRAL: "一般般|这是一张桌子|他在学校门口等车|会议下午三点开始|还行吧|桌上有两本书|明天星期三|今天开会📝|"
        "马马虎虎|🚗",
        POSITIVE: "不错|太好吃了|今天好开心😄|真香|爱了爱了|一点也不差|给力！|👍|谢谢你，我很感动|值得再来",
    },
})  # fmt: skip

DEVELOPMENT = _parted({
    "English": {
        NEGATIVE: "I'm not satisfied|not funny|😢|this sucks|never again|I can't stand this noise|so boring|"
        "the soup was cold and bland|my heart is broken|no fun at all|I feel terrible today 😞|😠|not worth it|"
        "stupid traffic again 🙄|I am worried|isn't great",
        NEUTRAL: "this is a chair|he reads a newspaper|the bus stops here|🚲|a man with a hat|nothing special|so-so|"
        "the meeting is in room four|she lives in Berlin|I will call you at noon 📞|water boils at 100 degrees|"
        "not sure yet|average|three cups on a shelf|what time is it?|🏠",
        POSITIVE: "I'm so glad|pretty nice|😊|not bad|amazing view!|you are the best|can't complain|"
        "never been happier|delicious|thanks a lot 🙏|I really enjoyed the film|yay!!|❤️|couldn't ask for more|"
        "so proud of my sister|nothing could be better",
    },
    "Chinese": {
        NEGATIVE: "很失望|不喜欢|难看死了|😢|真烦人|太坑了|不好吃|垃圾|没意思|我很生气|快递太慢了|哭了😭|不值这个价|"
        "别买|烦死了|一点都不好玩",
        NEUTRAL: "这是一把椅子|他在看报纸|公交车到站了|🚲|普普通通|就那样|她住在北京|我中午给你打电话|"
        "一个戴帽子的男人|凑合|现在几点？|会议室在二楼|今天是星期一|没什么感觉|买了一个杯子|🏠",
        POSITIVE: "很满意|好喜欢|太棒了|😊|好看|真不错|味道好极了|强烈推荐|哈哈哈太有意思了|我很高兴|开心❤️|没毛病|"
        "超值|不难吃|物流很快|好可爱呀",
    },
})  # fmt: skip


def listed(texts: Texts, language: str) -> list[tuple[str, str]]:
    """(text, label) of one language."""
    return [(text, label) for label, some in texts[language].items() for text in some]


def squeezed(text: str) -> str:
    """The text without spaces and punctuation, lower case: equal for "So good!" and "so good!!"; emoji stay."""
    return "".join(c for c in text.lower() if c.isalnum() or ord(c) > 0x2600 and c not in "，。！？、…️")


_APART = frozenset(
    squeezed(text) for texts in (MEASURED, DEVELOPMENT) for name in texts for text, _ in listed(texts, name)
)


def is_kept_apart(text: str) -> bool:
    """Whether a training text is equal to a short text, but for spaces, case and punctuation."""
    return squeezed(text) in _APART
