"""Strings of what all tabs share: the photo and the sentence, the chain above the tabs, and old answers."""

Pair = tuple[str, str]

SHARED: dict[str, Pair] = {
    "pair.text": ("Sentence", "句子"),
    "pair.text_hint": ("One sentence, in English or Chinese", "写一句话，中文、英文都可以"),
    "pair.more": ("More sentences to compare, one a line", "再比几句，一行一句"),
    "pair.more_hint": ("One sentence a line, up to 50 in all", "一行写一句，总共最多 50 句"),
    "pair.button": ("Read photo and sentence", "读图读句"),
    "pair.again": (
        "This address was about a photo of your own. It is not kept in the address: please choose it again.",
        "这个网址里用的是您自己的照片。照片不会存在网址里，请再选一次。",
    ),
    "pair.empty": (
        "There is no answer yet. Choose a photo, write a sentence, and press the button.",
        "还没有回答。请选一张照片，写一句话，再点按钮。",
    ),
    "pair.old": (
        "You have changed the photo or the sentence: this is still the answer to the earlier ones.",
        "照片或句子已经改了，下面还是改之前的回答。",
    ),
    "pair.old_button": ("Read again", "重新读"),
    "pair.lessons": ("Where it fails", "容易出错的例子"),
    "pair.lesson_counting": (
        "A well-known failure: it hardly counts. Five rabbits are here, yet the sentence with three scores higher.",
        "有名的弱点：它几乎不会数数。这里有五只兔子，说“三只”的句子得分反而更高。",
    ),
    "pair.lesson_negation": (
        "A well-known failure: it does not read “no”. The sentence that denies what is there scores higher than the true one.",
        "有名的弱点：它读不懂“没有”。否定图中事物的那句话，得分反而比说对的那句高。",
    ),
    "pair.lesson_roles": (
        "A well-known failure: who does what to whom makes hardly any difference to it.",
        "有名的弱点：谁对谁做了什么，它几乎分不清。",
    ),
    "pair.says": ("Its sentence", "例句"),
    "pair.says_true": ("true", "说对了"),
    "pair.says_near": ("near miss", "差一点"),
    "pair.says_false": ("false", "说错了"),
    "visit.title": ("This visit", "这次看过的"),
    "visit.kept": ("Kept in this page only, until it is closed.", "只留在这个页面里，关掉就没有了。"),
    "visit.pin": ("Pin this result", "钉住这个结果"),
    "visit.pinned": ("Pinned", "已钉住"),
    "visit.unpin": ("Unpin", "取消钉住"),
    "chain.label": ("How this pair becomes an answer", "这一对图文怎样变成答案"),
    "chain.vectors": ("{n} numbers each", "各成 {n} 个数"),
    "chain.vector_image": ("the first numbers of the photo’s vector", "照片向量的前几个数"),
    "chain.vector_text": ("the first numbers of the sentence’s vector", "句子向量的前几个数"),
    "chain.no_vector": ("no vector: this side is missing", "没有向量：这一边没有给"),
    "chain.fusion": ("joined", "合在一起"),
    "chain.angle": ("The two vectors stand at {degrees}° to each other", "两个向量的夹角是 {degrees}°"),
    "chain.one_side": ("one side only", "只有一边"),
    "chain.no_photo": ("no photo", "没有照片"),
    "chain.no_text": ("no sentence", "没有句子"),
    "chain.fits": ("it fits", "匹配"),
    "chain.fits_not": ("it does not fit", "不匹配"),
    "chain.unsure": ("cannot tell", "拿不准"),
    "chain.unread": ("not read", "读不懂"),
    "chain.unfamiliar": ("a guess", "只能猜"),
    "chain.no_match": ("needs both sides", "要两边都有"),
}
