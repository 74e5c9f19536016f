"""What is understood and what is familiar: the maths by hand, and the shipped weights on texts and pictures made here.

None of these texts or pictures was used in fitting.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter

from mmdemo.loading import load_module
from mmdemo.tasks.familiarity import Distance, Judge, place_statistics
from mmdemo.types import FAMILIAR_FROM, UNDERSTOOD_FROM

STORED = Path(__file__).parents[1] / "regression" / "familiarity.json"
TOLERANCE = 0.02  # float32 on other processors

UNDERSTOOD = (
    "dog", "狗", "a cat sleeping on a blue blanket", "两个小孩在公园里踢足球", "I am so tired of this weather :(",
    "just landed in Boston with Sara #holiday 😎", "今天天气真好，出去走走[太阳]", "A MAN RIDES A HORSE",
    "a womna is cooking in the kitchn", "where is the red bus going?", "Room 214, 3 beds, $80 a night", "snow",
    "黑色的猫趴在沙发上", "no people", "sunset over the mountains",
)  # fmt: skip
NONSENSE = (
    "asdf qwer", "lkjhg fdsa zz", "xkqv zprt wjjk", "sdkjfh skdjfh ksjdhf", "滩海跑在上狗一只沙", "🐶🏖️🌊😀😂",
    "!!! ??? %%% &&&", "39482 1177 0", "كلب على الشاطئ", "собака бежит", "강아지가 뛰어요", "कुत्ता दौड़ता है", "สุนัขวิ่ง",
    "σκύλος στην παραλία",
    "כלב על החוף", "いぬがはしっています", "fghj dog qwpo zzxk vbnm",
)  # fmt: skip


@pytest.fixture(scope="module")
def understood():
    tower, head = load_module("e5"), load_module("text_familiarity")

    def ask(texts):
        with torch.no_grad():
            return head.predict(tower(tower.prepare(list(texts))))

    return ask


@pytest.fixture(scope="module")
def familiar():
    tower, head = load_module("efficientnet"), load_module("image_familiarity")

    def ask(pictures):
        with torch.no_grad():
            return head.predict(tower(tower.prepare([p.convert("RGB") for p in pictures])))

    return ask


def unlike() -> dict[str, Image.Image]:
    """Pictures that no camera takes."""
    rng = np.random.default_rng(5)
    flag = Image.new("RGB", (200, 150), "white")
    pen = ImageDraw.Draw(flag)
    pen.rectangle((0, 0, 199, 49), fill="red")
    pen.ellipse((70, 55, 130, 115), fill="navy")
    found = {
        "noise": Image.fromarray(rng.integers(0, 256, (120, 160, 3), np.uint8)),
        "normal noise": Image.fromarray(rng.normal(128, 40, (99, 99, 3)).clip(0, 255).astype(np.uint8)),
        "flag": flag,
        "bands": Image.fromarray(np.repeat(np.tile(np.uint8([[0], [255]]).repeat(9, 0), (9, 162))[..., None], 3, 2)),
        "ramp": Image.linear_gradient("L").convert("RGB"),
    }
    return found | {name: Image.new("RGB", (150, 100), name) for name in ("black", "white", "teal")}


# ---- the maths


def test_distance_is_one_for_real_vectors_and_grows_with_standard_deviations():
    torch.manual_seed(0)
    real = torch.randn(4000, 6) * torch.tensor([5.0, 3.0, 2.0, 0.1, 0.1, 0.1]) + 7
    distance = Distance(6, 3)
    distance.fit(real)
    z, near, rest = distance(real)
    assert z.std(0) == pytest.approx(np.ones(3), abs=0.02)
    assert near.exp().square().mean() == pytest.approx(1, abs=0.02)
    assert rest.exp().mean() == pytest.approx(1, abs=0.02)
    far = distance.mean + torch.tensor([[25.0, 0, 0, 0, 0, 0]])  # five standard deviations along the first component
    assert distance(far)[1].exp() == pytest.approx(5 / 3**0.5, rel=0.05)
    off = distance.mean + torch.tensor([[0.0, 0, 0, 3, 0, 0]])
    assert distance(off)[2].exp() > 10 and distance(off)[1].exp() < 0.3


def test_a_judge_is_calibrated_and_no_number_counts_beyond_five_deviations():
    judge = Judge(2, 3).eval().requires_grad_(False)
    judge.calibration.slope.fill_(2.0)
    judge.calibration.offset.fill_(-1.0)
    evidence = torch.tensor([[5.0, 0.0], [500.0, 0.0]])
    assert judge(evidence)[0] == judge(evidence)[1]
    assert judge(evidence)[0] == pytest.approx(torch.sigmoid(2 * judge.logit(evidence)[0] - 1).item())


def test_places_that_are_all_alike_agree_and_are_even():
    alike = place_statistics(torch.tensor([3.0, 0.0, 4.0, 0.0]).expand(1, 9, 4))[0]
    assert alike == pytest.approx([np.log(5), 0, 1, 0.5], abs=1e-5)
    two = place_statistics(torch.tensor([[[2.0, 0.0], [0.0, 2.0]]]))[0]  # mean (1, 1), each number 0 or 2
    assert two == pytest.approx([np.log(2**0.5), 1.0, 0.5**0.5, 0.5], abs=1e-5)


# ---- the shipped weights


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_people_write_is_understood(understood, text):
    assert understood([text])[0] >= UNDERSTOOD_FROM


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_and_other_scripts_are_not_understood(understood, text):
    assert understood([text])[0] < UNDERSTOOD_FROM


def test_texts_of_a_batch_do_not_change_each_other(understood):
    together = understood([*UNDERSTOOD[:5], *NONSENSE[:5]])
    alone = [understood([text])[0] for text in (*UNDERSTOOD[:5], *NONSENSE[:5])]
    assert together == pytest.approx(alone, abs=1e-3)


@pytest.mark.parametrize("name", sorted(unlike()))
def test_what_no_camera_takes_is_not_familiar(familiar, name):
    assert familiar([unlike()[name]])[0] < FAMILIAR_FROM


def test_photographs_are_familiar_and_their_blur_is_not(familiar):
    from sklearn.datasets import load_sample_images  # two photos that come with scikit-learn

    photos = [Image.fromarray(p) for p in load_sample_images().images]
    assert (familiar([*photos, *(p.convert("L") for p in photos)]) >= FAMILIAR_FROM).all()
    assert (familiar([p.filter(ImageFilter.GaussianBlur(90)) for p in photos]) < FAMILIAR_FROM).all()


def answers(understood, familiar) -> dict[str, list[float]]:
    texts = [*UNDERSTOOD, *NONSENSE]
    return {
        "understood": [round(float(p), 4) for p in understood(texts)],
        "familiar": [round(float(p), 4) for p in familiar(unlike().values())],
    }


def test_answers_are_those_of_the_day_the_weights_were_shipped(understood, familiar):
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    now = answers(understood, familiar)
    for name, values in stored.items():
        assert now[name] == pytest.approx(values, abs=TOLERANCE), name


if __name__ == "__main__":  # after a deliberate change of weights: `python -m tests.tasks.test_familiarity`
    kept = answers(understood.__wrapped__(), familiar.__wrapped__())
    STORED.write_text(json.dumps(kept) + "\n", encoding="utf-8")
