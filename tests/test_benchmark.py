"""The benchmark's arithmetic, on clocks that are known, and what becomes of its figures."""

import json
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from mmdemo import benchmark
from mmdemo.benchmark import command, cost, start_up, table
from mmdemo.benchmark.names import NAMES
from mmdemo.benchmark.rounds import quartiles
from mmdemo.benchmark.rows import per_round, row
from mmdemo.loading import SPEED, WEIGHTS
from mmdemo.ui.phrases import PHRASES
from mmdemo.ui.tabs.about import speed
from mmdemo.ui.text import Say


def figures_of(*rows: dict) -> dict:
    machine = {"processor": "Abacus", "cores": 2, "device": "cpu", "torch": "2", "threads": 1, "dtype": "float32"}
    return {"machine": machine, "date": "2026-11-27", "seed": 0, "rounds": 3, "rows": list(rows)}


CROWD = {"visitors": 32, "a_second_in_turn": 20.0, "a_second_at_once": 70.0, "p50_ms": 1.0, "p95_ms": 9.0}
CROWD |= {"errors": 0, "wrong": 0}
ROWS = (
    row("match_new_photo", [1.0, 1.1, 1.2], [50.0]),
    row("start_page", [2.0]),
    row("gradcam", (), note={"en": "not installed", "zh": "未安装"}),
    row("differ_32", [3.5], **CROWD),
)


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


def test_every_round_of_a_call_has_a_photo_of_its_own_and_another_kind_has_others(tmp_path) -> None:
    setting = benchmark.Setting(tmp_path, rounds=3)
    one, other = ([photo.tobytes() for photo in setting.stock(kind)] for kind in (1, 2))
    assert len(one) == 3 + 2 and not set(one) & set(other)
    assert len({path.read_bytes() for path in setting.files}) == 2


def test_ratios_are_taken_within_a_round_and_their_quartiles_kept() -> None:
    slow_moment = per_round("match_new_photo", [10.0, 1000.0, 10.0], [10.0, 1000.0, 10.0])
    assert slow_moment["ratio"] == [1.0, 1.0, 1.0] and slow_moment["ms"] == 10.0
    assert quartiles([1.0, 2.0, 3.0, 4.0, 5.0]) == [2.0, 3.0, 4.0] and quartiles([7.0]) == [7.0] * 3


def test_a_goal_is_met_by_the_median_from_its_own_side() -> None:
    assert [row("match_new_photo", [ratio])["met"] for ratio in (1.2, 1.3)] == [True, False]
    assert [row("differ_32", [ratio])["met"] for ratio in (2.9, 3.0)] == [False, True]
    assert row("match_warm", [9.0])["met"] is None and row("gradcam", ())["ratio"] is None


def test_the_report_says_ratio_goal_and_milliseconds_of_every_row() -> None:
    text = table.report(figures_of(*ROWS))
    for part in ("1.10 (1.05 to 1.15)", "≤ 1.2", "50.0", "≤ 1.2, missed", "not installed", "p95 9 ms", "Abacus"):
        assert part in text


def test_readme_gets_the_short_rows_between_its_marks_and_keeps_the_rest() -> None:
    text = table.in_readme("before\n<!-- benchmark -->\nold\n<!-- /benchmark -->\nafter\n", figures_of(*ROWS))
    assert text.startswith("before\n<!-- benchmark -->\n| what") and text.endswith("<!-- /benchmark -->\nafter\n")
    assert "old" not in text and "2.00 (2.00 to 2.00) | ≤ 1.2, missed |" in text and "0 wrong answers" in text
    with pytest.raises(ValueError, match="README"):
        table.in_readme("no marks", figures_of(*ROWS))


@pytest.mark.skipif(not SPEED.exists(), reason="no figures are kept yet")
def test_readme_shows_the_figures_that_are_kept() -> None:
    kept = json.loads(SPEED.read_text(encoding="utf-8"))
    readme = (WEIGHTS.parent / "README.md").read_text(encoding="utf-8")
    assert table.in_readme(readme, kept) == readme
    assert {one["key"] for one in kept["rows"]} == set(NAMES)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_about_shows_every_row_with_machine_and_date(language) -> None:
    say, shown = Say(language), figures_of(*ROWS)
    page = speed.draw(shown, say)
    for one in ROWS:
        assert one["name"][language] in page
    for part in ("Abacus", "2026-11-27", "1.10", "9.0", say("about.speed_missed", goal="≤ 1.2"), say("about.p95_ms")):
        assert part in page
    assert speed.draw(None, say) == ""


def test_every_row_is_named_in_both_languages() -> None:
    assert all(name.en and any("\u4e00" <= c <= "\u9fff" for c in name.zh) for name in NAMES.values())
    assert {"about.speed", "about.what"} <= set(PHRASES)


def test_one_run_measures_the_parts_that_are_named(tmp_path, monkeypatch) -> None:
    asked = []
    fake = SimpleNamespace(measure=lambda setting: asked.append(setting) or [ROWS[0]])
    monkeypatch.setattr(command.importlib, "import_module", lambda name: fake)
    figures = command.measure(["forwards", "memory"], "cpu", 4, 7)
    assert len(asked) == 2 and asked[0] is asked[1] and (asked[0].rounds, asked[0].few) == (4, 1)
    assert figures["rows"] == [ROWS[0]] * 2 and figures["seed"] == 7
    assert {"processor", "cores", "torch", "threads", "dtype", "device"} <= set(figures["machine"])
    assert "Abacus" not in table.report(figures)


def test_the_command_writes_what_it_measured(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(command, "measure", lambda only, *rest: figures_of(*ROWS) | {"only": only})
    path = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["benchmark", "--only", "visitors,memory", "--json", str(path)])
    command.main()
    assert json.loads(path.read_text(encoding="utf-8"))["only"] == ["visitors", "memory"]
    assert "not installed" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["benchmark", "--only", "nothing"])
    with pytest.raises(SystemExit):
        command.main()


def test_readme_alone_measures_nothing(monkeypatch) -> None:
    written = []
    monkeypatch.setattr(command, "measure", lambda *given: pytest.fail("measured"))
    monkeypatch.setattr(command, "write_readme", lambda: written.append(True))
    monkeypatch.setattr(sys, "argv", ["benchmark", "--readme"])
    command.main()
    assert written == [True]


def test_waiting_for_a_page_ends_when_its_process_does() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with pytest.raises(TimeoutError, match="127.0.0.1"):
        start_up.wait_for("http://127.0.0.1:9/", process)


class Answering:
    """Answers in ten milliseconds or as said, any number at once; what it says hangs on the photo alone."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.forgotten, self.seconds = 0, seconds
        self.models = SimpleNamespace(pictures=SimpleNamespace(clear=self.forget))

    def forget(self) -> None:
        self.forgotten += 1

    def match(self, photo: object, texts: list[str]) -> SimpleNamespace:
        time.sleep(self.seconds)
        shade = np.array([np.asarray(photo).mean()])
        return SimpleNamespace(similarity=shade, probability=shade / 255)


def test_cost_is_whole_pages_of_the_measured_machine_and_the_bytes_of_the_photos() -> None:
    measured = cost.Measured(answers=10, cores=2, share=0.5, photo_kb=500, questions=1)
    one, many = (cost.need(visitors, measured, core_hour=0.04, gigabyte=0.1) for visitors in (1, 11))
    assert (one.pages, one.cores, one.megabits) == (1, 2, 4.0)
    assert one.hour == pytest.approx(2 * 0.04 + 0.0005 * 3600 * 0.1)
    assert (many.pages, many.cores) == (3, 6)  # 11 a second at 5 a page
    assert "visitors a second" in cost.report([one, many])
