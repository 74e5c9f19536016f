"""Strings of what a yes or no is worth: where none is given, and which of several answers to trust."""

Pair = tuple[str, str]

VERDICTS: dict[str, Pair] = {
    "pair.why_bounds": (
        "From {low} up to {high} no verdict is given: there it was right in {inside} of {n_inside:,} validation pairs (a"
        " caption with its own photo or with another), outside in {outside} of {n_outside:,}.",
        "从 {low} 到 {high} 不下结论：验证集里（句子配自己的照片或别的照片），落在这一段的 {n_inside:,} 对只有 {inside} 判对，"
        "其余 {n_outside:,} 对有 {outside} 判对。",
    ),
    "fusion.verdict_unsure": (
        "Cannot tell whether they match ({match}) · feeling: {label}, {share}",
        "配不配拿不准（{match}）· 情绪：{label}，{share}",
    ),
    "fusion.agree_unsure": (
        "{match} of {n} fusions say that they match, {feeling} of {n} agree on the feeling.",
        "{n} 种融合中有 {match} 种说配得上，情绪判断有 {feeling} 种一致。",
    ),
}
