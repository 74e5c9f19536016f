"""Strings of the Questions tab."""

Pair = tuple[str, str]

QUESTION: dict[str, Pair] = {
    "question.tab": ("Questions", "看图问答"),
    "question.lead": (
        "Ask about the photo; the sentence on the page is not read here.",
        "对照片提问；这里不读页面上的那句话。",
    ),
    "question.text": ("Question", "问题"),
    "question.text_hint": ("A question about the photo, in English or Chinese", "对照片提一个问题，中文、英文都可以"),
    "question.button": ("Ask", "提问"),
    "question.examples": ("For example", "比如"),
    "question.ask_yes_no": ("Is there a beach?", "图里有沙滩吗？"),
    "question.ask_what": ("What is in the picture?", "图里有什么？"),
    "question.ask_colour": ("What color is the sky?", "天空是什么颜色？"),
    "question.ask_count": ("How many people are there?", "图里有几个人？"),
    "question.ask_which": ("Which of these: a beach, a street or a kitchen?", "这是沙滩、街道还是厨房？"),
    "question.old": (
        "You have changed the question: this is still the answer to the earlier one.",
        "问题已经改了，下面还是上一个问题的回答。",
    ),
    "question.cannot_tell": ("It cannot tell", "答不上来"),
    "question.guesses": ("Its guesses all the same", "还是看看它会怎么猜"),
    "question.with": ("With the photo", "看着照片"),
    "question.without": ("The same question without the photo", "同一个问题，不给照片"),
    "question.nothing": ("Without a photo there is nothing to compare.", "没有照片，就没有可比的。"),
    "question.same": (
        "Without the photo it would say “{answer}” too ({percent}).",
        "不给照片，它也会说“{answer}”（{percent}）。",
    ),
    "question.differs": (
        "Without the photo it would say “{answer}” ({percent}).",
        "不给照片，它会说“{answer}”（{percent}）。",
    ),
    "question.named": (
        "The question names its answers, and only those were compared; their probabilities sum to 100 %.",
        "问题里已经给出了几个选项，只在它们之间比较，概率加起来是 100%。",
    ),
    "question.statements": (
        "The answering head does not know all of these answers. The match head compared the photo with each as a"
        " statement; the shares sum to 100 %.",
        "这些选项不全在问答头的答案表里，所以由匹配头把每个选项当作一句话和照片比较，占比加起来是 100%。",
    ),
    "question.cut": (
        "The question is too long: its last {n} tokens were not read.",
        "问题太长，末尾 {n} 个词元没有读到。",
    ),
    "question.map": ("Where it looked for “{answer}”", "回答“{answer}”时看了哪里"),
    "question.map_alt": ("Heat map over the photo for the answer “{answer}”", "照片上的热力图，对应回答“{answer}”"),
    "question.words": ("The words of the question that it hung on", "这个回答取决于问题里的哪些词"),
    "question.word_alt": ("{word}, weight {percent}", "{word}，权重 {percent}"),
    "question.figures": ("How often it is right when {kind}", "{kind}，它答对多少"),
    "question.kind_yes/no": ("asked for yes or no", "问“是不是、有没有”时"),
    "question.kind_which": ("asked which of several it is", "问“是哪一个”时"),
    "question.kind_colour": ("asked for a colour", "问颜色时"),
    "question.kind_count": ("asked for a number", "问数量时"),
    "question.kind_where": ("asked where", "问在哪里时"),
    "question.kind_doing": ("asked what somebody does", "问在做什么时"),
    "question.kind_what": ("asked what something is", "问是什么时"),
    "question.data": ("Questions", "问题来源"),
    "question.accuracy": ("Right", "答对"),
    "question.known_accuracy": ("Right where it answers", "肯作答时答对"),
    "question.alone": ("Question alone", "只看问题"),
    "question.commonest": ("Commonest answer", "总答最常见的"),
    "question.source": ("{data}: {n} questions, {date}", "{data}：{n} 题，{date}"),
    "question.why_probability": (
        "The probabilities are of a list of {n} answers that the head knows; what is not in the list it cannot say.",
        "概率是在问答头的 {n} 个答案之间分的；不在表里的，它说不出来。",
    ),
    "question.why_without": (
        "Without the photo, the head says what such questions usually have for an answer. Where both agree, the photo may"
        " not have been needed.",
        "不给照片时，它说的是这类问题最常见的答案。两边一样时，照片可能根本没有用上。",
    ),
    "question.why_bound": (
        "To a question of this kind it gives its answer where that has a probability above {percent}, the bound that was"
        " chosen on questions set aside; otherwise it says that it cannot tell.",
        "这类问题，概率高于 {percent} 才给出回答，这个界限是在留出的问题上选的；不到就说答不上来。",
    ),
    "question.why_never": (
        "To questions of this kind it always says that it cannot tell: on questions set aside, no probability was high"
        " enough to be right often.",
        "这类问题它总说答不上来：在留出的问题上，概率再高也常常答错。",
    ),
    "question.built_in": ("{why} The built-in model answers here.", "{why}这里由自带模型回答。"),
    "question.why_probability_hub": (
        "{title} writes its answers. The probability is that of exactly these words and then the end; other wordings of"
        " the same answer have their own, so the numbers do not sum to 100 %. It always answers: nobody has measured here"
        " from which probability on it is to be believed.",
        "{title} 的回答是写出来的。概率指恰好写出这几个词并就此结束；同一个意思换种写法另算，所以加起来不是 100%。"
        "它什么都会答：这里没有测过概率到多少才可信。",
    ),
    "question.why_without_hub": (
        "Without the photo, {title} is asked about an even grey picture, in the mean colour of its training photos. Where"
        " both agree, the photo may not have been needed.",
        "不给照片时，给 {title} 看的是一张均匀的灰图，颜色是它训练照片的平均色。两边一样时，照片可能根本没有用上。",
    ),
    "question.why_map_hub": (
        "The map is the mean attention of {title} to the picture over all heads of the upper half of its layers: of BLIP"
        " while it read the question, of SmolVLM while it wrote the answer. It does not prove where the answer came from.",
        "热力图是 {title} 对图像的注意力在上半部分各层、所有头上的平均：BLIP 的是读问题时的，SmolVLM 的是写回答时的。"
        "它不能证明回答从哪里来。",
    ),
    "question.why_map": (
        "The map shows where the attention of the question’s words read. It does not prove that the answer came from there.",
        "热力图显示问题里各个词的注意力读了哪里，但不能证明回答就是从那里来的。",
    ),
}
