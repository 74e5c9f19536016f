"""The models that stand in weights/, one row each; what they share is named first. Read next: `row.py`."""

from mmdemo.checkpoints.row import Checkpoint, Figure

_FLICKR = "Flickr8k, English captions, true against another photo's", "val (998 photos)"
_MVSA = "MVSA-Single, joint label", "10 % of the labelled pairs, stratified, photo groups whole, seed 0"
_BOTH = ("matching", "sentiment")
_TOWERS = {"image_encoder": "efficientnet", "text_encoder": "e5"}
FIRST = (*_TOWERS.values(), "matching", "text_familiarity", "image_familiarity")  # what a match asks
_WIDTHS = {"image_width": 1280, "text_width": 384}  # of their tokens


_HALF = "val, every second caption"
_PAIRS = "Flickr8k, English and Chinese captions, true against another photo's"
_BOUNDS = ("undecided_from", "undecided_to", "undecided_share", "undecided_accuracy", "decided_accuracy")

# Between which probabilities of "match" there is no verdict, in the order of `types.VerdictBounds`; "mean" of fusions.
BOUNDS: dict[str, tuple[Figure, ...]] = {
    "matching": tuple(Figure("matching", name, _PAIRS, _FLICKR[1]) for name in _BOUNDS),
    "mean": tuple(Figure("fusions", f"matching_mean_{name}", _PAIRS, _HALF) for name in _BOUNDS),
}
MEAN_AUC = Figure("fusions", "matching_mean_AUC", _FLICKR[0], _HALF)


def _figures(card: str, feeling: str = "both_accuracy") -> dict[str, Figure]:
    return {"matching": Figure(card, "AUC", *_FLICKR), "sentiment": Figure(card, feeling, *_MVSA)}


_ROWS = (
    Checkpoint(
        "efficientnet", "image_encoder", "encoders.efficientnet_lite:EfficientNetLiteEncoder", {"variant": "lite2"},
        paper="Tan and Le 2019, arXiv 1905.11946 (EfficientNet)",
    ),
    Checkpoint(
        "e5", "text_encoder", "encoders.e5:E5Encoder",
        paper="Wang et al. 2024, arXiv 2402.05672 (multilingual E5); Devlin et al. 2019, arXiv 1810.04805 (BERT)",
    ),
    Checkpoint(
        "lstm", "text_encoder", "encoders.lstm:LstmEncoder",
        paper="Hochreiter and Schmidhuber 1997",
    ),
    Checkpoint(
        "resnet", "image_encoder", "encoders.resnet:ResNetEncoder",
        paper="He et al. 2016, arXiv 1512.03385; Romero et al. 2015, arXiv 1412.6550 (hints)",
    ),
    Checkpoint("pixels", "image_encoder", "encoders.pixels:PixelEncoder", fitted=False),
    Checkpoint("tfidf", "text_encoder", "encoders.tfidf:TfidfEncoder", paper="Salton and Buckley 1988"),
    Checkpoint(
        "pixels_tfidf", "system", "tasks.pixels_tfidf:PixelsTfidf",
        {"pixels": 12_288, "words": 3000, "kept": 32, "gallery": 400},
        image_encoder="pixels",
        text_encoder="tfidf",
        paper="Salton and Buckley 1988; Hoerl and Kennard 1970 (ridge)",
        tasks=_BOTH,
        needs_both=True,
        year=1988,
        figures=_figures("pixels_tfidf"),
    ),
    Checkpoint("cnn", "image_encoder", "encoders.cnn:CnnEncoder", paper="LeCun et al. 1998"),
    Checkpoint(
        "cnn_lstm", "system", "tasks.cnn_lstm:CnnLstm", {"best": "feature"},
        paper="Ramachandram and Taylor 2017 (data, feature and model level); Caruana 1997 (two tasks)",
        tasks=_BOTH,
        end_to_end=True,
        year=2015,
        figures=_figures("cnn_lstm", "feature_both_accuracy"),
    ),
    Checkpoint(
        "autoencoder", "autoencoder", "tasks.reconstruction:CrossModalAutoencoder",
        {"remembered": 6078},  # training photos in its memory
        image_encoder="efficientnet",
        paper="Ngiam et al. 2011 (bimodal deep autoencoder); Hinton and Salakhutdinov 2006",
        uses=("matching",),
    ),
    Checkpoint(
        "captioning", "captioning", "tasks.captioning:Captioning",
        image_encoder="efficientnet",
        paper="Vaswani et al. 2017, arXiv 1706.03762; Xu et al. 2015, arXiv 1502.03044 (Show, Attend and Tell)",
        uses=("matching",),
    ),
    Checkpoint(
        "answering", "answering", "tasks.answering:Answering", {**_WIDTHS, "width": 256, "heads": 4},
        **_TOWERS,
        paper="Antol et al. 2015, arXiv 1505.00468 (VQA); Lu et al. 2019, arXiv 1908.02265 (ViLBERT)",
        tasks=("answering",),
        default_method="fine_attention",
    ),
    Checkpoint(
        "resnet_lstm", "system", "tasks.resnet_lstm:ResNetLstm",
        {"image_width": 512, "text_width": 256, "width": 96, "heads": 4},
        image_encoder="resnet",
        text_encoder="lstm",
        paper="He et al. 2016; Hochreiter and Schmidhuber 1997; Lu et al. 2016, arXiv 1606.00061 (co-attention)",
        tasks=_BOTH,
        year=2016,
        figures=_figures("resnet_lstm"),
    ),
    Checkpoint(
        "bert_resnet", "system", "tasks.fused:FusedTask",
        {"fusion": "weighted_sum", "task": "matching", "image_width": 512, "text_width": 384, "width": 96},
        image_encoder="resnet",
        text_encoder="e5",
        paper="Devlin et al. 2019; He et al. 2016",
        tasks=("matching",),
        default_method="relevance",
        year=2019,
        figures={"matching": Figure("bert_resnet", "AUC", *_FLICKR)},
    ),
    Checkpoint(
        "matching", "matching", "tasks.matching:DualEncoderMatching",
        {**_WIDTHS, "width": 512, "readings": 2, "narrow": 320},
        **_TOWERS,
        paper="Frome et al. 2013 (DeViSE); Radford et al. 2021, arXiv 2103.00020 (CLIP)",
        tasks=("matching",),
        uses=("sentiment",),
        needs_both=True,
        default_method="fine_similarity",
        year=2021,
        figures={
            "matching": Figure("matching", "AUC", "Flickr8k, English captions, true against false", _FLICKR[1]),
            "sentiment": Figure("sentiment", "both_accuracy", *_MVSA),
        },
    ),
    Checkpoint(
        "cross_attention", "matching", "tasks.matching:CrossAttentionMatching",
        {**_WIDTHS, "width": 256, "heads": 4},
        **_TOWERS,
        paper="Lee et al. 2018, arXiv 1803.08024 (SCAN); Lu et al. 2019, arXiv 1908.02265 (ViLBERT)",
        tasks=("matching",),
        needs_both=True,
        default_method="fine_attention",
        figures={"matching": Figure("cross_attention", "AUC", *_FLICKR)},
    ),
    Checkpoint(
        "sentiment", "sentiment", "tasks.sentiment:Sentiment", {**_WIDTHS, "width": 128, "members": 3},
        **_TOWERS,
        paper="Ngiam et al. 2011 (feature-level), Kittler et al. 1998 (late fusion); Niu et al. 2016 (MVSA)",
        tasks=("sentiment",),
        default_method="gradcam",
        figures={s: Figure("sentiment", f"both_accuracy_where_sides_{s}", *_MVSA) for s in ("disagree", "agree")},
    ),
    Checkpoint(
        "text_familiarity", "familiarity", "tasks.familiarity:TextFamiliarity",
        {"width": 384, "components": 64, "hidden": 48, "ngrams": 120_000},
        text_encoder="e5",
        paper="Lee et al. 2018, arXiv 1807.03888; Hendrycks et al. 2019, arXiv 1812.04606",
        folder="familiarity",
        file="text_familiarity.safetensors",
    ),
    Checkpoint(
        "image_familiarity", "familiarity", "tasks.familiarity:ImageFamiliarity",
        {"width": 1280, "components": 96, "hidden": 32},
        image_encoder="efficientnet",
        paper="Lee et al. 2018, arXiv 1807.03888; Hendrycks et al. 2019, arXiv 1812.04606",
        folder="familiarity",
        file="image_familiarity.safetensors",
    ),
)  # fmt: skip

_FUSIONS = {
    "cosine": "Frome et al. 2013 (DeViSE)",
    "weighted_sum": "Kittler et al. 1998",
    "product": "Kim et al. 2017, arXiv 1610.04325",
    "gated": "Arevalo et al. 2017, arXiv 1702.01992",
    "lowrank_tensor": "Liu et al. 2018, arXiv 1806.00064",
    "concat": "Ngiam et al. 2011",
    "autoencoder": "Ngiam et al. 2011, section 3.2",
    "late": "Kittler et al. 1998",
    "early": "Su et al. 2020, arXiv 1908.08530 (VL-BERT)",
    "cross_attention": "Lu et al. 2019, arXiv 1908.02265 (ViLBERT)",
}
_FUSION_FIGURES = {"matching": ("AUC", _FLICKR[0], _HALF), "sentiment": ("accuracy", *_MVSA)}
_FUSION_WIDTHS = {"matching": 96, "sentiment": 64}
_OPTIONS = {"matching-late": {"options": 64}, "sentiment-late": {"options": 3}}

# The fusion bench: every fusion for both tasks, on the same towers; all files in weights/fusions.
_BENCH = tuple(
    Checkpoint(
        f"{task}-{fusion}", "fusion", "tasks.fused:FusedTask",
        {"fusion": fusion, "task": task, **_WIDTHS, "width": width, **_OPTIONS.get(f"{task}-{fusion}", {})},
        **_TOWERS,
        paper=paper,
        folder="fusions",
        file=f"{task}-{fusion}.safetensors",
        tasks=(task,),
        default_method="relevance",
        figures={task: Figure("fusions", f"{task}_{fusion}_{_FUSION_FIGURES[task][0]}", *_FUSION_FIGURES[task][1:])},
    )
    for task, width in _FUSION_WIDTHS.items()
    for fusion, paper in _FUSIONS.items()
)  # fmt: skip

_IMPUTATION = Checkpoint(
    "imputation", "imputation", "tasks.imputation:Imputer", {**_WIDTHS, "pairs": 200, "rank": 48},
    **_TOWERS,
    paper="Little and Rubin 2019, chapter 4; Izenman 1975 (reduced-rank regression)",
)  # fmt: skip

EMBEDDED = (*_ROWS, *_BENCH, _IMPUTATION)
