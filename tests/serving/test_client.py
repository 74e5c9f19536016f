"""A remote engine is the engine: the same answers and errors, photos that travel once, replicas that may die."""

import inspect
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmdemo.engine import Engine
from mmdemo.errors import BusyError, ChoiceError, ImageError, TextError
from mmdemo.serving import patience, wire
from mmdemo.serving.client import Http, LostError, RemoteEngine
from mmdemo.serving.replica import Photos, Replica
from mmdemo.serving.seam import ASKED, FACTS, OWN, QUESTIONS, STREAMS
from tests.fakes import FakeEngine
from tests.pictures import picture
from tests.same import same
from tests.serving.near import Near, web
from tests.serving.questions import TEXT, TEXTS, questions

ROOT = Path(__file__).resolve().parent.parent.parent


class Failing(FakeEngine):
    """Has a mistake of its own."""

    def words(self, text: str) -> tuple[str, ...]:
        """Never."""
        raise ZeroDivisionError("a secret path")

    def sentiment(self, image=None, text=None):
        """Late."""
        time.sleep(0.2)
        return super().sentiment(image, text)


@pytest.fixture(scope="module")
def replica() -> Replica:
    return Replica(FakeEngine)


@pytest.fixture(params=["frames", "http"])
def engine(request: pytest.FixtureRequest, replica: Replica) -> RemoteEngine:
    road = Near(replica) if request.param == "frames" else Http("http://near", web(replica))
    return RemoteEngine("http://near", road)


@pytest.mark.parametrize("name", questions())
def test_every_answer_is_that_of_the_engine_here(name: str, engine: RemoteEngine) -> None:
    given = questions(5)[name]
    answer, expected = getattr(engine, name)(*given), getattr(FakeEngine(), name)(*given)
    if name == "hub_models":
        assert [row.name for row in answer] == [row.name for row in expected]
        assert all(row.state == "refused" for row in answer if row.state != "here")
    else:
        assert same(answer, expected)


def test_the_seam_names_every_public_name_of_the_engine_once() -> None:
    public = {name for name, _ in inspect.getmembers(Engine) if not name.startswith("_")}
    groups = (QUESTIONS, STREAMS, FACTS, OWN)
    assert set().union(*groups) == public and sum(map(len, groups)) == len(public)
    assert {name for name in public if isinstance(inspect.getattr_static(Engine, name), property)} == FACTS


def test_streams_give_part_after_part(engine: RemoteEngine) -> None:
    here = FakeEngine()
    assert same(list(engine.spoken(picture())), list(here.spoken(picture())))
    explanation = here.explain(picture(), TEXT)
    parts = list(engine.growing_faithfulness(picture(), TEXT, explanation))
    assert same(parts, list(here.growing_faithfulness(picture(), TEXT, explanation)))


def test_facts_are_asked_once(replica: Replica) -> None:
    road = Near(replica)
    engine = RemoteEngine("http://near", road)
    assert engine.fusions == FakeEngine().fusions and same(engine.verdict_bounds, FakeEngine().verdict_bounds)
    assert engine.fusions and len(road.asked) == 2


def test_an_index_is_searched_here_with_vectors_from_there(engine: RemoteEngine) -> None:
    photos = [picture(seed, (60 + seed, 40)) for seed in range(20)]
    index, expected = engine.index(photos), FakeEngine().index(photos)
    assert index.names == expected.names and same(index.vectors, expected.vectors)
    assert index.search(TEXT, 5) == expected.search(TEXT, 5)
    assert same(engine.encode_images([*photos]), FakeEngine().encode_images(photos))


def test_errors_are_those_of_the_engine(engine: RemoteEngine) -> None:
    for error, ask in (
        (TextError, lambda one: one.match(picture(), [])),
        (ImageError, lambda one: one.match(None, TEXTS)),
        (ChoiceError, lambda one: one.explain(picture(), TEXT, method="tea leaves")),
        (TextError, lambda one: list(one.spoken(picture(), start="x" * 10_000))),
    ):
        raised = []
        for one in (engine, FakeEngine()):
            with pytest.raises(error) as caught:
                ask(one)
            raised.append(caught.value)
        assert same(*raised)


def test_a_mistake_of_the_engine_is_told_without_its_secrets() -> None:
    engine = RemoteEngine("http://near", Near(Replica(Failing)))
    with pytest.raises(Exception, match=r"^The engine failed: ZeroDivisionError\.$"):
        engine.words(TEXT)


def test_what_is_not_in_the_seam_is_not_there(replica: Replica) -> None:
    engine, client = RemoteEngine("http://near", Near(replica)), web(replica)
    for name in ("fetch", "case", "unload", "models", "__class__", "calls"):
        if not name.startswith("__"):
            assert not hasattr(engine, name)
        assert client.post(f"/ask/{name}", content=wire.dumps((wire.dumps(((), {})), {}))).status_code == 404
        (frame,) = Near(replica).frames(name, b"", 1.0)
        assert wire.loads(frame[1:]).code == "wire_strange"


def test_http_says_what_it_is_asked_wrongly(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    client = web(replica)
    assert client.get("/health").text == client.get("/ready").text == "ok"
    assert client.get("/ask/match").status_code == client.get("/").status_code == 404
    assert wire.loads(client.post("/ask/match", content=b"x").content[9:]).code == "wire_strange"
    monkeypatch.setattr(wire, "LONGEST", 10)
    assert client.post("/ask/match", content=b"x" * 11).status_code == 413


def test_a_photo_travels_once() -> None:
    replica = Replica(FakeEngine)
    road = Near(replica)
    engine, photo = RemoteEngine("http://near", road), picture(1, (900, 600))
    for _ in range(3):
        engine.match(photo, TEXTS)
        engine.sentiment(photo, TEXT)
    large = [size for _, size in road.asked if size > 900 * 600 * 3]
    assert len(large) == replica.photos.came == 1 and len(road.asked) == 6
    client, body = web(replica), wire.dumps((wire.dumps(((picture(9), TEXTS), {}), {}), {}))
    assert client.post("/ask/match", content=body).status_code == 409


def test_photos_go_to_every_replica_that_lacks_them() -> None:
    road = Near(Replica(FakeEngine), Replica(FakeEngine))
    engine, photos = RemoteEngine("http://near", road), [picture(seed) for seed in range(3)]
    expected = FakeEngine().matrix(photos, TEXTS)
    for _ in range(4):
        assert same(engine.matrix(photos, TEXTS), expected)


def test_kept_photos_are_bounded_and_checked() -> None:
    messages = [wire.dumps(picture(seed)) for seed in range(4)]
    photos = Photos(2 * len(messages[0]))
    for message in messages:
        photos.keep({wire.content_hash(message): message})
        photos.keep({wire.content_hash(message): message})
    assert set(photos.known()) == {wire.content_hash(message) for message in messages[2:]}
    with pytest.raises(wire.WireError):
        photos.keep({wire.content_hash(messages[0]): messages[1]})


@pytest.mark.parametrize("frames", [0, 1])
def test_when_one_dies_another_answers(frames: int) -> None:
    road = Near(Replica(FakeEngine), Replica(FakeEngine), dies=(None, frames))
    assert same(RemoteEngine("http://near", road).match(picture(), TEXTS), FakeEngine().match(picture(), TEXTS))


@pytest.mark.parametrize("frames", range(4))
def test_a_stream_goes_on_where_it_broke_off(frames: int) -> None:
    road = Near(Replica(FakeEngine), Replica(FakeEngine), dies=(None, frames))
    spoken = list(RemoteEngine("http://near", road).spoken(picture()))
    assert same(spoken, list(FakeEngine().spoken(picture())))


def test_when_all_die_there_is_a_sentence_and_an_end_of_trying() -> None:
    road = Near(Replica(FakeEngine), dies=(0,))
    with pytest.raises(BusyError) as away:
        RemoteEngine("http://near", road).sentiment(None, TEXT)
    assert away.value.code == "engine_away" and len(road.asked) == 3


def test_an_address_where_nobody_listens_has_a_sentence() -> None:
    with pytest.raises(BusyError) as away:
        RemoteEngine("http://127.0.0.1:9").status()
    assert away.value.code == "engine_away" and "127.0.0.1:9" in str(away.value)
    with pytest.raises(ChoiceError):
        RemoteEngine("ftp://here")


def test_patience_holds_there_and_here() -> None:
    engine = RemoteEngine("http://near", Near(Replica(Failing)))
    with pytest.raises(BusyError) as late, patience(seconds=0):
        engine.sentiment(None, TEXT)
    assert late.value.code == "engine_late"

    class Slow:
        def frames(self, name, message, seconds):
            assert 0 < seconds <= 0.1
            time.sleep(seconds)
            raise LostError("late")
            yield

    with pytest.raises(BusyError) as late, patience(seconds=0.1):
        RemoteEngine("http://near", Slow()).sentiment(None, TEXT)
    assert late.value.code == "engine_late"


def test_a_remote_engine_imports_neither_torch_nor_ray() -> None:
    code = "import sys, mmdemo.serving.client, mmdemo.serving.replica; mmdemo.serving.client.RemoteEngine('http://x:1')"
    code += "; print(sorted({'torch', 'ray', 'gradio', 'transformers', 'torchvision'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
    assert ASKED
