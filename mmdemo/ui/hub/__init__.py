"""Models of the Hub on the page: which one is picked, whether it is here, how it comes.

Read in this order: `names.py`, `downloads.py`, `picker.py`.
"""
