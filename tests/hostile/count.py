"""Hundreds of pictures and texts and thousands of calls that fit nothing, at one server, and what of it leaked.

    python -m tests.hostile.count                # 300 pictures, 500 texts, 2,500 calls, the fake engine
    python -m tests.hostile.count --engine real --share 0.1

Starts the server itself, prints one line of JSON: how many answers of which kind, and a count for each thing that must
never be in an answer, in the log, or on the disk. All of it is drawn from a seed, so that a finding can be repeated.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import threading
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.hostile import metadata, pictures
from tests.hostile.metadata import TOLD
from tests.hostile.test_calls import JUNK
from tests.hostile.test_files import ENDPOINTS, forms
from tests.hostile.wire import Visitor, detail
from tests.pictures import picture
from tests.serve import Running, running

NAMED = "Xylophon7"  # stands in every text that is typed and in every picture's name
SERVER_PATH = re.compile(r"/(?:bin|dev|etc|home|lib|opt|proc|root|tmp|usr|var|work)/[\w.-]+|site-packages|\.py\b")
LEAKS = ("tracebacks", "paths", "read_outside", "metadata_bytes", "html", "silent", "failed")
MANY = {"pictures": 300, "texts": 500, "calls": 2500}
THREADS = 4
PIECES = (
    f"<img src=x onerror={NAMED}>", f"{{{{{NAMED}}}}}", f"${{{NAMED}}}", "../../../secret", "'; DROP TABLE", "%s%n%x",
    "\0", "\u202e", "\ufeff", "e" + "\u0301" * 200, "👩‍👩‍👧‍👦", "狮子在草地上", "a lion", "qwer", "\n\n", " " * 50,
    "x" * 3000,
)  # fmt: skip


class Count:
    """One server under attack, and what came back.

    Args:
        server: where it is.
        outside: pictures that nobody uploaded.
        seed: of everything that is drawn.
    """

    def __init__(self, server: Running, outside: Path, seed: int) -> None:
        self.server, self.outside, self.seed = server, outside, seed
        self.answers: dict[str, Counter[str]] = {part: Counter() for part in MANY}
        self.leaks: Counter[str] = Counter(dict.fromkeys(LEAKS, 0))
        self.first: dict[str, str] = {}
        self._mine, self._lock = threading.local(), threading.Lock()
        config = json.loads(self.visitor.ask("GET", "/config").body)
        self.kinds = {c["id"]: c["type"] for c in config["components"]}
        self.values = {c["id"]: c["props"].get("value") for c in config["components"]}
        self.events = [event for event in config["dependencies"] if event["backend_fn"]]

    @property
    def visitor(self) -> Visitor:
        """This thread's own page."""
        if not hasattr(self._mine, "visitor"):
            self._mine.visitor = Visitor(self.server.address)
        return self._mine.visitor

    def run(self, part: str, many: int) -> None:
        """`many` pictures, texts or calls, each drawn from a seed of its own."""
        one = {"pictures": self.one_picture, "texts": self.one_text, "calls": self.one_call}[part]

        def tried(number: int) -> None:
            try:
                one(random.Random(f"{self.seed} {part} {number}"), number)
            except OSError as error:  # a time that ran out among them: no answer at all
                self.note(part, "closed", type(error).__name__)
                self.leak("silent", 1, f"{part} {number}: {error!r}")

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(tried, range(many)))

    def one_picture(self, dice: random.Random, number: int) -> None:
        """Upload a picture that tells a place, whole or broken; fetch what is served for it, and ask about it."""
        kind = dice.choice(metadata.KINDS)
        content, name = metadata.telling(kind, dice), f"{NAMED}{number}.{kind.lower()}"
        if number % 3 == 1:
            content = metadata.broken(content, dice)
        elif number % 3 == 2 and dice.random() < 0.5:
            name, content = dice.choice(list(pictures.strangers().items()))
            name = f"{NAMED}{number}{name}"
        answer = self.visitor.upload(name, content)
        if answer.status != 200:
            self.note("pictures", f"refused {answer.status}", detail(answer))
            return
        photo = {"path": json.loads(answer.body)[0], "meta": {"_type": "gradio.FileData"}}
        back = self.visitor.file(photo["path"])
        found = metadata.pieces(back.body) if back.status == 200 else [(f"status {back.status}", 1)]
        self.leak("metadata_bytes", sum(size for _, size in found), f"{kind} {number}: {found}")
        self.leak("metadata_bytes", back.body.count(TOLD.encode()), f"{kind} {number}")
        name = dice.choice(("match", "reconstruct", "sentiment", "attention"))
        self.note("pictures", *self.visitor.call(name, ENDPOINTS[name](photo)))

    def one_text(self, dice: random.Random, number: int) -> None:
        """A text to an endpoint, and to an event of the page, whose HTML is looked at."""
        text = " ".join([f"{NAMED}{number}", *dice.choices(PIECES, k=dice.randrange(1, 6))])
        name = dice.choice(("sentiment", "compare", "ledger", "reconstruct"))
        self.note("texts", *self.visitor.call(name, [None, text, *ENDPOINTS[name](None)[2:]]), sent=text)
        event = dice.choice([e for e in self.events if "textbox" in map(self.kinds.get, e["inputs"])])
        given = [self.filled(place, text) for place in event["inputs"]]
        kind, said = self.visitor.event(event["id"], given)
        self.note("texts", kind, said, sent=text)
        shown = said.get("data", []) if kind == "complete" else []
        html = [value for place, value in zip(event["outputs"], shown, strict=False) if self.kinds[place] == "html"]
        self.leak("html", sum(f"<img src=x onerror={NAMED}" in str(value) for value in html), f"event {event['id']}")

    def filled(self, place: int, text: str) -> Any:
        """A value for a widget: a text for a text, what the page opens with for the others."""
        return text if self.kinds[place] == "textbox" else self.values[place]

    def one_call(self, dice: random.Random, number: int) -> None:
        """One call that fits nothing, of five ways."""
        (self.junk, self.from_outside, self.junk_event, self.fetched, self.body)[number % 5](dice)

    def junk(self, dice: random.Random) -> None:
        """Any values for an endpoint."""
        data = [dice.choice((*JUNK, NAMED)) for _ in range(dice.randrange(10))]
        self.note("calls", *self.visitor.call(dice.choice(list(ENDPOINTS)), data), sent=str(data))

    def from_outside(self, dice: random.Random) -> None:
        """A picture that was not uploaded, for an endpoint or an event that takes one."""
        form = dice.choice(forms(dice.choice([*self.outside.iterdir()])))
        if dice.random() < 0.5:
            name = dice.choice(list(ENDPOINTS))
            kind, said = self.visitor.call(name, ENDPOINTS[name](form))
        else:
            event = dice.choice([e for e in self.events if "image" in map(self.kinds.get, e["inputs"])])
            given = [form if self.kinds[at] == "image" else self.values[at] for at in event["inputs"]]
            kind, said = self.visitor.event(event["id"], given)
        self.note("calls", kind, said)
        self.leak("read_outside", kind == "complete", str(form))

    def junk_event(self, dice: random.Random) -> None:
        """Any values for an event of the page, and anything for what the browser tells of a click."""
        event = dice.choice(self.events)
        data = [dice.choice((*JUNK, NAMED)) for _ in event["inputs"]]
        told = dice.choice([None, {}, {"index": 99}, {"index": "a"}, {"word": NAMED, "row": -1}, {"left": {}}, NAMED])
        self.note("calls", *self.visitor.event(event["id"], data, told), sent=str(data))

    def fetched(self, dice: random.Random) -> None:
        """A file of the server's by its address."""
        path = dice.choice([*map(str, self.outside.iterdir()), "/etc/passwd", "/proc/self/environ", "README.md", "."])
        base = dice.choice(("/gradio_api/file=", "/gradio_api/file/", "/static/", "/assets/", "/gradio_api/stream/"))
        answer = self.visitor.ask("GET", base + urllib.parse.quote(dice.choice(("", "../" * 9, "/.//")) + path))
        self.note("calls", f"refused {answer.status}" if answer.status != 200 else "complete", answer.text)
        self.leak("read_outside", answer.status == 200, path)

    def body(self, dice: random.Random) -> None:
        """A body that is no call."""
        whole = json.dumps({"data": [None, NAMED], "fn_index": 2, "session_hash": self.visitor.session}).encode()
        sent = dice.choice((metadata.broken(whole, dice), dice.randbytes(40), b"[" * 9999, b"{}", whole[:-1]))
        path = dice.choice(("queue/join", "call/match", "call/v2/match", "run/x", "cancel", "reset", "upload", "api/x"))
        answer = self.visitor.ask("POST", f"/gradio_api/{path}", sent, {"Content-Type": "application/json"})
        self.note("calls", f"refused {answer.status}" if answer.status != 200 else "complete", answer.text)

    def note(self, part: str, kind: str, said: Any, sent: str = "") -> None:
        """Count an answer, and look for what it must not hold; `sent` may stand in it."""
        if kind == "refused":
            kind, said = f"refused {said[0]}", said[1]
        text = json.dumps(said, ensure_ascii=False, default=str).replace(str(self.server.uploads), "")
        with self._lock:
            self.answers[part][kind] += 1
        found = [path for path in SERVER_PATH.findall(text) if path not in sent]
        self.leak("tracebacks", "Traceback" in text, text)
        self.leak("paths", len(found), f"{found} in {text}")
        error = said.get("error") if isinstance(said, dict) else said
        self.leak("silent", kind in ("error", "closed", "") and not (isinstance(error, str) and len(error) > 5), text)
        self.leak("failed", kind.startswith("refused 5"), text)

    def leak(self, what: str, much: int, where: str) -> None:
        """Count a leak; the first of each kind is described."""
        if much:
            with self._lock:
                self.leaks[what] += much
                self.first.setdefault(what, where[:300])


def read_log(log: Path) -> dict[str, int]:
    """What a server's log must not hold, counted, and its lines."""
    text = log.read_text(errors="replace")
    found = {"log_lines": len(text.splitlines()), "log_tracebacks": text.count("Traceback")}
    found["log_texts_or_names"] = text.count(NAMED) + text.count(TOLD)
    return found | {"log_paths": sum(path != ".py" for path in SERVER_PATH.findall(text))}


@contextmanager
def attacked(engine: str, seed: int) -> Iterator[tuple[Count, Callable[[], dict[str, int]]]]:
    """A fresh server with private pictures beside it, and a look at what is left in its folder and log."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        home = Path(place)
        (home / "outside").mkdir()
        for n in range(5):
            picture(n, (640, 480)).save(home / "outside" / f"private{n}.png")
        with running(engine, home / "uploads", home / "log") as server:
            yield Count(server, home / "outside", seed), partial(left, home)


def left(home: Path) -> dict[str, int]:
    """What lies on the disk and in the log."""
    files = [path.read_bytes() for path in (home / "uploads").rglob("*") if path.is_file()]
    return {"disk_files": len(files), "disk_secrets": sum(TOLD.encode() in f for f in files)} | read_log(home / "log")


def counted(engine: str = "fake", share: float = 1.0, seed: int = 11) -> dict[str, Any]:
    """All three parts at one server: answers by kind, leaks, and what stays."""
    with attacked(engine, seed) as (count, stays):
        sent = {part: max(1, round(many * share)) for part, many in MANY.items()}
        for part, many in sent.items():
            count.run(part, many)
            print(part, dict(count.answers[part]), file=sys.stderr, flush=True)
        alive = Visitor(count.server.address).call("sentiment", [None, "fine"])[0] == "complete"
        found = {"sent": sent, "answers": {part: dict(kinds) for part, kinds in count.answers.items()}}
        return found | {"leaks": dict(count.leaks), "left": stays(), "alive": alive, "first": count.first}


def main() -> None:
    """Print one line of JSON."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--engine", choices=("fake", "real"), default="fake")
    reader.add_argument("--share", type=float, default=1.0, help="of the numbers above")
    reader.add_argument("--seed", type=int, default=11)
    print(json.dumps(counted(**vars(reader.parse_args())), ensure_ascii=False))


if __name__ == "__main__":
    main()
