"""CLIP and SigLIP: tiny random ones, saved to disk as transformers saves them and loaded by the code that loads all."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import mmdemo
import mmdemo.torchvision_ops  # before transformers' models
from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint, HubSource
from mmdemo.encoders.words import layout_of
from mmdemo.errors import IncompatibleError, WeightsError
from mmdemo.explain.grad_eclip import GradEclip
from tests.hub_cache import install
from tests.pictures import picture

WORDS = ["<pad>", "<start>", "a", "dog", "cat", "run", "##s", "on", "the", "beach", "狗", ".", "<end>"]
VISION = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
VISION |= {"image_size": 24, "patch_size": 8}
TEXT = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 2}
TEXT |= {
    "vocab_size": len(WORDS),
    "max_position_embeddings": 12,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
SAID = "a dog runs on the beach"


def build_model(family: str):
    from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

    torch.manual_seed(0)
    if family == "clip":
        config = CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=16)
        return CLIPModel(config)
    return SiglipModel(SiglipConfig(text_config=TEXT, vision_config=VISION))


def save(family: str, folder) -> None:
    """Model, tokenizer and picture settings, as a download would leave them."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    build_model(family).eval().save_pretrained(folder)
    pieces = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="<pad>"))
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = [(name, WORDS.index(name)) for name in ("<start>", "<end>")]
    single = "<start> $A <end>" if family == "clip" else "$A <end>"
    pieces.post_processor = processors.TemplateProcessing(single=single, special_tokens=marks)
    names = {"pad_token": "<pad>", "bos_token": "<start>", "eos_token": "<end>"}
    PreTrainedTokenizerFast(tokenizer_object=pieces, model_max_length=12, **names).save_pretrained(folder)
    settings = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4], "resample": 3}
    settings |= {
        "do_center_crop": family == "clip",
        "size": {"shortest_edge": 24},
        "crop_size": {"height": 24, "width": 24},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


def row_of(name: str) -> Checkpoint:
    files = ("config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json")
    source = HubSource(name, f"tests/{name}", files, 1, "MIT")
    return Checkpoint(name, "dual_encoder", "tasks.dual_encoder:DualEncoder", default_method="grad_eclip", hub=source)


@pytest.fixture(scope="module", params=["clip", "siglip"])
def dual(request, tmp_path_factory):
    """(family, engine) with a row "tiny" in the table of checkpoints."""
    folder, row = tmp_path_factory.mktemp(request.param), row_of("tiny")
    save(request.param, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache") / "hub"))
        patch.setitem(CHECKPOINTS, "tiny", row)
        install(row, folder)
        yield request.param, mmdemo.load(device="cpu", offline=True)


def test_loaded_towers_answer_as_transformers_own_forward(dual):
    family, engine = dual
    head, reference = engine.models.load("tiny"), build_model(family).eval()
    pixels, words = head.image_encoder.prepare([picture(0), picture(1)]), head.text_encoder.prepare([SAID, "a cat."])
    with torch.no_grad():
        mask = words.tensors["mask"] if family == "clip" else None
        known = reference(input_ids=words.tensors["ids"], pixel_values=pixels.tensors["pixels"], attention_mask=mask)
        seen, read = head.image_encoder(pixels), head.text_encoder(words)
        mine = head.fuse(seen, read).joint.sum(-1)
    cosine = torch.nn.functional.cosine_similarity(known.image_embeds, known.text_embeds)
    assert torch.allclose(mine, cosine, atol=1e-5)
    if family == "siglip":
        logits = head.judge(head.fuse(seen, read), "match")
        assert torch.allclose(logits, known.logits_per_image.diag(), atol=1e-4)


def test_attentions_are_there_and_are_transformers_own(dual):
    family, engine = dual
    head, reference = engine.models.load("tiny"), build_model(family).eval()
    reference.set_attn_implementation("eager")
    for encoder, item, own in (
        (head.image_encoder, picture(), reference.vision_model),
        (head.text_encoder, SAID, reference.text_model),
    ):
        batch = encoder.prepare([item])
        with torch.no_grad():
            said = encoder.reread(encoder.start(batch), batch)
            given = batch.tensors["pixels" if encoder.modality == "image" else "ids"]
            known = own(given, output_attentions=True).attentions
        assert len(said.attentions) == len(known) == (2 if encoder.modality == "image" else 3)
        for mine, theirs in zip(said.attentions, known, strict=True):
            assert torch.allclose(mine, theirs, atol=1e-5)
            assert torch.allclose(mine.sum(-1), torch.ones_like(mine.sum(-1)), atol=1e-5)
        with torch.no_grad():  # and of many versions of one item, each by itself
            two = encoder.reread(torch.cat([encoder.start(batch), encoder.nothing(batch)]), batch)
        assert torch.allclose(two.tokens[:1], said.tokens, atol=1e-5) and len(two.layout) == 2


def test_the_last_attention_is_that_of_the_token_that_is_pooled(dual):
    """Gathered = softmax of query and keys over the heads, times the values; and the pooled vector hangs on it."""
    _, engine = dual
    for encoder, item, heads in (
        (engine.models.load("tiny").image_encoder, picture(), 4),
        (engine.models.load("tiny").text_encoder, SAID, 2),
    ):
        batch = encoder.prepare([item])
        said, last = encoder.encode_with_attention(encoder.start(batch).detach().requires_grad_(), batch)
        d = last.query.shape[1] // heads
        for h in range(heads):
            part = slice(h * d, (h + 1) * d)
            scores = (last.keys[0, :, part] @ last.query[0, part]) / d**0.5
            gathered = scores.softmax(0) @ last.values[0, :, part]  # the last token of a causal tower sees all
            assert torch.allclose(gathered, last.gathered[0, last.token, part], atol=1e-5)
        direction = torch.randn(said.pooled.shape[1])
        (gradient,) = torch.autograd.grad(said.pooled[0] @ direction, last.gathered)
        assert gradient[0, last.token].abs().sum() > 0  # and of a class or end token, on its own alone
        assert gradient.abs().sum() == pytest.approx(gradient[0, last.token].abs().sum().item())


def test_every_method_that_fits_gives_finite_maps_of_the_right_shape(dual):
    family, engine = dual
    names = [note.name for note in engine.method_notes("tiny")]
    expected = {
        "relevance",
        "shifted_relevance",
        "rollout",
        "self_attention",
        "integrated_gradients",
        "token_similarity",
        "grad_eclip",
        "occlusion",
    }
    assert set(names) == (expected if family == "clip" else expected | {"gradcam", "layercam"})
    for name in names:
        for word in (None, "dog"):
            found = engine.explain(picture(), SAID, name, word, model="tiny")
            assert found.patch_map.shape == (3, 3) and np.isfinite(found.patch_map).all() and found.patch_map.any()
            assert found.image_map.shape == (60, 90)
            assert [w for w, _ in found.word_weights] == SAID.split()
            ended = name in ("gradcam", "layercam")  # of the text only its end token has a gradient
            assert word or ended or any(w for _, w in found.word_weights)
        assert len(engine.words_at(picture(), SAID, 1, 2, name, model="tiny")) == 6


def test_grad_eclip_is_its_default_and_its_faith_is_measured_like_any_other(dual):
    _, engine = dual
    found = engine.explain(picture(), SAID, model="tiny")
    assert found.method == "grad_eclip" and found.target == "similarity"
    assert np.isfinite(engine.faithfulness(picture(), SAID, found, steps=3).deletion.map).all()
    assert np.isfinite(engine.sanity(picture(), SAID, found).correlation)
    rival = engine.explain(picture(), SAID, target=(SAID, "a cat"), model="tiny")
    assert not np.allclose(rival.patch_map, found.patch_map, atol=1e-4)


def test_grad_eclip_of_a_whole_tower_is_its_formula_in_float64(dual):
    family, engine = dual
    case = engine.case("tiny", picture(), SAID)
    encoder, prefix = engine.models.load("tiny").image_encoder, 1 if family == "clip" else 0
    batch = encoder.prepare([picture()])
    encoder.double()
    seen, last = encoder.encode_with_attention(encoder.start(batch).double().requires_grad_(), batch)
    text = case.text.pooled.double()
    number = torch.nn.functional.cosine_similarity(seen.pooled, text).sum()
    (w,) = torch.autograd.grad(number, last.gathered)
    q, k, v = last.query[0], last.keys[0, prefix:], last.values[0, prefix:]
    cosines = torch.stack([q @ row / (q.norm() * row.norm()) for row in k])
    loosened = (cosines - cosines.min()) / (cosines.max() - cosines.min())
    expected = (
        torch.stack([(w[0, last.token] * row).sum() * near for row, near in zip(v, loosened, strict=True)])
        .clamp_min(0)
        .detach()
    )
    encoder.float()
    found = GradEclip().explain(case.subject, case.image, case.text).patches
    assert torch.allclose(found[prefix:].double(), expected / expected.sum(), atol=1e-4)
    assert (found[:prefix] == 0).all()


def test_clip_sees_the_centred_square_and_draws_its_map_there(dual):
    family, engine = dual
    found = engine.explain(picture(), SAID, "occlusion", model="tiny")
    outside = np.concatenate([found.image_map[:, :15], found.image_map[:, 75:]], 1)
    assert (outside == 0).all() == (family == "clip")
    assert found.image_map[:, 10:50].any()


def test_a_text_too_long_is_cut_and_says_so(dual):
    family, engine = dual
    layout = engine.models.load("tiny").text_encoder.prepare(["dog " * 30]).layout[0]
    assert len(layout.tokens) == 12 and layout.cut_tokens == 30 + (2 if family == "clip" else 1) - 12
    assert engine.explain(picture(), "dog " * 30, model="tiny").word_weights[29][1] == 0


def test_an_incomplete_folder_and_another_family_are_said_clearly(tmp_path, monkeypatch):
    row = row_of("broken")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setitem(CHECKPOINTS, "broken", row)
    with pytest.raises(WeightsError, match="python -m mmdemo fetch broken") as caught:
        loading.load_module("broken")
    assert str(tmp_path) not in str(caught.value)
    from mmdemo.tasks.dual_encoder import DualEncoder

    with pytest.raises(IncompatibleError, match="clip, siglip; got 'bert'"):
        DualEncoder(type("Model", (), {"config": type("Config", (), {"model_type": "bert"})})(), None, {})


def test_a_pickle_is_not_read(tmp_path, monkeypatch):
    given = tmp_path / "given"
    save("clip", given)
    (given / "model.safetensors").unlink()
    torch.save(build_model("clip").state_dict(), given / "pytorch_model.bin")
    row = row_of("pickled")
    files = tuple(name for name in row.hub.files if name != "model.safetensors")
    row = replace(row, hub=replace(row.hub, files=(*files, "pytorch_model.bin")))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    monkeypatch.setitem(CHECKPOINTS, "pickled", row)
    install(row, given)
    with pytest.raises(WeightsError, match="could not be read"):
        loading.load_module("pickled")


def test_tokens_find_their_words_by_their_place_in_the_text():
    spans = [(0, 0), (0, 3), (3, 5), (6, 9), (9, 10), (10, 12), (0, 0)]
    layout = layout_of("don't run, 狗", [""] * 7, spans)
    assert layout.words == ("don't", "run", ",", "狗")
    assert layout.word_ids == (None, 0, 0, 1, 2, 3, None)  # the fifth took the space before it along
