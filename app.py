"""The app: load the engine, build the page, serve it. Read next: `mmdemo/ui/page.py`."""

import mmdemo
from mmdemo.ui.page import build_page, launch

if __name__ == "__main__":
    engine = mmdemo.load()
    engine.warm_up()
    launch(build_page(engine))
