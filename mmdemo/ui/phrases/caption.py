"""Strings of the Captions tab."""

Pair = tuple[str, str]

CAPTION: dict[str, Pair] = {
    "caption.tab": ("Captions", "看图说话"),
    "caption.lead": ("What does the photo show, in a sentence?", "用一句话说，照片里有什么？"),
    "caption.options": ("Language, start, chance, number", "语言、开头、随机程度、句数"),
    "caption.language": ("Language of the captions", "说哪种语言"),
    "caption.start": ("Tell it a start", "给它起个头"),
    "caption.start_hint": ("a little girl in …", "一个小女孩……"),
    "caption.temperature": ("Temperature", "温度"),
    "caption.temperature_hint": (
        "0 looks for the likeliest caption; above, words are drawn by chance.",
        "0 表示找最可能的说法；大于 0 时，每个词按概率抽取。",
    ),
    "caption.count": ("How many captions", "说几句"),
    "caption.likeliest": ("the decoder’s likeliest caption", "解码器认为最可能的说法"),
    "caption.words": (
        "Press a word: where it was read in the photo, and what else could have stood there.",
        "点一个词：看它出自照片的哪里，以及这个位置还可能是哪些词。",
    ),
    "caption.word_alt": ("{word}, probability {percent}", "{word}，概率 {percent}"),
    "caption.given_alt": ("{word}, given", "{word}，开头里给定的"),
    "caption.figure_alt": ("Heat map over the photo for “{word}”", "照片上的热力图，对应“{word}”"),
    "caption.here": ("At this place, after the words before it", "读过前面的词，这个位置上"),
    "caption.given": ("You gave this word; it would have said", "这个词是您给的；它自己会说"),
    "caption.end": ("(end)", "（结束）"),
    "caption.ranked": ("In order of how well they fit, as the match head judges", "按匹配头判断的匹配程度排列"),
    "caption.fit": ("Fit (match head)", "匹配（匹配头）"),
    "caption.probability": ("Whole caption (decoder)", "整句概率（解码器）"),
    "caption.nothing": (
        "It ended every caption before the first word. Lower the temperature, or tell it a start.",
        "每一句都还没开口就结束了。请调低温度，或给它起个头。",
    ),
    "caption.trained": (
        "The decoder learned from everyday photos, most of them of people and dogs, and is often wrong elsewhere.",
        "解码器学的是日常照片，多数拍的是人和狗，换了别的内容常常说错。",
    ),
    "caption.measured": ("Measured on {data}: {figures}.", "实测：{figures}；数据：{data}。"),
    "caption.why_probability": (
        "The decoder’s probability of a caption is that of all its words, one after the other, multiplied. It falls with"
        " every word, so a good caption of ten words may have less than 1 %.",
        "整句概率是每个词的概率依次相乘。多一个词就小一些，所以十来个词的好句子，整句概率也可能不到 1%。",
    ),
    "caption.why_fit": (
        "The fit is the match head’s probability that photo and caption belong together, the same number as on the tab"
        " Match. It did not help to write the captions, so the two may disagree.",
        "匹配程度是匹配头给出的概率，和“匹配”页上的是同一个数。它没有参与写句子，所以两边的看法可能不同。",
    ),
    "caption.why_map": (
        "A word’s map shows where the decoder’s attention read when it chose that word. It does not prove that the word"
        " came from there.",
        "词的热力图显示解码器选这个词时注意力读了哪里，但不能证明这个词就是从那里来的。",
    ),
    "caption.spoken": ("One caption, word by word", "一个词一个词地说"),
    "caption.spoken_hint": (
        "Each word is chosen when those before it stand; see where it looks as it goes on.",
        "说完前面的词，才选下一个词；边说边看它关注哪里。",
    ),
    "caption.say_it": ("Say it word by word", "逐词说一遍"),
    "caption.stop": ("Stop", "停止"),
    "caption.ended": ("That is all; the words can be pressed.", "说完了，可以点每个词看。"),
}
