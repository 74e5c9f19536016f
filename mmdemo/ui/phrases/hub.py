"""Strings of the models that come from the Hub: the picker, its card, and what they answer."""

Pair = tuple[str, str]

HUB: dict[str, Pair] = {
    "hub.model": ("Model", "模型"),
    "hub.built_in": ("built in (EfficientNet + E5)", "自带模型（EfficientNet + E5）"),
    "hub.get": ("Get it", "下载"),
    "hub.cancel": ("Cancel", "取消下载"),
    "hub.not_here": (
        "It is not on this machine yet. Until it is, the built-in model answers.",
        "这台机器上还没有它。下载之前，仍由自带模型回答。",
    ),
    "hub.size": ("Size", "大小"),
    "hub.size_free": ("{size}; {free} free on the disk", "{size}，磁盘还剩 {free}"),
    "hub.licence": ("Licence", "许可"),
    "hub.repository": ("From", "来自"),
    "hub.paper": ("Paper", "论文"),
    "hub.languages": ("Languages", "语言"),
    "hub.languages_all": ("a hundred or more", "一百多种"),
    "hub.languages_many": ("{n} languages", "{n} 种"),
    "hub.language_en": ("English", "英文"),
    "hub.language_zh": ("Chinese", "中文"),
    "hub.no_room": ("The disk has too little room for it.", "磁盘空间不够。"),
    "hub.fetching": ("Fetching {title}", "正在下载 {title}"),
    "hub.come": ("{done} of {total}", "{done} / {total}，已下载"),
    "hub.meanwhile": ("the built-in model answers meanwhile", "下载期间由自带模型回答"),
    "hub.cancelled": (
        "Cancelled at {come}. What has come is kept: “Get it” goes on from there.",
        "已取消（{come}）。下载好的部分会留着，再点“下载”就接着下。",
    ),
    "hub.shared": (
        "Another page waits for it too, so it goes on coming.",
        "还有别的页面在等它，所以继续下载。",
    ),
    "hub.unknown": (
        "The address names the model “{name}”, which is not offered here; the built-in one answers.",
        "网址里写的模型“{name}”这里没有，改由自带模型回答。",
    ),
    "hub.tokens": ("{used} of {longest} tokens", "{used} / {longest} 个词元"),
    "hub.foreign": (
        "{title} was trained on: {languages}. It does not read this language.",
        "{title} 只学过：{languages}。它读不懂这种语言。",
    ),
    "hub.foreign_all": ("{title} does not read this language", "{title} 读不懂这种语言"),
    "match.nearest": ("Nearest of these texts", "这几句里最接近的"),
    "match.of_these": ("Of these texts", "在这几句中"),
    "match.no_verdict": (
        "{title} was trained to choose among texts, not to say whether one fits: so there are shares of these texts, and"
        " no yes or no.",
        "{title} 学的是在几句话里挑一句，不是判断某一句配不配；所以只有各句的占比，没有“配”或“不配”。",
    ),
    "match.one_text": (
        "{title} has no probability of one pair, and a softmax over one text is always 100 %. Add further sentences to"
        " compare.",
        "{title} 没有“这一对配不配”的概率；只有一句话时，softmax 永远是 100%，说明不了什么。请再加几句来比较。",
    ),
    "match.why_sigmoid": (
        "The probability is {title}’s own: a sigmoid of the cosine with its own scale and bias, each text by itself. It is"
        " often small even for a good caption; look at the order too.",
        "这个概率是 {title} 自己给的：余弦相似度乘以它的尺度、加上偏置，再过 sigmoid，每句单独算。"
        "描述得很好的句子，概率也常常不高，要连同先后次序一起看。",
    ),
    "match.why_softmax": (
        "The share is the softmax of cosine / {temperature} over these texts; it sums to 100 %, so it only ranks them"
        " against each other and is high for the best of a bad lot.",
        "占比是把这几句的余弦相似度除以温度 {temperature} 再做 softmax，加起来是 100%：它只比较这几句谁高谁低，"
        "哪怕一句都不配，其中最好的那句也会很高。",
    ),
    "match.source_hub": (
        "Background: {captions} shipped captions with {drawn} pictures that the autoencoder drew of other photos. No true"
        " pairs of this model are at hand, so there is no second hill.",
        "背景数据：随程序附带的 {captions} 句图说，配上自编码器画的 {drawn} 张别的照片。手边没有这个模型的真实配对，所以只有一座山。",
    ),
    "match.rival_missing": (
        "{title} is not on this machine yet. Pick it as the model on the left to get it.",
        "这台机器上还没有 {title}。请先在左边的“模型”里选它来下载。",
    ),
    "match.templates": ("Read in {n} prompt templates, their vectors’ mean", "套进 {n} 个提示模板，取向量的平均"),
    "match.options": ("Compare with another model, and more", "和另一个模型比，以及更多选项"),
    "match.rival": ("Compare with", "和哪个模型比"),
    "match.rival_none": ("no other model", "不比"),
    "match.ensemble": ("Prompt templates", "提示模板"),
    "match.ensemble_why": (
        "Each text is read in several sentences (“a photo of …”) and the mean of their vectors is compared.",
        "把每句话套进几个句式（如“一张……的照片”），再取向量的平均来比较。",
    ),
    "match.octaves": ("Temperature of the softmax", "softmax 的温度"),
    "match.octaves_why": (
        "0 is the model’s own. Each step of 1 to the right doubles it: the shares draw level. To the left they part.",
        "0 是模型自己的温度；每往右 1 格加倍，占比趋于平均；往左则越拉越开。",
    ),
    "match.heated": ("Temperature {now}; the model’s own is {own}.", "温度 {now}；模型自己的是 {own}。"),
    "match.several": ("Several photos", "多张照片"),
    "match.several_lead": (
        "Up to {most} photos against the sentence and its further lines: every pair at once.",
        "最多 {most} 张照片，和上面的每句话两两相比，一次看全。",
    ),
    "match.several_add": ("Add this photo", "加入这张照片"),
    "match.several_examples": ("Add four examples", "加入四张例图"),
    "match.tray": ("Photos to compare", "要比的照片"),
    "match.tray_photo": ("Photo {n}", "第 {n} 张照片"),
    "match.tray_remove": ("Take out photo {n}", "移除第 {n} 张照片"),
    "match.view": ("Numbers in the table", "表中的数"),
    "match.view_cosine": ("cosine", "余弦相似度"),
    "match.view_texts": ("share of each row’s texts", "按行：在各句中的占比"),
    "match.view_images": ("share of each column’s photos", "按列：在各照片中的占比"),
    "match.matrix_softmax": ("softmax of cosine / {temperature}", "余弦 / {temperature} 的 softmax"),
    "match.matrix_one_texts": (
        "A softmax over one text is always 100 %. Add further sentences.",
        "只有一句话时，softmax 永远是 100%。请再加几句。",
    ),
    "match.matrix_one_images": (
        "A softmax over one photo is always 100 %. Add further photos.",
        "只有一张照片时，softmax 永远是 100%。请再加几张。",
    ),
    "hub.other": (
        "The picked model does not answer “{tab}”; the built-in one does.",
        "选的模型答不了“{tab}”，这里仍由自带模型回答。",
    ),
    "hub.heads": (
        "{tab} goes on with the built-in model: its heads were trained on that one.",
        "“{tab}”仍用自带模型：这里的分类头是在它上面训练的。",
    ),
}
