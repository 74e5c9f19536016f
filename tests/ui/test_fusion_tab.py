"""The Fusion tab without a server: results in, HTML out, with numbers worked out by hand."""

import re

import numpy as np
import pytest

from mmdemo.errors import MMDemoError
from mmdemo.types import AlphaCurve, FusionResult, FusionTrace, ShapleyValues, SystemResult, TraceStep, VerdictBounds
from mmdemo.ui.tabs.fusion import dial, events, figures, history, inside, shapley_values, strip
from mmdemo.ui.text import Say
from tests.fake_bench import FUSIONS
from tests.fakes import FakeEngine

EVIL = '<script>alert("1")</script>'
EN, ZH = Say("en"), Say("zh")
FEELINGS = ("negative", "neutral", "positive")


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def match(name: str, yes: float, missing: str | None = None) -> FusionResult:
    return FusionResult(name, ("mismatch", "match"), np.array([1 - yes, yes]), 1.0, 10, missing)


def feeling(name: str, *shares: float) -> FusionResult:
    return FusionResult(name, FEELINGS, np.array(shares), 1.0, 10)


TWO = [
    strip.Answer(match("concat", 0.9), feeling("concat", 0.7, 0.2, 0.1)),
    strip.Answer(match("gated", 0.3), feeling("gated", 0.1, 0.2, 0.7)),
]
BOUNDS = VerdictBounds(0.45, 0.55, 0.05, 0.4, 0.9, 800)
NOBODY = {"image": None, "text": None}


# ---- strip


def test_the_ensemble_is_the_mean_of_the_probabilities():
    yes, felt = strip.mean(TWO)
    assert yes.probabilities == pytest.approx([0.4, 0.6])
    assert felt.probabilities == pytest.approx([0.4, 0.2, 0.4])
    assert (yes.parameters, yes.milliseconds) == (20, 2.0)


def test_every_fusion_is_a_button_and_the_chosen_one_is_pressed():
    html = strip.draw(TWO, None, NOBODY, "gated", "learned", BOUNDS, EN)
    assert re.findall(r'data-fusion="(\w+)" aria-pressed="(\w+)"', html) == [("concat", "false"), ("gated", "true")]
    assert "Gated: match 30\u00a0%; feeling positive 70\u00a0%" in html


def test_who_differs_from_the_mean_is_marked_and_counted():
    html = strip.draw(TWO, None, NOBODY, "gated", "learned", BOUNDS, EN)
    row = html[html.index('data-fusion="gated"') :]
    assert "mm-differs" not in html[: html.index('data-fusion="gated"')]
    assert row.count("mm-differs") == 2  # the mean says match, and negative: 0.4 against 0.4, the first one counts
    assert "1 of 2 fusions agree on the match, 1 of 2 on the feeling" in readable(html)
    assert "They match: 60 %" in readable(html)


def test_within_the_bounds_the_mean_gives_no_verdict_and_the_details_say_what_one_would_be_worth():
    pair = [one._replace(match=match(one.match.name, yes)) for one, yes in zip(TWO, (0.6, 0.38), strict=True)]
    text = readable(strip.draw(pair, None, NOBODY, "gated", "learned", BOUNDS, EN))
    assert "Cannot tell whether they match (49 %)" in text and "1 of 2 fusions say that they match" in text
    assert "From 45 % up to 55 % no verdict is given: there it was right in 40 % of 40 validation pairs" in text
    assert "outside in 90 % of 760" in text
    assert "是否匹配拿不准（49%）" in strip.draw(pair, None, NOBODY, "gated", "learned", BOUNDS, ZH)


def test_bars_are_as_wide_as_the_probabilities():
    html = strip.draw(TWO, None, NOBODY, "gated", "learned", BOUNDS, EN)
    row = html[html.index('data-fusion="concat"') : html.index('data-fusion="gated"')]
    assert re.findall(r"width:([\d.]+)%", row) == ["90.0", "70.0", "20.0", "10.0"]


def test_a_missing_side_shows_the_full_pair_beside_the_answer_and_no_verdict_on_the_match():
    now = [strip.Answer(match("gated", 0.5, "image"), feeling("gated", 0.1, 0.2, 0.7))]
    full = [strip.Answer(match("gated", 0.8), feeling("gated", 0.6, 0.3, 0.1))]
    html = strip.draw(now, full, NOBODY, "gated", "learned", BOUNDS, EN)
    assert "was 80 %" in readable(html)
    assert "was negative 60 %" in readable(html)
    assert "left:80.0%" in html
    assert readable(html).strip().startswith("Without the photo: feeling positive, 70 %")


def test_one_side_alone_says_nothing_of_the_match(photo):
    html = events.answer(FakeEngine(), EN, events.Asked(photo, "a dog"), "gated")
    assert html.count("one side alone cannot know") == 2
    assert html.count("<button") == len(FUSIONS)
    only = events.answer(FakeEngine(), EN, events.Asked(None, "a dog"), "gated")
    assert "not given" in only
    assert "No photo is given" in only
    assert "was" not in readable(only)  # there is no full pair to compare with


@pytest.mark.parametrize(("missing", "word"), [("image", "No photo"), ("text", "No sentence")])
def test_a_side_taken_away_changes_the_answers_by_what_stands_in(photo, missing, word):
    engine = FakeEngine()
    learned, zeros = (
        events.answer(engine, EN, events.Asked(photo, "a dog", missing, f), "gated") for f in ("learned", "zeros")
    )
    assert word in learned
    assert "in its place: zeros" in zeros
    assert re.findall(r"width:[\d.]+%", learned) != re.findall(r"width:[\d.]+%", zeros)


@pytest.mark.parametrize("missing", ["both", "image", "text"])
@pytest.mark.parametrize("filled", ["learned", "zeros"])
@pytest.mark.parametrize("sentence", ["a dog", ""])
def test_the_engine_is_asked_each_distinct_question_once(photo, missing, filled, sentence):
    class Counting(FakeEngine):
        def compare(self, image=None, text=None, task="matching", imputation=None):
            asked.append((image is not None, text, task, imputation))
            return super().compare(image, text, task, imputation)

    asked = []
    if sentence or missing != "image":
        events.answer(Counting(), EN, events.Asked(photo, sentence, missing, filled), "gated")
        assert len(asked) == len(set(asked))


def test_nothing_left_is_an_error(photo):
    for path, text, missing in ((None, " ", "both"), (photo, "", "image"), (None, "a dog", "text")):
        with pytest.raises(MMDemoError) as caught:
            events.answer(FakeEngine(), EN, events.Asked(path, text, missing, "learned"), "gated")
        assert caught.value.code == "nothing_given"


# ---- Shapley values


def values(none: float, image: float, text: float, both: float, task: str = "sentiment") -> ShapleyValues:
    label = "positive" if task == "sentiment" else "match"
    own_image, own_text, rest = image - none, text - none, both - image - text + none
    return ShapleyValues(
        "gated", task, label, none, image, text, both, own_image + rest / 2, own_text + rest / 2, rest,
        own_image * own_text < 0,
    )  # fmt: skip


def test_the_three_steps_lead_from_nothing_to_both():
    given = values(0.3, 0.45, 0.615, 0.80)
    steps = shapley_values.parts(given)
    assert steps == pytest.approx({"image": 0.15, "text": 0.315, "together": 0.035})
    assert given.none + sum(steps.values()) == pytest.approx(given.both)


def test_shares_are_absolute_sizes_in_whole_per_cent_that_sum_to_100():
    assert shapley_values.percentages({"image": 0.15, "text": 0.315, "together": 0.035}) == {
        "image": 30, "text": 63, "together": 7,
    }  # fmt: skip
    assert shapley_values.percentages({"image": -0.1, "text": 0.1, "together": 0.1}) == {
        "image": 34,
        "text": 33,
        "together": 33,
    }
    still = dict.fromkeys(shapley_values.SIDES, 0)
    assert shapley_values.percentages(still) == still


def test_the_parts_are_said_in_words_the_largest_part_first():
    text = readable(shapley_values.draw(values(0.3, 0.45, 0.615, 0.80), EN))
    assert "The answer “positive” was 63 % sentence, 30 % photo, 7 % both together." in text
    assert "contradict" not in text
    assert "photo +0.17, sentence +0.33" in text  # 0.15 + 0.035 / 2 and 0.315 + 0.035 / 2


def test_a_part_against_the_answer_is_no_share_of_it():
    html = shapley_values.draw(values(0.3, 0.73, 0.06, 0.5), EN)  # +0.43, -0.24 and +0.01
    text = readable(html)
    said = "the photo 43 points for it, the sentence 24 points against it, both together 1 point for it"
    assert f"What moved the answer “positive”: {said}." in text
    assert "mm-stack" not in html and not re.search(r"\d+ % (photo|sentence|both)", text)
    chinese = shapley_values.draw(values(0.3, 0.73, 0.06, 0.5), ZH)
    assert "照片推高 43 个百分点、句子拉低 24 个百分点" in chinese and "占" not in chinese.split("<details")[0]
    assert "mm-stack" in shapley_values.draw(values(0.3, 0.45, 0.615, 0.80), EN)


def test_what_is_against_too_little_to_be_shown_is_left_out():
    assert "sentence" not in shapley_values.weighed({"image": 0.2, "text": -0.001, "together": 0.0}, EN)


@pytest.mark.parametrize("say", [EN, ZH])
def test_a_fusion_that_differs_from_the_mean_says_whose_answer_this_is(say):
    of_both = values(0.3, 0.45, 0.615, 0.80)
    agreeing = [feeling("gated", 0.1, 0.2, 0.7), feeling("late", 0.2, 0.2, 0.6)]
    other = [feeling("gated", 0.1, 0.3, 0.6), feeling("late", 0.9, 0.1, 0.0)]
    assert shapley_values.subject(of_both, agreeing, say) == shapley_values.subject(of_both, [], say) == ""
    told = shapley_values.draw(of_both, say, others=other)
    for part in ("fusion.name_gated", "sentiment.positive", "sentiment.negative"):
        assert say(part) in told[: told.index("mm-said")]
    assert say.percent(0.6) in told and say.percent(0.5) in told


def test_sides_that_contradict_each_other_are_flagged_with_their_names():
    told = shapley_values.draw(values(0.3, 0.1, 0.7, 0.6), EN)
    assert "the sentence speaks for “positive”, the photo against it" in told
    assert "照片支持“正面”，句子反对" in shapley_values.draw(values(0.3, 0.7, 0.1, 0.2), ZH)


def test_a_match_that_no_side_knows_alone_is_said_to_lie_between_them():
    assert "how they fit each other" in shapley_values.draw(values(0.5, 0.5, 0.5, 0.9, "matching"), EN)


def test_an_answer_that_nothing_moves_is_said_so():
    assert "Nothing moved this answer" in shapley_values.draw(values(0.4, 0.4, 0.4, 0.4), EN)


def test_the_axis_widens_when_two_steps_lead_past_the_end():
    html = shapley_values.draw(values(0.2, 0.9, 0.9, 0.95), EN)  # 0.2 + 0.7 + 0.7 = 1.6, then -0.65
    spans = re.findall(r'left:([\d.]+)%;width:([\d.]+)%"></i>', html)
    left, wide = zip(*((float(a), float(b)) for a, b in spans), strict=True)
    assert left == pytest.approx([0, 12.5, 56.2, 59.4, 0], abs=0.1)  # in units of 1.6
    assert wide == pytest.approx([12.5, 43.8, 43.8, 40.6, 59.4], abs=0.1)
    assert "\u221265 points" in html
    assert "Steps from 20\u00a0% with nothing given to 95\u00a0% with both" in html


@pytest.mark.parametrize(("value", "shown"), [(0.314, "+0.31"), (-0.2, "\u22120.20"), (-0.001, "0.00")])
def test_a_signed_number_has_a_true_minus_and_no_negative_zero(value, shown):
    assert shapley_values.signed(value) == shown


# ---- inside


def test_the_data_flow_shows_every_tensor_in_its_lane():
    steps = (TraceStep("image.pooled", (1280,), 31.4, -0.02), TraceStep("text.tokens", (7, 256), 16.0, 0.1),
             TraceStep("joint", (128,), 4.5, -1.9e-9))  # fmt: skip
    html = inside.draw(FusionTrace(match("gated", 0.8), "h", steps), "matching", "learned", EN)
    photo, sentence, joint = (html.index(f"mm-lane{x}") for x in ("-image", "-text", " mm-joint"))
    boxes = [html.index(f"<span>{shape}</span>") for shape in ("[1280]", "[7, 256]", "[128]")]
    assert photo < boxes[0] < sentence < boxes[1] < joint < boxes[2]
    text = readable(html)
    assert "norm 31.4 · mean \u22120.02" in text
    assert "norm 4.5 · mean 0 " in text
    assert "Answer match 80 %" in text
    assert "photo through image.pooled [1280]; the sentence through text.tokens [7, 256]" in html


def test_vectors_named_by_a_letter_stand_in_the_lane_of_their_side():
    steps = tuple(TraceStep(name, (n,), 1.0, 0.0) for n, name in enumerate(("t", "v", "q", "p", "gate"), 2))
    html = inside.draw(FusionTrace(match("gated", 0.8), "h", steps), "matching", "learned", EN)
    assert "photo through v [3], p [5]; the sentence through t [2], q [4]; then together through gate [6]." in html


def test_equations_stand_one_by_one():
    trace = FusionTrace(match("gated", 0.8), r"z = \sigma(a),\qquad h = z t,\quad z > 0", ())
    assert re.findall(r"\$\\displaystyle (.+?)\$", inside.formula(trace)) == [r"z = \sigma(a),", "h = z t,", "z > 0"]


def test_a_missing_side_and_alpha_are_told():
    trace = FusionTrace(match("weighted_sum", 0.8, "image"), "h", (), 0.62)
    html = inside.draw(trace, "matching", "zeros", EN)
    assert "missing: zeros" in html
    assert "alpha = 0.62" in html


def test_names_of_tensors_are_escaped():
    trace = FusionTrace(match("gated", 0.8), "h", (TraceStep(EVIL, (1,), 1.0, 0.0),))
    assert "<script" not in inside.draw(trace, "matching", "learned", EN)


# ---- dial

CURVE = AlphaCurve(np.array([0.0, 0.5, 1.0]), np.array([60.0, 80.0, 70.0]), 0.4, np.array([0.5, 0.4]), "Some set")


def test_accuracy_between_two_measurements_is_on_the_straight_line():
    assert dial.accuracy_at(CURVE, 0.25) == 70
    assert dial.accuracy_at(CURVE, 0.4) == 76


def test_the_chart_draws_curve_knob_learned_alpha_and_path_where_they_belong():
    svg = dial.draw({"matching": (CURVE, FusionTrace(match("weighted_sum", 0.8), "h", (), 1.0))}, EN)
    x = {a: dial.LEFT + a * (dial.WIDTH - dial.LEFT - dial.RIGHT) for a in (0.0, 0.4, 0.5, 1.0)}
    y = {v: dial.FLOOR - (dial.FLOOR - dial.TOP) * (v - 55) / 30 for v in (60, 70, 76, 80)}  # the axis: 55 to 85
    assert f'class="mm-curve" d="M{x[0]:.1f} {y[60]:.1f}L{x[0.5]:.1f} {y[80]:.1f}L{x[1]:.1f} {y[70]:.1f}"' in svg
    assert f'class="mm-mine-dot" cx="{x[1]:.1f}" cy="{y[70]:.1f}"' in svg
    assert f'class="mm-learned" d="M{x[0.4]:.1f} {y[76] - 6:.1f}' in svg
    assert f'class="mm-path" d="M{x[0.5]:.1f} {dial.START:.1f}L{x[0.4]:.1f} {dial.END:.1f}"' in svg
    assert "Learned alpha 0.40, from 0.50 at the start of training. At your alpha 1.00 the accuracy is 70.0 %." in svg


def test_a_sum_that_only_guesses_the_match_is_said_to_guess():
    flat = AlphaCurve(CURVE.alphas, np.array([50.0, 51.0, 49.5]), 0.5, CURVE.path, "Some set")
    trace = FusionTrace(match("weighted_sum", 0.5), "h", (), 0.5)
    assert "never compares the two" in dial.draw({"matching": (flat, trace)}, EN)
    assert "never compares the two" not in dial.draw({"matching": (CURVE, trace)}, EN)


def test_turning_the_knob_moves_the_answer(photo):
    low, high = (events.turned(FakeEngine(), EN, events.Asked(photo, "a dog"), a) for a in (0.0, 1.0))
    assert "at α = 0.00" in low
    answers = [re.findall(r'mm-strong".*?width:([\d.]+)%', html) for html in (low, high)]
    assert answers[0] != answers[1]


@pytest.mark.parametrize(("say", "sentence"), [(EN, "“1.5” is not"), (ZH, "“1.5”不行")])
def test_an_alpha_outside_its_range_is_refused_in_the_language(photo, say, sentence):
    with pytest.raises(MMDemoError) as caught:
        events.turned(FakeEngine(), say, events.Asked(photo, "a dog"), 1.5)
    assert sentence in say.error(caught.value)


# ---- time machine


def test_a_system_shows_year_size_figure_and_answers_and_says_what_it_does_not_do():
    system = SystemResult(
        "bert_resnet", 2019, 1_234_567, 8.25, {"matching": 0.8412}, {"matching": {"mismatch": 0.3, "match": 0.7}}
    )
    text = readable(history.draw([system], EN))
    for part in (
        "2019",
        "BERT + ResNet-18",
        "1,234,567 parameters",
        "8.2 ms",
        "AUC 0.841",
        "70 %",
        "not made for this",
    ):
        assert part in text


def test_a_system_that_compares_says_that_it_needs_both_sides():
    system = SystemResult("matching", 2021, 1, 1.0, {}, {"sentiment": dict.fromkeys(FEELINGS, 1 / 3)}, "needs_both")
    assert "needs both sides" in history.draw([system], EN)


def test_all_five_systems_are_named_in_both_languages(photo):
    engine = FakeEngine()
    for say in (EN, ZH):
        html = history.draw(engine.timeline(None, "a dog"), say)
        assert html.count("<li>") == 5
        assert [say(f"fusion.system_{s.name}") in html for s in engine.timeline(None, "a dog")] == [True] * 5


# ---- figures


def row(name: str, dropped: bool, score: float) -> dict:
    return {
        "fusion": name, "task": "sentiment", "modality_dropout": dropped, "seeds": 5, "accuracy": [score, 0.5],
        "macro_F1": [score, 0.5], "no_image": [50.0, 0.1], "no_text": [40.0, 0.1], "parameters": 1234,
        "microseconds": 77.4, "commonest": 59.6,
    }  # fmt: skip


def test_rows_stand_by_the_best_of_a_fusion_and_dropout_first():
    rows = [row("gated", False, 60), row("gated", True, 70), row("late", True, 65), row("late", False, 71)]
    order = [(r["fusion"], r["modality_dropout"]) for r in figures.ordered(rows, "macro_F1")]
    assert order == [("late", True), ("late", False), ("gated", True), ("gated", False)]


def test_the_table_shows_mean_and_deviation_and_the_commonest_class():
    text = readable(figures.draw([row("gated", True, 70.25)], EN))
    for part in ("70.2 ± 0.5", "50.0 ± 0.1", "40.0 ± 0.1", "1,234", "77", "with", "59.6 %"):
        assert part in text
    assert "70.2 ±" not in readable(figures.draw([row("gated", True, 70.25) | {"seeds": 1}], EN))
    assert "No figures" in figures.draw([], EN)


def test_figures_of_one_seed_say_so_and_claim_no_deviation():
    text = readable(figures.draw([row("gated", True, 70.25) | {"seeds": 1}], EN))
    assert "with one seed" in text
    assert "±" not in text
    assert "with one seed" not in readable(figures.draw([row("gated", True, 70.25)], EN))


# ---- the whole


@pytest.mark.parametrize("say", [EN, ZH])
def test_html_in_the_sentence_is_never_html_on_the_page(photo, say):
    engine = FakeEngine()
    parts = (
        events.answer(engine, say, events.Asked(photo, EVIL, "image", "nearest"), "late"),
        *events.closer(engine, say, events.Asked(photo, EVIL), "late", "matching:match").values(),
        *events.survey(engine, say, events.Asked(photo, EVIL), 0.3).values(),
    )
    assert [p for p in parts if "<script" in p] == []


@pytest.mark.parametrize("name", FUSIONS)
def test_every_fusion_can_be_looked_at_closely(photo, name):
    shown = events.closer(FakeEngine(), EN, events.Asked(photo, "a dog"), name, "sentiment:neutral")
    assert EN(f"fusion.idea_{name}") in shown["formula"]
    assert shown["formula"].count("$") == 4  # two equations
    assert "mm-flow" in shown["inside"]
    assert "“neutral”" in shown["shapley_values"]


def test_shapley_values_ask_for_both_sides(photo):
    shown = events.closer(FakeEngine(), EN, events.Asked(photo, ""), "gated", "sentiment:")
    assert "This needs a photo and a sentence" in shown["shapley_values"]


def test_shapley_values_still_count_a_side_that_was_taken_away(photo):
    for side, told in (("both", False), ("image", True), ("text", True)):
        shown = events.closer(FakeEngine(), EN, events.Asked(photo, "a dog", side, "learned"), "gated", "sentiment:")
        assert ("with both sides given" in shown["shapley_values"]) is told


def test_every_drawing_has_a_text_alternative(photo):
    engine = FakeEngine()
    html = "".join(
        (
            *events.closer(engine, EN, events.Asked(photo, "a dog"), "gated", "sentiment:").values(),
            *events.survey(engine, EN, events.Asked(photo, "a dog"), 0.3).values(),
        )
    )
    drawn = re.findall(r'<(?:svg|div|span)[^>]*class="(?:mm-alpha|mm-fall|mm-flow|mm-bar|mm-stack)[ "][^>]*>', html)
    assert len(drawn) > 15
    assert [d for d in drawn if not re.search(r'aria-label="[^"]+"|aria-hidden="true"', d)] == []
