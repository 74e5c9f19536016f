"""The page as gradio knows it, before and after it is served."""

import gzip
import json
import re
import urllib.request

import pytest

from mmdemo.errors import TextError, WeightsError
from mmdemo.ui.gallery import photos
from mmdemo.ui.page import TABS, build_page
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import guard
from tests.fakes import FakeEngine

PUBLIC = {
    "match",
    "sentiment",
    "attention",
    "faithfulness",
    "compare",
    "ledger",
    "reconstruct",
    "caption",
    "answer",
    "search",
}


def test_building_the_page_asks_nothing_of_the_models():
    engine = FakeEngine()
    build_page(engine)
    assert engine.calls == []


def test_the_endpoints_are_public_and_all_else_is_private(demo):
    public = {fn.api_name for fn in demo.fns.values() if fn.api_visibility == "public"}
    assert public == PUBLIC


def test_every_public_endpoint_has_a_description(demo):
    described = demo.get_api_info()["named_endpoints"]
    assert set(described) == {f"/{name}" for name in PUBLIC}
    for name, endpoint in described.items():
        assert len(endpoint["description"]) > 20, name


def test_every_public_endpoint_says_its_arguments_its_answer_its_errors_and_an_example(demo):
    for name, endpoint in demo.get_api_info()["named_endpoints"].items():
        for section in ("Returns:", "Raises:", "Example:", f'api_name="{name}"'):
            assert section in endpoint["description"], (name, section)
        for one in endpoint["parameters"]:
            assert one["label"] == one["parameter_name"] and one["example_input"] not in (None, "...")
            assert len(one["python_type"]["description"]) > 5
        assert "Args:" not in endpoint["description"]


def test_all_events_that_use_the_model_wait_in_one_line(demo):
    ids = {fn.concurrency_id for fn in demo.fns.values() if fn.api_name in PUBLIC}
    assert ids == {"model"}
    limits = [fn.concurrency_limit for fn in demo.fns.values() if fn.concurrency_id == "model"]
    assert len(limits) > 20 and set(limits) == {FakeEngine().at_once()}


def test_as_many_questions_are_let_through_as_the_engine_takes(monkeypatch):
    monkeypatch.setattr(FakeEngine, "at_once", lambda engine: 32)
    wide = build_page(FakeEngine())
    assert {fn.concurrency_limit for fn in wide.fns.values() if fn.concurrency_id == "model"} == {32}


def test_the_queue_is_bounded_and_closed_to_calls_that_skip_it(demo):
    assert demo.api_open is False
    assert demo._queue.max_size == 64
    assert demo.delete_cache == (3600, 3600)


def of_asker(demo, tab: str, event: str) -> list:
    """The events that `visit.js` asks a tab by: "click" opens it, "submit" sends the pair."""
    places = [i for i, block in demo.blocks.items() if getattr(block, "elem_id", None) == f"{tab}-asker"]
    return [fn for fn in demo.fns.values() if fn.fn and any((i, event) in fn.targets for i in places)]


def test_nobody_stands_in_the_queue_for_what_a_tab_opens_with(demo):
    for tab in TABS:
        assert [fn.queue for fn in of_asker(demo, tab, "click")] == [False, False], tab
        assert [fn.queue for fn in of_asker(demo, tab, "submit")] == [True, True], tab
    assert not [fn for fn in demo.fns.values() if fn.fn and "load" in {event for _, event in fn.targets}]
    assert len(demo.openings) == 2 * len(TABS)


def test_both_pages_have_the_same_widgets(demo):
    pages = demo.config["page"]
    assert set(pages) == {"", "zh"}
    kinds = {name: {} for name in pages}
    for component in demo.config["components"]:
        for name, page in pages.items():
            if component["id"] in page["components"] and component["props"].get("elem_id"):
                kinds[name][component["props"]["elem_id"]] = component["type"]
    assert kinds[""] == kinds["zh"]
    assert {"pair-photo", "pair-text", "fusion-result", "attention-words", "about-result"} <= set(kinds[""])


def test_a_known_error_becomes_a_sentence_in_the_language():
    def fail() -> None:
        raise TextError("English.", "text_missing")

    for language, sentence in (("en", "There is no text."), ("zh", "还没有文字。")):
        with pytest.raises(Exception, match=sentence):
            guard(Say(language), fail)()


def test_an_unforeseen_error_shows_neither_traceback_nor_path(caplog):
    def fail() -> None:
        raise OSError("/home/secret/place is gone")

    with pytest.raises(Exception, match="on our side") as caught:
        guard(Say("en"), fail)()
    assert "secret" not in str(caught.value)
    assert "secret" in caplog.text


def test_a_missing_weight_file_stands_where_the_answer_would_be(demo):
    class Broken(FakeEngine):
        def match(self, *_, **__):
            raise WeightsError("The file weights/matching/card.json is missing.")

    broken = build_page(Broken())
    answers = [fn.fn() for fn in of_asker(broken, "match", "click")]
    assert sum("weights/matching/card.json is missing" in str(a) for a in answers) == 2


# ---- served


def fetch(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode("utf-8")


@pytest.mark.parametrize(("path", "language", "title"), [("", "en", "Picture and sentence"), ("zh", "zh-CN", "图与句")])
def test_each_page_says_its_language_and_title_before_any_script_runs(address, path, language, title):
    page = fetch(address + path)
    assert re.search(r"<html\s+lang=\"([^\"]+)\"", page)[1] == language
    assert page.count(f"<title>{title}") == 1
    config = json.loads(re.search(r"window\.gradio_config = (\{.*?\});</script>", page, re.DOTALL)[1])
    assert config["title"].startswith(title)
    assert config["analytics_enabled"] is False


def test_a_page_holds_only_its_own_language(address):
    english, chinese = fetch(address), fetch(address + "zh")
    assert "读图读句" in chinese
    assert "读图读句" not in english
    assert '"Read photo and sentence"' in english
    assert '"Read photo and sentence"' not in chinese


def test_a_page_travels_small_to_those_who_can_unpack_it(address):
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept-Encoding": "gzip, br"})) as answer:
        packed = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) == len(packed)
    assert len(packed) < 100_000 < len(gzip.decompress(packed))
    assert re.search(r"window\.gradio_config = ", fetch(address))  # plain for those who cannot


def test_each_example_photo_travels_once(address):
    assert fetch(address).count("data:image/jpeg") == len(photos())


def test_a_call_that_skips_the_queue_is_refused(address):
    request = urllib.request.Request(
        address + "gradio_api/run/match", data=b'{"data": [null, []]}', headers={"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code in (401, 403, 404)
    caught.value.close()


def test_nothing_on_the_page_is_fetched_from_elsewhere(address):
    theme = fetch(address + "theme.css")
    assert not re.findall(r"url\(['\"]?https?:", theme)
    assert "@import" not in theme
