"""Strings of the Fusion tab: the bench of all fusions on one pair."""

from mmdemo.ui.phrases.fusion_names import NAMES

Pair = tuple[str, str]

STRIP: dict[str, Pair] = {
    "fusion.tab": ("Fusion", "融合"),
    "fusion.lead": (
        "How does the answer change with the way photo and sentence are joined?",
        "换一种融合方法，答案会怎么变？",
    ),
    "fusion.side": ("What the fusions get", "给融合的输入"),
    "fusion.side_both": ("both sides", "两边都给"),
    "fusion.side_image": ("no photo", "不给照片"),
    "fusion.side_text": ("no sentence", "不给句子"),
    "fusion.imputation": ("In place of the missing side", "缺的一边用什么代替"),
    "fusion.fill_learned": ("a learned “nothing here” vector", "学出来的“这里没有”向量"),
    "fusion.fill_zeros": ("zeros", "全零"),
    "fusion.fill_mean": ("the mean of the training set", "训练集的平均值"),
    "fusion.fill_nearest": ("the nearest training neighbour’s", "训练集里最近邻的那一边"),
    "fusion.fill_predicted": ("predicted from the other side", "由另一边预测出来"),
    "fusion.column_fusion": ("Fusion (click one)", "融合方法（可点）"),
    "fusion.column_match": ("Do they match?", "是否匹配？"),
    "fusion.column_feeling": ("Which feeling?", "什么情绪？"),
    "fusion.match": ("match", "匹配"),
    "fusion.mismatch": ("no match", "不匹配"),
    "fusion.verdict": ("They match: {match} · feeling: {label}, {share}", "匹配：{match} · 情绪：{label}，{share}"),
    "fusion.verdict_not": (
        "They do not match (probability {match}) · feeling: {label}, {share}",
        "不匹配（匹配概率 {match}）· 情绪：{label}，{share}",
    ),
    "fusion.verdict_no_image": ("Without the photo: feeling {label}, {share}", "没有照片时：情绪{label}，{share}"),
    "fusion.verdict_no_text": ("Without the sentence: feeling {label}, {share}", "没有句子时：情绪{label}，{share}"),
    "fusion.agree_feeling": (
        "{feeling} of {n} fusions agree on the feeling.",
        "{n} 种融合中，情绪判断有 {feeling} 种一致。",
    ),
    "fusion.agree": (
        "{match} of {n} fusions agree on the match, {feeling} of {n} on the feeling.",
        "{n} 种融合中，匹配判断有 {match} 种一致，情绪判断有 {feeling} 种一致。",
    ),
    "fusion.differs": ("differs from the mean", "和全体平均不同"),
    "fusion.was": ("was {value}", "原 {value}"),
    "fusion.alone_image": ("Photo alone", "只看照片"),
    "fusion.alone_text": ("Sentence alone", "只看句子"),
    "fusion.alone_cannot": ("one side alone cannot know", "只有一边，无从判断"),
    "fusion.not_given": ("not given", "没有给"),
    "fusion.row_alt": (
        "{name}: match {match}; feeling {feeling}{notes}",
        "{name}：匹配 {match}；情绪 {feeling}{notes}",
    ),
    "fusion.full_alt": (
        "; with both sides: match {match}, feeling {feeling}",
        "；两边都有时：匹配 {match}，情绪 {feeling}",
    ),
    "fusion.differs_match": ("; differs from the mean on the match", "；匹配判断和平均不同"),
    "fusion.differs_feeling": ("; differs from the mean on the feeling", "；情绪判断和平均不同"),
    "fusion.missing_image": (
        "No photo is given; in its place: {fill}. Without a photo nobody can know whether the sentence fits it:"
        " what stands under “match” is only habit.",
        "没有给照片，代替它的是：{fill}。没有照片，谁也不知道句子是否匹配，“是否匹配”一栏只反映模型的习惯。",
    ),
    "fusion.missing_text": (
        "No sentence is given; in its place: {fill}. Without a sentence nobody can know whether it fits the photo:"
        " what stands under “match” is only habit.",
        "没有给句子，代替它的是：{fill}。没有句子，谁也不知道是否匹配，“是否匹配”一栏只反映模型的习惯。",
    ),
    "fusion.needs_both": (
        "This needs a photo and a sentence. Give both, then ask again.",
        "这里需要照片和句子都有。补上缺的一边，再问一次。",
    ),
    "fusion.why_bars": (
        "All ten fusions read the same two frozen encoders; only the way of joining differs. The left bar is the"
        " probability of a match, its tick stands at 50 %. The right bar is divided between the three feelings.",
        "十种融合用的是同样的两个固定编码器，只有融合的方式不同。左边的条是匹配的概率，刻度线是 50%；右边的条按三种情绪划分。",
    ),
    "fusion.why_alone": (
        "“Photo alone” and “Sentence alone” are the mean of all fusions when the other side is replaced by the learned"
        " “nothing here” vector. “All together” is the mean of the ten probabilities.",
        "“只看照片”“只看句子”是另一边换成“这里没有”向量时，全部融合的平均；“全体平均”是十个概率的平均。",
    ),
}

CLOSER: dict[str, Pair] = {
    "fusion.part_closer": ("One fusion, closer", "细看一种融合"),
    "fusion.part_dial": ("Alpha dial", "α 旋钮"),
    "fusion.part_history": ("Time machine", "时光机"),
    "fusion.part_figures": ("Figures", "成绩单"),
    "fusion.chosen": ("Fusion", "融合方法"),
    "fusion.question": ("Which answer?", "看哪个答案？"),
    "fusion.question_match": ("it matches", "匹配"),
    "fusion.question_feeling": ("the feeling it finds", "模型判断的情绪"),
    "fusion.shapley_lead": ("Who said how much", "照片和句子各起了多大作用"),
    "fusion.shapley_words": (
        "The answer “{label}” was {parts}.",
        "“{label}”这个答案：{parts}。",
    ),
    "fusion.shapley_against": (
        "What moved the answer “{label}”: {parts}.",
        "“{label}”这个答案的概率：{parts}。",
    ),
    "fusion.for": ("{part} {points} for it", "{part}推高 {points}"),
    "fusion.against": ("{part} {points} against it", "{part}拉低 {points}"),
    "fusion.subject": (
        "This panel is about {name} alone, which says {mine}; the mean of all fusions says {theirs}.",
        "这里细看的只是“{name}”这一种融合，它的答案是{mine}；全体平均的答案是{theirs}。",
    ),
    "fusion.part_image": ("{percent} photo", "照片占 {percent}"),
    "fusion.part_text": ("{percent} sentence", "句子占 {percent}"),
    "fusion.part_together": ("{percent} both together", "两边合起来才有的占 {percent}"),
    "fusion.shapley_nothing": (
        "Nothing moved this answer: it is what the fusion says without any input.",
        "没有什么影响这个答案：没有任何输入时它就是这样回答的。",
    ),
    "fusion.shapley_between": (
        "Neither side says much alone; the answer lies in how they fit each other.",
        "单看哪一边都说明不了什么，答案取决于两边是否相配。",
    ),
    "fusion.shapley_whole": (
        "This account is drawn up with both sides given, whatever is taken away above.",
        "这里的计算总是照片和句子都给，与上面去掉哪一边无关。",
    ),
    "fusion.row_none": ("nothing given", "什么都不给"),
    "fusion.row_image": ("+ photo alone", "+ 只凭照片"),
    "fusion.row_text": ("+ sentence alone", "+ 只凭句子"),
    "fusion.row_together": ("+ only together", "+ 合起来才有"),
    "fusion.row_both": ("= both given", "= 两边都给"),
    "fusion.point": ("{value} point", "{value} 个百分点"),
    "fusion.points": ("{value} points", "{value} 个百分点"),
    "fusion.shapley_alt": (
        "Steps from {none} with nothing given to {both} with both: photo {image}, sentence {text}, only together {together}.",
        "从什么都不给的 {none} 到两边都给的 {both}：照片 {image}，句子 {text}，合起来才有 {together}。",
    ),
    "fusion.shapley_values": (
        "Shapley values: photo {image}, sentence {text}; each holds half of what only both together say.",
        "Shapley 值：照片 {image}，句子 {text}；“合起来才有”的部分两边各分一半。",
    ),
    "fusion.conflict": (
        "They contradict each other: {speaker} speaks for “{label}”, {other} against it.",
        "两边互相矛盾：{speaker}支持“{label}”，{other}反对。",
    ),
    "fusion.the_image": ("the photo", "照片"),
    "fusion.the_text": ("the sentence", "句子"),
    "fusion.the_together": ("both together", "两边合起来"),
    "fusion.why_shapley": (
        "The fusion is asked four times: with nothing, with the photo, with the sentence, with both. What a side moves the"
        " probability when it comes alone is its own part; what is left over, v(both) − v(photo) − v(sentence) + v(nothing),"
        " only both together say (the interaction). Where all three parts are for the answer, the percentages divide it"
        " between them; where one is against it, nothing is divided and each part is given in percentage points."
        " A Shapley value is a side’s own part plus half of the interaction (Shapley 1953); with two sides this is exact.",
        "同一种融合要问四次：什么都不给、只给照片、只给句子、两边都给。某一边单独出现时让概率变动多少，就是它自己的部分；"
        "剩下的 v(两边) − v(照片) − v(句子) + v(空) 只有两边合起来才有，叫交互项。三部分都支持这个答案时，百分比是各自的占比；只要有一部分反对，就不算占比，只写各自推高或拉低多少个百分点。"
        "Shapley 值等于自己的部分加上一半的交互项（Shapley 1953）；只有两边时，这是精确值。",
    ),
    "fusion.inside": ("Inside", "内部"),
    "fusion.lane_image": ("Photo", "照片"),
    "fusion.lane_text": ("Sentence", "句子"),
    "fusion.lane_joint": ("Joined", "合在一起"),
    "fusion.lane_filled": ("missing: {fill}", "缺失，代替的是：{fill}"),
    "fusion.answer": ("Answer", "答案"),
    "fusion.letters": (
        "v: the photo’s vector, t: the sentence’s, h: the joint one. Below, the real tensors of this input:"
        " shape, norm (length) and mean.",
        "v 是照片的向量，t 是句子的向量，h 是融合后的向量。下面是这次输入的真实张量：形状、范数（长度）和均值。",
    ),
    "fusion.step_numbers": ("norm {norm} · mean {mean}", "范数 {norm} · 均值 {mean}"),
    "fusion.alpha_is": ("alpha = {alpha:.2f} is the weight of the sentence.", "α = {alpha:.2f} 是句子的权重。"),
    "fusion.inside_alt": (
        "Data flow: the photo through {image}; the sentence through {text}; then together through {joint}.",
        "数据流：照片经过 {image}；句子经过 {text}；合在一起后经过 {joint}。",
    ),
}

DIAL: dict[str, Pair] = {
    "fusion.dial_lead": (
        "The weighted sum h = αt + (1 − α)v has one knob. Turn it and see its answer move.",
        "加权和 h = αt + (1 − α)v 只有一个旋钮。转一转，看答案怎么变。",
    ),
    "fusion.alpha": ("Alpha: 0 = photo only, 1 = sentence only", "α：0 = 只看照片，1 = 只看句子"),
    "fusion.dial_answer": ("at α = {alpha:.2f}: {label}, {percent}", "α = {alpha:.2f} 时：{label}，{percent}"),
    "fusion.dial_matching": ("Do they match?", "是否匹配？"),
    "fusion.dial_sentiment": ("Which feeling?", "什么情绪？"),
    "fusion.dial_accuracy": ("Accuracy on validation pairs, %", "验证集准确率（%）"),
    "fusion.dial_photo": ("photo", "照片"),
    "fusion.dial_sentence": ("sentence", "句子"),
    "fusion.dial_start": ("start", "开始"),
    "fusion.dial_end": ("end", "结束"),
    "fusion.dial_keys_curve": ("measured accuracy", "测得的准确率"),
    "fusion.dial_keys_learned": ("learned α = {learned:.2f}", "学到的 α = {learned:.2f}"),
    "fusion.dial_keys_path": ("α during training, from start to end", "训练中的 α，从开始到结束"),
    "fusion.dial_keys_here": ("your α", "当前 α"),
    "fusion.dial_alt": (
        "Curve of accuracy over alpha. Photo only {first:.1f} %, best {best:.1f} % at alpha {at:.2f}, sentence only {last:.1f} %. Learned"
        " alpha {learned:.2f}, from {start:.2f} at the start of training. At your alpha {alpha:.2f} the accuracy is {here:.1f} %.",
        "准确率随 α 变化的曲线。只看照片 {first:.1f}%，最好 {best:.1f}%（α = {at:.2f}），只看句子 {last:.1f}%。"
        "学到的 α 是 {learned:.2f}，训练开始时是 {start:.2f}。当前 α = {alpha:.2f}，准确率为 {here:.1f}%。",
    ),
    "fusion.dial_here": ("Accuracy at your α: {here:.1f} %.", "当前 α 的准确率：{here:.1f}%。"),
    "fusion.dial_guessing": (
        "At no α does the sum tell a match from a mismatch. It adds what each side says alone and never compares the two;"
        " that takes a product, a gate or attention.",
        "无论 α 取多少，加权和都分不出是否匹配：它只是把两边各自的判断加起来，从不比较两边。要比较，得靠相乘、门控或注意力。",
    ),
    "fusion.dial_source": ("Measured on {source}.", "测量数据：{source}。"),
}

HISTORY: dict[str, Pair] = {
    "fusion.history_lead": (
        "The same pair through five whole systems, the oldest idea first.",
        "同一对照片和句子，依次交给五代完整的系统，从最早的想法开始。",
    ),
    "fusion.system_pixels_tfidf": ("Pixels + TF-IDF", "像素 + TF-IDF"),
    "fusion.system_cnn_lstm": ("CNN + LSTM", "CNN + LSTM"),
    "fusion.system_resnet_lstm": ("ResNet-18 + LSTM", "ResNet-18 + LSTM"),
    "fusion.system_bert_resnet": ("BERT + ResNet-18", "BERT + ResNet-18"),
    "fusion.system_matching": ("Dual encoder", "双塔编码器"),
    "fusion.about_pixels_tfidf": (
        "Raw 64 × 64 pixels and weighted word counts; nothing is learned about seeing or reading.",
        "直接用 64 × 64 的像素和加权词频，没有学习如何看、如何读。",
    ),
    "fusion.about_cnn_lstm": (
        "A small convolutional network sees, a recurrent one reads word by word; both trained from scratch.",
        "一个小卷积网络负责看，一个循环网络逐词地读，都是从零训练的。",
    ),
    "fusion.about_resnet_lstm": (
        "A deeper network sees, a two-layer LSTM reads, and attention carries words into the picture and back.",
        "更深的网络负责看，两层 LSTM 负责读，再用注意力把词带进画面、把画面带回词里。",
    ),
    "fusion.about_bert_resnet": (
        "A transformer reads all words at once; photo and sentence are added with one learned weight.",
        "Transformer 一次读完所有词，照片和句子用一个学来的权重相加。",
    ),
    "fusion.about_matching": (
        "Photo and sentence are placed in one shared space, learned from matched and unmatched pairs.",
        "照片和句子放进同一个空间，靠配对和不配对的样本学会远近。",
    ),
    "fusion.history_match": ("match", "匹配"),
    "fusion.history_feeling": ("feeling", "情绪"),
    "fusion.history_none": ("not made for this", "不支持"),
    "fusion.history_needs_both": ("needs both sides", "需要照片和句子"),
    "fusion.history_parameters": ("{n:,} parameters", "{n:,} 个参数"),
    "fusion.history_time": ("{ms:.1f} ms", "{ms:.1f} 毫秒"),
    "fusion.history_reached_matching": ("match AUC {value:.3f}", "匹配 AUC {value:.3f}"),
    "fusion.history_reached_sentiment": ("feeling accuracy {value:.1f} %", "情绪准确率 {value:.1f}%"),
    "fusion.history_validation": ("validation: {figures}", "验证集：{figures}"),
    "fusion.why_history": (
        "Parameters and time include the encoders. Validation figures come from each system’s card: for the match the area"
        " under the ROC curve (0.5 is guessing), for the feeling the accuracy.",
        "参数量和时间都把编码器算在内。验证成绩来自各系统的模型卡片：匹配看 ROC 曲线下面积（0.5 相当于随机猜），情绪看准确率。",
    ),
}

FIGURES: dict[str, Pair] = {
    "fusion.figures_matching": ("Do they match?", "是否匹配？"),
    "fusion.figures_sentiment": ("Which feeling?", "什么情绪？"),
    "fusion.figures_lead": (
        "Every fusion on the same frozen encoders and data, measured on validation pairs.",
        "所有融合用同样的固定编码器和数据，在验证集上测得。",
    ),
    "fusion.figures_spread": ("Mean ± deviation over seeds.", "数字是多个随机种子的平均 ± 标准差。"),
    "fusion.figures_one_seed": (
        "Each was trained once, with one seed: small differences may be chance.",
        "每种只用一个随机种子训练了一次，小的差别可能只是碰巧。",
    ),
    "fusion.why_measures": (
        "AUC: how often a true pair gets a higher score than a false one; 0.5 is guessing. Macro-F1: the mean of the three"
        " feelings’ F1, so that a rare feeling counts as much as a common one.",
        "AUC：随便拿一对配的和一对不配的，配的那对得分更高的比例；0.5 相当于随机猜。宏平均 F1：三种情绪的 F1 取平均，少见的情绪和常见的一样重要。",
    ),
    "fusion.figures_name": ("Fusion", "融合方法"),
    "fusion.figures_dropout": ("Modality dropout", "模态丢弃"),
    "fusion.figures_auc": ("AUC", "AUC"),
    "fusion.figures_accuracy": ("Accuracy, %", "准确率 %"),
    "fusion.figures_macro_f1": ("Macro-F1, %", "宏平均 F1 %"),
    "fusion.figures_no_image": ("Photo missing, %", "没有照片 %"),
    "fusion.figures_no_text": ("Sentence missing, %", "没有句子 %"),
    "fusion.figures_parameters": ("Parameters", "参数量"),
    "fusion.figures_time": ("Time, µs", "用时 µs"),
    "fusion.figures_seeds": ("Seeds", "种子数"),
    "fusion.figures_with": ("with", "有"),
    "fusion.figures_without": ("without", "无"),
    "fusion.figures_commonest": (
        "Always answering the commonest class: {value:.1f} %.",
        "永远回答最常见的那一类：{value:.1f}%。",
    ),
    "fusion.figures_none": ("No figures were found in the card.", "卡片里没有找到成绩。"),
    "fusion.why_figures": (
        "Modality dropout: in training a side is sometimes taken away, so that the fusion learns to live without it."
        " “Photo missing” and “Sentence missing” are the accuracy when that side is replaced by the learned “nothing here”"
        " vector; compare the two rows of a fusion. Parameters and time are those of the fusion and its head alone.",
        "模态丢弃：训练时随机拿掉一边，让模型学会缺了它也能回答。“没有照片”“没有句子”是那一边换成“这里没有”向量时的准确率，"
        "比较同一种融合的两行就能看出效果。参数量和用时只算融合和它的输出层。",
    ),
}

FUSION: dict[str, Pair] = NAMES | STRIP | CLOSER | DIAL | HISTORY | FIGURES
