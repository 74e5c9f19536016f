"""Names of the fusions, and the idea of each in one sentence."""

Pair = tuple[str, str]

NAMES: dict[str, Pair] = {
    "fusion.name_cosine": ("Cosine", "余弦"),
    "fusion.name_concat": ("Concatenation", "拼接"),
    "fusion.name_weighted_sum": ("Weighted sum", "加权和"),
    "fusion.name_product": ("Product", "逐元素相乘"),
    "fusion.name_gated": ("Gated", "门控"),
    "fusion.name_lowrank_tensor": ("Low-rank tensor", "低秩张量"),
    "fusion.name_cross_attention": ("Cross-attention", "交叉注意力"),
    "fusion.name_early": ("Early (data level)", "早期（数据层）"),
    "fusion.name_late": ("Late (decision level)", "后期（决策层）"),
    "fusion.name_autoencoder": ("Autoencoder", "自编码器"),
    "fusion.name_ensemble": ("All together (mean)", "全体平均"),
    "fusion.name_image_only": ("Photo alone", "只看照片"),
    "fusion.name_text_only": ("Sentence alone", "只看句子"),
    "fusion.idea_cosine": (
        "Photo and sentence become two arrows in one space; only the angle between them counts.",
        "照片和句子变成同一个空间里的两个箭头，只看它们的夹角。",
    ),
    "fusion.idea_concat": (
        "Both vectors are put side by side, and a small network mixes them.",
        "把两个向量首尾接起来，再交给一个小网络去混合。",
    ),
    "fusion.idea_weighted_sum": (
        "One number, alpha, says how much is sentence and how much is photo; the two vectors are added.",
        "用一个数 α 决定句子占多少、照片占多少，然后把两个向量相加。",
    ),
    "fusion.idea_product": (
        "The two vectors are multiplied place by place: a place counts only if both sides fill it.",
        "两个向量逐位相乘：某一位只有两边都有内容才算数。",
    ),
    "fusion.idea_gated": (
        "At every place a gate, opened by both sides, chooses between photo and sentence anew for each pair.",
        "每一位都有一道由两边共同控制的门，每对输入都重新决定听照片的还是听句子的。",
    ),
    "fusion.idea_lowrank_tensor": (
        "Every product of a photo number with a sentence number counts, written with few factors to stay small.",
        "照片的每个数和句子的每个数都两两相乘，再用少量因子分解，让规模变小。",
    ),
    "fusion.idea_cross_attention": (
        "Every word looks over the patches of the photo and takes what it needs; then the words vote.",
        "每个词先到照片的图块里找自己要的内容，然后所有的词一起投票。",
    ),
    "fusion.idea_early": (
        "Patches and words form one sequence, read together before anything is concluded from either.",
        "图块和词排成一个序列，在各自得出结论之前就放在一起读。",
    ),
    "fusion.idea_late": (
        "Each side decides alone; only the two decisions are combined.",
        "两边各自先下结论，只把两个结论合起来。",
    ),
    "fusion.idea_autoencoder": (
        "Both sides are pressed into one short code from which each side must be rebuilt.",
        "把两边压成一个短短的编码，并且要求能从它还原出每一边。",
    ),
}
