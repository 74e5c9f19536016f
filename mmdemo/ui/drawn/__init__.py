"""Example pictures that are painted by code, so that none has to be shipped.

    canvas.py            the sheet: shapes, soft edges, noise, grain
    figures.py           people as dark shapes
    models.py            solid figures that come with gradio, turned and lit
    sea.py, animals.py, table.py, sign.py, rain.py, town.py, room.py    the pictures
    kept.py              their files

Each picture is a function without arguments that gives the same pixels every time.
"""
