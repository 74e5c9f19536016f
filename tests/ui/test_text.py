"""Both languages say the same things: every key is used, every {name} stands on both sides, every error has words."""

import re
import string
from pathlib import Path

import pytest

from mmdemo import errors, inputs
from mmdemo.engine import METHODS
from mmdemo.tasks.question_words import KINDS
from mmdemo.ui import gallery, phrases
from mmdemo.ui.tabs.about.draw import GROUPS
from mmdemo.ui.tabs.attention.question import HEADS
from mmdemo.ui.text import LANGUAGES, Say
from tests.fake_bench import FUSIONS, IMPUTATIONS, SYSTEMS

UI = Path(phrases.__file__).parents[1]
FILES = [p for kind in ("*.py", "*.html") for p in UI.rglob(kind) if p.parent.name != "phrases"]
SOURCE = "".join(p.read_text(encoding="utf-8") for p in FILES)
COMPUTED = {  # say(f"...{}") in the source -> what may stand there
    r"about\.(what|ratio|goal|ms|a_second_in_turn|a_second_at_once|p50_ms|p95_ms|errors|wrong)": "about.{name}",
    r"about\.speed_(met|missed)": "about.speed_{",
    r"(match|sentiment|fusion|autoencoder|caption|question|gallery|attention)\.tab": "{name}.tab",
    r"(match|sentiment)\.(button|lead)": "{name}.lead",
    rf"fusion\.name_({'|'.join(FUSIONS)}|ensemble|image_only|text_only)": "fusion.name_{",
    rf"fusion\.idea_({'|'.join(FUSIONS)})": "fusion.idea_{",
    rf"fusion\.fill_(learned|{'|'.join(IMPUTATIONS)})": "fusion.fill_{",
    rf"fusion\.system_({'|'.join(name for name, _ in SYSTEMS)})": "fusion.system_{",
    rf"fusion\.about_({'|'.join(name for name, _ in SYSTEMS)})": "fusion.about_{",
    r"fusion\.side_(both|image|text)": "fusion.side_{",
    r"fusion\.alone_(image|text)": "fusion.alone_{",
    r"fusion\.row_(none|image|text|together|both)": "fusion.row_{",
    r"fusion\.part_(image|text|together)": "fusion.part_{",
    r"fusion\.the_(image|text|together)": "fusion.the_{",
    r"fusion\.missing_(image|text)": "fusion.missing_{",
    r"fusion\.differs_(match|feeling)": "fusion.differs_{",
    r"fusion\.figures_(with|without)": "fusion.figures_{",
    r"fusion\.lane_(image|text)": "fusion.lane_{",
    r"fusion\.dial_(matching|sentiment)": "fusion.dial_{",
    r"fusion\.figures_(matching|sentiment)": "fusion.figures_{",
    r"fusion\.(match|mismatch)": "fusion.{label}",
    r"fusion\.verdict_no_(image|text)": "fusion.verdict_no_{",
    r"fusion\.history_(match|feeling)": "fusion.history_{",
    r"fusion\.history_reached_(matching|sentiment)": "fusion.history_reached_{",
    r"gallery\.by_(text|photo|both)": "gallery.by_{",
    r"autoencoder\.use_(both|image|text)": "autoencoder.use_{",
    r"autoencoder\.headline_(both|image|text)": "autoencoder.headline_{",
    r"autoencoder\.colour_(red|green|blue|grey)": "autoencoder.colour_{",
    r"autoencoder\.(picture|words)_error": "autoencoder.{side}_error",
    r"autoencoder\.no_(picture|words)_error": "autoencoder.no_{side}_error",
    r"autoencoder\.(picture|words)_usual": "autoencoder.{side}_usual",
    r"autoencoder\.why_(missing|loss|features|memory|neighbours)": "autoencoder.{key}",
    r"question\.ask_(yes_no|what|colour|count|which)": "question.ask_{",
    rf"question\.kind_({'|'.join(KINDS)})": "question.kind_{",
    r"question\.(with|without)": '"question." ~ side',
    r"question\.(named|statements)": '"question." ~ result.ranked_by',
    r"sentiment\.(negative|neutral|positive)": "sentiment.{",
    rf"attention\.({'|'.join(METHODS)}|mean)(_hint)?": "attention.{method",
    rf"attention\.model_({'|'.join(HEADS)})": "attention.model_{model",
    r"attention\.(method|model|target|rival)": "attention.{name}",
    r"attention\.model_fusion_(matching|sentiment)": "attention.model_fusion_{",
    r"attention\.value_(similarity|match)": "attention.value_{",
    r"attention\.scale_(low|high|against|for)": "attention.scale_{",
    r"attention\.badge_(finds|blob|flat|empty|no|other|unread|unfamiliar)": "attention.badge_{",
    r"attention\.badge_(deletion|insertion)": "attention.badge_{",
    r"attention\.badge_words_(finds|blob|flat)": "attention.badge_words_{",
    r"attention\.(word_)?(deletion|insertion)": "attention.{name}",
    r"attention\.sanity_(own|random)": "attention.sanity_{",
    r"attention\.box_(left|top|right|bottom)": "attention.box_{",
    r"attention\.erased_(bright|box)": "attention.erased_{",
    r"attention\.(upper|lower|left|right|middle)(_left|_right)?": "attention.{name}",
    r"pair\.lesson_(counting|negation|roles)": "pair.lesson_{lesson}",
    r"pair\.says_(true|near|false)": "pair.says_{which}",
    r"chain\.vector_(image|text)": "chain.vector_{side}",
    r"about\.(privacy|memory|limits|programs)": "about.{key}",
    r"about\.(device|latency|network|versions|architecture|parameters|measured)": "about.{key}",
    r"about\.(papers|photo_sources|calibration)": "about.{key}",
    r"about\.(trained_on|licences|known_failures|findings|recipe)": "about.{key}",
    r"match\.view_(cosine|texts|images)": "match.view_{view",
    r"match\.matrix_one_(texts|images)": '"match.matrix_one_" ~ view',
    r"about\.state_(missing|fetching|here|not_offered|memory)": "about.state_{row",
    r"about\.(repository|revision|size|languages)": '"about." ~ key',
    r"hub\.language_(en|zh)": "hub.language_{one",
    r"hub\.(size|languages|licence|repository|paper)": '"hub." ~ key',
    r"attention\.running_(map|parts|sanity)": '"attention.running_" ~ place',
    r"trust\.(match|other|either)": "trust.{better",
    rf"about\.({'|'.join(GROUPS)})(_lead)?": "about.{group",
    r"about\.(metric|value|dataset|split|n|seed|date)": "about.{column}",
    r"about\.(method|(deletion|insertion)_minus_(random|centre)|own_half|box_hit|milliseconds|mb)": "about.{c}",
    r"about\.(random|centre)": "about.{name}",
}
ALIKE = (
    "attention.gradcam",
    "attention.layercam",
    "attention.grad_eclip",
    "attention.area",
    "attention.tile_alt",
    "attention.head_alt",
    "attention.erased_move",
)
NAMES = ("fusion.system_", "fusion.figures_auc")  # written alike in both languages
ALL = phrases.PHRASES | phrases.ERRORS


def names(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


@pytest.mark.parametrize("key", sorted(ALL))
def test_both_languages_speak_of_the_same_values(key):
    english, chinese = ALL[key]
    assert english.strip()
    assert chinese.strip()
    assert names(english) == names(chinese)


@pytest.mark.parametrize("key", sorted(phrases.PHRASES))
def test_every_key_is_used(key):
    computed = [part for pattern, part in COMPUTED.items() if re.fullmatch(pattern, key)]
    assert f'"{key}"' in SOURCE or f"'{key}'" in SOURCE or any(map(is_said, computed))


def is_said(computed: str) -> bool:
    """In code as f"fusion.name_{...}", in a template as "fusion.name_" ~ ...; there alone two names may meet."""
    return computed in SOURCE or f'{computed.partition("{")[0]}" ~' in SOURCE


def test_every_key_that_the_code_says_exists():
    said = set(re.findall(r"""say\(["']([a-z_.]+)["'](?! ~)""", SOURCE))
    assert said <= set(phrases.PHRASES)
    begun = set(re.findall(r"""say\(["']([a-z_.]+)["'] ~""", SOURCE))
    assert [start for start in begun if not any(key.startswith(start) for key in phrases.PHRASES)] == []
    assert len(said) > 30


def test_chinese_is_chinese_and_english_is_not():
    chinese = [
        pair[1]
        for key, pair in ALL.items()
        if not key.startswith(("match.bar", "sentiment.card", *ALIKE, "page.other", *NAMES))
    ]
    wordless = [p for p in chinese if not re.search(r"[\u4e00-\u9fff“]", p)]
    assert wordless == []
    assert not [p for key, (p, _) in ALL.items() if re.search(r"[\u4e00-\u9fff]", p) and key != "page.other"]


def raised() -> list[errors.MMDemoError]:
    tries = [
        (inputs.read_image, None),
        (inputs.read_image, b""),
        (inputs.read_image, b"words, not a picture"),
        (inputs.read_image, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (inputs.read_image, b"\0\0\0\x18ftypheic" + bytes(50)),
        (inputs.read_image, b"\x89PNG\r\n\x1a\n" + bytes(50)),
        (inputs.read_image, bytes(inputs.MAX_IMAGE_BYTES + 1)),
        (inputs.clean_text, " "),
        (inputs.clean_text, "x" * 10_000),
        (inputs.split_lines, "\n\n"),
    ]
    found = []
    for call, given in tries:
        with pytest.raises(errors.MMDemoError) as caught:
            call(given)
        found.append(caught.value)
    return [*found, errors.ChoiceError("method", "magic", ["cross_attention", "gradcam"])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_of_the_inputs_has_a_sentence_in_the_language(language):
    for error in raised():
        assert error.code in phrases.ERRORS, error
        sentence = Say(language).error(error)
        assert "{" not in sentence
        assert bool(re.search(r"[\u4e00-\u9fff]", sentence)) == (language == "zh")


def test_a_pixel_bomb_is_told_with_its_numbers():
    error = errors.ImageError("English.", "image_too_many_pixels", width=20_000, height=10_000, limit=24_000_000)
    assert "20,000 × 10,000" in Say("en").error(error)
    assert "24,000,000" in Say("zh").error(error)


def test_an_error_without_a_code_or_with_missing_values_keeps_its_english_sentence():
    assert Say("zh").error(errors.ShapeError("Expected [2].")) == "Expected [2]."
    assert Say("zh").error(errors.TextError("Too long.", "text_too_long")) == "Too long."


def test_a_damaged_weight_file_is_named_in_both_languages():
    error = errors.WeightsError("The file weights/e5/e5.safetensors is damaged.")
    assert Say("en").error(error) == str(error)
    assert "weights/e5/e5.safetensors" in Say("zh").error(error)
    assert Say("zh").error(error).startswith("模型文件有问题")


@pytest.mark.parametrize(
    ("share", "english"),
    [(0.0, "0 %"), (0.001, "< 1 %"), (0.873, "87 %"), (0.997, "> 99 %"), (1.0, "100 %")],
)
def test_percentages_never_round_to_a_false_certainty(share, english):
    assert Say("en").percent(share).replace("\u00a0", " ") == english


@pytest.mark.parametrize(
    ("percentile", "english"), [(26.2, "26 %"), (98.9, "99 %"), (99.64, "99.6 %"), (100.0, "99.9 %")]
)
def test_a_percentile_of_a_sample_is_never_a_full_hundred(percentile, english):
    assert Say("en").percentile(percentile).replace("\u00a0", " ") == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_have_a_photo_and_a_text_in_the_language(language):
    found = gallery.examples(Say(language))
    assert len(found) == len(gallery.photos()) >= 10
    for example in found:
        assert inputs.read_image(example.path).size[0] > 10
        assert bool(re.search(r"[\u4e00-\u9fff]", example.text)) == (language == "zh")
