"""ResNet-18 + LSTM: attention both ways over real tokens only, padding, missing sides."""

import pytest
import torch

from mmdemo.errors import IncompatibleError
from mmdemo.tasks.resnet_lstm import ResNetLstm
from mmdemo.types import LABELS
from tests.tokens import image_tokens, text_tokens


@pytest.fixture
def head():
    torch.manual_seed(0)
    return ResNetLstm(image_width=12, text_width=8, width=16, heads=4).eval()


def sides():
    return image_tokens(3, width=12), text_tokens([5, 2, 7], width=8)


@torch.no_grad()
def test_answers_are_probabilities_whatever_side_is_missing(head):
    image, text = sides()
    for pair in ((image, text), (image, None), (None, text)):
        for task, found in head.predict(*pair).items():
            assert found.shape == (3, len(LABELS[task]))
            torch.testing.assert_close(found.sum(-1), torch.ones(3))
    with pytest.raises(IncompatibleError, match="both are missing"):
        head.predict(None, None)


@torch.no_grad()
def test_attention_rows_sum_to_one_over_real_tokens(head):
    image, text = sides()
    maps = head.fusions["matching"](image, text).attention
    ni, nt = image.tokens.shape[1], text.tokens.shape[1]
    assert maps["joint"].shape == (3, 4, ni + nt, ni + nt)
    assert maps["text_to_image"].shape == (3, 4, nt, ni) and maps["image_to_text"].shape == (3, 4, ni, nt)
    for a in maps.values():
        torch.testing.assert_close(a.sum(-1), torch.ones(a.shape[:-1]))
    padding = ~text.mask[:, None, None, :]
    assert (maps["image_to_text"].masked_select(padding) == 0).all()
    assert (maps["joint"][..., ni:].masked_select(padding) == 0).all()


@torch.no_grad()
def test_padding_and_company_do_not_change_an_answer(head):
    image, text = sides()
    for task in LABELS:
        together = head(image, text, task)
        alone = torch.cat([head(image.item(i), text.item(i), task) for i in range(3)])
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_self_attention_carries_text_into_the_image_features_and_back(head):
    """A change of one word moves what the places say, and a change of one place moves what the words say."""
    image, text = sides()
    words, places = text.tokens.clone().requires_grad_(), image.tokens.clone().requires_grad_()
    fusion, seen = head.fusions["matching"], []
    hook = fusion.norms["carried"].register_forward_hook(lambda module, args, out: seen.append(out))
    fusion(image.with_tokens(places), text.with_tokens(words))
    hook.remove()
    n = places.shape[1]
    ramp = torch.linspace(-1, 2, 16)  # a plain sum over a normalised vector would be the same whatever it holds
    (seen[0][:, :n] * ramp).sum().backward(retain_graph=True)
    assert words.grad[text.mask].abs().max() > 1e-4 and (words.grad[~text.mask] == 0).all()
    places.grad = None
    (seen[0][:, n:][text.mask] * ramp).sum().backward()
    assert places.grad.abs().max() > 1e-4


def test_gradients_reach_every_parameter(head):
    image, text = sides()
    out = [head(*pair, task) for task in LABELS for pair in ((image, text), (image, None), (None, text))]
    sum((x * torch.linspace(-1, 2, x.numel()).view_as(x)).sum() for x in out).backward()
    assert [name for name, p in head.named_parameters() if p.grad is None] == []


@torch.no_grad()
def test_a_side_summed_up_by_itself_is_the_mean_of_its_real_tokens(head):
    image, text = sides()
    fusion = head.fusions["matching"]
    v, t = fusion.summaries(image, text)
    assert v.shape == t.shape == (3, 16)
    torch.testing.assert_close(v, fusion.image_in(image.tokens).mean(1))
    torch.testing.assert_close(t[1], fusion.text_in(text.tokens[1, :2]).mean(0))
