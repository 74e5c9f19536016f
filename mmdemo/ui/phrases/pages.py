"""Strings of the page's frame and of the tabs Match and Sentiment."""

Pair = tuple[str, str]

PAGE: dict[str, Pair] = {
    "page.title": ("Picture and sentence · mmdemo", "图与句 · mmdemo"),
    "page.name": ("Picture & sentence", "图与句"),
    "page.purpose": (
        "Give a photo and a sentence: see how well they match, what feeling they carry, and where the model looked.",
        "给一张照片、一句话，看看机器认为它们是否匹配、带着什么情绪，以及它关注照片的哪里。",
    ),
    "page.other": ("中文", "English"),
    "page.skip": ("To the answer", "跳到回答"),
    "page.language": ("Language", "语言"),
    "photo.label": ("Photo", "照片"),
    "photo.alt": ("The chosen photo", "选中的照片"),
    "page.again": ("This page asks again by itself.", "页面会自动重试。"),
    "photo.empty": ("Drop a photo here\n- or -\nclick to choose one", "把照片拖到这里\n或者\n点击选一张"),
    "examples.label": ("Examples", "例子"),
    "waking": ("Waking the model up. The first answer takes a few seconds.", "模型正在启动，第一次回答要等几秒钟。"),
    "given": (
        "The list was long: the first {kept} texts are used, {dropped} left out.",
        "文本太多：只用前 {kept} 条，其余 {dropped} 条没有用。",
    ),
    "quote": ("“{text}”", "“{text}”"),
    "doubt.text": ("I do not read this text: {texts}.", "这句话我读不懂：{texts}。"),
    "doubt.texts": ("I do not read these texts: {texts}.", "这几句我读不懂：{texts}。"),
    "doubt.many": ("I do not read {n} of these texts, {texts} among them.", "有 {n} 句我读不懂，比如{texts}。"),
    "doubt.photo": (
        "This picture is unlike the photos I learned from; take what I say of it with doubt.",
        "这张图和我学过的照片不像，关于它的回答只能当作猜测。",
    ),
    "details": ("How to read these numbers", "这些数字怎么读"),
    "error.title": ("That did not work", "没能完成"),
    "error.weights": ("{detail}", "模型文件有问题：{detail}"),
    "error.unexpected": (
        "Something went wrong on our side. Your photo and text are kept; please try again.",
        "程序出了点问题。照片和文字都还在，请再试一次。",
    ),
}

MATCH: dict[str, Pair] = {
    "match.tab": ("Match", "匹配"),
    "match.lead": ("How well does each text fit the photo?", "每句话和照片的匹配程度如何？"),
    "match.both": ("Show each sentence in both languages", "中英文对照"),
    "match.twice": ("The same sentence in both languages", "同一句话，中英文对照"),
    "match.twice_here": ("English", "中文"),
    "match.twice_there": ("Chinese", "英文"),
    "match.twice_none": (
        "Only the examples’ sentences come in both languages; nothing here translates. Write yours in the other language"
        " as a further line.",
        "只有例句备有中英文两种说法，这里不做翻译。您自己的句子，可以用另一种语言再写一行。",
    ),
    "match.best": ("Best fit", "最匹配的一句"),
    "match.none": ("None of these texts fits", "没有一句匹配"),
    "match.none_hint": ("Every probability is below 50 %.", "每一句的概率都不到 50%。"),
    "match.unsure": ("Cannot tell ({percent})", "拿不准（{percent}）"),
    "match.unsure_hint": ("Nearest to fitting: “{text}”", "最接近的一句：“{text}”"),
    "match.one_fits": ("It fits", "匹配"),
    "match.probability": ("Probability", "概率"),
    "match.cosine": ("Cosine", "余弦相似度"),
    "match.percentile": ("higher than {percent} of unmatched pairs", "超过 {percent} 的不配对图文"),
    "match.unread": ("Words that I could not read are struck through: {words}.", "划掉的词我读不懂：{words}。"),
    "match.cut": ("The last {n} tokens were too far back to be read.", "末尾 {n} 个词元太靠后，模型没有读到。"),
    "match.bar_alt": ("{name} {value}", "{name} {value}"),
    "match.place": ("Where these pairs stand", "这几句的余弦相似度在分布中的位置"),
    "match.matched": ("matched pairs", "配对的图文"),
    "match.unmatched": ("unmatched pairs", "不配对的图文"),
    "match.axis": ("cosine similarity", "余弦相似度"),
    "match.chart_alt": (
        "Histogram of cosines. Unmatched pairs centre on {unmatched}, matched pairs on {matched}. {marks}",
        "余弦相似度的直方图。不配对的图文集中在 {unmatched} 附近，配对的集中在 {matched} 附近。{marks}",
    ),
    "match.mark_alt": ("Text {n} stands at {cosine}.", "第 {n} 句的余弦相似度是 {cosine}。"),
    "match.source": ("Background: {source}.", "背景数据：{source}。"),
    "match.chart_alt_one": (
        "Histogram of cosines. Unmatched pairs centre on {unmatched}. {marks}",
        "余弦相似度的直方图。不配对的图文集中在 {unmatched} 附近。{marks}",
    ),
    "match.column_text": ("Text", "文本"),
    "match.column_percentile": ("Above unmatched", "超过不配对的"),
    "match.column_share": ("Share", "占比"),
    "match.why_cosine": (
        "A cosine near 0.3 is normal even for a perfect pair: pictures and sentences lie in two separate clouds, so what"
        " counts is how far a pair stands above the unmatched ones, not how near it is to 1.",
        "就算完全匹配，余弦相似度也常常只有 0.3 左右：图片和句子各成一团，离得本来就远。要看的是它比不配对的图文高多少，而不是离 1 还差多少。",
    ),
    "match.why_probability": (
        "Each probability answers its own question (does this text belong to the photo?), so they need not sum to 100 %.",
        "每个概率只回答自己那一句（这句话说的是这张照片吗？），所以加起来不一定是 100%。",
    ),
    "match.why_share": (
        "The share does sum to 100 %: it only ranks these texts against each other, and is high for the best of a bad lot.",
        "占比加起来正好是 100%：它只比较这几句谁高谁低，哪怕一句都不配，其中最好的那句占比也会很高。",
    ),
}

SENTIMENT: dict[str, Pair] = {
    "sentiment.tab": ("Sentiment", "情绪"),
    "sentiment.lead": ("What feeling do they carry, alone and together?", "分开看、合起来看，各是什么情绪？"),
    "sentiment.image": ("Photo alone", "只看照片"),
    "sentiment.words": ("Sentence alone", "只看句子"),
    "sentiment.both": ("Both together", "合起来看"),
    "sentiment.negative": ("negative", "负面"),
    "sentiment.neutral": ("neutral", "中性"),
    "sentiment.positive": ("positive", "正面"),
    "sentiment.verdict": ("Together: {label}, {percent}", "合起来是{label}，{percent}"),
    "sentiment.only_image": ("Photo alone: {label}, {percent}", "只看照片是{label}，{percent}"),
    "sentiment.only_text": ("Sentence alone: {label}, {percent}", "只看句子是{label}，{percent}"),
    "sentiment.no_image": ("No photo was given, so the sentence decides alone.", "没有照片，只由句子决定。"),
    "sentiment.no_text": ("No sentence was given, so the photo decides alone.", "没有句子，只由照片决定。"),
    "sentiment.missing": ("nothing to read", "没有内容"),
    "sentiment.disagree": (
        "They disagree: photo {image}, sentence {text}.",
        "两边不一致：照片{image}，句子{text}。",
    ),
    "sentiment.agree": ("Photo and sentence point the same way.", "照片和句子的情绪一致。"),
    "sentiment.right_disagree": (
        "On validation pairs whose sides disagreed, the verdict on both together was right in {percent}.",
        "在两边不一致的验证样本上，“合起来看”的结论有 {percent} 是对的。",
    ),
    "sentiment.right_agree": (
        "On validation pairs whose sides agreed, the verdict on both together was right in {percent}.",
        "在两边一致的验证样本上，“合起来看”的结论有 {percent} 是对的。",
    ),
    "sentiment.card_alt": ("{name}: {parts}", "{name}：{parts}"),
    "sentiment.why": (
        "Three small networks read the same input: one sees only the photo, one only the sentence, one both. The three"
        " bars of each sum to 100 %. The labels come from tweets with a photo, rated by people; moods that people would"
        " argue about, the network gets wrong too.",
        "同样的输入交给三个小网络：一个只看照片，一个只看句子，一个两样都看。每个网络的三条加起来是 100%。"
        "标签来自带图片的推文，由人标注；人都说法不一的情绪，网络也容易判断错。",
    ),
}
