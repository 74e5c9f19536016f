"""Names of the explanation methods, and in plain words what each can and cannot say."""

Pair = tuple[str, str]

METHODS: dict[str, Pair] = {
    "attention.cross_attention": ("Cross-attention", "交叉注意力"),
    "attention.cross_attention_hint": (
        "Cross-attention: the weights with which each word reads the patches, straight from the network. It says where"
        " was read; it cannot say whether what was read spoke for or against.",
        "交叉注意力：每个词读各个图块时用的权重，直接取自网络。它能说明读了哪里，不能说明读到的内容是支持还是反对。",
    ),
    "attention.gradcam": ("Grad-CAM", "Grad-CAM"),
    "attention.gradcam_hint": (
        "Grad-CAM: which patches would raise the answer if they spoke louder, from gradients. Coarse, and blind to what"
        " speaks against.",
        "Grad-CAM：用梯度算出：哪些图块再强一点，答案的数值就会升高。比较粗，也看不到反对的一面。",
    ),
    "attention.layercam": ("Layer-CAM", "Layer-CAM"),
    "attention.layercam_hint": (
        "Layer-CAM: like Grad-CAM, but every patch keeps its own gradient, so small things are not averaged away. A steep"
        " gradient is not yet a large effect.",
        "Layer-CAM：和 Grad-CAM 类似，但每个图块用自己的梯度，小东西不会被平均掉。梯度大不等于影响大。",
    ),
    "attention.relevance": ("Relevance", "相关性传播"),
    "attention.relevance_hint": (
        "Relevance: attention weighted by its gradient and followed through all layers, so it depends on the question."
        " It leaves out everything that is not attention.",
        "相关性传播：用梯度给注意力加权，再一层层传下去，所以问题不同图也不同。它不考虑注意力以外的部分。",
    ),
    "attention.shifted_relevance": ("Relevance, shifted views", "相关性传播（多视角平均）"),
    "attention.shifted_relevance_hint": (
        "Relevance of ten views, averaged: the photo and its mirror image, each also moved by half a patch. Where the"
        " edges of the patches happen to fall matters less, so the map is steadier; it takes ten times as long.",
        "相关性传播（多视角平均）：照片和它的镜像，再各自挪动半个图块，一共十个视角，取平均。图块边缘落在哪里就不那么要紧了，"
        "图更稳，但要花十倍的时间。",
    ),
    "attention.rollout": ("Rollout", "注意力展开"),
    "attention.rollout_hint": (
        "Rollout: attention multiplied through the layers, as if it were a flow. It cannot tell for from against, and is"
        " the same for every question.",
        "注意力展开：把各层的注意力像水流一样逐层相乘。分不出支持和反对，问什么都是同一张图。",
    ),
    "attention.self_attention": ("Self-attention", "自注意力"),
    "attention.self_attention_hint": (
        "Self-attention: which words looked at which inside the text tower, layer by layer. A convolutional picture tower"
        " has none, so its map stays empty.",
        "自注意力：文本编码器里词与词之间的注意力，逐层逐头显示。卷积图像编码器没有自注意力，所以图是空的。",
    ),
    "attention.integrated_gradients": ("Integrated gradients", "积分梯度"),
    "attention.integrated_gradients_hint": (
        "Integrated gradients: the answer’s way from an empty input to this one, shared out so that the parts add up."
        " Signed; what “empty” means is a choice.",
        "积分梯度：从空输入走到现在这个输入，把答案的变化分给各部分，加起来正好相等。有正有负；“空”取什么是人定的。",
    ),
    "attention.token_similarity": ("Patch by patch", "逐块相似度"),
    "attention.token_similarity_hint": (
        "Patch by patch: what each patch adds to the photo’s vector, compared with the sentence. The match head adds up its"
        " patches, so there it is their very part in the answer; elsewhere each patch is read as if it were the whole"
        " photo, which may mislead. Signed.",
        "逐块相似度：每个图块对照片的向量有什么贡献，再与句子比较。匹配模型正是把各图块加起来的，所以这就是每一块在答案里的份额；"
        "别的模型只能把单个图块当成整张照片来读，可能误导。有正有负。",
    ),
    "attention.fine_similarity": ("Patch by patch, finer", "逐块相似度（细网格）"),
    "attention.fine_similarity_hint": (
        "Patch by patch, finer: the photo is read a second time, twice as large, and both maps are added: the large"
        " reading finds small things, the ordinary one sees large things whole. The lowest place counts as nothing. The answer is that of"
        " the ordinary reading.",
        "逐块相似度（细网格）：把照片放大一倍再读一遍，两张图加在一起：放大后更容易找到小东西，平常大小看得见大东西的全貌。最弱的一块算作零。答案仍然是按平常大小读出来的。",
    ),
    "attention.fine_attention": ("Cross-attention, finer", "交叉注意力（细网格）"),
    "attention.fine_attention_hint": (
        "Cross-attention, finer: where each word looks when the photo is read twice as large, four patches where there was"
        " one. It says where was read, not whether it spoke for or against.",
        "交叉注意力（细网格）：把照片放大一倍再读，看每个词读了哪里，原来一块的地方变成四块。能说明读了哪里，不能说明是支持还是反对。",
    ),
    "attention.grad_eclip": ("Grad-ECLIP", "Grad-ECLIP"),
    "attention.grad_eclip_hint": (
        "Grad-ECLIP: made for CLIP-like transformers: values and gradients of the last layer, weighed by a loosened"
        " attention.",
        "Grad-ECLIP：专为 CLIP 一类的模型设计：把最后一层的值和梯度，用放宽的注意力加权。",
    ),
    "attention.occlusion": ("Occlusion", "遮挡"),
    "attention.occlusion_hint": (
        "Occlusion: cover a place, ask again, and see what was lost. Slow and honest, but it misses what is only seen"
        " when two places are covered together. Signed.",
        "遮挡：盖住一处再问一遍，看答案掉了多少。慢但可靠；要同时盖住两处才看得出的东西，它会漏掉。有正有负。",
    ),
    "attention.paper": ("Paper: {paper}.", "论文：{paper}。"),
}
