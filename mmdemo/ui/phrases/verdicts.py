"""Strings of what a yes or no is worth: where none is given, and which of several answers to trust."""

Pair = tuple[str, str]

VERDICTS: dict[str, Pair] = {
    "trust.line": (
        "Match’s cosine head says {match}, {other} {value}. On English validation pairs Match’s head tells a true pair from a"
        " false one in {match_auc}, {other} in {other_auc}: {trusted} They differ because {why}",
        "“匹配”的余弦模型给 {match}，{other}给 {value}。在英文验证样本上分辨真假图文，余弦模型对 {match_auc}，"
        "{other}对 {other_auc}：{trusted}两者不同，是因为{why}",
    ),
    "trust.match": ("trust Match.", "以“匹配”为准。"),
    "trust.other": ("trust {other}.", "以{other}为准。"),
    "trust.either": ("neither is clearly the better one.", "两者不分上下。"),
    "trust.mean": ("the mean of the fusions", "各融合的平均"),
    "trust.why_mean": (
        "a mean of ten uncalibrated answers is pulled towards the middle, while Match’s is calibrated, near misses among"
        " its false pairs.",
        "十个没有校准的概率一平均就会往中间靠，而“匹配”的概率校准过，假样本里还有只差一点的句子。",
    ),
    "trust.why_cross_attention": (
        "it reads word by word over the photo and was calibrated on whole false sentences only, while Match compares two"
        " vectors and was calibrated on near misses too.",
        "它逐词对照照片，只用整句不符的假样本校准过；“匹配”比较的是两个向量，校准时还用了只差一点的句子。",
    ),
    "trust.why_fusion": (
        "its answer is not calibrated, while Match’s is, near misses among its false pairs.",
        "它的概率没有校准，而“匹配”的校准过，假样本里还有只差一点的句子。",
    ),
    "pair.why_bounds": (
        "From {low} up to {high} no verdict is given: there it was right in {inside} of {n_inside:,} validation pairs (a"
        " caption with its own photo or with another), outside in {outside} of {n_outside:,}."
        " A near miss, with one thing wrong, is harder than that: “About” has its figures.",
        "从 {low} 到 {high} 不下结论：验证集里（句子配自己的照片或别的照片），落在这一段的 {n_inside:,} 对只有 {inside} 判对，"
        "其余 {n_outside:,} 对有 {outside} 判对。只差一点的句子比这更难分辨，成绩见“关于”。",
    ),
    "fusion.verdict_unsure": (
        "Cannot tell whether they match ({match}) · feeling: {label}, {share}",
        "是否匹配拿不准（{match}）· 情绪：{label}，{share}",
    ),
    "fusion.agree_unsure": (
        "{match} of {n} fusions say that they match, {feeling} of {n} agree on the feeling.",
        "{n} 种融合中有 {match} 种说匹配，情绪判断有 {feeling} 种一致。",
    ),
}
