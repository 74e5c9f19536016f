"""The Attention tab's drawings and answers, without a server: plain values in, HTML out."""

import base64
import io
import re
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from mmdemo.errors import InputError
from mmdemo.types import FEELINGS, Curves, Explanation, Faithfulness
from mmdemo.ui import heat
from mmdemo.ui.chart import whole_steps
from mmdemo.ui.markup import STATIC
from mmdemo.ui.phrases import PHRASES
from mmdemo.ui.stale import StaleGuard, newest_only
from mmdemo.ui.tabs.attention import answers, draw_tiles
from mmdemo.ui.tabs.attention import box as pad
from mmdemo.ui.tabs.attention import draw_map as figure
from mmdemo.ui.tabs.attention import draw_test as verdict
from mmdemo.ui.tabs.attention.map_tests import MapTests
from mmdemo.ui.tabs.attention.question import HEADS, Question, find, target_of
from mmdemo.ui.tabs.attention.sentences import answer_said, model_name, target_name, where_said
from mmdemo.ui.text import Say
from tests.fakes import FakeEngine

EN, ZH = Say("en"), Say("zh")
EVIL = '<script>alert("1")</script>'


def last(growing, *given):
    """What a place shows in the end of what grows in it."""
    return [*growing(*given)][-1]


def readable(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").strip()


@pytest.fixture
def question(photo) -> Question:
    return Question(photo, "a lion sleeps", "cross_attention", "cross_attention")


def found(image_map: np.ndarray, signed: bool = False, words: tuple = (("a", 1.0),), **more: object) -> Explanation:
    image_map = image_map.astype(np.float32)
    return Explanation(image_map, image_map, words, "gradcam", signed, **more)


# ---- the test of a map


def lines(fall: list[float], other: list[float]) -> Faithfulness:
    """Deletion as given, insertion the same backwards, for the map and for the two others."""
    share = np.linspace(0, 1, len(fall))
    down = Curves(share, *map(np.array, (fall, other, other)))
    up = Curves(share, *(np.array(line[::-1]) for line in (fall, other, other)))
    return Faithfulness(down, up, None, None, "match")


def test_a_map_that_finds_what_matters_says_so_with_its_areas():
    """Deletion: areas by hand (1 + 0)/4 + 0 = 0.25 and 0.5; insertion read backwards from 0: 0.25 and 0.5 again."""
    share = np.linspace(0, 1, 3)
    line = np.array([1.0, 0.5, 0.0])
    test = Faithfulness(
        Curves(share, np.array([1.0, 0.0, 0.0]), line, line),
        Curves(share, np.array([0.0, 1.0, 1.0]), line[::-1], line[::-1]),
        None, None, "match",
    )  # fmt: skip
    html = verdict.badge(test, found(np.eye(2)), EN)
    assert "This map finds what matters" in html
    assert "area 0.25 for this map, 0.50 random, 0.50 from the middle; smaller is better." in readable(html)
    assert "Given back: 0.75 for this map, 0.50 random, 0.50 from the middle; larger is better." in readable(html)
    assert "better than every random order, and than the middle by more than 0.01" in html
    orders = np.array([[1.0, 0.4, 0.0], [1.0, 0.6, 0.0]])
    several = replace(test, deletion=replace(test.deletion, random_orders=orders))
    assert "0.25 for this map, 0.45 to 0.55 random" in readable(verdict.badge(several, found(np.eye(2)), EN))
    assert "随机 0.45 到 0.55" in readable(verdict.badge(several, found(np.eye(2)), ZH))


@pytest.mark.parametrize("say", [EN, ZH])
@pytest.mark.parametrize(
    ("denied", "doubt", "key"),
    [("no", "", "no"), ("other", "", "other"), ("", "unread", "unread"), ("no", "unfamiliar", "unfamiliar")],
)
def test_no_tick_where_the_model_says_no_or_is_not_to_be_believed(say, denied, doubt, key):
    """Curves that would win; the saved picture takes its words from `data-verdict`."""
    better = lines([0, 0.5, 1], [0, 0.0, 1])  # insertion, of which `lines` reads the deletion backwards
    test = replace(lines([1, 0, 0], [1, 0.5, 0]), insertion=better.deletion, denied=denied)
    html = verdict.badge(test, found(np.eye(2)), say, doubt)
    assert "mm-badge-finds" not in html
    assert f'data-verdict="{say(f"attention.badge_{key}")}"' in html
    assert ("0.25" in html) == (not doubt)
    assert "mm-badge-finds" in verdict.badge(replace(test, denied=""), found(np.eye(2)), say)


def test_a_text_that_is_not_read_and_a_photo_unlike_photos_get_no_tick(question, tmp_path):
    grey = tmp_path / "grey.png"
    Image.new("RGB", (32, 32), "grey").save(grey)
    for other, sentence in (
        (replace(question, text="qwer"), "I do not read this text"),
        (replace(question, path=str(grey)), "unlike the photos I learned from"),
    ):
        badge = list(MapTests(FakeEngine(), EN)(StaleGuard(), other))[-1]["test"]
        assert sentence in badge
        assert "mm-badge-finds" not in badge


@pytest.mark.parametrize(
    ("fall", "other", "sentence"),
    [([1, 0.5, 0], [1, 0.5, 0], "Not shown for this pair"), ([0.5, 0.9, 0.5], [0.5, 0.1, 0.5], "Nothing to find")],
)
def test_a_map_that_does_not_win_is_not_praised(fall, other, sentence):
    assert sentence in verdict.badge(lines(fall, other), found(np.eye(2)), EN)


def test_an_empty_map_is_not_tested_but_called_empty():
    html = verdict.badge(lines([1, 0, 0], [1, 0.5, 0]), found(np.zeros((2, 2))), EN)
    assert "says nothing of the photo" in html
    assert "finds" not in html


def test_a_chart_stands_where_its_numbers_are_and_says_them():
    share = np.array([0.0, 0.5, 1.0])
    curve = Curves(share, np.array([1.0, 0.0, 0.0]), np.ones(3), np.full(3, 0.5))
    html = verdict.chart(curve, "deletion", "answer", verdict.answer_axis([curve]), EN)
    path = re.search(r'mm-line-map" d="M([\d. L]+)"', html)[1]
    middle = (verdict.LEFT + verdict.RIGHT) / 2
    assert path == (
        f"{verdict.LEFT}.0 {verdict.TOP}.0L{middle:.1f} {verdict.FLOOR}.0L{verdict.RIGHT}.0 {verdict.FLOOR}.0"
    )
    assert "The answer goes from 1.00 to 0.00. Areas: this map 0.25, random 1.00, from the middle 0.50." in html


@pytest.mark.parametrize("values", [(0.0, 0.0), (0.301, 0.302), (-0.2, 0.9), (0.0, 1.0)])
def test_the_axis_of_a_chart_holds_every_value(values):
    low, high, step = whole_steps(np.array(values), verdict.STEPS)
    assert low <= min(values) + 1e-6
    assert high >= max(values) - 1e-6
    assert 1 <= round((high - low) / step) <= 5


def test_the_test_grows_before_the_badge_and_is_remembered(question):
    engine = FakeEngine()
    tests = MapTests(engine, EN)
    stages = list(tests(StaleGuard(), question))
    assert "mm-badge-running" in stages[0]["test"]
    assert readable(stages[0]["test"]) == "Testing the map … Stop"
    assert ["test" in stage for stage in stages[1:3]] == [False] * 2
    assert [re.findall(r'<progress max="1" value="([\d.]+)"', stage["curves"]) for stage in stages[1:]] == [
        ["0.50"], ["1.00"], [],
    ]  # fmt: skip
    points = [re.search(r'mm-line-map" d="M([^"]+)"', stage["curves"])[1].count("L") for stage in stages[1:]]
    assert points == [2, 12, 12]
    assert "This map finds what matters" in stages[3]["test"]
    assert engine.calls.count("part") == 2
    assert list(tests(StaleGuard(), question)) == [{"sanity": ""}, stages[3]]  # at once, no waiting sign
    assert engine.calls.count("part") == 2


def test_before_the_first_answer_there_is_nothing_to_test():
    assert len(list(MapTests(FakeEngine(), EN)(StaleGuard(), None))) == 1


def test_the_same_test_does_not_run_twice_at_once(question):
    """A click that another has newest_only asks for the test of what is on the screen, as the other does."""
    engine, line = FakeEngine(), StaleGuard()
    tests = MapTests(engine, EN)
    running = tests(line, question)
    next(running)
    assert list(tests(line, question)) == [{}]
    assert "This map finds what matters" in list(running)[-1]["test"]
    assert engine.calls.count("part") == 2
    broken_off = MapTests(engine, EN)(line, question)
    next(broken_off)
    broken_off.close()
    assert len(list(MapTests(engine, EN)(line, question))) == 4  # the one that was broken off stands in nobody's way


def test_a_newer_question_ends_the_test_that_runs_without_a_word(question):
    engine, line = FakeEngine(), StaleGuard()
    running = MapTests(engine, EN)(line, question)
    next(running), next(running)
    line.begin()
    assert list(running) == []
    assert engine.calls.count("part") == 2  # the one shown, and the one at whose end it was found out


def test_a_new_question_ends_the_test_of_the_map_before(question):
    engine, asked = FakeEngine(), StaleGuard(after=StaleGuard())
    running = MapTests(engine, EN)(asked.after, question)
    next(running), next(running)
    newest_only(lambda: None)(asked)
    assert list(running) == []


def test_a_test_that_is_stopped_says_so_and_can_be_begun_again(question):
    engine, line = FakeEngine(), StaleGuard()
    tests = MapTests(engine, EN)
    running = tests(line, question)
    next(running), next(running)
    line.stop()
    (last,) = running
    assert readable(last["test"]) == "The test was stopped. Test the map"
    assert "This map finds what matters" in list(tests(line, question))[-1]["test"]


def test_a_visitor_who_has_gone_costs_nothing_more(question):
    engine = FakeEngine()
    running = MapTests(engine, EN)(StaleGuard(), question)
    next(running), next(running)
    running.close()
    assert engine.calls.count("part") == 1


def test_a_test_that_fails_does_not_wait_for_ever(question):
    class Failing(FakeEngine):
        def growing_faithfulness(self, *given):
            yield 0.5, self.faithfulness(*given)
            raise InputError("No.", "other_explanation")

    running = MapTests(Failing(), EN)(StaleGuard(), question)
    shown = [next(running) for _ in range(3)]
    assert "stopped" in shown[-1]["test"]
    with pytest.raises(InputError):
        next(running)


def test_only_the_last_of_several_answers_is_shown():
    """The first is still at work when the second begins and ends."""
    line, order = StaleGuard(), []

    def answer(name: str) -> str:
        if name == "first":
            order.append(newest_only(answer)(line, "second"))
        return name

    assert newest_only(answer)(line, "first") == gr.skip()
    assert order == ["second"]
    assert newest_only(answer)(line, "third") == "third"


@pytest.mark.parametrize(
    ("method", "sentence"), [("gradcam", "Warning: rank correlation 1.00"), ("occlusion", "−0.25")]
)
def test_a_map_that_survives_random_weights_is_warned_of(photo, method, sentence):
    html = answers.sanity(FakeEngine(), EN, Question(photo, "a lion", "matching", method))
    assert sentence in readable(html)
    assert ("mm-warn" in html) == (method == "gradcam")


# ---- what can be asked


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("", "", "", "a"), None),
        (("match", "", "", "a"), "match"),
        (("positive", "negative", "", "a"), ("positive", "negative")),
        (("positive", "positive", "", "a"), "positive"),
        (("match", "", " two dogs ", "a cat"), ("a cat", "two dogs")),
        (("positive", "", "two dogs", "a cat"), "positive"),
    ],
)
def test_the_fields_become_a_target(given, expected):
    assert target_of(*given) == expected


def test_a_model_offers_its_own_methods_and_targets():
    fields = answers.fit(FakeEngine(), EN, "sentiment", "cross_attention", None)
    methods, targets, rival = (fields[name] for name in ("method", "target", "rival"))
    assert methods["value"] == "gradcam"
    assert "cross_attention" not in [value for _, value in methods["choices"]]
    assert [value for _, value in targets["choices"]] == ["", "negative", "neutral", "positive"]
    assert rival["visible"] is True
    assert answers.fit(FakeEngine(), EN, "matching", "gradcam", None)["rival"]["visible"] is False


RIVALS = [("", ""), ("negative", ""), ("", "two dogs"), ("positive", "a lion")]


@pytest.mark.parametrize("rivals", RIVALS)
@pytest.mark.parametrize("model", [*HEADS, "matching-gated", "sentiment-gated"])
def test_whatever_the_page_offers_is_answered(photo, model, rivals):
    """Every target with every rival, each method in the list then, and every tile that is drawn: none may raise."""
    engine = FakeEngine()
    for target in ("", *engine.targets(model), "of another model"):
        fields = answers.asked(engine, EN, photo, "a lion", model, "cross_attention", target, *rivals)
        one = fields["question"]
        offered = [replace(one, method=method) for _, method in fields["method"]["choices"]]
        tiles = re.findall(
            TILE, last(answers.growing_methods, engine, EN, one) + last(answers.growing_heads, engine, EN, one)
        )
        for method, layer, head in tiles:
            place = {"layer": int(layer) if layer else None, "head": int(head) if head else None}
            offered.append(replace(one, method=method, **place))
        assert one in offered
        for question in offered:
            assert "mm-figure" in answers.answer(engine, EN, question)["shown"]
            assert "Row 1" in answers.words_at(engine, EN, question, 0, 0)


TILE = r'data-method="(\w+)"(?: data-layer="(\d+)")?(?: data-head="(\d+)")?'


def test_heads_are_not_offered_where_attention_cannot_answer(question):
    """Attention is the same whatever is asked: it cannot say why one sentence and not another."""
    engine, pair = FakeEngine(), replace(question, target=("a lion sleeps", "two dogs"))
    assert len(re.findall(TILE, last(answers.growing_heads, engine, EN, question))) == 9
    assert re.findall(TILE, last(answers.growing_heads, engine, EN, pair)) == []
    assert "why one answer and not another" in last(answers.growing_heads, engine, EN, pair)


def test_a_method_that_does_not_fit_gives_way_when_a_rival_sentence_is_typed(photo):
    """The button asks too: nobody has to press Enter in the rival's field first."""
    given = photo, "a lion", "cross_attention", "cross_attention", "", ""
    assert answers.asked(FakeEngine(), EN, *given, "")["method"]["value"] == "cross_attention"
    fields = answers.asked(FakeEngine(), EN, *given, "two dogs")
    assert fields["method"]["value"] == "gradcam"
    assert fields["question"].target == ("a lion", "two dogs")


def test_a_field_that_is_hidden_is_not_asked(photo):
    sentence = answers.asked(FakeEngine(), EN, photo, "a", "sentiment", "gradcam", "positive", "negative", "two dogs")
    assert sentence["question"].target == ("positive", "negative")
    assert (sentence["rival"]["visible"], sentence["rival_text"]["visible"]) == (True, False)
    label = answers.asked(FakeEngine(), EN, photo, "a", "matching", "gradcam", "match", "negative", "")
    assert label["question"].target == "match"
    assert (label["rival"]["visible"], label["rival_text"]["visible"]) == (False, True)


def test_the_list_of_methods_opens_with_one_that_fits_and_the_first_answer_brings_the_rest(demo):
    """No model is touched when the page is built; what is not in the list cannot be asked."""
    lists = [b for b in demo.blocks.values() if getattr(b, "elem_id", None) == "attention-method"]
    assert [b.choices for b in lists] == [[("Grad-CAM", "gradcam")]] * 2
    opened = [o() for o in demo.openings]
    filled = [v["choices"] for o in opened if isinstance(o, dict) for w, v in o.items() if w in lists]
    assert [[name for _, name in choices] for choices in filled] == [
        [note.name for note in FakeEngine().method_notes("matching")]
    ] * 2


@pytest.mark.parametrize("say", [EN, ZH])
def test_every_model_and_target_has_a_name_in_the_language(say):
    for model in FakeEngine().explained_models():
        assert model_name(model, say) != model
    assert model_name("bert_resnet", say) == "BERT + ResNet-18"
    names = {target_name(target, say) for target in ("similarity", "match", "mismatch", *FEELINGS, "")}
    assert len(names) == 7
    assert ("而不是" if say is ZH else "rather than") in target_name(("positive", "negative"), say)


def test_the_figure_names_method_model_and_target(photo):
    q = Question(photo, "a lion", "sentiment", "gradcam", ("positive", "negative"))
    html = answers.answer(FakeEngine(), EN, q)["shown"]
    assert "Grad-CAM · Sentiment · why “positive” rather than “negative”" in readable(html)
    assert 'data-grid="7,7"' in html


@pytest.mark.parametrize(
    ("values", "target", "english", "chinese"),
    [
        ({"similarity": 0.487, "match": 0.72}, "similarity", "cosine 0.49, match 72 %", "余弦相似度 0.49、匹配 72%"),
        ({"match": 0.72}, "", "match 72 %", "匹配 72%"),
        ({"mismatch": 0.28, "match": 0.72}, "match", "match 72 %", "匹配 72%"),
        ({"mismatch": 0.28, "match": 0.72}, "mismatch", "no match 28 %, match 72 %", "不匹配 28%、匹配 72%"),
        ({"negative": 0.3, "neutral": 0.1, "positive": 0.6}, "positive", "feeling: positive 60 %", "情绪：正面 60%"),
        (
            {"negative": 0.3, "neutral": 0.1, "positive": 0.6}, ("negative", "positive"),
            "feeling: positive 60 %, feeling: negative 30 %", "情绪：正面 60%、情绪：负面 30%",
        ),
    ],
)  # fmt: skip
def test_the_answer_that_is_explained_stands_beside_the_model(values, target, english, chinese):
    for say, numbers in ((EN, f"answer to the sentence: {english}"), (ZH, f"对整句的答案：{chinese}")):
        assert answer_said(values, target, say).replace("\u00a0", " ") == numbers
        html = figure.figure(Image.new("RGB", (2, 2)), found(np.eye(2), model="matching", target=target), say, values)
        caption = re.search('data-caption="([^"]+)"', html)[1].replace("\u00a0", " ")
        assert caption.endswith(f" · {numbers}")  # and so in the saved picture
        assert numbers in readable(html.partition("<figcaption")[2])
        assert model_name("matching", say) in caption


# ---- signed maps


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))


def test_a_signed_map_is_blue_against_orange_for_and_clear_between():
    picture = decoded(heat.map_uri(np.array([[-1.0, 0.0, 0.5]]), signed=True))
    against, nothing, speaks = (picture.getpixel((x, 0)) for x in range(3))
    assert against == (0x1F, 0x6F, 0xE5, 255)
    assert nothing[3] == 0
    assert speaks[:3] == (0xFF, 0x9D, 0x00)
    assert speaks[3] == 128


def test_blue_and_orange_differ_for_the_colour_blind_too():
    blue, orange = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)], float) for c in (heat.AGAINST, heat.FOR))
    without_red_green = [np.array([(c[0] + c[1]) / 2, c[2]]) for c in (blue, orange)]
    assert np.linalg.norm(without_red_green[0] - without_red_green[1]) > 150


def test_the_sentence_of_a_signed_map_says_how_much_speaks_against():
    """4 cells of weight: +3 upper left, -1 lower right: all that is for lies upper left, a quarter is against."""
    signed = found(np.array([[3.0, 0.0], [0.0, -1.0]]), signed=True)
    said = where_said(signed, EN).replace("\u00a0", " ")
    assert said.startswith("100 % of the weight lies in the upper left.")
    assert "25 % of all weight speaks against" in said
    assert '<span class="mm-scale">against<i' in figure.figure(Image.new("RGB", (2, 2)), signed, EN, {"match": 0.7})


# ---- places, tiles, heads


def test_a_place_names_the_words_that_looked_there_heaviest_first(question):
    drawn = answers.answer(FakeEngine(), EN, question)["question"]
    assert drawn == question
    html = answers.words_at(FakeEngine(), EN, drawn, 2, 3)
    assert "Row 3, column 4 of 7 × 7: sleeps 50 %, lion 33 %, a 17 %" in readable(html)


def test_methods_stand_side_by_side_with_their_mean_and_their_agreement(question):
    html = last(answers.growing_methods, FakeEngine(), EN, question)
    assert re.findall(r'data-method="(\w+)"', html) == ["cross_attention", "gradcam", "self_attention", "mean"]
    assert html.count('aria-pressed="true"') == 1
    assert html.count('data-side="for"') == 3
    assert html.count('data-side="against"') == 6
    assert "words only" in html


def test_the_mean_can_be_looked_at_like_a_method(question):
    mean = answers.answer(FakeEngine(), EN, Question(question.path, "a lion", "matching", "mean"))
    assert "Mean of all" in mean["shown"]
    assert "mean of all maps" in mean["hint"]
    assert mean["words"].count("<button") == 3
    assert "mean map belongs to no one method" in answers.sanity(
        FakeEngine(), EN, Question(question.path, "a", "matching", "mean")
    )


def test_every_head_has_a_tile_and_the_count_comes_from_the_engine(question):
    engine = FakeEngine()
    image, _ = find(engine, question)
    cross, own = last(answers.layers_of_heads, engine, question, image)
    assert [e.head for e in cross] == [0, 1, 2]
    assert [(e.layer, e.head) for e in own] == [(i, j) for i in range(2) for j in range(3)]
    html = draw_tiles.heads(image, cross, own, question, EN)
    assert html.count("<button") == 9
    assert "layer 2, head 3" in html


def test_the_heads_are_told_of_in_words_true_on_dark_and_on_light():
    assert "the stronger a word’s colour" in EN("attention.heads_lead")
    assert "越浓" in ZH("attention.heads_lead")
    assert not [p for pair in PHRASES.values() for p in pair if "darker" in p or "越深" in p]


# ---- box and eraser


@pytest.mark.parametrize(("box", "hit", "share"), [((0, 0, 50, 50), True, "75 %"), ((50, 0, 100, 100), False, "25 %")])
def test_a_box_is_hit_when_the_peak_lies_inside_and_says_the_share(box, hit, share):
    html = readable(pad.box_share(found(np.array([[3.0, 0.0], [0.0, 1.0]])), box, EN))
    assert html.startswith("Hit" if hit else "Miss")
    assert f"{share} of the map’s weight lies inside; the box covers {25 if hit else 50} % of the photo" in html


@pytest.mark.parametrize("corners", [(None, 0, 1, 1), (10, 10, 10.5, 90), (float("nan"), 0, 50, 50)])
def test_no_box_is_an_error_with_a_code(corners):
    with pytest.raises(InputError) as caught:
        pad.checked_box(*corners)
    assert caught.value.code == "no_box"


def test_a_box_stays_with_its_photo_and_is_judged_again(question):
    engine = FakeEngine()
    shown = answers.open_part(engine, EN, question, "box", question.path, 60, 20, 10, 70)
    assert 'class="mm-drawn" style="left:10%;top:20%;width:50%;height:50%">' in shown["pad"]
    image, one = find(engine, question)
    assert shown["box"] == pad.box_share(one, (10, 20, 60, 70), EN)
    assert not set(pad.SIDES) & set(shown)


@pytest.mark.parametrize(
    ("marked", "corners", "fields"), [("another.jpg", (10, 20, 60, 70), [25, 25, 75, 75]), (None, (None,) * 4, [])]
)
def test_without_a_box_on_this_photo_none_is_drawn(question, marked, corners, fields):
    """Another photo's box goes, and so do its numbers; a field that is being typed in is left alone."""
    shown = answers.open_part(FakeEngine(), EN, question, "box", marked or question.path, *corners)
    assert " hidden></i>" in shown["pad"]
    assert shown["box"] == ""
    assert [shown[side] for side in pad.SIDES if side in shown] == fields


def test_corners_in_any_order_and_outside_make_a_box_within_the_photo():
    assert pad.checked_box(80, 120, 20, -5) == (20, 0, 80, 100)


def test_the_brightest_fifth_is_a_fifth_and_the_brightest():
    taken = pad.brightest(np.arange(100.0).reshape(10, 10))
    assert taken.sum() == 20
    assert taken[8:].all()


def test_erasing_touches_only_what_is_taken():
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8))
    taken = pad.in_box((40, 60), (0, 0, 50, 100))
    before, after = np.asarray(image), np.asarray(pad.occluded(image, taken))
    assert (before[:, 30:] == after[:, 30:]).all()
    assert after[:, :30].std() < before[:, :30].std() / 3


@pytest.mark.parametrize(
    ("text", "words", "index", "left"),
    [
        ("A cat, a dog", ("a", "cat", ",", "a", "dog"), 3, "A cat, dog"),
        ("一只猫", ("一", "只", "猫"), 2, "一只"),
        ("café au lait", ("cafe", "au", "lait"), 0, "au lait"),
    ],
)
def test_the_word_that_is_dropped_is_the_one_that_was_meant(text, words, index, left):
    assert pad.without(text, words, index) == left


def test_asking_again_shows_before_and_after(photo):
    engine = FakeEngine({"a lion": 0.35, "a": 0.05})
    question = Question(photo, "a lion", "matching", "gradcam")
    html = answers.without_part(engine, EN, question, "word", 1, (0, 0, 1, 1))
    assert "Without the word “lion”" in html
    assert re.search(r"match: 99 % → 2 %", html.replace("\u00a0", " "))
    assert "cosine: 0.35 → 0.05" in html


@pytest.mark.parametrize(("say", "said"), [(EN, "Asked again: {}, the model whose"), (ZH, "画出这张图的模型：{}")])
@pytest.mark.parametrize(("model", "numbers"), [("matching", 2), ("sentiment", 3), ("matching-gated", 2)])
def test_the_model_that_was_explained_is_asked_again_and_named(photo, say, said, model, numbers):
    engine, name = FakeEngine(), model_name(model, say)
    for kind in ("word", "bright", "box"):
        engine.calls.clear()
        html = answers.without_part(engine, say, Question(photo, "a lion", model, "gradcam"), kind, 1, (0, 0, 50, 50))
        assert [call for call in engine.calls if call.startswith("values")] == [f"values of {model}"] * 2
        assert set(engine.calls) <= {f"values of {model}", "explain", model.replace("matching", "match")}
        assert said.format(name) in readable(html)
        assert len(re.findall(rf'aria-label="{re.escape(name)}[，,]', html)) == numbers


@pytest.mark.parametrize("say", [EN, ZH])
def test_html_in_the_sentence_is_shown_as_text_everywhere(photo, say):
    engine, q = FakeEngine(), Question(photo, EVIL, "cross_attention", "cross_attention")
    image, one = find(engine, q)
    cross, own = last(answers.layers_of_heads, engine, q, image)
    pair = replace(q, method="gradcam", target=(EVIL, EVIL))
    for html in (
        last(answers.growing_methods, engine, say, q), draw_tiles.heads(image, cross, own, q, say),
        pad.pad(image, one, say),
        figure.figure(image, one, say, {"match": 0.7}), answers.words_at(engine, say, q, 0, 0),
        target_escaped(engine, say, q),
        answers.without_part(engine, say, q, "word", 1, (0, 0, 1, 1)),
        figure.figure(image, find(engine, pair)[1], say, {"match": 0.7}),
        last(answers.growing_methods, engine, say, pair),
    ):  # fmt: skip
        assert "<script" not in html


def target_escaped(engine: FakeEngine, say: Say, q: Question) -> str:
    image, one = find(engine, q)
    test = engine.faithfulness(image, q.text, one)
    return verdict.curves(Faithfulness(test.deletion, test.insertion, None, None, (EVIL, EVIL)), one, say)


def test_the_scripts_of_the_tab_exist():
    for name in ("figure.js", "tiles.js", "pad.js", "seen.js", "words.js", "tools.js", "corners.js", "attention.css"):
        assert (STATIC / name).read_text(encoding="utf-8").strip()
