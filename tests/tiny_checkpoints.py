"""Tiny checkpoints with random weights, of every family that the table has, as a download would leave them.

    save("clip", folder)      # a family, or the name of a row: config, safetensors, tokenizer, picture settings

Each has a tokenizer of its family's own kind, made of a few words. Same weights every time.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

import mmdemo.torchvision_ops  # noqa: F401  (before transformers' models)

FAMILY_OF = {
    "clip_b32": "clip",
    "clip_l14": "clip",
    "siglip2": "siglip",
    "multilingual_clip": "altclip",
    "bert_multilingual": "bert",
    "resnet18": "resnet",
    "smolvlm": "idefics3",
}
DUAL = ("clip", "siglip", "chinese_clip", "altclip")
TEXTS = ["a dog runs on the beach", "a cat sleeps on the red sofa.", "两 只 狗 在 沙滩 上 跑"]
TEXTS += ["猫 睡 在 沙发 上 。", "一 张 照片"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", "##s", "dog", "cat", "run", "on"]
WORDS += ["the", "beach", *"一只狗在沙滩上跑两猫睡发张照片", ".", ",", "。"]
VISION = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
VISION |= {"image_size": 24, "patch_size": 8}
TEXT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 2}
LONGEST = 24  # tokens
BERT = TEXT | {"max_position_embeddings": LONGEST, "type_vocab_size": 2}
BLIPS = {
    "blip_caption": "BlipForConditionalGeneration",
    "blip_answer": "BlipForQuestionAnswering",
    "blip_match": "BlipForImageTextRetrieval",
}
CHAT = (  # as SmolVLM's own
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}:{% for line in message['content'] %}"
    "{% if line['type'] == 'text' %}{{line['text']}}{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}"
    "{% endfor %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
SQUARE = {"height": 24, "width": 24}
SEEDS = {"altclip": 3}  # otherwise 0; towers in which some word speaks for the picture, so that each method shows one


def save(name: str, folder: Path) -> None:
    """All files of a tiny checkpoint of a family, or of the family of a row."""
    family = FAMILY_OF.get(name, name)
    folder.mkdir(parents=True, exist_ok=True)
    if family in ALONE:
        ALONE[family](folder)
    else:
        _save_with_texts(family, folder)


def _save_with_texts(family: str, folder: Path) -> None:
    build_model(family).save_pretrained(folder)
    if family == "chinese_clip":  # of its tokenizer the Hub has this alone
        (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    else:
        tokenizer_of(family).save_pretrained(folder)
    if family == "bert":
        said = {"do_lower_case": False, "model_max_length": LONGEST}  # all that the Hub's own file says
        (folder / "tokenizer_config.json").write_text(json.dumps(said))
    else:
        (folder / "preprocessor_config.json").write_text(json.dumps(picture_settings(family)))


def build_model(family: str) -> nn.Module:
    """transformers' own model with random weights, in eval mode."""
    import transformers as hf

    torch.manual_seed(SEEDS.get(family, 0))
    if family == "bert":
        return hf.BertModel(hf.BertConfig(**BERT, vocab_size=len(WORDS))).eval()
    if family in BLIPS:
        ids = {"bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0, "vocab_size": len(WORDS)}
        text = TEXT | ids | {"encoder_hidden_size": 32, "projection_dim": 16, "max_position_embeddings": LONGEST}
        sizes = {"projection_dim": 16, "image_text_hidden_size": 16}
        return getattr(hf, BLIPS[family])(hf.BlipConfig(text_config=text, vision_config=VISION, **sizes)).eval()
    sizes = {"vocab_size": len(tokenizer_of(family)), "max_position_embeddings": LONGEST}
    marks = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    text = {
        "clip": TEXT | sizes | marks,
        "siglip": TEXT | sizes | {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2, "projection_size": 32},
        "chinese_clip": BERT | sizes,
        "altclip": BERT | sizes | {"max_position_embeddings": LONGEST + 2, "project_dim": 20, "pad_token_id": 1},
    }[family]
    names = {"clip": "CLIP", "siglip": "Siglip", "chinese_clip": "ChineseCLIP", "altclip": "AltCLIP"}
    config = getattr(hf, f"{names[family]}Config")
    more = {} if family == "siglip" else {"projection_dim": 16}
    model = getattr(hf, f"{names[family]}Model")(config(text_config=text, vision_config=VISION, **more))
    with torch.no_grad():  # a tower as it is made hardly tells one picture from another
        for name, weights in model.named_parameters():
            if weights.ndim > 1:
                weights.add_(0.15 * torch.randn_like(weights))
            elif name.endswith("bias"):
                weights.add_(0.1 * torch.randn_like(weights))
    return model.eval()


def tokenizer_of(family: str, texts: Sequence[str] = TEXTS):
    """A fast tokenizer of the family's own class that knows the words of some texts, and single characters."""
    import transformers as hf
    from tokenizers.pre_tokenizers import ByteLevel

    words = list(dict.fromkeys(word for text in texts for word in text.split()))
    characters = sorted({character for word in words for character in word})
    given = {"model_max_length": LONGEST}
    if family == "clip":
        marks, alphabet = ["<|startoftext|>", "<|endoftext|>"], sorted(ByteLevel.alphabet())
        spelt = [
            [*bytes_[:-1], f"{bytes_[-1]}</w>"] for w in words for bytes_, _ in ByteLevel(False).pre_tokenize_str(w)
        ]
        vocab, merges = pieces_of([*marks, *alphabet, *(f"{c}</w>" for c in alphabet)], spelt)
        return hf.CLIPTokenizer(vocab, merges, **given)
    if family == "siglip":  # Gemma's, as SigLIP 2 sets it up
        known = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *characters]
        vocab, merges = pieces_of(known, [["▁", *word] for word in words])
        given |= {"add_bos_token": False, "add_eos_token": True, "padding_side": "right"}
        return hf.GemmaTokenizer(vocab, merges, **given)
    if family == "altclip":
        likely = [(mark, 0.0) for mark in ("<s>", "<pad>", "</s>", "<unk>")] + [(f"▁{word}", -4.0) for word in words]
        return hf.XLMRobertaTokenizer([*likely, *((c, -9.0) for c in ["▁", *characters]), ("<mask>", 0.0)], **given)
    return hf.BertTokenizer({word: i for i, word in enumerate(WORDS)}, **given)


def pieces_of(known: list[str], words: list[list[str]]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges of a byte-pair encoding that puts each word together from the left."""
    pieces, merges = list(known), []
    for first, *rest in words:
        for part in rest:
            merges += [(first, part)] if (first, part) not in merges else []
            first += part
            pieces += [first] if first not in pieces else []
    return {piece: i for i, piece in enumerate(pieces)}, merges


def picture_settings(family: str) -> dict[str, object]:
    """What `preprocessor_config.json` says, with a name for the class as the family's own file has it."""
    settings = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4], "do_normalize": True, "do_resize": True}
    if family == "siglip":
        return settings | {"image_processor_type": "SiglipImageProcessor", "resample": 2, "size": SQUARE}
    if family == "chinese_clip":
        squeezed = {"do_center_crop": False, "resample": 3, "size": SQUARE}
        return settings | squeezed | {"feature_extractor_type": "ChineseCLIPFeatureExtractor"}
    if family in BLIPS:
        return settings | {
            "image_processor_type": "BlipImageProcessor",
            "processor_class": "BlipProcessor",
            "size": SQUARE,
        }
    cut = {"do_center_crop": True, "resample": 3, "size": 24, "crop_size": 24}  # numbers, as CLIP's file has them
    return settings | cut | {"feature_extractor_type": "CLIPFeatureExtractor"}


def _save_resnet(folder: Path) -> None:
    from safetensors.torch import save_file
    from torchvision.models import resnet18

    torch.manual_seed(0)
    save_file(resnet18(weights=None).state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"architecture": "resnet18", "num_classes": 1000}))


def _save_idefics3(folder: Path) -> None:
    """A chat model that sees, of SmolVLM's family: a picture of 16 x 16 pixels becomes 4 tokens."""
    import transformers as hf

    tokenizer = tokenizer_of("clip", [*TEXTS, "User: Assistant:"])
    marks = ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>", "<|im_start|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    tokenizer.model_max_length = 256
    torch.manual_seed(0)
    ids = {"bos_token_id": 0, "eos_token_id": tokenizer.convert_tokens_to_ids(marks[2]), "pad_token_id": 1}
    text = TEXT | ids | {"model_type": "llama", "vocab_size": len(tokenizer), "num_key_value_heads": 1}
    vision = VISION | {"image_size": 16, "patch_size": 4}
    image_id = tokenizer.convert_tokens_to_ids("<image>")
    config = hf.Idefics3Config(text_config=text, vision_config=vision, scale_factor=2, image_token_id=image_id, **ids)
    hf.Idefics3ForConditionalGeneration(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    edge = {"size": {"longest_edge": 16}, "max_image_size": {"longest_edge": 16}, "do_image_splitting": False}
    named = {"image_processor_type": "Idefics3ImageProcessor", "processor_class": "Idefics3Processor"}
    for name, said in {
        "preprocessor_config": {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "do_pad": True, **edge, **named},
        "processor_config": {"image_seq_len": 4, "processor_class": "Idefics3Processor"},
        "chat_template": {"chat_template": CHAT},
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(said))


ALONE = {"resnet": _save_resnet, "idefics3": _save_idefics3}
