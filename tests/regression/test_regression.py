"""Every shipped head still gives the answers it gave when it was shipped, on stored inputs, within a stated tolerance.

After a deliberate change of weights: `python -m tests.regression.test_regression` writes the file anew.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mmdemo
from mmdemo.loading import read_card

STORED = Path(__file__).with_name("answers.json")
TEXTS = ("a dog runs on the beach", "two cats on a red sofa", "一只狗在海滩上跑", "a city at night")
MAPS = ("cross_attention", "gradcam")


def drawn_picture() -> Image.Image:
    """Sky, sand and a dark blob, drawn by code: 96 x 64 pixels."""
    y, x = np.mgrid[0:64, 0:96]
    picture = np.where((y < 28)[..., None], (120, 180, 240), (220, 200, 150)).astype(float)
    picture[(y - 40) ** 2 / 80 + (x - 50) ** 2 / 260 < 1] = (60, 40, 30)
    return Image.fromarray((picture + 8 * np.sin(x / 3)[..., None]).clip(0, 255).astype(np.uint8))


def answers() -> dict[str, object]:
    """What each head says of the drawn picture and the four texts."""
    engine, picture = mmdemo.load(device="cpu", offline=True), drawn_picture()
    match = engine.match(picture, TEXTS)
    feelings = [engine.sentiment(picture, text) for text in TEXTS]
    maps = {m: engine.explain(picture, TEXTS[0], method=m, word="dog").patch_map for m in MAPS}
    return {
        "matching": {"similarity": match.similarity.tolist(), "probability": match.probability.tolist()},
        "cross_attention": {"probability": [engine.match_pair(picture, text) for text in TEXTS]},
        "sentiment": {side: [getattr(f, side).tolist() for f in feelings] for side in ("probabilities", "text_only")},
        "fusions": {
            task: [[r.probabilities.tolist() for r in engine.compare(picture, text, task)] for text in TEXTS]
            for task in ("matching", "sentiment")
        },
        "maps": {name: m.round(6).tolist() for name, m in maps.items()},
    }


@pytest.fixture(scope="module")
def now():
    return answers()


@pytest.mark.parametrize("head", ["matching", "cross_attention", "sentiment", "fusions", "maps"])
def test_answers_are_those_of_the_day_the_weights_were_shipped(head, now):
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    for name, values in stored["answers"][head].items():
        assert np.asarray(now[head][name]) == pytest.approx(np.asarray(values), abs=stored["tolerance"]), name


def test_the_stored_answers_belong_to_the_shipped_files():
    assert json.loads(STORED.read_text(encoding="utf-8"))["files"] == shipped_files()


def shipped_files() -> dict[str, str]:
    """File name -> sha256 of everything in weights/, as the cards say."""
    names = ("efficientnet", "e5", "matching", "cross_attention", "sentiment", "fusions")
    return {f"{n}/{file}": f["sha256"] for n in names for file, f in sorted(read_card(n)["files"].items())}


if __name__ == "__main__":
    kept = {"tolerance": 2e-3, "files": shipped_files(), "answers": answers()}
    STORED.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
