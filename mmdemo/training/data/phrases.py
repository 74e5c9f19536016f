"""Short phrases made by rule, each with its feeling: what corpora of tweets and reviews hardly hold.

A small grammar a language: words of known valence in frames that keep it ("so ADJ", "太ADJ了") or turn it ("not ADJ",
"一点儿也不ADJ"), judgements that take no side, statements without a judgement, emoji alone and behind either. The
valence of the English words is VADER's (Hutto and Gilbert 2014). `weak_lines` labels sentence pairs by VADER's words in
their English half, which gives Chinese its everyday sentences. Read next: `recipes/sentiment.py`.
"""

import random
import re
from collections.abc import Sequence
from pathlib import Path

from mmdemo.training.data.short_texts import NEGATIVE, NEUTRAL, POSITIVE, is_kept_apart

Line = dict[str, str]

EMOJI = {
    POSITIVE: "😀😃😄😁😆😊😍🥰😘😋😎🤩🥳😂🤣😇🙂🤗👍👏🙌🙏💪❤💕💖💗💓💙💜🧡💯🎉🎊🌹✨🌟😻👌✌😌☺🏆",
    NEGATIVE: "😭😢😞😔😟😕🙁☹😣😖😫😩😤😠😡🤬😰😨😱😥😓😒🙄😑💔👎🤢🤮🤦😪😿💩😷",
    NEUTRAL: "📷🚗🏠📅🚲📚🕒📝🚌☎📦🚉🏢🪑✏📎🗺🏫🚪🧾🖥📍🕗🛒🧳📞📌🚆📖🗓",
}
TURNED = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}

# What is judged: any thing, food and people apart, so that no frame says "a tasty teacher".
WORDS = {
    "English": {
        POSITIVE: "good great nice wonderful lovely amazing awesome beautiful perfect excellent fantastic brilliant "
        "fun funny cool cute sweet impressive interesting exciting pleasant charming enjoyable fabulous superb "
        "helpful useful friendly kind clever comfortable fresh tasty delicious worthwhile special",
        NEGATIVE: "bad terrible awful horrible boring ugly stupid annoying disappointing disgusting nasty poor dull "
        "dumb painful useless weak rude pathetic scary gross dirty cruel unfair slow noisy ridiculous lousy "
        "miserable creepy difficult wrong broken bland",
    },
    "Chinese": {
        POSITIVE: "好 棒 赞 美 甜 香 帅 酷 好吃 好喝 好看 好用 好玩 好听 漂亮 可爱 精彩 舒服 方便 实惠 干净 新鲜 "
        "完美 优秀 厉害 有趣 贴心 温馨 划算 值 满意 细心 美味 惊艳 牛 靠谱 合适 热情 清晰 流畅",
        NEGATIVE: "差 烂 丑 坏 贵 慢 吵 脏 臭 难看 难喝 难用 难听 难闻 无聊 恶心 讨厌 失败 糟糕 麻烦 可怕 粗糙 过分 "
        "垃圾 坑 烦 离谱 敷衍 恶劣 冷淡 乱 假 油腻 难受 不值",
    },
}
FEELINGS = {
    "English": {
        POSITIVE: "happy glad proud excited grateful thrilled delighted pleased thankful satisfied cheerful lucky "
        "relieved",
        NEGATIVE: "sad angry upset tired sick worried disappointed annoyed lonely scared depressed frustrated "
        "ashamed mad afraid stressed exhausted bored miserable heartbroken",
    },
    "Chinese": {
        POSITIVE: "开心 高兴 快乐 幸福 激动 满足 感动 放心 自豪 兴奋 幸运 轻松 喜欢 期待",
        NEGATIVE: "难过 伤心 生气 失望 郁闷 烦 累 害怕 孤独 委屈 焦虑 后悔 绝望 崩溃 心烦 痛苦 心碎 担心 尴尬 无奈",
    },
}
THINGS = {
    "English": "food film book song hotel room weather trip party game movie phone song place dinner coffee view "
    "service story city day photo show idea team lesson present",
    "Chinese": "味道 电影 书 歌 酒店 房间 天气 手机 衣服 地方 晚饭 咖啡 风景 态度 故事 城市 照片 节目 质量 包装 "
    "店家 菜 价格 物流 屏幕",
}
OBJECTS = {
    "English": "chair door window lamp book cup box bicycle bridge map ticket bag key clock shelf sign car house "
    "tree plate bottle road boat fence pen computer",
    "Chinese": "椅子 门 窗户 台灯 杯子 箱子 自行车 桥 地图 车票 包 钥匙 时钟 架子 牌子 汽车 房子 树 盘子 瓶子 马路 "
    "船 铅笔 电脑 盒子 本子",
}

# Frames that keep what the word says, frames that turn it, and frames for how somebody feels. {t} is a thing.
KEEPS = {
    "English": "{w}|so {w}|very {w}|really {w}|{w}!|that is {w}|this is so {w}|it was {w}|how {w}|what a {w} {t}|"
    "{w} {t}|the {t} is {w}|the {t} was really {w}|such a {w} {t}|it's {w}!!|pretty {w}|I think it is {w}|too {w}|"
    "absolutely {w}|the most {w} {t} ever|looks {w}|that's just {w}|feels {w}",
    "Chinese": "{w}|很{w}|真{w}|好{w}|太{w}了|超{w}|挺{w}的|非常{w}|{w}啊|真的{w}|{t}很{w}|{t}太{w}了|这{t}真{w}|"
    "这个{t}好{w}|{w}！|也太{w}了吧|特别{w}|{t}{w}|{w}爆了|实在{w}|确实{w}|感觉很{w}|怎么这么{w}|{t}真的很{w}",
}
TURNS = {
    "English": "not {w}|not {w} at all|it is not {w}|it isn't {w}|that was not {w}|not a {w} {t}|"
    "the {t} was not {w}|not very {w}|never {w}|the {t} isn't {w} at all|not so {w}|far from {w}|anything but {w}|"
    "it wasn't {w}|not that {w}",
    "Chinese": "不{w}|不太{w}|一点儿也不{w}|一点都不{w}|并不{w}|{t}不{w}|不怎么{w}|{t}一点也不{w}|这{t}不{w}|"
    "不是很{w}|不够{w}|没有那么{w}|真不{w}|根本不{w}|绝不{w}",
}
FEELS = {
    "English": "I am {w}|I'm so {w}|feeling {w}|we are {w}|I feel {w} today|makes me {w}|{w}|"
    "I am really {w} about this|so {w} right now|she is very {w}|I was {w} all day|we were so {w}",
    "Chinese": "我很{w}|我好{w}|今天真{w}|{w}|太{w}了|真让人{w}|我们都很{w}|有点{w}|感到很{w}|他很{w}|好{w}啊|"
    "超级{w}|今天好{w}",
}
FEELS_TURNED = {
    "English": "I am not {w}|I'm not {w}|not {w}|I don't feel {w}|we aren't {w}|not {w} about this|she is not {w}|"
    "I am not {w} at all|I was not {w}|nobody is {w}",
    "Chinese": "我不{w}|我一点也不{w}|不{w}|没有{w}|他不{w}|今天不{w}|我并不{w}|我们不{w}|不太{w}|一点都不{w}",
}
SET_PHRASES = {
    "English": {
        POSITIVE: "I like it|love this|I love you|loved every minute|thank you so much|thanks|can't wait|"
        "can't wait to see you|couldn't be better|it could not be better|I could not be prouder|"
        "can't get enough of it|cheers|hooray|wow|well played|nice work|highly recommended|worth every penny|"
        "keep it up|congratulations|made me smile|no complaints|no problem at all|nothing to complain about|"
        "can't stop laughing|best of all|happy birthday|you rock|I enjoyed it|this made me laugh|best meal ever|"
        "never had a better day|cannot recommend it enough|I want to come back|exactly what I needed|"
        "we had so much fun|looking forward to it|you made us happy|without any fault",
        NEGATIVE: "I hate it|hate this|I hate you|hated every minute|leave me alone|what a mess|what a pity|"
        "waste of time|couldn't be worse|it could not be worse|damn|ugh|shame on you|don't buy it|not recommended|"
        "I can't take it anymore|can't stop crying|I want to cry|worst of all|I give up|no good|nothing works|"
        "I miss home|I don't want this|I don't enjoy it|didn't like it|do not like this|I can't bear it|"
        "I am done with this|go away|I regret it|worst meal ever|I wouldn't recommend it|it let me down|"
        "rest in peace|fed up with this|I have had enough|it hurts|money down the drain|please make it stop|"
        "I will not come back",
        NEUTRAL: "okay|it's okay|it is ok|fine, I guess|average at best|just average|so so|it was all right|"
        "nothing much|not good, not bad|neither great nor terrible|it's a normal day|could go either way|medium|"
        "fair enough|I don't know|no opinion|I don't mind|same as always|as usual|it depends|maybe|ordinary|"
        "mediocre|nothing new|standard|hmm|not great, not terrible|it does the job|passable|it's alright|"
        "I have no strong feelings|meh, it is fine",
    },
    "Chinese": {
        POSITIVE: "喜欢|好喜欢|我爱你|谢谢|多谢|感谢|加油|点赞|好评|五星好评|推荐|非常推荐|还会再来|下次还来|会回购|"
        "值得购买|值得一看|太值了|赚到了|哈哈|哈哈哈|嘻嘻|没得说|没话说|无可挑剔|挑不出毛病|笑死我了|太幸福了|"
        "生日快乐|恭喜恭喜|期待|等不及了|好极了|美滋滋|真不赖|很不错|相当不错|爱死了|我喜欢|回味无穷|名不虚传|"
        "物超所值|太牛了|666|yyds|永远的神|好吃到哭|心情真好|超出预期|大爱",
        NEGATIVE: "讨厌|我恨你|差评|一星|后悔了|别来|千万别买|不推荐|不会再买|不会再来|下次不来了|浪费时间|浪费钱|"
        "白花钱|上当了|被骗了|不喜欢|我不喜欢|受不了|忍不了|想哭|哭死|烦死人了|累死了|丑死了|难受死了|什么玩意|"
        "什么破东西|太过分了|太欺负人了|呵呵|无语了|醉了|心塞|扎心|崩溃了|气人|坑人|骗子|滚|没救了|不爽|不好|不行|"
        "不怎么样|不如不买|真倒霉|完蛋了|失望透顶|大失所望|太让人失望了",
        NEUTRAL: "一般|还可以|还行|还好|凑合吧|普通|很普通|中规中矩|一般吧|就这样吧|无所谓|不好不坏|说不上好坏|"
        "没什么特别的|不知道|看情况|随便|都行|都可以|也许吧|正常|平平淡淡|跟平时一样|没有意见|过得去|将就|"
        "不算好也不算坏|谈不上喜欢|没什么好说的|老样子|马虎",
    },
}
STATEMENTS = {
    "English": "this is a {o}|there is a {o} here|a {o} on the {p}|the {o} is near the {p}|a {o} and a {p}|"
    "I have a {o}|he carries a {o}|she bought a {o}|the {o} stands next to the {p}|where is the {o}?|"
    "it is {n} o'clock|the lesson begins at {n}|we arrive on {d}|the office is open on {d}|"
    "{n} people wait at the {p}|he works in the {p}|a {o}|see you on {d}|today is {d}|a man holds a {o}|"
    "the {o} has {n} parts|I am at the {p}|my {o} is in the {p}|it is a {p}|they go to the {p}",
    "Chinese": "这是一个{o}|那是{o}|这里有一个{o}|{p}旁边有一个{o}|他拿着{o}|她买了{o}|{o}在{p}|{o}在哪里？|"
    "现在{n}点|上课时间是{n}点|{d}到|{d}上班|{n}个人在{p}|他在{p}工作|{o}|今天{d}|一个男人拿着{o}|我在{p}|"
    "我的{o}在{p}|{d}去{p}|我有{n}个{o}|一个{o}和一个{p}|火车{n}点出发|她正在看{o}",
}
FILLERS = {
    "English": {
        "p": "station school kitchen garden library office street bridge hall beach bank corner bus stop market",
        "n": "two three four five six seven eight ten eleven",
        "d": "Tuesday Wednesday Thursday Friday Saturday Sunday",
    },
    "Chinese": {
        "p": "车站 厨房 花园 图书馆 办公室 街上 大厅 海边 银行 路口 超市 教室",
        "n": "两 三 四 五 六 七 八 十",
        "d": "周二 周四 星期五 周六 下周 后天",
    },
}


def template_lines(language: str, count: int, seed: int = 0) -> list[Line]:
    """About `count` different phrases of one language, a third of each feeling, none equal to a short text."""
    rng = random.Random(f"{seed}/{language}")
    label_of: dict[str, str] = {}
    for label in (NEGATIVE, NEUTRAL, POSITIVE):
        for phrase in (*SET_PHRASES[language][label].split("|"), *EMOJI[label]):
            label_of[phrase] = label
        for _ in range(count // 3):
            label_of[_with_ending(*_phrase(language, label, rng), language, rng)] = label
    return [_line(text, label, f"{language} phrases") for text, label in label_of.items() if not is_kept_apart(text)]


def _phrase(language: str, label: str, rng: random.Random) -> tuple[str, str]:
    """(a phrase, its feeling) without an ending; for NEUTRAL a statement or a judgement that takes no side."""
    if label == NEUTRAL or rng.random() < 0.15:
        frames = STATEMENTS[language].split("|") if label == NEUTRAL else SET_PHRASES[language][label].split("|")
        return _filled(rng.choice(frames), language, rng), label
    turned = rng.random() < 0.4
    said = TURNED[label] if turned else label
    if rng.random() < 0.7:
        frames, words = (TURNS if turned else KEEPS)[language], WORDS[language][said]
    else:
        frames, words = (FEELS_TURNED if turned else FEELS)[language], FEELINGS[language][said]
    frame = rng.choice(frames.split("|"))
    return _filled(frame.replace("{w}", rng.choice(words.split())), language, rng), label


def _filled(frame: str, language: str, rng: random.Random) -> str:
    kinds = {"t": THINGS[language], "o": OBJECTS[language], **FILLERS[language]}
    for slot, words in kinds.items():
        frame = frame.replace("{" + slot + "}", rng.choice(words.split()))
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", frame)


def _with_ending(text: str, label: str, language: str, rng: random.Random) -> str:
    """Marks, or an emoji that says the same; the first letter sometimes a capital."""
    text = text[0].upper() + text[1:] if rng.random() < 0.4 else text
    draw, full = rng.random(), language == "Chinese"
    if draw < 0.2:
        return f"{text}{' ' if rng.random() < 0.6 else ''}{rng.choice(EMOJI[label]) * rng.choice((1, 1, 2))}"
    if draw < 0.5 and text[-1].isalpha():
        ends = ("。", "。", "") if label == NEUTRAL else ("！", "。", "！！")
        return text + (
            rng.choice(ends) if full else rng.choice((".", ".", "") if label == NEUTRAL else ("!", ".", "!!"))
        )
    return text


def _line(text: str, label: str, dataset: str) -> Line:
    return {"text": text, "label": label, "split": "train", "dataset": dataset}


NEGATION = re.compile(r"\b(not|no|never|none|nothing|nobody|hardly|without|neither|nor)\b|n't\b", re.IGNORECASE)


def read_valences(data: Path) -> dict[str, float]:
    """VADER's words with their mean valence in [-4, 4]."""
    lines = (data / "texts" / "vader_lexicon.txt").read_text(encoding="utf-8").splitlines()
    return {word: float(valence) for word, valence, *_ in (line.split("\t") for line in lines)}


def weak_feeling(text: str, valences: dict[str, float]) -> str | None:
    """The feeling of a plain English sentence by its words: neutral without one, None where they may mislead."""
    said = [valences[word] for word in re.findall(r"[a-z]+", text.lower()) if word in valences]
    if not said:
        return NEUTRAL
    if NEGATION.search(text) or max(map(abs, said)) < 1.8 or min(said) * max(said) < 0:
        return None
    return POSITIVE if said[0] > 0 else NEGATIVE


def weak_lines(
    couples: Sequence[tuple[str, str]], valences: dict[str, float], count: int, seed: int = 0
) -> dict[str, list[Line]]:
    """Sentence pairs (English, Chinese) -> by language, at most `count` lines a feeling, found in the English half."""
    shuffled = list(couples)
    random.Random(seed).shuffle(shuffled)
    room = dict.fromkeys((NEGATIVE, NEUTRAL, POSITIVE), count)
    by_language: dict[str, list[Line]] = {"English": [], "Chinese": []}
    for english, chinese in shuffled:
        label = weak_feeling(english, valences)
        if label is None or not room[label] or is_kept_apart(english) or is_kept_apart(chinese):
            continue
        room[label] -= 1
        by_language["English"].append(_line(english, label, "Tatoeba, weak labels"))
        by_language["Chinese"].append(_line(chinese, label, "Tatoeba, weak labels"))
    return by_language
