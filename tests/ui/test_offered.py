"""What the Attention tab offers over the real table: every method in its list answers, with a rival too."""

from dataclasses import replace

import pytest

import mmdemo
from mmdemo.inputs import read_image
from mmdemo.ui.tabs.attention import answers
from mmdemo.ui.tabs.attention.question import explain
from mmdemo.ui.text import Say

ONE_OF_EACH_KIND = ("cross_attention", "matching", "sentiment", "bert_resnet", "matching-gated", "sentiment-gated")
SLOW = ("occlusion", "shifted_relevance", "integrated_gradients")  # tests/explain runs them on small networks
EN = Say("en")


@pytest.fixture(scope="module")
def engine():
    return mmdemo.load(device="cpu", offline=True)


@pytest.mark.parametrize("model", ONE_OF_EACH_KIND)
def test_whatever_the_list_holds_answers(engine, model, photo):
    image, last = read_image(photo), engine.targets(model)[-1]
    for fields in (("", "", ""), (last, "", ""), (last, "negative", "two dogs")):
        shown = answers.asked(engine, EN, photo, "a lion on a rock", model, "grad_eclip", *fields)
        offered = [method for _, method in shown["method"]["choices"]]
        assert "grad_eclip" not in offered
        assert ("token_similarity" in offered) == (model == "matching")
        for method in offered:
            if method not in SLOW:
                assert explain(engine, image, replace(shown["question"], method=method)).method == method
    assert isinstance(shown["question"].target, tuple)  # the last had a rival, of whichever kind the model takes
    assert [*answers.layers_of_heads(engine, shown["question"], image)] == [([], [])]
