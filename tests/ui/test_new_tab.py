"""A tab is what CONTRIBUTING.md says: a `build`, a line in the table of tabs, its strings in both languages."""

from types import SimpleNamespace

import gradio as gr

from mmdemo.ui import page, phrases
from mmdemo.ui.markup import part
from mmdemo.ui.stale import StaleGuard
from mmdemo.ui.widgets import build_answer
from tests.fakes import FakeEngine


def build(engine, say, pair) -> None:
    shown = build_answer(say, "toy-result")

    def answer(_: str | None, sentence: str) -> dict:
        return {shown: part("note", say("toy.words", words=say.joined(engine.words(sentence))))}

    pair.answers("toy", answer, [shown], "toy-result")


def test_a_tab_is_added_by_a_build_function_a_line_and_its_strings(monkeypatch, photo):
    monkeypatch.setitem(page.TABS, "toy", SimpleNamespace(build=build))
    monkeypatch.setitem(phrases.PHRASES, "toy.tab", ("Toy", "玩具"))
    monkeypatch.setitem(phrases.PHRASES, "toy.words", ("Words: {words}", "词：{words}"))
    demo = page.build_page(FakeEngine())
    tabs = [b.label for b in demo.blocks.values() if isinstance(b, gr.Tab) and b.id == "toy"]
    assert tabs == ["Toy", "玩具"]
    askers = {b._id for b in demo.blocks.values() if getattr(b, "elem_id", None) == "toy-asker"}
    asked = [fn for fn in demo.fns.values() if fn.fn and any((i, "submit") in fn.targets for i in askers)]
    values = [list(fn.fn(StaleGuard(), photo, "two & cats").values())[0] for fn in asked]
    assert values == ['<p class="mm-note">Words: two, &amp;, cats</p>', '<p class="mm-note">词：two、&amp;、cats</p>']
    opened = [fn for fn in demo.fns.values() if fn.fn and any((i, "click") in fn.targets for i in askers)]
    assert len(opened) == 2 and not any(fn.queue for fn in opened)
