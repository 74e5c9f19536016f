"""What Prometheus is told: the right counts, and nothing of a visitor's."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from mmdemo.engine import Engine
from mmdemo.errors import TextError
from mmdemo.serving import Batcher, metrics
from mmdemo.serving.batcher import FORWARDS
from mmdemo.serving.metrics import QUESTIONS, Metrics, batch_sizes
from tests.fakes import FakeEngine

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = Path(metrics.__file__).parent / "deploy" / "dashboard.json"
PHOTO = Image.linear_gradient("L").convert("RGB")


def samples(told: bytes) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every number by its name and the values of its labels, in the order of the labels' names."""
    families = text_string_to_metric_families(told.decode())
    told = [sample for family in families for sample in family.samples]
    return {(one.name, tuple(value for _, value in sorted(one.labels.items()))): one.value for one in told}


@pytest.fixture
def watched() -> Metrics:
    return Metrics(FakeEngine())


def test_every_question_is_a_method_of_the_engine():
    assert [name for name in QUESTIONS if not callable(getattr(Engine, name, None))] == []


def test_answers_are_timed_by_question_and_errors_counted_by_kind(watched: Metrics):
    assert watched.engine.sentiment(PHOTO, "a fine day").label
    for _ in range(2):
        with pytest.raises(TextError):
            watched.engine.sentiment(None, " ")
    told = samples(watched.text())
    assert told["mmdemo_answer_seconds_count", ("sentiment",)] == 1
    assert told["mmdemo_errors_total", ("nothing_given", "sentiment")] == 2


def test_a_stream_counts_once_when_it_has_ended_and_not_when_it_was_left(watched: Metrics):
    assert list(watched.engine.spoken(PHOTO))
    left = watched.engine.spoken(PHOTO)
    next(left)
    left.close()
    assert samples(watched.text())["mmdemo_answer_seconds_count", ("spoken",)] == 1


def test_what_is_no_question_is_the_engines_own(watched: Metrics):
    assert watched.engine.verdict_bounds is watched.engine._engine.verdict_bounds
    assert watched.engine.words("a dog") == ("a", "dog")
    assert not any(name == "mmdemo_answer_seconds_count" for name, _ in samples(watched.text()))


def test_no_text_no_path_and_no_address_stands_in_what_is_told(watched: Metrics, tmp_path: Path):
    secret, path = "xyzzy secret sentence", tmp_path / "holiday-on-rhodes.png"
    watched.engine.match(PHOTO, [secret])
    with pytest.raises(Exception):  # noqa: B017, PT011
        watched.engine.match(str(path), [secret])
    with pytest.raises(Exception):  # noqa: B017, PT011
        watched.engine.explain(PHOTO, secret, method=secret)
    watched.refused("places_yours")
    watched.failures = {"RuntimeError": 1}
    told = watched.text().decode()
    assert not any(word in told for word in ("xyzzy", "rhodes", str(tmp_path)))
    labels = {name for family in text_string_to_metric_families(told) for s in family.samples for name in s.labels}
    assert labels <= {"question", "kind", "line", "cache", "le"}


def test_nobody_who_did_not_ask_for_metrics_imports_them():
    code = "import sys, mmdemo.ui.start, mmdemo.engine; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_forwards_are_counted_by_the_items_they_read():
    before = dict(FORWARDS)

    class Nothing:
        def kept(self, key):
            return None

        def keep(self, key, value):
            pass

    line = Batcher(list, Nothing(), lambda: 8)
    line.take(line.announce({"a": 1, "b": 2, "c": 3}))
    assert FORWARDS[3] == before.get(3, 0) + 1


def test_batch_sizes_are_a_histogram_with_the_known_sum():
    [family] = [batch_sizes({1: 4, 3: 2, 40: 1})]
    told = {(s.name, s.labels.get("le")): s.value for s in family.samples}
    assert told["mmdemo_batch_size_bucket", "1"] == told["mmdemo_batch_size_bucket", "2"] == 4
    assert told["mmdemo_batch_size_bucket", "4"] == told["mmdemo_batch_size_bucket", "32"] == 6
    assert told["mmdemo_batch_size_bucket", "+Inf"] == 7
    assert told["mmdemo_batch_size_sum", None] == 4 + 6 + 40


def test_the_real_engines_line_and_caches_are_told():
    engine = Engine(device="cpu", offline=True)
    watched = Metrics(engine)
    engine.models.texts.keep("k", "v")
    told = samples(watched.text())
    assert told["mmdemo_queue_length", ("engine",)] == 0
    assert (told["mmdemo_cache_entries", ("texts",)], told["mmdemo_cache_entries", ("pictures",)]) == (1, 0)


def test_the_dashboard_names_only_metrics_that_there_are(watched: Metrics):
    watched.engine.match(PHOTO, ["a dog"])
    watched.lines["page"] = int
    known = {name for name, _ in samples(watched.text())}
    known |= {
        "mmdemo_cache_entries",
        "mmdemo_failures_total",
        "mmdemo_errors_total",
        "mmdemo_refused_total",
    }  # have no sample yet
    asked = [t["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for t in panel["targets"]]
    named = {name for query in asked for name in re.findall(r"(?:mmdemo|process)_\w+", query)}
    assert named - known == set()
    questions = ("queue_length", "batch_size_bucket", "answer_seconds_bucket", "errors_total", "cache_entries")
    assert {f"mmdemo_{name}" for name in questions} | {"process_resident_memory_bytes"} <= named
