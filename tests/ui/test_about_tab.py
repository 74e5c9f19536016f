"""The About tab: cards in both languages under what they answer, and which model stands on which tower."""

import re
from html import unescape

import pytest

import mmdemo
from mmdemo.checkpoints import CHECKPOINTS, folders
from mmdemo.loading import WEIGHTS, read_card
from mmdemo.types import EngineStatus, ModelRow
from mmdemo.ui.phrases import PHRASES, TERMS
from mmdemo.ui.tabs.about import draw as about
from mmdemo.ui.tabs.about import standing
from mmdemo.ui.terms import termed
from mmdemo.ui.text import Say
from tests.fakes import CARD, FakeEngine
from tests.ui.test_tabs import readable

EN, ZH = Say("en"), Say("zh")
CARDS = {name: read_card(name) for name in folders()}
TRAINING = "".join(path.read_text(encoding="utf-8") for path in (WEIGHTS.parent / "mmdemo" / "training").rglob("*.py"))
NAMES = {  # of data sets, measures and files: alike in both languages
    "ADE", "AUC", "BLEU", "CIDEr", "CN", "COCO", "DAQUAR", "Flickr", "ImageNet", "MVSA", "NAME", "ROUGE", "Single",
    "VQA", "matching", "photo", "py", "short", "texts", "training", "weights", "of", "data",
}  # fmt: skip


@pytest.fixture(scope="module")
def status() -> EngineStatus:
    """Every card and every row that ships."""
    return mmdemo.load("cpu", offline=True).status()


def test_about_shows_every_figure_of_a_card_with_its_source():
    text = readable(about.card(CARD, EN))
    for part in ("r10", "44.5 %", "Fake8k", "val", "998", "2026-11-21", "Apache-2.0", "Everything", "1,234,567"):
        assert part in text


def test_about_shows_how_well_each_method_explains_a_model():
    row = {"method": "gradcam", "deletion_minus_random": [-0.1234, -0.2, -0.05], "milliseconds": 12.3}
    row |= {"box_hit": [61.0, 50, 70], "box_hit_minus_centre": [36.0, 20, 50]}
    table = {"pairs": 200, "dataset": "Fake8k", "split": "val", "seed": 0, "date": "2026-11-21"}
    table |= {"rows": [row, {"method": "centre"}]}
    text = readable(about.card({"explanations": table}, EN))
    parts = ("Grad-CAM", "−0.123 [−0.200, −0.050]", "61.0 % (25.0 %)", "blob in the middle", "200 photos of Fake8k")
    for part in parts:
        assert part in text
    assert "Grad-CAM" not in readable(about.card({}, EN))


def test_about_survives_a_card_with_nothing_in_it():
    assert "<section" in about.card({}, EN)


@pytest.mark.parametrize("say", [EN, ZH])
def test_about_says_what_becomes_of_uploads(say):
    assert say("about.privacy") in about.draw(FakeEngine().status(), say)


def test_a_card_is_read_in_the_language_and_nothing_of_it_becomes_markup():
    english, chinese = (about.card(CARD, say) for say in (EN, ZH))
    assert "A &lt;i&gt;stand-in&lt;/i&gt;" in english and "替身" not in english
    assert "替身" in chinese and "什么也不做" in chinese and "&gt;stand-in" not in chinese
    assert "Nothing &lt;b&gt;at all&lt;/b&gt;" in english and "<b>at" not in english + chinese


@pytest.mark.parametrize("say", [EN, ZH])
@pytest.mark.parametrize("name", folders())
def test_every_card_that_ships_is_shown_in_the_language(name, say):
    card = CARDS[name]
    text = unescape(readable(about.card(card, say)))
    for key in ("title", "purpose", "architecture"):
        assert card[key][say.language] in text
    for sentence in [*card["trained_on"], *card["licences"], *card["known_failures"], *card.get("findings", [])]:
        assert sentence[say.language] in text
    assert f"{card['parameters']:,}" in text and "{" not in text


def names_of_figures() -> set[str]:
    rows = [row for card in CARDS.values() for row in card["metrics"]]
    tables = [card["explanations"] for card in CARDS.values() if "explanations" in card]
    shown = {*CARDS["fusions"]["sources"].values(), CARDS["matching"]["background"]["source"]}  # on other tabs
    shown |= {row[key] for row in rows for key in ("metric", "dataset", "split")}
    shown |= {name for row in CHECKPOINTS.values() if row.hub for one in row.hub.published for name in one[:2]}
    return shown | {table["dataset"] for table in tables}


def test_every_figure_and_data_set_has_a_chinese_name():
    for name in names_of_figures():
        assert set(re.findall(r"[A-Za-z]{2,}", termed(name, ZH))) <= NAMES, (name, termed(name, ZH))
        assert "_" not in termed(name, EN) or "/" in name, (name, termed(name, EN))


def test_a_figure_is_named_as_people_read_it():
    assert termed("image_only_macro_F1", EN) == "photo alone, macro F1"
    assert termed("both_accuracy_where_sides_agree", ZH) == "两边都给，准确率，两边一致时"
    assert termed("10 % of the labelled pairs, seed 0", ZH) == "10% 的带标签样本，随机种子 0"
    assert termed("weights/matching", ZH) == "weights/matching"
    background = "Flickr8k val, 998 photos: 9980 true pairs, 9980 with another photo (seed 0)"
    assert termed(background, EN) == background
    assert (
        termed(background, ZH) == "Flickr8k 验证集，998 张照片：9980 对配对的图文，9980 对换了照片的图文（随机种子 0）"
    )
    assert termed("a_new_thing", EN) == "a, new, thing"


@pytest.mark.parametrize("term", sorted(TERMS))
def test_every_term_is_used_by_a_card_or_a_recipe(term):
    english, chinese = TERMS[term]
    assert english and chinese
    assert term in TRAINING or any(term in name for name in names_of_figures()) or f"fusion.name_{term}" in PHRASES


def test_models_stand_under_what_they_answer(status):
    shown = about.grouped(status, EN)
    assert list(shown) == list(about.GROUPS)
    assert sum(map(len, shown.values())) == len(folders())
    kinds = [kind for members in about.GROUPS.values() for kind in members]
    ours = [row for row in CHECKPOINTS.values() if not row.hub]  # those of the Hub have cards of their own
    assert {row.kind for row in ours} <= set(kinds) and len(kinds) == len(set(kinds))
    assert all(row.paper in unescape(readable("".join(sum(shown.values(), [])))) for row in ours)
    titles = {group: [re.search("<h4>(.*?)</h4>", card)[1] for card in cards] for group, cards in shown.items()}
    assert titles["match"] == ["Dual encoder", "Cross-attention"]
    assert titles["systems"] == ["Pixels + TF-IDF", "CNN + LSTM", "ResNet-18 + LSTM", "BERT + ResNet-18"]


@pytest.mark.parametrize("say", [EN, ZH])
def test_headings_go_down_one_step_at_a_time(status, say):
    levels = [int(level) for level in re.findall(r"<h(\d)", about.draw(status, say))]
    assert levels[0] == 2 and max(levels) == 4
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))


# ---- which model stands on which tower

ROWS = (
    ModelRow("eye", "image_encoder", "eye"),
    ModelRow("ear", "text_encoder", "ear"),
    ModelRow("one", "matching", "one", "eye", "ear"),
    ModelRow("two-a", "familiarity", "two", "eye", ""),
    ModelRow("two-b", "familiarity", "two", "", "ear"),
    ModelRow("alone", "system", "alone"),
)


def test_models_and_their_towers_come_from_the_rows():
    found = standing.models(ROWS, {"one": "The <one>"})
    assert [(m.title, m.photo, m.sentence) for m in found] == [
        ("The <one>", ("eye",), ("ear",)), ("two", ("eye",), ("ear",)), ("alone", (), ())
    ]  # fmt: skip


def test_the_drawing_has_a_line_for_every_model_and_tower_and_says_them_in_words():
    drawn = standing.draw(ROWS, {"one": "The <one>", "eye": "Eye"}, EN)
    assert drawn.count("<path") == 4 and drawn.count("<rect") == 5
    assert 'role="img"' in drawn and "The &lt;one&gt;: photo by Eye, sentence by ear." in drawn and "<one>" not in drawn
    assert "alone: photo by itself, sentence by itself." in drawn
    assert len(re.findall("<tr>", drawn)) == 4


def test_towers_do_not_lie_on_each_other_and_stay_inside():
    places = standing.spread({"a": 84.0, "b": 84.0, "c": 20.0}, 3)
    assert places == {"c": 20.0, "a": 52.0, "b": 84.0}
    assert standing.spread({"a": 36.0}, 2) == {"a": 36.0}


@pytest.mark.parametrize("say", [EN, ZH])
def test_every_model_that_ships_is_drawn_once(status, say):
    drawn = readable(about.draw(status, say))
    for name, card in CARDS.items():
        assert card["title"][say.language] in drawn, name
