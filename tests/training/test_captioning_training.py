"""The recipe of captions on a handful of made-up photos: it learns, resumes, and rewards what people say."""

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from mmdemo.tasks.captioning import Captioning
from mmdemo.training.data.caption_lessons import CaptionLessons, build_vocabulary, padded
from mmdemo.training.data.pairs import Captioned
from mmdemo.training.loop import Average, Log, build_optimisers, run_steps
from mmdemo.training.measure.captions import captions_of
from mmdemo.training.recipes import captioning as recipe

ANIMALS = (("dog", "狗"), ("cat", "猫"), ("bird", "鸟"))
SIZES = {"image_width": 8, "whole_width": 4, "width": 32, "heads": 2, "layers": 1, "inner": 32}


@pytest.fixture
def captions() -> Captioned:
    """Six photos, each with four English and four Chinese captions and one translated one."""
    rows = []
    for photo in range(6):
        english, chinese = ANIMALS[photo % 3]
        rows += [(photo, "en", f"A small {english} runs {where} .") for where in ("here", "there", "fast", "home")]
        rows += [(photo, "zh", f"一只{chinese}在{where}里跑。") for where in "家山水雪"]
        rows += [(photo, "translated", f"小{chinese}在家跑步"), (photo, "en", "Too short")]
    where, kinds, texts = zip(*rows, strict=True)
    return Captioned([{}] * 6, list(texts), np.array(where), np.array(kinds))


@pytest.fixture
def photos() -> recipe.Photos:
    """Photos of the same animal look the same."""
    torch.manual_seed(0)
    tokens, wholes = torch.randn(3, 4, 8).repeat(2, 1, 1), torch.randn(3, 4).repeat(2, 1)
    return recipe.Photos([tokens.half()] * 2, [wholes.half()] * 2, (2, 2))


def phase(kind: type, captions: Captioned, photos: recipe.Photos, dropout: float = 0.1) -> tuple:
    torch.manual_seed(1)
    model = Captioning(build_vocabulary(captions, least=2), **SIZES, dropout=dropout)
    return kind(model, captions, photos, argparse.Namespace(seed=0, steps=120, reward_steps=60)), model


def run(
    some, model: Captioning, folder: Path, steps: int, rate: float = 1e-2, save_minutes: float = 4.0
) -> list[dict[str, float]]:
    """Every step's figures."""
    seen: list[dict[str, float]] = []

    def step(i: int) -> dict[str, float]:
        seen.append(some.step(i))
        return seen[-1]

    run_steps(
        step, [model], build_optimisers([model], rate), average=Average(model), steps=steps, name="x",
        log=Log(folder / "log.jsonl"), checkpoint=folder / "x.pt", save_minutes=save_minutes,
    )  # fmt: skip
    return seen


def test_the_word_list_holds_what_people_use_and_no_rare_words(captions: Captioned) -> None:
    words = build_vocabulary(captions, least=5)
    assert {"a", "small", "dog", "狗", "跑"} <= set(words)
    assert "too" not in build_vocabulary(captions, least=7)
    assert "步" not in words  # only a machine wrote it
    assert words.index("a") < words.index("一")


def test_lessons_draw_different_captions_of_different_photos(captions: Captioned) -> None:
    model = Captioning(build_vocabulary(captions, least=2), **SIZES)
    lessons = CaptionLessons(captions, model.vocabulary, "en", least=4)
    batch = lessons.draw(np.random.default_rng(0), photos=5, each=4)
    assert len(set(batch.photos.tolist())) == 5
    assert batch.words.shape[0] == 20
    for row in range(5):
        said = {model.vocabulary.write(words[1:]) for words in batch.words[4 * row : 4 * row + 4].tolist()}
        animal = ANIMALS[int(batch.photos[row]) % 3][0]
        assert said == {f"a small {animal} runs {where}" for where in ("here", "there", "fast", "home")}
    assert len(CaptionLessons(captions, model.vocabulary, "en", most=1).photos) == 0


def test_captions_stand_between_their_sign_and_their_end(captions: Captioned) -> None:
    words = Captioning(build_vocabulary(captions, least=2), **SIZES).vocabulary
    rows = padded([[7, 8], [9]], words, "zh")
    sign = words.sign("zh")
    assert rows.tolist() == [[sign, 7, 8, words.end], [sign, 9, words.end, words.pad]]


def test_it_learns_to_name_what_it_sees(captions: Captioned, photos: recipe.Photos, tmp_path: Path) -> None:
    some, model = phase(recipe.WordsPhase, captions, photos)
    losses = [figures["loss"] for figures in run(some, model, tmp_path, 120)]
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])
    model.eval()
    for language, which in (("en", 0), ("zh", 1)):
        for photo, said in enumerate(captions_of(model, photos.tokens[0], photos.wholes[0], language)):
            assert ANIMALS[photo % 3][which] in said


@pytest.mark.parametrize("kind", [recipe.WordsPhase, recipe.RewardPhase])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    kind: type, captions: Captioned, photos: recipe.Photos, tmp_path: Path
) -> None:
    whole = run(*phase(kind, captions, photos), tmp_path / "whole", 8)
    some, model = phase(kind, captions, photos)
    with pytest.raises(KeyboardInterrupt):
        run(Stop(some, at=5), model, tmp_path / "parts", 8, save_minutes=0.0)
    rest = run(*phase(kind, captions, photos), tmp_path / "parts", 8)
    assert len(rest) == 3
    assert rest == whole[5:]


class Stop:
    """A phase whose process ends before one of its steps."""

    def __init__(self, some, at: int) -> None:
        self.some, self.at = some, at

    def step(self, i: int) -> dict[str, float]:
        if i == self.at:
            raise KeyboardInterrupt
        return self.some.step(i)


def test_reward_makes_what_people_say_likelier(captions: Captioned, photos: recipe.Photos, tmp_path: Path) -> None:
    some, model = phase(recipe.WordsPhase, captions, photos)
    run(some, model, tmp_path / "words", 60)
    rewarding = recipe.RewardPhase(model.eval(), captions, photos, some.args)
    figures = run(rewarding, model, tmp_path / "reward", 60, rate=3e-3)
    rewards = [f["reward"] for f in figures]
    assert np.mean(rewards[-10:]) > 1.15 * np.mean(rewards[:10])
    assert np.mean([f["ended"] for f in figures[-10:]]) > 0.9
