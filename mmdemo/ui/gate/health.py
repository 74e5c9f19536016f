"""Whether this process answers, and whether it should be sent visitors: for whoever stands in front of it.

A load balancer asks by address and not by name, so these two are answered before the host is looked at; they say
nothing else. Read next: `leaving.py`.
"""

from mmdemo.ui.gate.calls import Page
from mmdemo.ui.gate.wire import App, Message, Receive, Send, answer_bytes, path_of

ALIVE, READY = "/healthz", "/readyz"


class Health:
    """An ASGI layer around the gate.

    Args:
        app: what is inside.
        demo: the page.
    """

    def __init__(self, app: App, demo: Page) -> None:
        self.app, self.demo = app, demo

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one of the two, or pass on."""
        path = path_of(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else ""
        if path not in (ALIVE, READY):
            await self.app(scope, receive, send)
            return
        reason = self.reason() if path == READY else ""
        await answer_bytes(send, 503 if reason else 200, (reason or "ok").encode() + b"\n", b"text/plain")

    def reason(self) -> str:
        """Why no visitor should be sent here; "" where they should."""
        if self.demo.leaving:
            return "leaving"
        warming = self.demo.warming
        return "models are being loaded" if warming is not None and warming.is_alive() else ""
