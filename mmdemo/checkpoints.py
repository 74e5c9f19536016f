"""CHECKPOINTS: one literal table of every model this app can load. Data only; `loading.py` turns a row into a module.

What a model was trained on, how well it does and the sha256 of its files stand in its `weights/NAME/card.json`, written
by the recipe that made the files, so that no number is kept in two places.
"""

from dataclasses import dataclass, field
from typing import Any

from mmdemo.errors import ChoiceError


@dataclass(frozen=True)
class Checkpoint:
    """One row.

    Args:
        name: the key in `CHECKPOINTS`, and the folder in weights/ unless `folder` names another.
        kind: "image_encoder", "text_encoder", "matching", "sentiment", "fusion", "imputation", "familiarity" (of one
            side), "dual_encoder" (both towers in one), or "system" (one that answers several questions).
        builder: "module:Class" below mmdemo; called with `config`.
        config: keyword arguments of the builder.
        image_encoder: name of the row whose tokens this head reads; "" for an encoder.
        text_encoder: likewise.
        paper: the idea's source.
        folder: folder in weights/ that several rows share; each then has one file there.
        file: that file, "" where all files of the folder belong to the row.
        fitted: False for what has nothing to learn, and so no folder.
        source: a folder on this disk in transformers' own layout (kind "dual_encoder": both towers in one model), where
            the weights are not ours; "" for those in weights/.
    """

    name: str
    kind: str
    builder: str
    config: dict[str, Any] = field(default_factory=dict)
    image_encoder: str = ""
    text_encoder: str = ""
    paper: str = ""
    folder: str = ""
    file: str = ""
    fitted: bool = True
    source: str = ""


_ROWS = (
    Checkpoint(
        name="efficientnet",
        kind="image_encoder",
        builder="encoders.efficientnet_lite:EfficientNetLiteEncoder",
        config={"variant": "lite2"},
        paper="Tan and Le 2019, arXiv 1905.11946 (EfficientNet); its Lite variant as Google trained it on ImageNet",
    ),
    Checkpoint(
        name="e5",
        kind="text_encoder",
        builder="encoders.e5:E5Encoder",
        paper="Wang et al. 2024, arXiv 2402.05672 (multilingual E5); Devlin et al. 2019, arXiv 1810.04805 (BERT)",
    ),
    Checkpoint(
        name="lstm",
        kind="text_encoder",
        builder="encoders.lstm:LstmEncoder",
        paper="Hochreiter and Schmidhuber 1997; distilled from our text tower",
    ),
    Checkpoint(
        name="resnet",
        kind="image_encoder",
        builder="encoders.resnet:ResNetEncoder",
        paper="He et al. 2016, arXiv 1512.03385; distilled with hints, Romero et al. 2015, arXiv 1412.6550",
    ),
    Checkpoint(
        name="pixels",
        kind="image_encoder",
        builder="encoders.pixels:PixelEncoder",
        fitted=False,
    ),
    Checkpoint(
        name="tfidf",
        kind="text_encoder",
        builder="encoders.tfidf:TfidfEncoder",
        paper="Salton and Buckley 1988",
    ),
    Checkpoint(
        name="pixels_tfidf",
        kind="system",
        builder="tasks.pixels_tfidf:PixelsTfidf",
        config={"pixels": 12_288, "words": 3000, "kept": 32, "gallery": 400},
        image_encoder="pixels",
        text_encoder="tfidf",
        paper="Salton and Buckley 1988; Hoerl and Kennard 1970 (ridge)",
    ),
    Checkpoint(
        name="cnn",
        kind="image_encoder",
        builder="encoders.cnn:CnnEncoder",
        paper="LeCun et al. 1998",
    ),
    Checkpoint(
        name="cnn_lstm",
        kind="system",
        builder="tasks.cnn_lstm:CnnLstm",
        config={"best": "feature"},
        paper="Ramachandram and Taylor 2017 (data, feature and model level); Caruana 1997 (two tasks)",
    ),
    Checkpoint(
        name="autoencoder",
        kind="autoencoder",
        builder="tasks.reconstruction:CrossModalAutoencoder",
        config={"remembered": 6078},  # training photos in its memory
        paper="Ngiam et al. 2011 (bimodal deep autoencoder); Hinton and Salakhutdinov 2006",
    ),
    Checkpoint(
        name="resnet_lstm",
        kind="system",
        builder="tasks.resnet_lstm:ResNetLstm",
        config={"image_width": 512, "text_width": 256, "width": 96, "heads": 4},
        image_encoder="resnet",
        text_encoder="lstm",
        paper="He et al. 2016; Hochreiter and Schmidhuber 1997; Lu et al. 2016, arXiv 1606.00061 (co-attention)",
    ),
    Checkpoint(
        name="bert_resnet",
        kind="fusion",
        builder="tasks.fused:FusedTask",
        config={"fusion": "weighted_sum", "task": "matching", "image_width": 512, "text_width": 384, "width": 96},
        image_encoder="resnet",
        text_encoder="e5",
        paper="Devlin et al. 2019; He et al. 2016",
    ),
    Checkpoint(
        name="matching",
        kind="matching",
        builder="tasks.matching:DualEncoderMatching",
        config={"image_width": 1280, "text_width": 384, "width": 512, "readings": 2, "narrow": 320},
        image_encoder="efficientnet",
        text_encoder="e5",
        paper="Frome et al. 2013 (DeViSE); Radford et al. 2021, arXiv 2103.00020 (CLIP)",
    ),
    Checkpoint(
        name="cross_attention",
        kind="matching",
        builder="tasks.matching:CrossAttentionMatching",
        config={"image_width": 1280, "text_width": 384, "width": 256, "heads": 4},
        image_encoder="efficientnet",
        text_encoder="e5",
        paper="Lee et al. 2018, arXiv 1803.08024 (SCAN); Lu et al. 2019, arXiv 1908.02265 (ViLBERT)",
    ),
    Checkpoint(
        name="sentiment",
        kind="sentiment",
        builder="tasks.sentiment:Sentiment",
        config={"image_width": 1280, "text_width": 384, "width": 128, "members": 3},
        image_encoder="efficientnet",
        text_encoder="e5",
        paper="Ngiam et al. 2011 (feature-level), Kittler et al. 1998 (late fusion); data: Niu et al. 2016 (MVSA)",
    ),
    Checkpoint(
        name="text_familiarity",
        kind="familiarity",
        builder="tasks.familiarity:TextFamiliarity",
        config={"width": 384, "components": 64, "hidden": 48, "ngrams": 120_000},
        text_encoder="e5",
        paper="Lee et al. 2018, arXiv 1807.03888; Hendrycks et al. 2019, arXiv 1812.04606",
        folder="familiarity",
        file="text_familiarity.safetensors",
    ),
    Checkpoint(
        name="image_familiarity",
        kind="familiarity",
        builder="tasks.familiarity:ImageFamiliarity",
        config={"width": 1280, "components": 96, "hidden": 32},
        image_encoder="efficientnet",
        paper="Lee et al. 2018, arXiv 1807.03888; Hendrycks et al. 2019, arXiv 1812.04606",
        folder="familiarity",
        file="image_familiarity.safetensors",
    ),
)

_FUSIONS = {
    "cosine": "Frome et al. 2013 (DeViSE)",
    "weighted_sum": "a learned weight; see Kittler et al. 1998",
    "product": "Kim et al. 2017, arXiv 1610.04325",
    "gated": "Arevalo et al. 2017, arXiv 1702.01992",
    "lowrank_tensor": "Liu et al. 2018, arXiv 1806.00064",
    "concat": "Ngiam et al. 2011",
    "autoencoder": "Ngiam et al. 2011, section 3.2",
    "late": "Kittler et al. 1998",
    "early": "Su et al. 2020, arXiv 1908.08530 (VL-BERT)",
    "cross_attention": "Lu et al. 2019, arXiv 1908.02265 (ViLBERT)",
}
_WIDTHS = {"matching": 96, "sentiment": 64}
_OPTIONS = {"matching-late": {"options": 64}, "sentiment-late": {"options": 3}}

# The fusion bench: every fusion for both tasks, on the same towers; all files in weights/fusions.
_BENCH = tuple(
    Checkpoint(
        name=f"{task}-{fusion}",
        kind="fusion",
        builder="tasks.fused:FusedTask",
        config={
            "fusion": fusion,
            "task": task,
            "image_width": 1280,
            "text_width": 384,
            "width": width,
            **_OPTIONS.get(f"{task}-{fusion}", {}),
        },
        image_encoder="efficientnet",
        text_encoder="e5",
        paper=paper,
        folder="fusions",
        file=f"{task}-{fusion}.safetensors",
    )
    for task, width in _WIDTHS.items()
    for fusion, paper in _FUSIONS.items()
)
_IMPUTATION = Checkpoint(
    name="imputation",
    kind="imputation",
    builder="tasks.imputation:Imputer",
    config={"image_width": 1280, "text_width": 384, "pairs": 200, "rank": 48},
    image_encoder="efficientnet",
    text_encoder="e5",
    paper="Little and Rubin 2019, chapter 4; Izenman 1975 (reduced-rank regression)",
)

CHECKPOINTS: dict[str, Checkpoint] = {row.name: row for row in (*_ROWS, *_BENCH, _IMPUTATION)}
assert len(CHECKPOINTS) == len(_ROWS) + len(_BENCH) + 1, "two rows of the table share a name"


def find(name: str) -> Checkpoint:
    """The row of that name; `ChoiceError` naming the rows when there is none."""
    if name not in CHECKPOINTS:
        raise ChoiceError("checkpoint", name, sorted(CHECKPOINTS))
    return CHECKPOINTS[name]


def folders() -> list[str]:
    """The folders of weights/ that the table names, each once, in the table's order."""
    return list(dict.fromkeys(row.folder or row.name for row in CHECKPOINTS.values() if row.fitted and not row.source))
