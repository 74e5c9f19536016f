"""The head of the bench: missing sides, modality dropout, and what stands in for a side."""

import pytest
import torch

from mmdemo.errors import ChoiceError
from mmdemo.tasks.fused import FUSIONS, LABELS, FusedTask
from mmdemo.tasks.imputation import Imputer
from mmdemo.types import TokenSet
from tests.tokens import image_tokens, text_tokens

OPTIONS = {"late": {"options": 5}}


def build(fusion, task="sentiment"):
    torch.manual_seed(0)
    return FusedTask(fusion, task, 12, 8, 16, **OPTIONS.get(fusion, {})).eval()


@pytest.mark.parametrize("task", list(LABELS))
@pytest.mark.parametrize("fusion", list(FUSIONS))
def test_every_fusion_answers_with_either_side_missing_and_with_none(fusion, task):
    head = build(fusion, task)
    image, text = image_tokens(2, width=12), text_tokens([4, 3], width=8)
    for sides in ((image, text), (image, None), (None, text)):
        p = head.predict(*sides)[task]
        assert p.shape == (2, len(LABELS[task]))
        assert torch.allclose(p.sum(1), torch.ones(2), atol=1e-5)
    assert head.predict(None, None)[task].shape == (1, len(LABELS[task]))


@pytest.mark.parametrize("fusion", list(FUSIONS))
def test_a_dropped_row_answers_as_if_the_side_had_never_been_given(fusion):
    head = build(fusion)
    with torch.no_grad():
        head.no_image.normal_()
        head.no_text.normal_()
    image, text = image_tokens(3, width=12), text_tokens([4, 3, 5], width=8)
    v, t = head.fusion.read_image(image), head.fusion.read_text(text)
    drop = torch.tensor([True, False, False])
    joint = head.fusion.fuse(head.blank_image(v, drop), head.blank_text(t, drop.roll(1))).joint
    expected = [head.fuse(None, text.item(0)), head.fuse(image.item(1), None), head.fuse(image.item(2), text.item(2))]
    assert torch.allclose(joint, torch.cat([e.joint for e in expected]), atol=1e-5)


def test_a_head_on_a_sum_can_still_learn_whether_two_signs_agree():
    """Exclusive or: no linear head over a sum can know it; the GELU in the head can."""
    torch.manual_seed(1)
    signs = torch.randint(0, 2, (256, 2)) * 2.0 - 1
    image = TokenSet.of_vectors(torch.cat([signs[:, :1], torch.randn(256, 11)], 1))
    text = TokenSet.of_vectors(torch.cat([signs[:, 1:], torch.randn(256, 7)], 1))
    truth = (signs[:, 0] == signs[:, 1]).long()
    head = FusedTask("weighted_sum", "matching", 12, 8, 16, dropout=0.0)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(150):
        optimiser.zero_grad()
        head.loss(head.fuse(image, text).joint, truth).backward()
        optimiser.step()
    assert (head.eval().predict(image, text)["matching"].argmax(1) == truth).float().mean() > 0.95


@pytest.mark.parametrize(("fusion", "task"), [("sum", "matching"), ("gated", "colour")])
def test_unknown_names_are_refused_with_the_choices(fusion, task):
    with pytest.raises(ChoiceError, match="must be one of"):
        FusedTask(fusion, task, 12, 8, 16)


@pytest.fixture
def imputer():
    made = Imputer(3, 2, pairs=2, rank=1)
    made.load_state_dict({
        "image_mean": torch.tensor([1.0, 1.0, 1.0]), "text_mean": torch.tensor([0.0, 2.0]),
        "image_pairs": torch.tensor([[9.0, 0.0, 0.0], [0.0, 9.0, 0.0]]),
        "text_pairs": torch.tensor([[5.0, 2.0], [0.0, 7.0]]),
        "image_narrow": torch.tensor([[1.0], [0.0]]), "image_widen": torch.tensor([[0.0, 2.0, 0.0]]),
        "text_narrow": torch.zeros(3, 1), "text_widen": torch.zeros(1, 2),
    })  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("zeros", [0.0, 0.0, 0.0]),
        ("mean", [1.0, 1.0, 1.0]),
        ("nearest", [9.0, 0.0, 0.0]),  # (3, 2) - (0, 2) points along the first pair's (5, 0)
        ("predicted", [1.0, 7.0, 1.0]),  # mean + 3 * (0, 2, 0)
    ],
)
def test_what_stands_in_for_a_picture(imputer, method, expected):
    side = imputer.replace("image", TokenSet.of_vectors(torch.tensor([[3.0, 2.0]])), method)
    assert side.tokens.tolist() == [[expected]]


def test_an_unknown_imputation_names_the_choices(imputer):
    with pytest.raises(ChoiceError, match="'zeros', 'mean', 'nearest', 'predicted'"):
        imputer.replace("image", TokenSet.of_vectors(torch.zeros(1, 2)), "guess")
