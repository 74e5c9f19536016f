"""The dual encoders of the Hub: tiny random ones, as a download leaves them, loaded by the code that loads all."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cosine_similarity

import mmdemo
from mmdemo import loading
from mmdemo.checkpoints import CHECKPOINTS, Checkpoint, HubSource, find
from mmdemo.encoders.words import layout_of
from mmdemo.errors import IncompatibleError, WeightsError
from mmdemo.explain.grad_eclip import GradEclip
from tests.hub_cache import install
from tests.pictures import picture
from tests.tiny_checkpoints import DUAL, LONGEST, build_model, save

SAID = "a dog runs on the beach"
ALSO = "一只狗在沙滩上跑, cat."
SQUEEZED = ("siglip", "chinese_clip")  # families that see the whole picture, not its centred square
SIZES = ((37, 91), (300, 200), (24, 24), (1, 1), (200, 25))  # (width, height)


def row_of(name: str, family: str = "clip") -> Checkpoint:
    texts = ("vocab.txt",) if family == "chinese_clip" else ("tokenizer.json", "tokenizer_config.json")
    files = ("config.json", "model.safetensors", "preprocessor_config.json", *texts)
    source = HubSource(name, f"tests/{name}", files, 1, "MIT")
    return Checkpoint(name, "dual_encoder", "tasks.dual_encoder:DualEncoder", default_method="grad_eclip", hub=source)


@pytest.fixture(scope="module", params=DUAL)
def dual(request, tmp_path_factory):
    """(family, engine) with a row "tiny" in the table of checkpoints."""
    folder, row = tmp_path_factory.mktemp(request.param), row_of("tiny", request.param)
    save(request.param, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache") / "hub"))
        patch.setitem(CHECKPOINTS, "tiny", row)
        install(row, folder)
        yield request.param, mmdemo.load(device="cpu", offline=True)


@pytest.fixture(scope="module")
def reference(dual, tmp_path_factory):
    """transformers' own model, tokenizer and image processor of the same files."""
    from transformers import AutoImageProcessor, AutoTokenizer

    family, _ = dual
    folder = tmp_path_factory.mktemp("reference")
    save(family, folder)
    model = build_model(family)
    model.set_attn_implementation("eager")
    return model, AutoTokenizer.from_pretrained(folder), AutoImageProcessor.from_pretrained(folder, backend="pil")


def read_by(tokenizer, family, texts):
    """Texts as the family's own documentation feeds them to its model."""
    if family == "siglip":  # padding is read: no mask; and the texts in lower case
        lower, whole = [text.lower() for text in texts], {"padding": "max_length", "max_length": LONGEST}
        return {"input_ids": tokenizer(lower, truncation=True, return_tensors="pt", **whole)["input_ids"]}
    said = tokenizer(texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
    return {name: said[name] for name in ("input_ids", "attention_mask")}


@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_any_size_are_prepared_as_the_familys_own_processor_does(dual, reference, size):
    _, engine = dual
    mine = engine.models.load("tiny").image_encoder.prepare([picture(0, size), picture(1)]).tensors["pixels"]
    known = reference[2]([picture(0, size), picture(1)], return_tensors="pt")["pixel_values"]
    assert mine.shape == known.shape == (2, 3, 24, 24)
    assert torch.allclose(mine, known, atol=1e-5)


def test_texts_are_cut_into_the_familys_own_tokens(dual, reference):
    family, engine = dual
    texts = [SAID, ALSO, "A Dog, on THE sofa", "dog " * 30]
    batch = engine.models.load("tiny").text_encoder.prepare(texts)
    known = read_by(reference[1], family, texts)
    assert torch.equal(batch.tensors["ids"], known["input_ids"])
    assert family == "siglip" or torch.equal(batch.tensors["mask"], known["attention_mask"].bool())


@pytest.mark.parametrize("texts", [[SAID], [ALSO], [SAID, ALSO], ["dog", "dog " * 30, SAID]])
def test_loaded_towers_answer_as_transformers_own_forward(dual, reference, texts):
    """One text without padding, several with it; pictures of odd sizes."""
    family, engine = dual
    head, (model, tokenizer, processor) = engine.models.load("tiny"), reference
    pictures = [picture(i, SIZES[i]) for i in range(len(texts))]
    with torch.no_grad():
        pixels = processor(pictures, return_tensors="pt")["pixel_values"]
        known = model(pixel_values=pixels, **read_by(tokenizer, family, texts))
        seen = head.image_encoder(head.image_encoder.prepare(pictures))
        read = head.text_encoder(head.text_encoder.prepare(texts))
        mine = head.fuse(seen, read).joint.sum(-1)
    assert torch.allclose(mine, cosine_similarity(known.image_embeds, known.text_embeds), atol=1e-5)
    every = head.embed_image(seen) @ head.embed_text(read).T  # [B, K]
    if family == "siglip":
        logits = head.judge(head.fuse(seen, read), "match")
        assert torch.allclose(logits, known.logits_per_image.diag(), atol=1e-4)
        assert torch.allclose(head.pair_probability(every), known.logits_per_image.sigmoid(), atol=1e-5)
        assert torch.allclose(head.predict(seen, read)["matching"][:, 1], torch.sigmoid(logits))
    else:
        assert head.pair_probability(mine) is None and head.predict(seen, read) == {}
        assert torch.allclose((every * head.own_sharpness()).softmax(1), known.logits_per_image.softmax(1), atol=1e-5)


def test_attentions_are_there_and_are_transformers_own(dual, reference):
    family, engine = dual
    head, (model, tokenizer, processor) = engine.models.load("tiny"), reference
    texts, pictures = [SAID, ALSO], [picture(0), picture(1, (37, 91))]
    given = processor(pictures, return_tensors="pt")["pixel_values"]
    for encoder, items, own, feed, layers in (
        (head.image_encoder, pictures, model.vision_model, {"pixel_values": given}, 2),
        (head.text_encoder, texts, model.text_model, read_by(tokenizer, family, texts), 3),
    ):
        batch = encoder.prepare(items)
        with torch.no_grad():
            said, known = encoder.reread(encoder.start(batch), batch), own(**feed, output_attentions=True)
        assert len(said.attentions) == len(known.attentions) == layers
        real = said.mask.unsqueeze(-1)  # what padding attends to is nobody's business
        for mine, theirs in zip(said.attentions, known.attentions, strict=True):
            assert torch.allclose(mine * real[:, None], theirs * real[:, None], atol=1e-5)
            assert torch.allclose(mine.sum(-1), torch.ones_like(mine.sum(-1)), atol=1e-5)
        if family != "siglip" or encoder.modality == "text":  # SigLIP's image tower hands out normalised ones
            assert torch.allclose(said.tokens * real, known.last_hidden_state * real, atol=1e-5)
        with torch.no_grad():  # the fused kernel that answers gives the same tokens
            assert torch.allclose(encoder(batch).tokens * real, said.tokens * real, atol=1e-5)
        one = encoder.prepare(items[:1])
        with torch.no_grad():  # and of many versions of one item, each by itself
            two = encoder.reread(torch.cat([encoder.start(one), encoder.nothing(one)]), one)
            alone = encoder.reread(encoder.start(one), one)
        assert torch.allclose(two.tokens[:1], alone.tokens, atol=1e-5) and len(two.layout) == 2


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
            gathered = scores.softmax(0) @ last.values[0, :, part]  # the token that is pooled sees all
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
    assert set(names) == (expected | {"gradcam", "layercam"} if family == "siglip" else expected)
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
    for note in engine.method_notes("tiny"):
        one = engine.explain(picture(), SAID, note.name, model="tiny")
        tested = engine.faithfulness(picture(), SAID, one, steps=2)
        assert np.isfinite(tested.deletion.map).all() and np.isfinite(tested.insertion.map).all()
        assert np.isfinite(engine.sanity(picture(), SAID, one).correlation)
    rival = engine.explain(picture(), SAID, target=(SAID, "a cat"), model="tiny")
    assert not np.allclose(rival.patch_map, found.patch_map, atol=1e-4)


def test_grad_eclip_of_a_whole_tower_is_its_formula_in_float64(dual):
    family, engine = dual
    case = engine.case("tiny", picture(), SAID)
    encoder, prefix = engine.models.load("tiny").image_encoder, 0 if family == "siglip" else 1
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
    assert (outside == 0).all() == (family not in SQUEEZED)
    assert found.image_map[:, 10:50].any()


def test_a_text_too_long_is_cut_and_says_so(dual, reference):
    _, engine = dual
    layout = engine.models.load("tiny").text_encoder.prepare(["dog " * 30]).layout[0]
    assert len(layout.tokens) == LONGEST == engine.models.load("tiny").text_encoder.longest
    assert layout.cut_tokens == len(reference[1]("dog " * 30)["input_ids"]) - LONGEST > 0
    assert engine.explain(picture(), "dog " * 30, model="tiny").word_weights[29][1] == 0


def test_one_more_model_of_a_known_family_is_one_row(tmp_path, monkeypatch):
    known = find("clip_b32")
    row = replace(known, name="another", hub=replace(known.hub, title="Another", repository="tests/another"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    monkeypatch.setitem(CHECKPOINTS, "another", row)
    save("clip", tmp_path / "given")
    install(row, tmp_path / "given")
    engine = mmdemo.load(device="cpu", offline=True)
    able = engine.capabilities("another")
    assert able.targets == ("similarity",) and able.default_method == "grad_eclip" in able.methods
    assert engine.explain(picture(), SAID, model="another").model == "another"
    assert -1 <= engine.target_values(picture(), SAID, "another")["similarity"] <= 1


def test_an_incomplete_folder_and_another_family_are_said_clearly(tmp_path, monkeypatch):
    row = row_of("broken")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setitem(CHECKPOINTS, "broken", row)
    with pytest.raises(WeightsError, match="python -m mmdemo fetch broken") as caught:
        loading.load_module("broken")
    assert str(tmp_path) not in str(caught.value)
    from mmdemo.tasks.dual_encoder import DualEncoder

    with pytest.raises(IncompatibleError, match="clip, siglip, chinese_clip, altclip; got 'bert'"):
        DualEncoder(type("Model", (), {"config": type("Config", (), {"model_type": "bert"})})(), None, {})


def test_a_file_that_lacks_a_tensor_is_not_filled_up_at_random(tmp_path, monkeypatch):
    from safetensors.torch import load_file, save_file

    save("clip", tmp_path / "given")
    file = tmp_path / "given" / "model.safetensors"
    tensors = load_file(file)
    del tensors["visual_projection.weight"]
    save_file(tensors, file, {"format": "pt"})
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
    monkeypatch.setitem(CHECKPOINTS, "cut", row_of("cut"))
    install(row_of("cut"), tmp_path / "given")
    with pytest.raises(WeightsError, match="could not be read"):
        loading.load_module("cut")


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
