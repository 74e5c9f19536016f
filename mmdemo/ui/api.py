"""The endpoints for programs: /match, /sentiment, /compare, /ledger and others, with errors as sentences.

    from gradio_client import Client, handle_file
    client = Client("http://127.0.0.1:7860")
    client.predict(handle_file("photo.jpg"), ["a dog", "a cat"], api_name="/match")

`gr.api` reads an endpoint's inputs from the type hints of its function. What it does not do, `register` does:
it hands a photo over as {"path": ...} and a text as whatever was sent (a number, say), and on the page "Use via API" it
calls the inputs "1st" and "2nd", without a word about them and without an example.
Read next: `api_answers.py`, `gate/calls.py`.
"""

import functools
import inspect
import operator
import re
from collections.abc import Callable
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args

import gradio as gr
from gradio.context import Context

from mmdemo.ui.api_answers import answer, caption, compare, ledger, match, reconstruct, search, sentiment
from mmdemo.ui.api_explaining import attention, faithfulness
from mmdemo.ui.gate.folder import Folder
from mmdemo.ui.text import Say
from mmdemo.ui.widgets import MODEL, guard

if TYPE_CHECKING:
    from mmdemo.engine import Engine

PHOTO = {"path": "photo.jpg", "url": "photo.jpg", "meta": {"_type": "gradio.FileData"}}
EXAMPLES: dict[str, Any] = {  # what "Use via API" shows for each input
    "image": PHOTO,
    "texts": ["a dog on a beach", "two cats"],
    "text": "a dog on a beach",
    "method": "cross_attention",
    "word": "dog",
    "target": "match",
    "layer": 0,
    "head": 0,
    "model": "matching",
    "task": "sentiment",
    "imputation": "zeros",
    "fusion": "gated",
    "label": "positive",
    "question": "Is there a dog?",
    "photos": [PHOTO, PHOTO],
    "k": 10,
    "language": "en",
    "count": 3,
    "start": "a little girl",
    "temperature": 0.0,
}
FILES = {"image": gr.FileData, "photos": list[gr.FileData]}
ERRORS = "AppError: what is given is missing, cannot be read, or does not fit; the sentence says why and what to do."


def build_api(engine: "Engine", say: Say) -> None:
    """Register the endpoints on the page being built."""
    for endpoint in (match, sentiment, attention, faithfulness, compare, ledger, reconstruct, caption, answer, search):
        register(engine, say, endpoint)


def register(engine: "Engine", say: Say, answer: Callable[..., Any]) -> None:
    """One endpoint, with its function's name, arguments and docstring.

    Args:
        answer: takes the engine, then what a program sends; `image` is a photo's path, `photos` are several.
    """
    signature = inspect.signature(answer)
    inputs = [typed(parameter) for parameter in list(signature.parameters.values())[1:]]
    folder = Context.root_block.folder

    def asked(*given: Any) -> Any:
        return answer(engine, *(taken(one, value, folder) for one, value in zip(inputs, given, strict=False)))

    asked.__signature__ = signature.replace(parameters=inputs)
    asked.__annotations__ = {one.name: one.annotation for one in inputs}
    description, meanings = described(answer)
    event = gr.api(guard(say, asked), api_name=answer.__name__, api_description=description, **MODEL)
    blocks = Context.root_block.blocks
    blocks[event["outputs"][0]].label = "answer"
    for block, one in zip(event["inputs"], inputs, strict=True):
        api = blocks[block]
        api.label, api.example_payload = one.name, functools.partial(EXAMPLES.get, one.name)
        api.may_lack = one.default is None
        api._api_info = {**api._api_info, "additional_description": meanings[one.name]}


def typed(parameter: inspect.Parameter) -> inspect.Parameter:
    """An argument as gradio is told of it: a photo's path is a file; that null will do is said by the default."""
    kind = FILES.get(parameter.name, parameter.annotation)
    if isinstance(kind, UnionType):
        kind = functools.reduce(operator.or_, (one for one in get_args(kind) if one is not NoneType))
    return parameter.replace(annotation=kind)


def taken(parameter: inspect.Parameter, value: Any, folder: Folder) -> Any:
    """What was sent as the function takes it: a photo's path, with why it must not be read where there are several; a
    text as a string, the rest as it came.
    """
    if value is None:
        return None
    if parameter.name == "image":
        return value["path"]  # one of the folder's: `gate/calls.py` has looked
    if parameter.name == "photos":
        return [(one["path"], folder.refusal(one["path"])) for one in value]
    return str(value) if parameter.annotation is str else value


def described(answer: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """A docstring, a paragraph a line, with errors and without arguments; and what it says of each argument."""
    # A line that is indented goes on from the one before, unless that ends in ":" or this begins with "name: ".
    text = re.sub(r"(?<=[^:\n])\n {4,}(?! *\w+: )", " ", inspect.getdoc(answer))
    meanings = re.findall(r"^ {4}(\w+): (.+)", text, re.MULTILINE)
    text = re.sub(r"Args:\n(.+\n)+\n", "", text).replace("Example:", f"Raises:\n    {ERRORS}\n\nExample:")
    return text, {name: meaning[0].upper() + meaning[1:] for name, meaning in meanings}
