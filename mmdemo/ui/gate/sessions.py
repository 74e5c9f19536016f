"""What the server remembers of an open page: the states of its widgets, and nothing that was typed.

Gradio keeps for every session, and every call of the API is one, a copy of the description of all widgets with the last
values that were sent: 645 kB, and as much text as somebody likes to send. It needs them for links to a page with its
fields filled, which are closed here. Read next: `routes.py`.
"""

from datetime import datetime, timedelta
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder

# A session costs some 30 kB, so all of them stay under 20 MB; a page that was forgotten asks again. More people than
# this do not get answers from one machine anyway: the queue holds 64.
SESSIONS = 500
IDLE_SECONDS = 3600  # as long as a photo lives; a page that was left open so long begins anew


class LeanState(SessionState):
    """One session: states only."""

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(_Bare(blocks))

    def _update_config(self, key: int) -> None:
        """Keep no description of a widget."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Keep no value of a visitor's."""

    def __setitem__(self, key: int, value: Any) -> None:
        """As gradio's own, without the description."""
        super().__setitem__(key, value)
        self.config_values.clear()


class LeanSessions(StateHolder):
    """Gradio's holder of sessions, with lean ones in it."""

    def __getitem__(self, session_id: str) -> SessionState:
        """The session of that name, a new one where there is none."""
        if session_id not in self.session_data:
            self.session_data[session_id] = LeanState(self.blocks)
        self.update(session_id)
        self.time_last_used[session_id] = datetime.now()
        return self.session_data[session_id]

    def forget(self, seconds: float = IDLE_SECONDS) -> None:
        """Let the sessions go that nobody has used for a while: nothing says when a page is closed."""
        old = datetime.now() - timedelta(seconds=seconds)
        for session in [name for name, used in self.time_last_used.items() if used < old]:
            self.session_data.pop(session, None)
            del self.time_last_used[session]


class _Bare:
    """What `SessionState` reads of the page, with no widgets to describe."""

    def __init__(self, blocks: gr.Blocks) -> None:
        self.default_config = blocks.default_config
        self.blocks: dict[int, Any] = {}
