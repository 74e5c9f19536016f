"""The page: the only room that imports gradio. It asks the engine and draws what comes back.

`page` puts the two languages on one server; `tabs/` holds a package each: widgets, events, drawing; `text` has every
visible string; `markup` fills `templates/`, `chart` places numbers in a drawing; `theme` and `static/` are its look;
`api` is for programs; `gate` decides what may come in. Read next: `page.py`, then one tab.
"""

import os
import tempfile

# Exactly this word, and before gradio is first imported: with anything else it calls out at start.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

# Gradio has one folder for all gradio apps of a machine; this one is emptied at start, so it has to be ours alone.
os.environ.setdefault(
    "GRADIO_TEMP_DIR", os.path.join(tempfile.gettempdir(), f"mmdemo-{os.environ.get('GRADIO_SERVER_PORT', '7860')}")
)
