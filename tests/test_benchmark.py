"""The benchmark's arithmetic, on clocks that are known."""

import time

import pytest

from mmdemo import benchmark
from mmdemo.benchmark import cost, visitors


def test_calls_take_turns_and_the_first_two_rounds_are_thrown_away() -> None:
    order: list[str] = []
    calls = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}
    times = benchmark.take_turns(calls, 3)
    assert order == ["a", "b"] * 5
    assert [len(t) for t in times.values()] == [3, 3]


def test_a_call_of_twenty_milliseconds_is_measured_as_such() -> None:
    (times,) = benchmark.take_turns({"sleep": lambda: time.sleep(0.02)}, 2).values()
    assert all(20 <= t < 1000 for t in times)


def test_photos_and_texts_are_new_every_time() -> None:
    fresh, texts = benchmark.photos(), benchmark.new_texts()
    assert len({next(fresh).tobytes() for _ in range(5)}) == 5
    assert not set(next(texts)) & set(next(texts)) and len(benchmark.TEXTS) == 10


def test_the_report_names_every_call_with_its_ratio_to_the_bare_image_forward() -> None:
    def row(ms: float) -> dict[str, float]:
        return {"median": ms, "least": ms, "most": ms}

    text = benchmark.report(
        {
            "device": "cpu", "threads": 2, "load_at_end": None, "repeats": 3,
            "times_ms": {
                benchmark.BARE: row(20.0), benchmark.WARM: row(5.0), benchmark.ONE: row(4.0),
                "engine.compare, all fusions, matching, known pair": row(10.0), "page's API": row(65.0),
            },
            "start_up": {"imports_s": 4.0, "first_answer_s": 5.0, "ratio": 1.25, "peak_memory_mb": 700.0},
        }
    )  # fmt: skip
    assert "x  0.25" in text and "60.0 ms" in text and "x  1.25" in text and "700 MB" in text
    assert "x engine.match on it" in text and "x  2.50" in text


class Asked:
    """Answers in ten milliseconds, any number at once."""

    def match(self, photo: object, texts: list[str]) -> None:
        time.sleep(0.01)


def test_eight_visitors_who_need_nobody_are_answered_faster_at_once_than_in_turn() -> None:
    alone, together = visitors.measure(Asked(), 2, (1, 8))[:2]
    assert (alone["kind"], alone["visitors"], together["visitors"]) == ("differing", 1, 8)
    assert together["times_as_fast"][1] > 2 and together["p95_ms"] >= 10
    assert "differing" in visitors.report([alone, together])


def test_repeating_visitors_share_a_few_photos_and_differing_ones_none() -> None:
    fresh = benchmark.photos()
    favourites = [next(fresh) for _ in range(2)]
    assert {id(p) for p in visitors.asked_by("repeating", 8, fresh, favourites)} == set(map(id, favourites))
    assert len({p.tobytes() for p in visitors.asked_by("differing", 8, fresh, favourites)}) == 8


def test_what_a_visitor_meets_is_told() -> None:
    def broken(photo: object) -> None:
        raise ValueError(photo)

    with pytest.raises(ValueError, match="1"):
        visitors.all_at_once(broken, [1])


def test_cost_is_whole_pages_of_the_measured_machine_and_the_bytes_of_the_photos() -> None:
    measured = cost.Measured(answers=10, cores=2, share=0.5, photo_kb=500, questions=1)
    one, many = (cost.need(visitors, measured, core_hour=0.04, gigabyte=0.1) for visitors in (1, 11))
    assert (one.pages, one.cores, one.megabits) == (1, 2, 4.0)
    assert one.hour == pytest.approx(2 * 0.04 + 0.0005 * 3600 * 0.1)
    assert (many.pages, many.cores) == (3, 6)  # 11 a second at 5 a page
    assert "visitors a second" in cost.report([one, many])
