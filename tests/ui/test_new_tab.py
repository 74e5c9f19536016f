"""A tab is what CONTRIBUTING.md says: a `build`, a line in the table of tabs, its strings in both languages."""

from types import SimpleNamespace

import gradio as gr

from mmdemo.ui import page, phrases
from mmdemo.ui.markup import part
from mmdemo.ui.widgets import ask, build_answer, open_with
from tests.fakes import FakeEngine


def build(engine, say) -> None:
    text = gr.Textbox("two cats", label=say("toy.tab"), elem_id="toy-text")
    shown, button = build_answer(say, "toy-result"), gr.Button(elem_id="toy-button")

    def answer(sentence: str) -> str:
        return part("note", say("toy.words", words=say.joined(engine.words(sentence))))

    ask(say, button.click, answer, [text], shown, "toy-result")
    open_with(say, lambda: answer("two cats"), shown, "toy-result")


def test_a_tab_is_added_by_a_build_function_a_line_and_its_strings(monkeypatch):
    monkeypatch.setitem(page.TABS, "toy", SimpleNamespace(build=build))
    monkeypatch.setitem(phrases.PHRASES, "toy.tab", ("Toy", "玩具"))
    monkeypatch.setitem(phrases.PHRASES, "toy.words", ("Words: {words}", "词：{words}"))
    demo = page.build_page(FakeEngine())
    tabs = [b.label for b in demo.blocks.values() if isinstance(b, gr.Tab) and b.id == "toy"]
    assert tabs == ["Toy", "玩具"]
    shown = [i for i, b in demo.blocks.items() if getattr(b, "elem_id", None) == "toy-result"]
    pressed = [
        fn for fn in demo.fns.values() if fn.fn and fn.inputs and [o._id for o in fn.outputs] in [[i] for i in shown]
    ]
    assert [fn.fn("two & cats") for fn in pressed if fn.inputs[0].elem_id == "toy-text"] == [
        '<p class="mm-note">Words: two, &amp;, cats</p>',
        '<p class="mm-note">词：two、&amp;、cats</p>',
    ]
