"""The towers of the Hub that come alone: BERT's text side, ResNet-18's image side."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint, find
from mmdemo.errors import WeightsError
from mmdemo.loading import load_module
from mmdemo.tasks.fused import FusedTask
from mmdemo.types import Batch
from tests.hub_cache import install
from tests.pictures import picture
from tests.tiny_checkpoints import LONGEST, build_model, save

SAID, ALSO = "a dog runs on the beach", "一只狗在沙滩上跑, cat."
SIZES = ((37, 91), (300, 200), (224, 224), (1, 1), (640, 256))


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A cache with the tiny forms of both rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache") / "hub"))
        for name in ("bert_multilingual", "resnet18"):
            folder = tmp_path_factory.mktemp(name)
            save(name, folder)
            install(find(name), folder)
        yield


@pytest.mark.parametrize("texts", [[SAID], [ALSO, SAID, "dog " * 30]])
def test_bert_reads_as_transformers_own_forward_with_and_without_padding(hub, texts):
    encoder, model = load_module("bert_multilingual"), build_model("bert")
    model.set_attn_implementation("eager")
    batch = encoder.prepare(texts)
    said = encoder.tokenizer(texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
    assert torch.equal(batch.tensors["ids"], said["input_ids"])
    with torch.no_grad():
        known, mine = model(**said, output_attentions=True), encoder(batch)
        shown = encoder.reread(encoder.start(batch), batch)
    real = mine.mask.unsqueeze(-1)
    for read in (mine, shown):
        assert torch.allclose(read.tokens * real, known.last_hidden_state * real, atol=1e-5)
    assert torch.allclose(mine.pooled[0], known.last_hidden_state[0][mine.mask[0]].mean(0), atol=1e-5)
    assert mine.attentions is None and len(shown.attentions) == len(known.attentions) == encoder.layers
    for own, theirs in zip(shown.attentions, known.attentions, strict=True):
        assert torch.allclose(own * real[:, None], theirs * real[:, None], atol=1e-5)


def test_a_chinese_word_of_several_pieces_is_one_word(hub):
    layout = load_module("bert_multilingual").prepare([ALSO]).layout[0]
    assert layout.words[:3] == ("一只", "狗", "在") and layout.word_ids[1:4] == (0, 0, 1)


@pytest.mark.parametrize("size", SIZES)
def test_resnet_sees_pictures_of_any_size_as_transformers_own_processor_cuts_them(hub, size):
    from transformers import CLIPImageProcessorPil

    encoder = load_module("resnet18")
    mine, known = encoder.prepare([picture(0, size)]), CLIPImageProcessorPil(**encoder.settings)
    assert torch.allclose(
        mine.tensors["pixels"], known(picture(0, size), return_tensors="pt")["pixel_values"], atol=1e-5
    )


def test_resnet_is_torchvisions_own_from_the_pixels_on(hub):
    from torchvision.models import ResNet18_Weights, resnet18
    from torchvision.models.feature_extraction import create_feature_extractor

    torch.manual_seed(0)
    network = create_feature_extractor(resnet18(weights=None).eval(), ["layer4", "avgpool"])
    photo = picture(0, (300, 200))
    pixels = ResNet18_Weights.IMAGENET1K_V1.transforms()(photo).unsqueeze(0)
    encoder = load_module("resnet18")
    batch = encoder.prepare([photo])
    assert torch.allclose(batch.tensors["pixels"], pixels, atol=1e-5)
    double = Batch({"pixels": pixels.double()}, batch.layout)  # so that the order of sums does not show
    with torch.no_grad():
        mine, known = encoder.double()(double), network.double()(pixels.double())
    assert batch.layout[0].grid == (7, 7) and mine.tokens.shape == (1, 49, 512)
    assert torch.allclose(mine.tokens, known["layer4"].flatten(2).transpose(1, 2), atol=1e-5)
    assert torch.allclose(mine.pooled, known["avgpool"].flatten(1), atol=1e-5)


def test_a_head_on_both_is_explained_like_any_other(hub, monkeypatch):
    """The fourth article's towers: Grad-CAM looks at ResNet's places, attention methods at BERT's words."""
    widths = {"image_width": 512, "text_width": 32, "width": 8}
    config = {"fusion": "weighted_sum", "task": "matching", **widths}
    towers = {"image_encoder": "resnet18", "text_encoder": "bert_multilingual"}
    row = Checkpoint("tiny", "fusion", "tasks.fused:FusedTask", config, **towers, tasks=("matching",))
    monkeypatch.setitem(CHECKPOINTS, "tiny", replace(row, default_method="gradcam"))
    engine = mmdemo.load(device="cpu", offline=True)
    torch.manual_seed(0)
    for untrained in ("", ", untrained"):
        engine.models.modules[f"tiny{untrained}"] = FusedTask(**config).eval()
    names = engine.capabilities("tiny").methods
    assert {"gradcam", "layercam", "relevance", "rollout", "self_attention", "occlusion"} <= set(names)
    for name in names:
        found = engine.explain(picture(), SAID, name, model="tiny")
        assert found.patch_map.shape == (7, 7) and np.isfinite(found.patch_map).all()
        assert [word for word, _ in found.word_weights] == SAID.split()
    found = engine.explain(picture(), SAID, model="tiny")
    assert found.method == "gradcam" and np.isfinite(engine.sanity(picture(), SAID, found).correlation)
    assert np.isfinite(engine.faithfulness(picture(), SAID, found, steps=2).deletion.map).all()


def test_a_file_of_another_network_is_said_clearly(hub, tmp_path, monkeypatch):
    from safetensors.torch import save_file

    save("resnet18", tmp_path / "given")
    save_file({"conv1.weight": torch.zeros(1)}, tmp_path / "given" / "model.safetensors")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    install(find("resnet18"), tmp_path / "given")
    with pytest.raises(WeightsError, match="'resnet18' could not be read"):
        load_module("resnet18")
