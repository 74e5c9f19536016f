"""What an operator watches, in Prometheus' words: who waits, how large batches are, how long answers take.

    metrics = Metrics(engine)
    page = build_page(metrics.engine)  # the same engine, with a clock beside each question
    metrics.text()                     # what Prometheus reads

Labels hold names out of this code only: never a text, an address, or what a photo is called. Nothing here is imported,
and no clock runs, where nobody asks for metrics. Read next: `batcher.py`, which counts its forwards.
"""

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from mmdemo.errors import MMDemoError
from mmdemo.serving.batcher import FORWARDS
from mmdemo.serving.sizes import SIZES

QUESTIONS = (
    "match", "matrix", "sentiment", "index", "explain", "words_at", "faithfulness", "growing_faithfulness", "sanity",
    "agreement", "compare", "shapley_values", "trace", "caption", "spoken", "answer", "reconstruct", "walk",
    "timeline", "recognise",
)  # fmt: skip
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts since the process began, and what is so at the moment of asking.

    Args:
        engine: its questions are timed; its line and what it keeps are told where it has them in this process.

    Attributes:
        lines: how many wait now, by the name of the line; whoever has another one adds it.
        failures: what went wrong elsewhere and was not foreseen, by its kind; whoever counts it gives it.
    """

    def __init__(self, engine: Any) -> None:
        self._watched = engine
        self.registry = CollectorRegistry()
        about = {"registry": self.registry}
        about_answers = "mmdemo_answer_seconds", "From a question to its answer", ["question"]
        self._seconds = Histogram(*about_answers, buckets=SECONDS, **about)
        self._errors = Counter("mmdemo_errors", "Questions that ended in an error", ["question", "kind"], **about)
        self._refused = Counter("mmdemo_refused", "Requests that went no further than the gate", ["kind"], **about)
        self.lines: dict[str, Callable[[], int]] = {}
        self.failures: Mapping[str, int] = {}
        models = getattr(engine, "models", None)
        if models is not None:
            self.lines["engine"] = lambda: models.lock.waiting
        self._caches = {} if models is None else {"pictures": models.pictures, "texts": models.texts}
        ProcessCollector(registry=self.registry)  # resident memory, processor time, open files
        self.registry.register(self)

    @property
    def engine(self) -> Any:
        """The engine, each question timed."""
        return _WatchedEngine(self._watched, self.timed)

    def refused(self, kind: str) -> None:
        """Count a request that the gate refused, by the code of its sentence."""
        self._refused.labels(kind).inc()

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def collect(self) -> Iterator[Metric]:
        """What is so now; called by the registry."""
        queue = GaugeMetricFamily("mmdemo_queue_length", "Who waits for a turn", labels=["line"])
        for name, waiting in self.lines.items():
            queue.add_metric([name], waiting())
        kept = GaugeMetricFamily("mmdemo_cache_entries", "Readings of towers that are kept", labels=["cache"])
        for name, cache in self._caches.items():
            kept.add_metric([name], len(cache))
        failed = CounterMetricFamily("mmdemo_failures", "Errors that nobody foresaw", labels=["kind"])
        for kind, count in dict(self.failures).items():
            failed.add_metric([kind], count)
        yield from (queue, kept, failed, batch_sizes(dict(FORWARDS)))

    def timed(self, question: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        """The same method of the engine with a clock; a stream of answers counts once, when it ends."""

        @functools.wraps(ask)
        def asked(*given: Any, **named: Any) -> Any:
            with self._clock(question) as clock:
                answer = ask(*given, **named)
                clock.stream = isinstance(answer, Iterator)
            return self._told(question, answer) if clock.stream else answer

        return asked

    def _told(self, question: str, answers: Iterator[Any]) -> Iterator[Any]:
        with self._clock(question):
            yield from answers

    @contextmanager
    def _clock(self, question: str) -> Iterator["_Clock"]:
        """An answer is timed, an error counted; whoever leaves a stream in the middle is neither."""
        clock = _Clock()
        try:
            yield clock
        except Exception as error:
            code = error.code if isinstance(error, MMDemoError) else ""
            self._errors.labels(question, code or type(error).__name__).inc()
            raise
        if not clock.stream:
            self._seconds.labels(question).observe(time.perf_counter() - clock.start)


class _Clock:
    def __init__(self) -> None:
        self.start, self.stream = time.perf_counter(), False


class _WatchedEngine:
    """An engine whose questions pass `timed` (name, method -> method); everything else is its own."""

    def __init__(self, engine: Any, timed: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> None:
        self._engine, self._timed = engine, timed

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._engine, name)
        return self._timed(name, own) if name in QUESTIONS else own


def batch_sizes(forwards: dict[int, int]) -> HistogramMetricFamily:
    """How many items one forward read, as a histogram. forwards: how many there were, by their size."""
    buckets = [(str(size), sum(n for read, n in forwards.items() if read <= size)) for size in SIZES]
    buckets.append(("+Inf", sum(forwards.values())))
    sizes = HistogramMetricFamily("mmdemo_batch_size", "Items that one forward read")
    sizes.add_metric([], buckets, sum_value=sum(read * n for read, n in forwards.items()))
    return sizes
