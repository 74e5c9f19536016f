"""A row of CLIP ViT-B/32 beside transformers' own zero-shot pipeline, on the same files.

Random weights of the real sizes and a tokenizer that knows the words of the labels; nothing is fetched. Read next:
`gradcam.py`.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from mmdemo import loading
from mmdemo.benchmark.rounds import Calls, Setting, measure_sizes, photos, take_turns
from mmdemo.benchmark.rows import Row, per_round
from mmdemo.checkpoints import find
from mmdemo.engine import Engine
from mmdemo.loading.transformers_folder import load_transformers

CLIP = "clip_b32"  # row of the table
LABELS = ["dog", "cat", "child", "noodles", "bus", "beach", "football", "cabin", "guitar", "taxi"]
TEMPLATE = "This is a photo of {}."
MARKS = ["<|startoftext|>", "<|endoftext|>"]
PICTURES = {
    "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4], "do_normalize": True, "do_resize": True,
    "do_center_crop": True, "resample": 3, "size": 224, "crop_size": 224,
    "feature_extractor_type": "CLIPFeatureExtractor",
}  # fmt: skip
KINDS = ("repeated", "new_labels", "new_photo")

Question = tuple[Image.Image, list[str]]


def measure(setting: Setting) -> list[Row]:
    """A known picture with known labels, with new ones, and a new picture."""
    folder = setting.folder / "vit_b32"
    save_vit_b32(folder, setting.seed)
    engine, pipe = with_clip(setting.engine, folder), build_pipeline(folder, setting.engine)
    try:
        times = take_turns(calls(setting, engine, pipe), setting.rounds)
    finally:
        engine.unload(CLIP)
    return [per_round(f"pipeline_{kind}", times[f"ours, {kind}"], times[f"theirs, {kind}"]) for kind in KINDS]


def save_vit_b32(folder: Path, seed: int = 0) -> None:
    """The architecture of openai/clip-vit-base-patch32, but for how many tokens its vocabulary has."""
    from transformers import CLIPConfig, CLIPModel

    folder.mkdir()
    tokenizer = build_tokenizer([*LABELS, *TEMPLATE.lower().split()])
    text = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    vision = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
    vision |= {"patch_size": 32, "image_size": 224}
    text |= {"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 8}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=512)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PICTURES))


def build_tokenizer(words: list[str]) -> Any:
    """CLIP's own kind, of single bytes and these words; each word is put together from the left."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    alphabet = sorted(ByteLevel.alphabet())
    pieces, merges = dict.fromkeys([*MARKS, *alphabet, *(f"{c}</w>" for c in alphabet)]), {}
    for word in words:
        first, *rest = [*word[:-1], f"{word[-1]}</w>"]
        for part in rest:
            merges[first, part] = None
            first += part
            pieces[first] = None
    return CLIPTokenizer({piece: i for i, piece in enumerate(pieces)}, list(merges), model_max_length=77)


def with_clip(engine: Engine, folder: Path) -> Engine:
    """The engine, with the folder's model as that row of the Hub: no download, and no limit of memory."""
    row = find(CLIP)
    module = load_transformers(row, folder, loading.builder(row)).eval().requires_grad_(False)
    engine.models.modules[CLIP] = module.to(engine.models.device)
    measure_sizes(engine, CLIP)
    return engine


def build_pipeline(folder: Path, engine: Engine) -> Any:
    """transformers' own."""
    from transformers import pipeline

    return pipeline("zero-shot-image-classification", model=str(folder), device=engine.models.device)


def shares(engine: Engine, photo: Image.Image, labels: list[str]) -> list[float]:
    """What the pipeline answers, by the engine: one picture against labels in a sentence, softmax over them."""
    return engine.match(photo, [TEMPLATE.format(label) for label in labels], model=CLIP).share.tolist()


def their_shares(pipe: Any, photo: Image.Image, labels: list[str]) -> list[float]:
    """The pipeline's answer, in the labels' order."""
    said = pipe(photo, candidate_labels=labels, hypothesis_template=TEMPLATE)
    shares_of = {one["label"]: one["score"] for one in said}
    return [shares_of[label] for label in labels]


def calls(setting: Setting, engine: Engine, pipe: Any) -> Calls:
    """Ours and theirs for each kind; both see the same photos and labels, each kind its own."""
    turns: Calls = {}
    for kind in KINDS:
        for side in ("ours", "theirs"):
            ask = partial(shares, engine) if side == "ours" else partial(their_shares, pipe)
            turns[f"{side}, {kind}"] = partial(ask_next, ask, questions(setting, kind))
    return turns


def ask_next(ask: Callable[..., object], some: Iterator[Question]) -> None:
    """The next of them."""
    ask(*next(some))


def questions(setting: Setting, kind: str) -> Iterator[Question]:
    """A photo and labels for each round."""
    known = next(photos(setting.seed))
    for number, new in enumerate(setting.stock(10)):
        labels = [f"{label} {number}" for label in LABELS] if kind == "new_labels" else LABELS
        yield (new if kind == "new_photo" else known), labels
