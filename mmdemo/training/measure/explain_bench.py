"""Measures the explanation methods: is what a map calls important what the answer hangs on, and does it lie right?

    python -m mmdemo.evaluate explain --json FILE

On photos of Flickr8k's validation split with one English caption each: deletion and insertion, of patches and of words,
against a random map and a blob in the middle (`explain/faithfulness.py`), with 95 % bootstrap intervals over the pairs;
whether the map lies right in pictures made of two photos (`explain_places.py`); milliseconds and extra memory. A method
that takes a second a pair is asked about fewer pairs. `--cards` writes the table into the cards of the models. The
default method of a model (`checkpoints/embedded.py`) is the `winner` of its table. Read next: `evaluate.py`.
"""

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from mmdemo.engine import Engine
from mmdemo.engine.cases import Case
from mmdemo.engine.methods import METHODS, explained, fitting
from mmdemo.explain import faithfulness
from mmdemo.explain.base import copies
from mmdemo.explain.occlusion import dropped
from mmdemo.loading import WEIGHTS
from mmdemo.training.data import pairs
from mmdemo.training.data.photos import decode, read_index
from mmdemo.training.loop import Log
from mmdemo.training.measure.explain_places import Key, named_boxes, placed
from mmdemo.types import Explanation
from mmdemo.types.explaining import area

MODELS = ("matching", "cross_attention", "sentiment")  # all of them read by the same two towers
PAIRS, SLOW_PAIRS, STEPS, BOXED = 200, 20, 6, 150  # the last: photos with boxes
SLOW = ("occlusion",)
BASELINES = ("random", "centre")
FIGURES = ("deletion", "insertion", "word_deletion", "word_insertion")
PLACES = ("own_half", "own_half_energy", "box_hit", "box_hit_minus_centre", "box_energy")
PLACES += ("named_box", "named_box_minus_middle")
SAME = ("dataset", "split", "pairs", "steps", "seed")  # rows of two measurements may stand in one table
RIGHT = 85.0  # per cent of the two-photo pictures in which a default must find the caption's half
Figures = dict[Key, dict[str, float]]


def draw_pairs(data: Path, count: int, seed: int) -> Iterator[tuple[Image.Image, str, Image.Image]]:
    """(photo, one of its English captions, another photo), `count` photos of the validation split."""
    val = pairs.flickr8k(read_index(data), "val")
    english = val.of_kind("en")
    rng = np.random.default_rng(seed)
    for photo in rng.permutation(len(val.photos))[:count]:
        text = val.texts[rng.choice(english[val.photo_of_text[english] == photo])]
        other = (photo + rng.integers(1, len(val.photos))) % len(val.photos)
        yield decode(val.photos[photo]), text, decode(val.photos[other])


def measure_pair(
    engine: Engine, image: Image.Image, text: str, steps: int, seed: int, without: Sequence[str] = SLOW
) -> Figures:
    """Every method of every model on one pair: milliseconds and the four areas; those of the baselines beside them.

    Args:
        without: methods that are left out.
    """
    cases = {model: engine.case(model, image, text) for model in MODELS}
    maps: dict[Key, Explanation] = {}
    figures_of: Figures = defaultdict(dict)
    for model, case in cases.items():
        for name in (name for name in fitting(case) if name not in without):
            start = time.perf_counter()
            maps[model, name] = explained(case, name)
            figures_of[model, name]["milliseconds"] = 1000 * (time.perf_counter() - start)
    for areas in (picture_areas(cases, maps, steps, seed), word_areas(cases, maps, steps, seed)):
        for key, figures in areas.items():
            figures_of[key] |= figures
    return figures_of


@torch.no_grad()
def picture_areas(cases: dict[str, Case], maps: dict[Key, Explanation], steps: int, seed: int) -> Figures:
    """Deletion and insertion areas of every map that is not empty; each blurred picture is read once for all models."""
    like = torch.from_numpy(next(iter(maps.values())).patch_map)
    drawn = {("", "random"): faithfulness.random_map(like, seed), ("", "centre"): faithfulness.centre_map(like)}
    drawn |= {key: torch.from_numpy(e.patch_map) for key, e in maps.items() if e.patch_map.any()}
    places, orders = _without_doubles({key: m.numpy().round(6).tobytes() for key, m in drawn.items()})
    tower = next(iter(cases.values())).subject.image
    keep = faithfulness.picture_masks([drawn[key] for key in orders], tower.start.shape[2:], steps, seed)
    answers: dict[str, list[np.ndarray]] = defaultdict(list)
    for kept in keep.split(32):
        seen = tower.read(torch.where(kept[:, None], tower.start, tower.blank), None)
        for model, case in cases.items():
            number = case.subject.score(seen, copies(case.text, len(kept)))
            answers[model].append(case.subject.shown(number).numpy())
    return _areas(answers, places, len(orders), np.linspace(0, 1, steps + 1), ("deletion", "insertion"))


@torch.no_grad()
def word_areas(cases: dict[str, Case], maps: dict[Key, Explanation], steps: int, seed: int) -> Figures:
    """The same for the words."""
    case = next(iter(cases.values()))
    kept, words = dropped(case.text.layout[0], case.text.tokens.shape[1])
    if len(words) < 2:
        return {}
    named: dict[Key, list[int]] = {("", "centre"): faithfulness.from_the_middle(len(words))}
    chance = faithfulness.random_orders(len(words), seed)
    named |= {(f"{i}", "random"): order for i, order in enumerate(chance)}
    for key, e in maps.items():
        if any(w for _, w in e.word_weights):
            named[key] = faithfulness.by_weight([e.word_weights[i][1] for i in words])
    places, orders = _without_doubles(named)
    counts = faithfulness.word_counts(len(words), steps)
    stays = faithfulness.word_masks(kept, [named[key] for key in orders], counts)
    tower = case.subject.text
    read = tower.read(tower.start.expand(len(stays), *tower.start.shape[1:]), stays)
    answers = {
        model: [c.subject.shown(c.subject.score(copies(c.image, len(stays)), read)).numpy()]
        for model, c in cases.items()
    }
    return _areas(answers, places, len(orders), counts / len(words), ("word_deletion", "word_insertion"))


def _without_doubles(named: dict[Key, Any]) -> tuple[dict[Key, int], list[Key]]:
    """Equal things once: the place of each key's among the different ones, and a key for each of those."""
    first: dict[str, int] = {}
    keys: list[Key] = []
    places = {}
    for key, thing in named.items():
        if repr(thing) not in first:
            first[repr(thing)] = len(keys)
            keys.append(key)
        places[key] = first[repr(thing)]
    return places, keys


def _areas(
    answers: dict[str, list[np.ndarray]], places: dict[Key, int], count: int, share: np.ndarray, names: Sequence[str]
) -> Figures:
    """Areas under each model's curves; a baseline is every model's, and several of one name are averaged."""
    by_key: dict[Key, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for model, parts in answers.items():
        curves = faithfulness.unpack(np.concatenate(parts), count)
        for (owner, name), place in places.items():
            if owner == model or name in BASELINES:
                for what, rows in zip(names, curves, strict=True):
                    by_key[model, name][what].append(area(rows[place], share))
    return {key: {what: float(np.mean(v)) for what, v in areas.items()} for key, areas in by_key.items()}


def interval(values: Sequence[float], seed: int = 0, draws: int = 2000) -> list[float]:
    """[mean, lower, upper]: the mean and its 95 % bootstrap interval (Efron 1979)."""
    array = np.asarray(values, float)
    rng = np.random.default_rng(seed)
    means = array[rng.integers(0, len(array), (draws, len(array)))].mean(1)
    return [float(array.mean()), *np.percentile(means, [2.5, 97.5]).tolist()]


def summarise(measured: list[Figures], places: list[Figures]) -> list[dict[str, Any]]:
    """One row a model and method, differences to the baselines taken pair by pair."""
    rows = []
    for model, name in dict.fromkeys(key for figures in measured for key in figures):
        has = [figures for figures in measured if (model, name) in figures]
        row: dict[str, Any] = {"model": model, "method": name, "pairs": len(has)}
        times = [figures[model, name]["milliseconds"] for figures in has if "milliseconds" in figures[model, name]]
        row["milliseconds"] = statistics.median(times) if times else None
        for what in FIGURES:
            own = [(figures, figures[model, name][what]) for figures in has if what in figures[model, name]]
            if own:
                row[what] = interval([value for _, value in own])
                for baseline in BASELINES:
                    row[f"{what}_minus_{baseline}"] = interval([v - f[model, baseline][what] for f, v in own])
        for what in PLACES:
            values = [p[model, name][what] for p in places if what in p.get((model, name), {})]
            if values:
                row[what] = interval(values)
        rows.append(row)
    return rows


def extra_memory(engine: Engine, image: Image.Image, text: str, without: Sequence[str]) -> dict[Key, float]:
    """MB that each method holds at most beyond what was there before it began; of one pair."""
    megabytes = {}
    for model in MODELS:
        case = engine.case(model, image, text)
        for name in (name for name in fitting(case) if name not in without):
            with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as seen:
                explained(case, name)
            events = [e for e in seen.profiler.kineto_results.events() if e.name() == "[memory]"]
            held = np.cumsum([e.nbytes() for e in sorted(events, key=lambda e: e.start_ns())])
            megabytes[model, name] = round(float(held.max(initial=0)) / 2**20, 1)
    return megabytes


def winner(rows: Sequence[dict[str, Any]]) -> str:
    """The method of one model whose map finds what matters best: insertion area minus deletion area, and, where they
    were measured, the share of peaks in named boxes beyond the middle's.

    Asked are methods that both curves and, where places can be told, the two photos (at least `RIGHT`) were measured
    of, on all pairs: a method too slow for that is too slow for a default.
    """
    pairs_ = max(row["pairs"] for row in rows)
    able = [
        row for row in rows
        if row["method"] not in BASELINES and row["pairs"] == pairs_ and "deletion" in row
        and row.get("own_half", [RIGHT])[0] >= RIGHT
    ]  # fmt: skip
    return max(able, key=_worth)["method"]


def _worth(row: dict[str, Any]) -> float:
    return row["insertion"][0] - row["deletion"][0] + row.get("named_box_minus_middle", [0.0])[0] / 100


def write_cards(table: dict[str, Any], weights: Path = WEIGHTS) -> None:
    """Put each model's rows into its card, as "explanations".

    Rows of other methods, measured before on the same pairs with the same settings, stay.
    """
    shared = {key: value for key, value in table.items() if key not in ("rows", "seconds")}
    for model in MODELS:
        path = weights / model / "card.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        rows = [_rounded(r) for r in table["rows"] if r["model"] == model]
        before = card.get("explanations", {})
        if all(before.get(key) == shared.get(key) for key in SAME):
            named = {row["method"] for row in rows}
            rows = [row for row in before.get("rows", ()) if row["method"] not in named] + rows
        card["explanations"] = shared | {"rows": rows}
        path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key != "model" and value is not None}
    return {key: [round(v, 4) for v in value] if isinstance(value, list) else value for key, value in kept.items()}


def measure(
    data: Path, count: int, slow_count: int, steps: int, seed: int, log: Log, methods: Sequence[str] = ()
) -> dict[str, Any]:
    """The whole table, or the rows of some methods and of the baselines."""
    engine = Engine(offline=True)
    sides = np.random.default_rng(seed).random(count) < 0.5
    measured, places, start = [], [], time.perf_counter()
    memory, left_out = None, [name for name in METHODS if methods and name not in methods]
    for i, (image, text, other) in enumerate(draw_pairs(data, count, seed)):
        without = (*left_out, *(SLOW if i >= slow_count else ()))
        measured.append(measure_pair(engine, image, text, steps, seed + i, without))
        rng = np.random.default_rng((seed, i))
        places.append(placed(engine, image, other, text, bool(sides[i]), rng, without))
        memory = memory or extra_memory(engine, image, text, without=left_out)
        if (i + 1) % 10 == 0:
            log(explain_pairs=i + 1, of=count, seconds=round(time.perf_counter() - start))
    places += named_boxes(engine, data, min(BOXED, count), (*left_out, *SLOW), log)
    return {
        "dataset": "Flickr8k, English captions; named boxes: COCO",
        "split": "val",
        "pairs": count,
        "pairs_of_slow_methods": slow_count,
        "steps": steps,
        "seed": seed,
        "date": date.today().isoformat(),
        "seconds": round(time.perf_counter() - start),
        "threads": torch.get_num_threads(),
        "rows": [row | {"extra_mb": memory.get((row["model"], row["method"]))} for row in summarise(measured, places)],
    }


def format_rows(table: dict[str, Any]) -> str:
    """The table for people: areas, their distance to the baselines with intervals, the two photos, milliseconds."""

    def cell(row: dict[str, Any], name: str, digits: int = 3) -> str:
        if name not in row:
            return " " * 22
        mean, low, high = row[name]
        return f"{mean:7.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]".ljust(22)

    columns = ["deletion", "deletion_minus_random", "deletion_minus_centre", "insertion_minus_random"]
    columns += ["insertion_minus_centre", "word_deletion_minus_random", *PLACES[:4], *PLACES[5:]]
    lines = [f"{'model':<16}{'method':<22}{'ms':>7}  " + "".join(f"{c:<22.21}" for c in columns)]
    for row in sorted(table["rows"], key=lambda r: (r["model"], r["method"])):
        took = "" if row["milliseconds"] is None else f"{row['milliseconds']:.0f}"
        cells = "".join(cell(row, c, 1 if c in PLACES else 3) for c in columns)
        lines.append(f"{row['model']:<16}{row['method']:<22}{took:>7}  {cells}")
    return "\n".join(lines)


def evaluate(args: argparse.Namespace, log: Log) -> dict[str, float]:
    """For `mmdemo.evaluate`: prints the table, writes it where `--json` says; the figures of own_half by name."""
    table = measure(args.data, args.pairs or PAIRS, SLOW_PAIRS, STEPS, args.seed, log, args.methods)
    print(format_rows(table))
    if args.cards:
        write_cards(table)
    if args.json is not None:
        args.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return {f"{r['model']}_{r['method']}_own_half": r["own_half"][0] for r in table["rows"] if "own_half" in r}
