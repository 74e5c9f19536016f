"""The body of a call, looked at before gradio parses it: an object of the right fields, for an event that there is.

Read next: `calls.py`, which looks at the values.
"""

import json
from typing import Any

from gradio.block_function import BlockFunction

from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.wire import Refused

API = "/gradio_api"
JOIN = f"{API}/queue/join"
NAMED = (f"{API}/call/v2/", f"{API}/call/", f"{API}/run/", f"{API}/api/")
KNOWN = {"data", "fn_index", "session_hash", "event_data", "trigger_id", "simple_format"}
LONGEST_SESSION = 64


def is_call(path: str) -> bool:
    """Whether an address runs an event."""
    return path.rstrip("/") == JOIN or path.startswith(NAMED)


def parsed(body: bytes) -> dict[str, Any]:
    """An object in JSON.

    Raises:
        Refused: it is none (422).
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(422, "call_kind") from None
    if not isinstance(found, dict):
        raise Refused(422, "call_kind")
    return found


def checked_call(page: Page, path: str, body: bytes) -> tuple[bytes, BlockFunction, str | None]:
    """A call's body as gradio may have it, the event it is for, and its session if it names one.

    Raises:
        Refused: there is no such event (404), or a field is of another kind (422).
    """
    call, name = parsed(body), name_of(path)
    if path.startswith(f"{API}/call/v2/"):
        return body, event_of(page, name, None), None
    session, told = call.get("session_hash"), call.get("event_data")
    right = isinstance(call.get("data"), list) and isinstance(told, (dict, type(None)))
    if not right or not isinstance(session, (str, type(None))) or len(session or "") > LONGEST_SESSION:
        raise Refused(422, "call_kind")
    if not _is_number(call.get("trigger_id"), none=True) or not _is_number(call.get("fn_index"), none=bool(name)):
        raise Refused(422, "call_kind")
    fn = event_of(page, name, call.get("fn_index"))
    if call.keys() - KNOWN or b"\\u" in body:  # halves of letters break what writes JSON later on
        kept = {key: value for key, value in call.items() if key in KNOWN}
        body = json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")
    return body, fn, session


def name_of(path: str) -> str:
    """The endpoint that an address names, "" for a page's own."""
    prefix = next((prefix for prefix in NAMED if path.startswith(prefix)), path)
    return path.removeprefix(prefix).rstrip("/")


def event_of(page: Page, name: str, index: int | None) -> BlockFunction:
    """The event of an index, or of an endpoint's name.

    Raises:
        Refused: there is none (404).
    """
    if index is not None:
        fn = page.fns.get(index)
    else:
        fn = next((fn for fn in page.fns.values() if fn.api_name == name), None) if name else None
    if fn is None or fn.fn is None:
        raise Refused(404, "call_unknown")
    return fn


def _is_number(value: Any, none: bool) -> bool:
    return (value is None and none) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31)
