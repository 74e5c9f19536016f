"""Numbers become the widths, colours and sentences that they should."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from mmdemo.types import MatchBackground
from mmdemo.ui import heat
from mmdemo.ui.markup import STATIC, part
from mmdemo.ui.tabs.attention.sentences import describe
from mmdemo.ui.tabs.match.draw import WIDTH, dots, histogram
from mmdemo.ui.text import Say

BACKGROUND = MatchBackground(
    np.array([-0.2, 0.0, 0.2, 0.4]), np.array([0.1, 0.3, 0.6]), np.array([0.6, 0.4, 0.0]), "none"
)
EVIL = '<script>alert("1")</script>\'&'


def width(html: str) -> float:
    return float(re.search(r"width:([\d.]+)%", html)[1])


@pytest.mark.parametrize(("share", "percent"), [(0, 0), (0.25, 25), (1, 100), (1.7, 100), (-3, 0)])
def test_a_bar_is_as_wide_as_its_share(share, percent):
    assert width(part("bar", share, "x")) == percent


@pytest.mark.parametrize(
    ("cosine", "left", "wide"), [(0, 50, 0), (0.3, 50, 15), (1, 50, 50), (-0.5, 25, 25), (-1, 0, 50), (2, 50, 50)]
)
def test_a_cosine_grows_from_the_middle_of_an_axis_from_minus_one_to_one(cosine, left, wide):
    html = part("cosine_bar", cosine, "x")
    assert float(re.search(r"left:([\d.]+)%", html)[1]) == left
    assert width(html) == wide


def test_a_cosine_is_written_with_two_decimals_and_a_true_minus():
    assert Say.number(0.304) == "0.30"
    assert Say.number(-0.1) == "\u22120.10"
    assert Say.number(-0.004) == "0.00"


@pytest.mark.parametrize(
    "html",
    [
        part("bar", 0.5, EVIL),
        part("cosine_bar", 0.5, EVIL),
        histogram(BACKGROUND, [0.1], EVIL),
        part("table", [EVIL], [[EVIL]], numeric=()),
    ],
)
def test_strings_are_escaped(html):
    assert "<script" not in html
    assert 'alert("' not in html
    assert "&lt;script&gt;" in html


def test_every_picture_has_a_text_alternative():
    for html in (part("bar", 0.5, "half"), part("cosine_bar", 0.5, "half"), histogram(BACKGROUND, [0.1], "half")):
        assert 'role="img" aria-label="half"' in html


def test_the_histogram_draws_both_populations_and_a_mark_at_its_place():
    svg = histogram(BACKGROUND, [0.4, -0.2], "x")
    assert svg.count("<path") == 2
    places = [float(x) for x in re.findall(r'<line x1="([\d.]+)" x2="[\d.]+" y1="\d+" y2="\d+" class="mm-mark"', svg)]
    assert len(places) == 2
    span = 0.64  # -0.22 to 0.42: all bins hold pairs, and 0.02 is left on both sides
    assert places == [pytest.approx(8 + (WIDTH - 16) * at / span, abs=0.1) for at in (0.62, 0.02)]


def test_numbers_of_near_marks_do_not_cover_each_other():
    svg = histogram(BACKGROUND, [0.1, 0.1001, 0.1002], "x")
    spots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)]
    assert len(spots) == 3
    assert min(np.diff(sorted(spots))) > 16  # two radii
    spots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', histogram(BACKGROUND, [0.1] * 50, "x"))]
    assert len(spots) == 9 and min(np.diff(sorted(spots))) > 16


@pytest.mark.parametrize("at", [8.0, 320.0, WIDTH - 8.0])
def test_nine_numbers_find_room_in_the_order_of_their_marks_even_at_the_edge(at):
    found = dots([at, at + 1, at - 1, *[at] * 6])
    assert sorted(dot["digit"] for dot in found) == list(range(1, 10))
    assert [dot["at"] for dot in found] == sorted(dot["at"] for dot in found)
    spots = [dot["x"] for dot in found]
    assert min(np.diff(spots)) > 16 and 8 <= spots[0] and spots[-1] <= WIDTH - 8
    assert [dot["x"] for dot in dots([100.0, 300.0])] == [100.0, 300.0]


def test_a_mark_outside_the_background_widens_the_axis():
    svg = histogram(BACKGROUND, [0.95], "x")
    assert "0.80</text>" in svg


# ---- colours


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    """WCAG's ratio of two colours [3] in 0 to 255."""
    dark, light = sorted(map(luminance, (a, b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [":root, .light", ".dark"])
def test_words_can_be_read_on_the_deepest_orange_and_blue_cells(theme):
    sheets = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("page.css", "attention.css"))
    colours = {
        name: np.array([int(digit * (2 // len(digit)), 16) for digit in re.findall("." * (len(hexes) // 3), hexes)])
        for block in re.findall(rf"^{re.escape(theme)} \{{(.*?)\}}", sheets, re.M | re.S)
        for name, hexes in re.findall(r"--mm-([\w-]+): #(\w+);", block)
    }
    mixed = re.findall(r"color-mix\(in srgb, var\(--mm-([\w-]+)\) calc\(var\(--w\) \* (\d+)%\)", sheets)
    assert len(mixed) == 4
    for name, share in mixed:
        cell = colours[name] * int(share) / 100 + colours["card"] * (1 - int(share) / 100)
        assert contrast(cell, colours["ink"]) >= 4.5, (name, share)


# ---- the map


def luminance(rgb: np.ndarray) -> np.ndarray:
    linear = (rgb / 255) ** 2.2
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_the_palette_only_grows_lighter():
    light = luminance(heat.palette(np.linspace(0, 1, 256)).astype(float))
    assert (np.diff(light) >= 0).all()
    assert light[-1] - light[0] > 0.6


def test_the_palette_is_dark_blue_to_yellow_and_clips():
    ends = heat.palette(np.array([-1.0, 0.0, 1.0, 2.0]))
    assert (ends[0] == ends[1]).all()
    assert (ends[2] == ends[3]).all()
    assert ends[1].argmax() == 2
    assert ends[2].argmin() == 2


def test_the_palette_stays_in_order_for_the_colour_blind():
    """Brettel-like check: without the red-green difference, neighbours along the palette still differ."""
    rgb = heat.palette(np.linspace(0, 1, 9)).astype(float)
    without_red_green = np.stack([(rgb[:, 0] + rgb[:, 1]) / 2, rgb[:, 2]], -1)
    assert np.linalg.norm(np.diff(without_red_green, axis=0), axis=1).min() > 10


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))


def test_a_map_becomes_a_small_picture_with_its_largest_value_yellow():
    image_map = np.zeros((400, 900), np.float32)
    image_map[:200, :450] = 3.0
    picture = decoded(heat.map_uri(image_map)).convert("RGB")
    assert max(picture.size) == heat.MAP_SIDE
    assert picture.getpixel((5, 5)) == tuple(heat.palette(np.array(1.0)))
    assert picture.getpixel((picture.width - 5, 5)) == tuple(heat.palette(np.array(0.0)))


def test_a_photo_is_sent_small_and_without_metadata():
    photo = Image.new("RGB", (2000, 1000), "orange")
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    photo.info["exif"] = exif.tobytes()
    sent = decoded(heat.photo_uri(photo))
    assert sent.size == (heat.PHOTO_SIDE, heat.PHOTO_SIDE // 2)
    assert not dict(sent.getexif())


def test_a_map_of_one_pixel_and_an_empty_map_are_drawn():
    assert decoded(heat.map_uri(np.ones((1, 1), np.float32))).size == (1, 1)
    assert decoded(heat.map_uri(np.zeros((5, 5), np.float32))).convert("RGB").getpixel((0, 0)) == (11, 31, 82)


# ---- the map in words


def weights(**parts: float) -> np.ndarray:
    image_map = np.zeros((8, 8), np.float32)
    for name, weight in parts.items():
        rows = slice(0, 4) if "upper" in name else slice(4, 8)
        columns = slice(0, 4) if "left" in name else slice(4, 8)
        image_map[rows, columns] = weight
    return image_map


def spoken(image_map: np.ndarray, language: str = "en") -> str:
    return describe(image_map, Say(language)).replace("\u00a0", " ")


def test_a_quarter_with_most_of_the_weight_is_named():
    image_map = weights(lower_left=72, upper_left=14, upper_right=14)
    assert spoken(image_map) == "72 % of the weight lies in the lower left."
    assert spoken(image_map, "zh") == "72% 的权重落在左下方。"


def test_a_half_is_named_when_no_quarter_has_enough():
    assert spoken(weights(upper_left=40, lower_left=40, upper_right=20)) == "80 % of the weight lies in the left half."


def test_the_middle_is_a_place():
    image_map = np.zeros((8, 8), np.float32)
    image_map[3:5, 3:5] = 1
    assert spoken(image_map) == "100 % of the weight lies in the middle."


def test_an_even_map_is_called_spread_and_an_empty_one_empty():
    assert spoken(np.ones((8, 8), np.float32)).startswith("The weight is spread out")
    assert spoken(np.zeros((8, 8), np.float32)).startswith("The map is empty")


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 2), (10, 2000)])
def test_maps_of_any_shape_can_be_described(shape):
    assert spoken(np.random.default_rng(0).random(shape).astype(np.float32))


def test_a_map_of_one_high_place_is_stretched_and_others_are_left_alone():
    image_map = np.full((10, 10), 0.01, np.float32)
    image_map[0, 0] = -1
    drawn = heat.stretched(image_map)
    assert np.abs(drawn).max() == pytest.approx(0.01) and drawn[0, 0] < 0 < drawn[5, 5]
    assert heat.stretched(np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)) is None
    assert heat.stretched(np.zeros((4, 4), np.float32)) is None
