"""The fusion bench as pictures, one file a part of the tab: results in, HTML out.

Read in this order: `strip.py` (every fusion's answer), `ledger.py` (who said how much), `inside.py` (the data flow),
`dial.py` (the weighted sum's knob), `history.py` (five systems), `figures.py` (the table of all measurements).
"""
