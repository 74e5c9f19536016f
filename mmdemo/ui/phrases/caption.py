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
    "caption.first": ("the caption ranked first", "排在第一的说法"),
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
    "caption.ranked": (
        "Ranked by two numbers: how likely each caption is for its length, and how well it fits the photo",
        "按两个数排名：就它的长度来说有多可能，以及和照片有多匹配",
    ),
    "caption.ranked_hub": (
        "Ranked by {title}; the fit is the match head’s number and does not count",
        "由 {title} 自己排名；匹配程度是匹配头给的，不参与排名",
    ),
    "caption.only": (
        "{title} writes: {languages}. So these captions are in that language.",
        "{title} 只写：{languages}。所以下面的句子用的是这种语言。",
    ),
    "caption.fit": ("Fit (match head’s cosine)", "匹配（匹配头的余弦）"),
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
        "The fit is the match head’s cosine of photo and caption, the same number as on the tab Match. It did not help to"
        " write the captions, so the two may disagree; the rank is log probability / length^0.7 + 6 × fit. Both constants"
        " were chosen on photos set aside from training.",
        "匹配程度是匹配头给出的照片和句子的余弦，和“匹配”页上的是同一个数。它没有参与写句子，两边的看法可能不同；"
        "排名用的是：对数概率 / 长度^0.7 + 6 × 匹配。两个常数是在没有参加训练的照片上选的。",
    ),
    "caption.why_map": (
        "A word’s map shows where the decoder’s attention read when it chose that word. It does not prove that the word"
        " came from there.",
        "词的热力图显示解码器选这个词时注意力读了哪里，但不能证明这个词就是从那里来的。",
    ),
    "caption.why_fit_hub": (
        "{title} ranks its beams by log probability / length. The fit is the built-in match head’s cosine of photo and"
        " caption, for comparison.",
        "{title} 用对数概率 / 长度给各条束排名。匹配程度是自带匹配头给出的照片和句子的余弦，供比较。",
    ),
    "caption.why_map_hub": (
        "A word’s map is the mean attention of {title} to the picture when it chose that word, over all heads of the upper"
        " half of its layers. It does not prove that the word came from there.",
        "词的热力图是 {title} 选这个词时对图像的注意力在上半部分各层、所有头上的平均，不能证明词就是从那里来的。",
    ),
    "caption.no_map": (
        "{title} reads this picture with an empty margin around it, so its attention cannot be laid on the photo.",
        "{title} 读这张图时四周补了空白，注意力对不上照片的位置，所以没有热力图。",
    ),
    "caption.no_map_here": ("no map from this model", "这个模型没有热力图"),
    "caption.spoken": ("One caption, word by word", "一个词一个词地说"),
    "caption.spoken_hint": (
        "Each word is chosen when those before it stand; see where it looks as it goes on.",
        "说完前面的词，才选下一个词；边说边看它关注哪里。",
    ),
    "caption.say_it": ("Say it word by word", "逐词说一遍"),
    "caption.stop": ("Stop", "停止"),
    "caption.ended": ("That is all; the words can be pressed.", "说完了，可以点每个词看。"),
}
