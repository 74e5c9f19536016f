"""The shared space: lengths, what places add, several readings; worked out beside it."""

import pytest
import torch
import torch.nn.functional as F

from mmdemo.fusion.shared_space import ResidualMlp, SharedSpaceFusion
from mmdemo.types import TokenSet
from tests.tokens import image_tokens, text_tokens


def built(readings: int = 1) -> SharedSpaceFusion:
    torch.manual_seed(0)
    fusion = SharedSpaceFusion(12, 8, 16, readings, narrow=4).eval().requires_grad_(False)
    for reading in fusion.readings:  # as after training: nothing is zero any more
        for part in (reading.image, reading.place, reading.text, reading.word):
            torch.nn.init.normal_(part.out.weight, std=0.3)
            torch.nn.init.normal_(part.straight.weight, std=0.3)
        torch.nn.init.normal_(reading.vote.weight)
    return fusion


def test_residual_mlp_begins_as_a_linear_map_of_the_standardised_input():
    mlp = ResidualMlp(3, 5, 2).eval()
    mlp.mean.copy_(torch.tensor([1.0, 2.0, 3.0]))
    mlp.deviation.copy_(torch.tensor([2.0, 1.0, 4.0]))
    x = torch.tensor([[3.0, 2.0, -1.0]])
    by_hand = torch.tensor([[1.0, 0.0, -1.0]]) @ mlp.straight.weight.T + mlp.straight.bias
    assert torch.allclose(mlp(x), by_hand, atol=1e-6)


@pytest.mark.parametrize("readings", [1, 3])
def test_embeddings_have_length_one(readings):
    fusion = built(readings)
    image, text = fusion.embed_image(image_tokens(2)), fusion.embed_text(text_tokens([4, 6]))
    assert image.shape == text.shape == (2, fusion.width) == (2, 16 * readings)
    assert torch.allclose(image.norm(dim=1), torch.ones(2)) and torch.allclose(text.norm(dim=1), torch.ones(2))


def test_the_cosine_of_several_readings_is_the_mean_of_theirs():
    fusion, image, text = built(2), image_tokens(1), text_tokens([5])
    alone = []
    for reading in fusion.readings:
        v = reading.embed_image(image.pooled, reading.narrow(image.tokens), image.mask)
        alone.append((v * reading.embed_text(text)).sum())
    assert torch.allclose(fusion(image, text).joint.sum(), torch.stack(alone).mean(), atol=1e-6)


def test_a_pictures_vector_is_the_sum_of_what_its_places_add_but_for_the_bend_of_the_whole():
    fusion, image = built(), image_tokens(1)
    reading = fusion.readings[0]
    places = reading.places(image.tokens, reading.narrow(image.tokens))  # [1, N, D]
    x = reading.image.standardise(image.pooled)
    bend = reading.image.out(F.gelu(reading.image.hidden(x)))
    assert torch.allclose(fusion.embed_image(image), F.normalize(places.mean(1) + bend, dim=-1), atol=1e-5)


def test_place_similarity_is_the_cosine_of_what_each_place_adds():
    fusion, image, text = built(), image_tokens(2), text_tokens([4, 6])
    reading = fusion.readings[0]
    places = reading.places(image.tokens, reading.narrow(image.tokens))
    by_hand = F.cosine_similarity(places, fusion.embed_text(text)[:, None], dim=-1)
    assert torch.allclose(fusion.place_similarity(image, text), by_hand, atol=1e-6)


def test_padding_and_places_that_are_not_real_change_nothing():
    fusion, text = built(), text_tokens([4])
    longer = TokenSet(F.pad(text.tokens, (0, 0, 0, 3), value=9.0), F.pad(text.mask, (0, 3)), text.pooled, text.layout)
    assert torch.allclose(fusion.embed_text(longer), fusion.embed_text(text), atol=1e-6)
    image = image_tokens(1)
    half = image.with_tokens(image.tokens, torch.arange(6)[None] < 3)
    cut = TokenSet(image.tokens[:, :3], image.mask[:, :3], half.pooled, image.layout)
    assert torch.allclose(fusion.embed_image(half), fusion.embed_image(cut), atol=1e-6)
