"""The app: load the engine, build the page, serve it. Read next: `mmdemo/ui/start.py`, `mmdemo/ui/page.py`."""

if __name__ == "__main__":  # imports too: the processes that clean uploads read this file again, and need none of it
    from mmdemo.ui.gate.memory import keep_all

    keep_all()
    import mmdemo
    from mmdemo.ui.start import read_command, serve

    address = read_command().engine
    serve(mmdemo.connect(address) if address else mmdemo.load())
