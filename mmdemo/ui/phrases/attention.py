"""Strings of the Attention tab: the map, its test, the choices. The names of methods stand in `explaining.py`."""

Pair = tuple[str, str]

MAP: dict[str, Pair] = {
    "attention.tab": ("Attention", "注意力"),
    "attention.lead": ("Which part of the photo does each word look at?", "每个词对应照片的哪个部分？"),
    "attention.method": ("Method", "方法"),
    "attention.model": ("Model", "模型"),
    "attention.words": ("Click a word to see its map", "点一个词，看它的热力图"),
    "attention.whole": ("whole sentence", "整句话"),
    "attention.word_caption": ("“{word}”", "“{word}”"),
    "attention.opacity": ("Map over photo", "热力图透明度"),
    "attention.grid": ("Show the patches", "显示图块边界"),
    "attention.scale_low": ("less", "少"),
    "attention.scale_high": ("more", "多"),
    "attention.scale_against": ("against", "反对"),
    "attention.scale_for": ("for", "支持"),
    "attention.save": ("Save picture", "保存图片"),
    "attention.caution": (
        "Attention says where the model read, not why it decided.",
        "注意力只说明模型读了哪里，不说明它为什么这样判断。",
    ),
    "attention.where": ("{percent} of the weight lies {place}.", "{percent} 的权重落在{place}。"),
    "attention.spread": (
        "The weight is spread out: the strongest quarter, {place}, holds {percent}.",
        "权重比较分散：最强的四分之一在{place}，占 {percent}。",
    ),
    "attention.nothing": (
        "The map is empty: this method found nothing that counts.",
        "热力图是空的：这个方法没找到起作用的地方。",
    ),
    "attention.against": (
        "{percent} of all weight speaks against the answer.",
        "全部权重里有 {percent} 在反对这个答案。",
    ),
    "attention.upper_left": ("in the upper left", "左上方"),
    "attention.upper_right": ("in the upper right", "右上方"),
    "attention.lower_left": ("in the lower left", "左下方"),
    "attention.lower_right": ("in the lower right", "右下方"),
    "attention.middle": ("in the middle", "中间"),
    "attention.left": ("in the left half", "左半边"),
    "attention.right": ("in the right half", "右半边"),
    "attention.upper": ("in the upper half", "上半边"),
    "attention.lower": ("in the lower half", "下半边"),
    "attention.figure_alt": ("Heat map over the photo for {what}. {where}", "照片上的热力图，对应{what}。{where}"),
    "attention.word_alt": ("{word}, {percent} of the words’ weight", "{word}，占全句权重的 {percent}"),
    "attention.click_hint": (
        "Click a place in the photo, or go there with the arrow keys: which words looked there?",
        "点照片上的一处，或用方向键移过去：哪些词关注那里？",
    ),
    "attention.looked_here": (
        "Row {row}, column {column} of {h} × {w}: {words}",
        "第 {row} 行第 {column} 列（共 {h} × {w} 格）：{words}",
    ),
    "attention.looked_none": (
        "Row {row}, column {column} of {h} × {w}: this method says nothing of the words there.",
        "第 {row} 行第 {column} 列（共 {h} × {w} 格）：这个方法无法说明哪些词关注那里。",
    ),
    "attention.layer_head": ("layer {layer}, head {head}", "第 {layer} 层第 {head} 头"),
    "attention.only_head": ("head {head}", "第 {head} 头"),
}

ASKED: dict[str, Pair] = {
    "attention.more": ("What is asked, and of which model", "问题与模型"),
    "attention.target": ("Explain", "解释什么"),
    "attention.rival": ("rather than", "而不是"),
    "attention.rival_none": ("(nothing in particular)", "（不比较）"),
    "attention.rival_text": ("rather than this sentence (may stay empty)", "而不是这句话（可不填）"),
    "attention.target_own": ("the model’s own answer", "模型自己的答案"),
    "attention.target_similarity": ("the similarity", "相似度"),
    "attention.target_match": ("the match", "匹配"),
    "attention.target_feeling": ("feeling: {label}", "情绪：{label}"),
    "attention.target_pair": ("why “{first}” rather than “{second}”", "为什么是“{first}”而不是“{second}”"),
    "attention.value_similarity": ("cosine", "余弦相似度"),
    "attention.value_match": ("match", "匹配"),
    "attention.value_feeling": ("feeling: {label}", "情绪：{label}"),
    "attention.answer": ("answer to the sentence: {numbers}", "对整句的答案：{numbers}"),
    "attention.target_any": ("the same for every question", "问什么都一样"),
    "attention.model_matching": ("Matching (cosine)", "匹配（余弦）"),
    "attention.model_cross_attention": ("Matching (cross-attention)", "匹配（交叉注意力）"),
    "attention.model_sentiment": ("Sentiment", "情绪"),
    "attention.model_fusion_matching": ("Match by fusion: {name}", "融合匹配：{name}"),
    "attention.model_fusion_sentiment": ("Feeling by fusion: {name}", "融合情绪：{name}"),
}

TEST: dict[str, Pair] = {
    "attention.part_test": ("Is the map true?", "这张图可信吗？"),
    "attention.part_methods": ("Methods side by side", "各种方法对比"),
    "attention.part_heads": ("Heads", "注意力头"),
    "attention.part_box": ("Box and eraser", "框选与擦除"),
    "attention.running_map": ("Drawing the map …", "正在画热力图……"),
    "attention.running_parts": ("Asking one after the other …", "正在逐个计算……"),
    "attention.running_sanity": ("Asking a network with random weights …", "正在用随机权重的网络对照……"),
    "attention.stopped": ("Stopped. What was finished stays.", "已停止，算好的部分留着。"),
    "attention.testing": ("Testing the map …", "正在检验这张图……"),
    "attention.test_stop": ("Stop", "停止"),
    "attention.test_stopped": ("The test was stopped.", "检验已停止。"),
    "attention.test_again": ("Test the map", "重新检验"),
    "attention.badge_finds": ("This map finds what matters", "这张图找到了要紧的地方"),
    "attention.badge_blob": ("Not shown for this pair", "在这对图文上没有得到证实"),
    "attention.badge_no": (
        "No tick: the model itself says that they do not match",
        "不打勾：模型自己就认为图文不匹配",
    ),
    "attention.badge_other": (
        "No tick: the model’s own answer is another one",
        "不打勾：模型自己给的是另一个答案",
    ),
    "attention.badge_unread": ("No tick: I do not read this text", "不打勾：这句话我读不懂"),
    "attention.badge_unfamiliar": (
        "No tick: this picture is unlike the photos I learned from",
        "不打勾：这张图和我学过的照片不像",
    ),
    "attention.badge_flat": (
        "Nothing to find: the answer is the same without the photo",
        "没什么可找：没有照片答案也一样",
    ),
    "attention.badge_empty": (
        "No map to test: this method says nothing of the photo",
        "没有图可检验：这个方法不解释照片",
    ),
    "attention.badge_deletion": (
        "Blurred away: area {map} for this map, {random} random, {centre} from the middle; smaller is better.",
        "逐步模糊：这张图的面积是 {map}，随机 {random}，从中间起 {centre}；越小越好。",
    ),
    "attention.badge_insertion": (
        "Given back: {map} for this map, {random} random, {centre} from the middle; larger is better.",
        "逐步还原：这张图的面积是 {map}，随机 {random}，从中间起 {centre}；越大越好。",
    ),
    "attention.badge_margin": (
        "A tick needs all four comparisons: better than every random order, and than the middle by more than {margin}.",
        "四项比较都胜出才打勾：要好过每一次随机，还要比从中间起好出 {margin} 以上。",
    ),
    "attention.badge_range": ("{low} to {high}", "{low} 到 {high}"),
    "attention.badge_words_finds": ("The word weights find what matters.", "词的权重找到了要紧的词。"),
    "attention.badge_words_blob": (
        "Of the word weights it is not shown that they find what matters.",
        "词的权重是否找到了要紧的词，还看不出来。",
    ),
    "attention.badge_words_flat": ("The words hardly move the answer.", "换不换词，答案几乎不动。"),
    "attention.deletion": ("Blur the photo away, brightest places first", "从最亮处起，把照片逐步模糊掉"),
    "attention.insertion": ("Give the blurred photo its places back", "把模糊的照片一处处还原"),
    "attention.word_deletion": ("Take the words away, heaviest first", "从权重最大的词起，逐个去掉"),
    "attention.word_insertion": ("Give the words back", "把词逐个放回去"),
    "attention.deletion_good": (
        "A good map makes the answer fall fast: a small area.",
        "好的热力图会让答案的概率很快下降：面积小。",
    ),
    "attention.insertion_good": (
        "A good map brings the answer back fast: a large area.",
        "好的热力图会让答案的概率很快回升：面积大。",
    ),
    "attention.curve_map": ("this map", "这张图"),
    "attention.curve_weights": ("these weights", "这些权重"),
    "attention.curve_random": ("random", "随机"),
    "attention.curve_centre": ("from the middle", "从中间起"),
    "attention.curve_alt": (
        "{title}. The answer goes from {start} to {end}. Areas: {areas}.",
        "{title}。答案从 {start} 变到 {end}。面积：{areas}。",
    ),
    "attention.area": ("{name} {area}", "{name} {area}"),
    "attention.answer_axis": ("answer: {target}", "答案：{target}"),
    "attention.why_test": (
        "A map finds what matters when, in both curves, it beats random maps and a blob in the middle, where"
        " photographers put things anyway; and that clearly, measured by how far random maps differ among themselves. No tick stands where"
        " the model itself answers no. One pair proves little: a good method must win on hundreds.",
        "在两条曲线上，图都要同时胜过随机图和中间一团（拍照的人本来就爱把东西放中间），而且要比几张随机图之间的差距更明显，"
        "才算找到了要紧的地方。模型自己的答案是“不匹配”时，不打勾。一对图文说明不了多少，好方法要在几百对上都赢。",
    ),
    "attention.sanity": ("Compare with a network that learned nothing", "和没学过的网络比一比"),
    "attention.sanity_own": ("this network", "这个网络"),
    "attention.sanity_random": ("the same network, random weights", "同样的网络，权重随机"),
    "attention.sanity_alike": (
        "Warning: rank correlation {value}. A network that learned nothing draws almost the same map, so it shows the"
        " photo’s shapes, not what the model learned.",
        "注意：秩相关 {value}。没学过的网络也画出差不多的图，可见它画的是照片的形状，不是模型学到的东西。",
    ),
    "attention.sanity_differs": (
        "Rank correlation {value}: the map does depend on what the network learned.",
        "秩相关 {value}：这张图确实和网络学到的东西有关。",
    ),
    "attention.sanity_mean": (
        "The mean map belongs to no one method; choose a method first.",
        "平均图不属于哪一个方法，请先选一个方法。",
    ),
    "attention.side_lead": (
        "One pair, every method that fits this model. Click one.",
        "同一对图文，凡是适合这个模型的方法都画一遍。点一个看大图。",
    ),
    "attention.mean": ("Mean of all", "各方法平均"),
    "attention.mean_hint": (
        "The mean of all maps, each counted alike. Where methods disagree it hides the quarrel, so look at the table too.",
        "所有热力图的平均，每种方法权重相同。方法之间有分歧时，平均会把分歧盖住，所以也要看看表格。",
    ),
    "attention.tile_alt": ("{method}. {where}", "{method}。{where}"),
    "attention.tile_words": ("words only", "只解释词"),
    "attention.tile_stretched": (
        "A few places stand far above the rest: the colours end where {share} of the places lie below.",
        "少数几处远高于其余：颜色的上限取在 {share} 的位置都不超过的值。",
    ),
    "attention.agree": ("How far the maps agree (rank correlation, −1 to 1)", "各张图的一致程度（秩相关，−1 到 1）"),
    "attention.agree_why": (
        "1: the same order of places. 0: nothing in common, or one map is empty. Agreement is no proof: methods that share"
        " an idea agree with each other.",
        "1：各处的高低次序相同。0：毫无关系，或其中一张是空的。一致不等于正确：思路相近的方法本来就容易一致。",
    ),
    "attention.heads_lead": (
        "Every head looks for itself. Click one to see it large; the stronger a word’s colour, the more it was looked at.",
        "每个头的关注点各不相同。点一个看大图；词的底色越浓，被看得越多。",
    ),
    "attention.heads_cross": ("Heads of the text looking at the photo", "文字对照片的各个注意力头"),
    "attention.heads_self": (
        "Heads of the text tower: words looking at words",
        "文本编码器的各个头：词与词之间的注意力",
    ),
    "attention.heads_none": ("This model has no attention to show.", "这个模型没有可以显示的注意力。"),
    "attention.heads_rival": (
        "Attention says what was read, whatever is asked: it cannot say why one answer and not another. Empty “rather than”"
        " to see the heads.",
        "注意力只说明读了哪里，问什么都一样，无法解释为什么是这个答案而不是那个。把“而不是”清空，就能看到各个头。",
    ),
    "attention.head_alt": ("{name}: most weight on {words}", "{name}：权重最大的词是{words}"),
    "attention.head_alt_map": ("{name}: {where}", "{name}：{where}"),
}

BOX: dict[str, Pair] = {
    "attention.box_lead": (
        "Drag a box over the photo where the answer should be, or type its corners.",
        "在照片上拖一个框，框住答案应该在的地方；也可以输入四角的位置。",
    ),
    "attention.box_alt": ("The photo with the map, to draw a box on", "带热力图的照片，可以在上面画框"),
    "attention.box_fields": ("Corners of the box, in per cent of the photo", "框的四角，按照片的百分比"),
    "attention.box_left": ("Left", "左"),
    "attention.box_top": ("Top", "上"),
    "attention.box_right": ("Right", "右"),
    "attention.box_bottom": ("Bottom", "下"),
    "attention.box_hit": ("Hit: the map’s peak lies inside the box.", "命中：图的最高点在框内。"),
    "attention.box_miss": ("Miss: the map’s peak lies outside the box.", "未命中：图的最高点在框外。"),
    "attention.box_share": (
        "{inside} of the map’s weight lies inside; the box covers {covers} of the photo.",
        "图的权重有 {inside} 在框里；框占照片的 {covers}。",
    ),
    "attention.box_empty": ("The map is empty, so there is no peak to hit.", "图是空的，没有最高点可言。"),
    "attention.erase_lead": ("Erase and ask again", "擦掉再问"),
    "attention.erase_bright": ("Blur the brightest fifth", "模糊最亮的五分之一"),
    "attention.erase_box": ("Blur the box", "模糊框内的部分"),
    "attention.erase_word": ("Drop a word", "去掉一个词"),
    "attention.erase_word_none": ("(choose a word)", "（选一个词）"),
    "attention.erased_bright": ("Without the brightest fifth of the photo", "模糊掉照片最亮的五分之一之后"),
    "attention.erased_box": ("Without what is in the box", "模糊掉框里的内容之后"),
    "attention.erased_word": ("Without the word “{word}”", "去掉“{word}”之后"),
    "attention.erased_whose": (
        "Asked again: {model}, the model whose map this is",
        "再问一次的，正是画出这张图的模型：{model}",
    ),
    "attention.erased_move": ("{model}, {name}: {before} → {after}", "{model}，{name}：{before} → {after}"),
    "attention.erased_alt": ("The photo as it was asked about again", "再次提问时用的照片"),
}

ATTENTION: dict[str, Pair] = MAP | ASKED | TEST | BOX
