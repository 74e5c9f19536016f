"""Strings of the Autoencoder tab."""

Pair = tuple[str, str]

AUTOENCODER: dict[str, Pair] = {
    "autoencoder.tab": ("Autoencoder", "自编码器"),
    "autoencoder.lead": (
        "What is left of a photo and a sentence after a very short code?",
        "照片和句子压成一小段编码，还能剩下什么？",
    ),
    "autoencoder.text_hint": ("What the photo shows, in English or Chinese", "照片里有什么，中英文都行"),
    "autoencoder.use": ("What goes in", "输入什么"),
    "autoencoder.use_both": ("both", "照片和句子"),
    "autoencoder.use_image": ("photo only", "只用照片"),
    "autoencoder.use_text": ("sentence only", "只用句子"),
    "autoencoder.headline_both": ("Photo and sentence went in", "输入了照片和句子"),
    "autoencoder.headline_image": (
        "Only the photo went in: the words are guessed from it",
        "只输入了照片：词是根据照片猜的",
    ),
    "autoencoder.headline_text": (
        "Only the sentence went in: the picture is imagined from it",
        "只输入了句子：图是根据句子想象的",
    ),
    "autoencoder.original": ("What went in, 64 × 64", "输入的照片，64 × 64"),
    "autoencoder.left_out": ("no photo went in", "没有输入照片"),
    "autoencoder.decoded": ("What came back", "还原出来的"),
    "autoencoder.imagined": ("Imagined from the words", "根据句子想象的"),
    "autoencoder.original_alt": ("The photo, squashed to 64 × 64 pixels", "压成 64 × 64 像素的照片"),
    "autoencoder.decoded_alt": (
        "The decoded picture, blurred. Brightness {brightness}; {colour}.",
        "解码出来的图，模糊。亮度 {brightness}；{colour}。",
    ),
    "autoencoder.colour_red": ("mostly reddish", "整体偏红"),
    "autoencoder.colour_green": ("mostly greenish", "整体偏绿"),
    "autoencoder.colour_blue": ("mostly bluish", "整体偏蓝"),
    "autoencoder.colour_grey": ("mostly grey", "整体偏灰"),
    "autoencoder.words": ("Most likely words", "最可能的词"),
    "autoencoder.words_given": ("in the sentence", "句子里有的"),
    "autoencoder.words_guessed": ("guessed", "猜出来的"),
    "autoencoder.unknown": (
        "Not on its word list, so not read: {words}.",
        "不在词表里、因此没有读的词：{words}。",
    ),
    "autoencoder.none_known": (
        "None of these words is on its word list of {n}, so the sentence says nothing to it.",
        "它的词表有 {n} 个词，这句话里一个也没有，所以等于什么也没说。",
    ),
    "autoencoder.code": ("The code: {n} numbers", "编码：{n} 个数"),
    "autoencoder.code_alt": (
        "The code as {n} bars. The largest number is no. {top}, {high}; the smallest is no. {bottom}, {low}.",
        "编码画成 {n} 根柱。最大的是第 {top} 个，{high}；最小的是第 {bottom} 个，{low}。",
    ),
    "autoencoder.picture_error": ("Picture error", "图的误差"),
    "autoencoder.words_error": ("Words error", "词的误差"),
    "autoencoder.error_alt": ("{name} {value}, the commonplace has {usual}", "{name} {value}，平均答案是 {usual}"),
    "autoencoder.picture_usual": ("mean picture: {usual}", "平均图：{usual}"),
    "autoencoder.words_usual": ("usual words: {usual}", "常用词：{usual}"),
    "autoencoder.no_picture_error": ("no photo to compare with", "没有照片可比"),
    "autoencoder.no_words_error": ("no sentence to compare with", "没有句子可比"),
    "autoencoder.neighbours": ("Training pairs with the nearest codes", "编码最接近的训练样本"),
    "autoencoder.no_neighbours": ("None.", "没有。"),
    "autoencoder.blur": (
        "Why so blurred? {numbers} numbers of a picture pass through {n}. What the code cannot hold, the decoder replaces"
        " by the average of all pictures that would fit, and the average of many sharp pictures is a blur: on the"
        " validation photos {edges} of the edges survive.",
        "为什么这么糊？一张图的 {numbers} 个数要挤过 {n} 个数。编码装不下的细节，解码器只好用所有可能画面的平均来补，"
        "而许多清楚的图一平均就糊了：在验证照片上，边缘只留下 {edges}。",
    ),
    "autoencoder.why_loss": (
        "It was trained to make two errors small together: the squared difference of the pictures plus the cross-entropy"
        " of the words. The tutorial on cross-modal autoencoders that this system is rebuilt from writes the picture’s error"
        " minus the words’ error. That is a sign error: it rewards being wrong about one side, without limit.",
        "训练时让两个误差一起变小：图的平方差，加上词的交叉熵。这套系统照着一篇讲“跨模态自编码器”的教程重做，教程里写的是图的误差减去词的误差，那是符号写错了："
        "那样一来，有一边错得越离谱，损失反而越小，而且没有下限。",
    ),
    "autoencoder.why_missing": (
        "In training a whole side was left out of three pairs in four, and both had to come back all the same. That is"
        " how it learned to imagine a picture from words and to find words for a picture.",
        "训练时有四分之三的样本故意去掉一整边，却仍要求两边都还原。它就是这样学会了凭词想象画面、看图找词。",
    ),
    "autoencoder.why_errors": (
        "Picture error: mean squared difference, colours from 0 to 1. The mean picture is the average of all training"
        " photos, the best answer without looking. Words error: mean cross-entropy over the listed words of the"
        " sentence’s language; the usual words are how often each occurs. Full bar = as bad as that. Measured on {source}.",
        "图的误差：颜色按 0 到 1 算的均方差。平均图是所有训练照片的平均，是“不看就答”的最好答案。"
        "词的误差：词表里这种语言的词的平均交叉熵；常用词指每个词平时出现的频率。柱条满格表示和它们一样差。测于 {source}。",
    ),
    "autoencoder.why_features": (
        "The code has two parts. The shared part says what is there; the sentence writes it, or the photo as the Match"
        " tab’s network sums it up, and words and picture are both decoded from it. The private part says how it looks;"
        " three convolutions write it from the 64 × 64 pixels, and only the picture is decoded from it.",
        "编码分两段。公共段说“有什么”，由句子写入，或者由“匹配”页的网络对整张照片的概括写入，词和图都要从它解码。"
        "私有段说“长什么样”，由三层卷积从 64 × 64 的像素写入，只有图用得到它。",
    ),
    "autoencoder.why_memory": (
        "Where the photo comes without a sentence, the decoder is helped by a memory: what people wrote about the"
        " training photos with the nearest codes.",
        "只给照片、没有句子时，解码器还有“记忆”帮忙：看看人们给编码最接近的那些训练照片写过什么。",
    ),
    "autoencoder.why_neighbours": (
        "Numbers behind the captions are cosines of codes. No training photo is kept here, only codes and words.",
        "说明文字后面的数是编码之间的余弦。这里不保存训练照片，只有编码和文字。",
    ),
    "autoencoder.why_words": (
        "A word’s probability: how likely somebody who describes the photo would use it. Forms of a word count as one"
        " (“dogs” is “dog”). What it would say in Chinese:",
        "一个词的概率：有人来描述这张照片时会用到它的可能。要是用英文，它会说：",
    ),
    "autoencoder.walk": ("Walk from one code to another", "从一个编码过渡到另一个"),
    "autoencoder.walk_lead": (
        "Choose a second photo or sentence. The slider moves along the straight line between the two codes; each picture"
        " is decoded from a point on it.",
        "再选一张照片或一句话。滑块沿着两个编码之间的直线走，每张图都由线上的一个点解码而来。",
    ),
    "autoencoder.second_text": ("Second sentence (may be empty)", "第二句（可以不写）"),
    "autoencoder.walk_button": ("Walk there", "开始变换"),
    "autoencoder.walk_slider": ("Share of the way", "位置"),
    "autoencoder.walk_start": ("first", "起点"),
    "autoencoder.walk_end": ("second", "终点"),
    "autoencoder.walk_at": ("{percent} of the way: {words}", "走到 {percent} 处：{words}"),
    "autoencoder.walk_alt": ("The decoded picture on the way", "过渡途中解码出的图"),
}
