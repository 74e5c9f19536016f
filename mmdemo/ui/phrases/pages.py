"""Strings of the page's frame and of the tabs Match, Sentiment and About."""

Pair = tuple[str, str]

PAGE: dict[str, Pair] = {
    "page.title": ("Picture and sentence · mmdemo", "图与句 · mmdemo"),
    "page.name": ("Picture & sentence", "图与句"),
    "page.purpose": (
        "Give a photo and a sentence: see how well they match, what feeling they carry, and where the model looked.",
        "给一张照片、一句话，看看机器认为它们是否匹配、带着什么情绪，以及它关注照片的哪里。",
    ),
    "page.other": ("中文", "English"),
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
    "match.texts": ("Texts, one a line", "文本，一行一句"),
    "match.texts_hint": ("One sentence a line, up to 50", "一行写一句，最多 50 句"),
    "match.button": ("Compare", "比一比"),
    "match.best": ("Best fit", "最匹配的一句"),
    "match.none": ("None of these texts fits", "没有一句配得上"),
    "match.none_hint": ("Every probability is below 50 %.", "每一句的概率都不到 50%。"),
    "match.one_fits": ("It fits", "配得上"),
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
    "sentiment.text": ("Sentence (may be empty)", "句子（可以不写）"),
    "sentiment.text_hint": ("A post, a caption, a remark", "一条动态、一句说明、一声感慨"),
    "sentiment.button": ("Read the feeling", "分析情绪"),
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

ABOUT: dict[str, Pair] = {
    "about.tab": ("About", "关于"),
    "about.lead": ("What runs here, how well it does, and where it fails", "这里运行哪些模型、效果如何、会在哪里出错"),
    "about.device": ("Runs on", "运行设备"),
    "about.latency": ("Last call", "上一次调用"),
    "about.no_call": ("none yet", "还没有"),
    "about.versions": ("Versions", "版本"),
    "about.network": ("Network", "网络"),
    "about.offline": ("never used", "完全不联网"),
    "about.online": ("not needed for these models", "这些模型不需要联网"),
    "about.privacy": (
        "Uploads are cleaned of location data before they are shown, deleted within an hour, and kept nowhere else.",
        "上传的照片会先去掉位置信息再显示，一小时内删除，不会另外保存。",
    ),
    "about.memory": (
        "Memory holds all models, what was read of the last 64 photos and 1,024 texts, the last eight photos for a few minutes,"
        " and at most 500 open pages.",
        "内存里只有：所有模型、最近 64 张照片和 1024 段文字的读取结果、最近 8 张照片（几分钟），以及最多 500 个打开的页面。",
    ),
    "about.limits": (
        "These are small networks, trained on everyday photos in a few hours so that everyone can run them. They misread"
        " counts, negation, writing inside pictures and anything far from daily life. Do not decide about people with them.",
        "这些都是小网络，用日常照片训练了几个小时，这样人人都能运行。它们数不准数量，读不懂否定，认不出图里的字，"
        "离日常生活远的画面也会看错。不要用它们来评判人。",
    ),
    "about.programs": (
        "Programs can ask too, at /match, /sentiment, /attention, /faithfulness, /compare, /ledger and /reconstruct; the"
        " link at the foot of this page shows how.",
        "程序也可以调用 /match、/sentiment、/attention、/faithfulness、/compare、/ledger 和 /reconstruct，"
        "用法见英文页面底部的链接。",
    ),
    "about.items": ("{n} entries", "共 {n} 项"),
    "about.models": ("Models", "模型"),
    "about.none": ("No model card was found.", "没有找到模型卡片。"),
    "about.kind": ("Kind", "类型"),
    "about.architecture": ("Architecture", "结构"),
    "about.parameters": ("Parameters", "参数量"),
    "about.trained_on": ("Trained on", "训练数据"),
    "about.licences": ("Licences", "许可"),
    "about.known_failures": ("Known failures", "已知缺陷"),
    "about.recipe": ("Recipe", "训练命令"),
    "about.explained": ("How well each way of explaining it does", "各种解释方法的成绩"),
    "about.explained_note": (
        "Deletion: the area under the answer while the map’s brightest places are blurred away one after the other, minus"
        " that of a random map or of a blob in the middle; a true map is below zero. Insertion gives them back; a true"
        " map is above zero. In brackets the 95 % interval. Own half: of two photos side by side, the map lies on the"
        " one that the sentence describes. Peak in box: the map’s peak is on that photo, pasted small anywhere on"
        " another; in brackets, how often the middle of the picture would be.",
        "删除：按图从最亮处开始一块块模糊，看答案怎么降；数值是曲线下的面积减去随机图、中央光斑的面积，真正有用的图应小于零。"
        "插入：反过来一块块还原，应大于零。方括号里是 95% 置信区间。落在正确一侧：两张照片并排，图落在句子所说的那一张上。"
        "峰值在框内：把那张照片缩小贴在另一张的任意位置，图的最高点落在它上面；括号里是画面正中碰巧落在里面的比例。",
    ),
    "about.explained_source": (
        "{pairs} photos of {dataset}, {split}, seed {seed}, {date}; occlusion fewer.",
        "{dataset} {split} 的 {pairs} 张照片，随机种子 {seed}，{date}；遮挡法用得少一些。",
    ),
    "about.method": ("Method", "方法"),
    "about.deletion_minus_random": ("Deletion − random", "删除 − 随机"),
    "about.deletion_minus_centre": ("Deletion − middle", "删除 − 中央"),
    "about.insertion_minus_random": ("Insertion − random", "插入 − 随机"),
    "about.insertion_minus_centre": ("Insertion − middle", "插入 − 中央"),
    "about.own_half": ("Own half", "落在正确一侧"),
    "about.box_hit": ("Peak in box", "峰值在框内"),
    "about.milliseconds": ("ms", "毫秒"),
    "about.mb": ("Extra MB", "额外内存 MB"),
    "about.random": ("random map", "随机图"),
    "about.centre": ("blob in the middle", "中央光斑"),
    "about.metric": ("Metric", "指标"),
    "about.value": ("Value", "数值"),
    "about.dataset": ("Data set", "数据集"),
    "about.split": ("Split", "划分"),
    "about.n": ("n", "数量"),
    "about.seed": ("Seed", "随机种子"),
    "about.date": ("Date", "日期"),
}
