"""Which of two answers to trust: said only where they differ, with the cards' figures."""

import numpy as np
import pytest
from PIL import Image

from mmdemo.types import Faithfulness
from mmdemo.ui.tabs.attention import draw_test
from mmdemo.ui.text import Say
from mmdemo.ui.trust import trust
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8))


def line(model: str, value: float, say: Say = EN, text: str = "a") -> str:
    engine = FakeEngine({"a": 0.2115})  # probability 0.72
    return trust(engine, NOISE, text, model, "X", value, say).replace("\u00a0", " ")


def test_where_the_numbers_differ_the_better_head_is_named_with_its_figure():
    said = line("mean", 0.60)
    assert "Match’s cosine head says 72 %, X 60 %" in said and "98.0 %, X in 97.0 %: trust Match." in said
    assert "十个没有校准的概率" in line("mean", 0.60, ZH) and "72%" in line("mean", 0.60, ZH)


@pytest.mark.parametrize(("model", "why"), [("cross_attention", "word by word"), ("matching-gated", "not calibrated")])
def test_why_they_differ_hangs_on_the_model(model, why):
    assert why in line(model, 0.30)


def test_no_line_where_they_say_the_same_or_nothing_was_read():
    assert line("mean", 0.70) == "" == line("matching", 0.10)
    assert line("mean", 0.10, text="qwer") == ""


def test_heads_as_good_as_each_other_are_called_so():
    engine = FakeEngine({"a": 0.2115})
    engine.match_aucs["mean"] = engine.match_aucs["matching"]
    assert "neither is clearly the better one" in trust(engine, NOISE, "a", "mean", "X", 0.6, EN)
    engine.match_aucs["mean"] = 0.995
    assert "trust X." in trust(engine, NOISE, "a", "mean", "X", 0.6, EN)


def test_deletion_and_insertion_share_their_scale():
    engine = FakeEngine()
    test: Faithfulness = engine.faithfulness(NOISE, "a dog", engine.explain(NOISE, "a dog"))
    low, high, _ = draw_test.answer_axis([test.deletion, test.insertion])
    assert all(
        low - 1e-6 <= v <= high + 1e-6 for c in (test.deletion, test.insertion) for v in (*c.map, *c.random, *c.centre)
    )
    html = draw_test.curves(test, engine.explain(NOISE, "a dog"), EN)
    scales = [
        tuple(chart.split('class="mm-tick-left">')[i].split("<")[0] for i in range(1, chart.count("mm-tick-left") + 1))
        for chart in html.split("<figure")[1:]
    ]
    assert len(scales) >= 2 and len(set(scales)) == 1
