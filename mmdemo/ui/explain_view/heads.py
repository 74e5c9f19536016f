"""All heads at a glance: what each head of the text looks at in the photo, and in each layer at among the words.

Read next: `pad.py`.
"""

from collections.abc import Sequence

from PIL import Image

from mmdemo.engine import Engine
from mmdemo.errors import ChoiceError
from mmdemo.types import Explanation
from mmdemo.ui import heat
from mmdemo.ui.explain_view.figure import where_said
from mmdemo.ui.explain_view.methods import TILE, words
from mmdemo.ui.explain_view.question import Question, head_name
from mmdemo.ui.render import escape
from mmdemo.ui.text import Say

CROSS, SELF = "cross_attention", "self_attention"
MOST = 48  # layers and heads that are asked for, at most: a larger tower shows its first ones


def all_heads(engine: Engine, question: Question, image: Image.Image) -> tuple[list[Explanation], list[Explanation]]:
    """(cross-attention head by head, self-attention layer by layer and head by head); empty where there is none.

    Args:
        engine: asked once for every head.
        question: the pair, the model and the word.
        image: the photo, read.
    """
    fitting = {note.name for note in engine.method_notes(question.model)}

    def ask(method: str, **options: int) -> Explanation:
        q = question
        return engine.explain(image, q.text, method, word=q.word, model=q.model, **options)

    cross = [ask(CROSS, head=i) for i in range(_count(ask, CROSS, "head"))] if CROSS in fitting else []
    if SELF not in fitting:
        return cross, []
    layers, heads = _count(ask, SELF, "layer"), _count(ask, SELF, "head")
    pairs = [(layer, head) for layer in range(layers) for head in range(heads)][:MOST]
    return cross, [ask(SELF, layer=layer, head=head) for layer, head in pairs]


def _count(ask: object, method: str, option: str) -> int:
    """How many layers or heads there are: the engine names them when it is asked for one too many."""
    try:
        ask(method, **{option: MOST**2})
    except ChoiceError as error:
        return min(len(error.values["choices"]), MOST)
    raise AssertionError(f"{method} has a {option} {MOST**2}")


def overview(
    image: Image.Image, cross: Sequence[Explanation], own: Sequence[Explanation], question: Question, say: Say
) -> str:
    """Both groups as buttons to click.

    Args:
        image: the photo.
        cross, own: as `all_heads` gives them.
        question: what is on the screen, to mark its head.
        say: the page's language.
    """
    if not cross and not own:
        return f'<p class="mm-note">{escape(say("attention.heads_none"))}</p>'
    photo = heat.photo_uri(image, TILE)
    ratio = f"{image.width / image.height:.4f}"
    now = (question.method, question.layer, question.head)
    parts = [f'<p class="mm-said">{escape(say("attention.heads_lead"))}</p>']
    if cross:
        tiles = "".join(_map_tile(e, photo, ratio, now, say) for e in cross)
        title = escape(say("attention.heads_cross"))
        parts.append(f'<h3 class="mm-part">{title}</h3><div class="mm-tiles">{tiles}</div>')
    if own:
        heads = 1 + max(e.head for e in own if e.head is not None)
        tiles = "".join(_word_tile(e, now, say) for e in own)
        title = escape(say("attention.heads_self"))
        parts.append(f'<h3 class="mm-part">{title}</h3><div class="mm-heads" style="--heads:{heads}">{tiles}</div>')
    return "".join(parts)


def _map_tile(found: Explanation, photo: str, ratio: str, now: tuple, say: Say) -> str:
    name = head_name(found.layer, found.head, say)
    label = say("attention.head_alt_map", name=name, where=where_said(found, say))
    map_ = heat.map_uri(found.image_map, found.signed, TILE)
    return (
        f'{_button("mm-tile", found, now, label)}<span class="mm-tile-stage" style="--ratio:{ratio}"><img alt="" '
        f'src="{photo}"><img class="mm-heat" alt="" src="{map_}"></span><b>{escape(name)}</b></button>'
    )


def _word_tile(found: Explanation, now: tuple, say: Say) -> str:
    name = head_name(found.layer, found.head, say)
    ranked = sorted(found.word_weights, key=lambda pair: -pair[1])[:2]
    label = say("attention.head_alt", name=name, words=say.joined([word for word, _ in ranked]))
    return f"{_button('mm-tile', found, now, label)}<b>{escape(name)}</b>{words(found.word_weights)}</button>"


def _button(look: str, found: Explanation, now: tuple, label: str) -> str:
    pressed = "true" if (found.method, found.layer, found.head) == now else "false"
    layer = "" if found.layer is None else f' data-layer="{found.layer}"'
    return (
        f'<button type="button" class="{look}" data-method="{escape(found.method)}"{layer} data-head="{found.head}" '
        f'aria-pressed="{pressed}" aria-label="{escape(label)}">'
    )
