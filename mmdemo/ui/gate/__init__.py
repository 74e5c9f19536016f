"""Between the network and the page: what may come in, how much of it, from whom, and for how long.

`routes` decides by address and size before anything is parsed, `calls` by what an event takes, `folder` which photos
may be read, `receive` what becomes of an upload, `places` who waits and for how long. Read next: `routes.py`.
"""
