"""Which names this server answers to, and what every answer tells the browser to refuse.

A page elsewhere can make its own name point at 127.0.0.1 and then read a local app as if it were its own; so only known
names are answered. Set MMDEMO_HOSTS on a server, MMDEMO_FRAMES for pages that embed the app. Read next: `routes.py`.
"""

import os
import socket
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders

from mmdemo.ui.gate.wire import App, Message, Receive, Send

LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")
ANY = ("0.0.0.0", "::", "[::]")
FRAMES = ("https://huggingface.co", "https://*.huggingface.co", "https://*.hf.space")  # where a Space is shown


def known_hosts(server_name: str | None = None, environment: Mapping[str, str] | None = None) -> list[str]:
    """The names that may stand in `Host`.

    Args:
        server_name: the address that is listened to; None is this machine alone.
        environment: MMDEMO_HOSTS adds names, separated by spaces or commas ("*.example.org" is allowed, "*" is all);
            on Spaces SPACE_HOST is one. None reads the process's own.
    """
    environment = os.environ if environment is None else environment
    listed = [*_words(environment.get("MMDEMO_HOSTS", "")), *_words(environment.get("SPACE_HOST", ""))]
    own = [] if server_name in (None, *LOCAL) else own_names() if server_name in ANY else [server_name]
    return list(dict.fromkeys(name.lower() for name in (*LOCAL, *own, *listed)))


def own_names() -> list[str]:
    """What this machine is called in its network."""
    name = socket.gethostname()
    try:
        return [name, f"{name}.local", *socket.gethostbyname_ex(name)[2]]
    except OSError:
        return [name, f"{name}.local"]


def policy(environment: Mapping[str, str] | None = None) -> str:
    """The content security policy: everything from here; gradio needs inline scripts and `eval` for its own page."""
    environment = os.environ if environment is None else environment
    frames = " ".join((*FRAMES, *_words(environment.get("MMDEMO_FRAMES", ""))))
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors 'self' {frames}",
        )
    )


class SafeHeaders:
    """An ASGI layer that adds to every answer what the browser must not do with it.

    Args:
        app: what is inside.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.added = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "content-security-policy": policy(),
            "cross-origin-resource-policy": "same-site",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.added)
            await send(message)

        await self.app(scope, receive, dressed if scope["type"] == "http" else send)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
