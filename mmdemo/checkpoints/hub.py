"""The models that are fetched from the Hub when somebody asks for them, one row each. Read next: `row.py`.

A commit is written only where a public source names it; the comment beside it says which. Elsewhere the row names a
branch, and the first download keeps the commit that it found in the lock file (`loading/hub.py`). Sizes are those that
the Hub's own pages showed, rounded where they round.
"""

from mmdemo.checkpoints.row import Checkpoint, HubSource, Published

_PAIR = {"kind": "dual_encoder", "tasks": ("matching",), "needs_both": True, "default_method": "grad_eclip"}
_PAIR |= {"builder": "tasks.dual_encoder:DualEncoder"}
_BLIP = {"kind": "vision_language", "builder": "tasks.vision_language:VisionLanguage"}
_BLIP |= {"paper": "Li et al. 2022, arXiv 2201.12086 (BLIP)"}
_MODEL = ("config.json", "model.safetensors")
_TEXTS = ("tokenizer.json", "tokenizer_config.json")
_FILES = (*_MODEL, "preprocessor_config.json", *_TEXTS)
_ZERO_SHOT = ("zero-shot top-1 accuracy", "ImageNet")
_FLICKR_CN = ("Flickr30K-CN, test, zero-shot", "%", "github.com/OFA-Sys/Chinese-CLIP, Results.md")

HUB = (
    Checkpoint(
        "clip_b32", **_PAIR,
        paper="Radford et al. 2021, arXiv 2103.00020 (CLIP)",
        hub=HubSource(
            "CLIP ViT-B/32", "openai/clip-vit-base-patch32", _FILES, 607_400_000, "MIT", ("en",),
            # A conversion to safetensors, for main has a pickle only; in caches that public code names, beside
            # 605,157,884 bytes of model.safetensors
            revision="c237dc49a33fc61debc9276459120b7eac67e7ef",
            published=(Published(*_ZERO_SHOT, 63.2, "%", "arXiv 2103.00020, as OpenCLIP's README quotes it"),),
        ),
    ),
    Checkpoint(
        "clip_l14", **_PAIR,
        paper="Radford et al. 2021, arXiv 2103.00020 (CLIP)",
        hub=HubSource(
            "CLIP ViT-L/14", "openai/clip-vit-large-patch14", _FILES, 1_713_000_000, "MIT", ("en",),
            # In the caches of many diffusion programs, with model.safetensors: .../clip-vit-large-patch14/snapshots/...
            revision="32bd64288804d66eefd0ccbe215aa642df71cc41",
            published=(Published(*_ZERO_SHOT, 75.3, "%", "arXiv 2103.00020, as OpenCLIP's README quotes it"),),
        ),
    ),
    Checkpoint(
        "siglip2", **_PAIR,
        paper="Tschannen et al. 2025, arXiv 2502.14786 (SigLIP 2)",
        hub=HubSource(
            "SigLIP 2 base", "google/siglip2-base-patch16-224", _FILES, 1_535_000_000, "Apache-2.0", ("*",),
            revision="75de2d55ec2d0b4efc50b3e9ad70dba96a7b2fa2",  # pinned in the model card of nvidia/AutoGaze
        ),
    ),
    Checkpoint(
        "chinese_clip", **_PAIR,
        paper="Yang et al. 2022, arXiv 2211.01335 (Chinese CLIP)",
        hub=HubSource(
            "Chinese-CLIP ViT-B/16", "OFA-Sys/chinese-clip-vit-base-patch16",
            (*_MODEL, "preprocessor_config.json", "vocab.txt"), 753_200_000, "Apache-2.0", ("zh",),
            # refs/pr/1, the conversion to safetensors (the Hub's own page); with sha256 in the README of Pixhelf
            revision="f4a64596bbcf9a2a94591b74b9dc39b2e4e77e3e",
            published=(
                Published("text-to-image R@1", _FLICKR_CN[0], 62.7, *_FLICKR_CN[1:]),
                Published("image-to-text R@1", _FLICKR_CN[0], 74.6, *_FLICKR_CN[1:]),
            ),
        ),
    ),
    Checkpoint(
        "multilingual_clip", **_PAIR,
        paper="Chen et al. 2022, arXiv 2211.06679 (AltCLIP); Conneau et al. 2020, arXiv 1911.02116 (XLM-R)",
        hub=HubSource(
            "AltCLIP", "BAAI/AltCLIP", _FILES, 3_477_000_000, "CreativeML OpenRAIL-M", ("en", "zh"),
            revision="refs/pr/7",  # the conversion to safetensors (the Hub's own page); main has a pickle only
            published=(
                Published(*_ZERO_SHOT, 74.5, "%", "arXiv 2211.06679, as sotaverified.org quotes it"),
                Published(_ZERO_SHOT[0], "ImageNet-CN", 59.6, "%", "arXiv 2211.06679, as sotaverified.org quotes it"),
            ),
        ),
    ),
    Checkpoint(
        "bert_multilingual", "text_encoder", "encoders.bert:BertTextEncoder",
        paper="Devlin et al. 2019, arXiv 1810.04805 (BERT)",
        hub=HubSource(
            "BERT base, multilingual", "google-bert/bert-base-multilingual-cased", (*_MODEL, *_TEXTS), 716_300_000,
            "Apache-2.0", ("*",),
            revision="3f076fdb1ab68d5b2880cb87a0886f315b8146f8",  # the Hub's own page of main
        ),
    ),
    Checkpoint(
        "resnet18", "image_encoder", "encoders.resnet:ImageNetResNet",
        paper="He et al. 2016, arXiv 1512.03385 (ResNet)",
        hub=HubSource(
            "ResNet-18", "timm/resnet18.tv_in1k", _MODEL, 46_810_000, "BSD-3-Clause",
            # Two public programs pin it with 46,807,446 bytes and sha256 694f673df6520a3158624e8a89af086f...
            revision="bbd144b3e5565108aad885f145491d11bc6ce807",
            published=(Published("top-1 accuracy", "ImageNet-1K", 69.758, "%", "torchvision, ResNet18_Weights"),),
        ),
    ),
    Checkpoint(
        "blip_caption", **_BLIP, config={"model": "BlipForConditionalGeneration"}, tasks=("captioning",),
        hub=HubSource(
            "BLIP base, captions", "Salesforce/blip-image-captioning-base", _FILES, 990_800_000, "BSD-3-Clause",
            ("en",),
            revision="refs/pr/38",  # the conversion to safetensors (the Hub's own page); main has a pickle only
        ),
    ),
    Checkpoint(
        "blip_answer", **_BLIP, config={"model": "BlipForQuestionAnswering"}, tasks=("answering",),
        hub=HubSource(
            "BLIP base, questions", "Salesforce/blip-vqa-base", _FILES, 1_540_800_000, "BSD-3-Clause", ("en",),
            # main (the Hub's own page shows 787b3d3 with model.safetensors); in full in caches that public code names
            revision="787b3d35d57e49572baabd22884b3d5a05acf072",
        ),
    ),
    Checkpoint(
        "blip_match", **_BLIP, config={"model": "BlipForImageTextRetrieval"}, tasks=("pair_matching",),
        hub=HubSource(
            "BLIP base, matching", "Salesforce/blip-itm-base-coco", _FILES, 895_800_000, "BSD-3-Clause", ("en",),
            revision="refs/pr/5",  # the conversion to safetensors (the Hub's own page); main has a pickle only
        ),
    ),
    Checkpoint(
        "smolvlm", "vision_language", "tasks.vision_language:VisionLanguage",
        config={"model": "AutoModelForImageTextToText"},
        paper="Marafioti et al. 2025, arXiv 2504.05299 (SmolVLM)",
        tasks=("captioning", "answering"),
        hub=HubSource(
            "SmolVLM 256M", "HuggingFaceTB/SmolVLM-256M-Instruct",
            (*_FILES, "processor_config.json", "chat_template.json", "generation_config.json"), 516_800_000,
            "Apache-2.0", ("en",),
            revision="7e3e67edbbed1bf9888184d9df282b700a323964",  # in caches that public code names
        ),
    ),
)  # fmt: skip
