"""A visitor without a browser: HTTP by hand, so that a test may send what no good client would."""

import http.client
import json
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

META = {"_type": "gradio.FileData"}


@dataclass
class Answer:
    """What came back: status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Visitor:
    """One visitor of one server.

    Args:
        address: "http://127.0.0.1:7860/".
        session: the session hash a page would have.
    """

    address: str
    session: str | None = field(default_factory=lambda: uuid.uuid4().hex)

    def connection(self, timeout: float = 60) -> http.client.HTTPConnection:
        parts = urllib.parse.urlsplit(self.address)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, timeout: float = 60
    ) -> Answer:
        """One request; `body` may be bytes, or anything that JSON can say."""
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        line = self.connection(timeout)
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            line.close()

    def ask_for(self, name: str, data: list[Any], timeout: float = 60) -> Answer:
        """A public endpoint, without waiting for what it answers."""
        return self.ask("POST", f"/gradio_api/call/{name}", {"data": data, "session_hash": self.session}, None, timeout)

    def call(self, name: str, data: list[Any], timeout: float = 60) -> tuple[str, Any]:
        """A public endpoint by hand; ("complete", values), ("error", what), or ("refused", (status, detail))."""
        posted = self.ask_for(name, data, timeout)
        if posted.status != 200:
            return "refused", (posted.status, detail(posted))
        return self.heard(name, json.loads(posted.body)["event_id"], timeout)

    def heard(self, name: str, event: str, timeout: float = 60) -> tuple[str, Any]:
        """What an endpoint answers to what it was asked for; as of `call`."""
        told = self.ask("GET", f"/gradio_api/call/{name}/{event}", timeout=timeout)
        kind, value = "", None
        for line in told.text.splitlines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: ") and kind in ("complete", "error"):
                value = json.loads(line.removeprefix("data: "))
                break
        return kind, value

    def event(self, fn_index: int, data: list[Any], event_data: Any = None, timeout: float = 60) -> tuple[str, Any]:
        """An event of the page, public or private, as the page sends it."""
        body = {"data": data, "fn_index": fn_index, "session_hash": self.session, "event_data": event_data}
        posted = self.ask("POST", "/gradio_api/queue/join", body, timeout=timeout)
        if posted.status != 200:
            return "refused", (posted.status, detail(posted))
        event = json.loads(posted.body)["event_id"]
        for message in self.messages(timeout):
            if message.get("event_id") == event and message["msg"] == "process_completed":
                return ("complete" if message["success"] else "error"), message["output"]
        return "closed", None

    def messages(self, timeout: float = 60) -> Iterator[dict[str, Any]]:
        """What the queue tells this session."""
        line = self.connection(timeout)
        try:
            line.request("GET", f"/gradio_api/queue/data?session_hash={self.session}")
            answer = line.getresponse()
            for row in answer:
                if row.startswith(b"data: "):
                    yield json.loads(row.removeprefix(b"data: "))
        finally:
            line.close()

    def upload(
        self, name: str, content: bytes, *more: tuple[str, bytes], timeout: float = 60, query: str = ""
    ) -> Answer:
        """A multipart upload as a browser sends it; more files where a test wants them."""
        border = uuid.uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{one}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n".encode()
            + held
            + b"\r\n"
            for one, held in ((name, content), *more)
        ]
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        return self.ask("POST", f"/gradio_api/upload{query}", body, kind, timeout)

    def photo(self, name: str, content: bytes) -> dict[str, Any]:
        """An upload as an endpoint takes it."""
        answer = self.upload(name, content)
        assert answer.status == 200, answer.text
        return {"path": json.loads(answer.body)[0], "meta": META}

    def file(self, path: str) -> Answer:
        """A file as the server gives it back."""
        return self.ask("GET", f"/gradio_api/file={urllib.parse.quote(path)}")


def detail(answer: Answer) -> Any:
    """The sentence of a refusal."""
    try:
        return json.loads(answer.body).get("detail")
    except (ValueError, AttributeError):
        return answer.text
