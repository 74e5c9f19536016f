"""The shipped autoencoder still gives the code, the colours and the words of the day it was shipped.

After a deliberate change of weights: `python -m tests.regression.test_autoencoder_answers` writes the file anew.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import mmdemo
from mmdemo.loading import read_card
from tests.regression.test_regression import TEXTS, drawn_picture

STORED = Path(__file__).with_name("autoencoder.json")
READS = ("autoencoder", "matching", "efficientnet")


def answers() -> dict[str, object]:
    """From the drawn picture with a text, from the picture alone, and from each text alone."""
    engine, picture = mmdemo.load(device="cpu", offline=True), drawn_picture()
    given = [(picture, TEXTS[0]), (picture, None), *((None, text) for text in TEXTS)]
    found = [engine.reconstruct(*pair) for pair in given]
    return {
        "latent": [f.latent.round(4).tolist() for f in found],
        "colour": [f.picture.mean((0, 1)).round(4).tolist() for f in found],
        "probability": [[round(p, 4) for _, p in f.words[:10]] for f in found],
    }


def shipped_files() -> dict[str, str]:
    """File name -> sha256 of all that the answers rest on, as the cards say."""
    return {f"{n}/{file}": f["sha256"] for n in READS for file, f in sorted(read_card(n)["files"].items())}


@pytest.fixture(scope="module")
def now():
    return answers()


@pytest.mark.parametrize("part", ["latent", "colour", "probability"])
def test_answers_are_those_of_the_day_the_weights_were_shipped(part, now):
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert np.asarray(now[part]) == pytest.approx(np.asarray(stored["answers"][part]), abs=stored["tolerance"][part])


def test_the_stored_answers_belong_to_the_shipped_files():
    assert json.loads(STORED.read_text(encoding="utf-8"))["files"] == shipped_files()


if __name__ == "__main__":
    tolerance = {"latent": 0.02, "colour": 2e-3, "probability": 2e-3}
    kept = {"tolerance": tolerance, "files": shipped_files(), "answers": answers()}
    STORED.write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")
