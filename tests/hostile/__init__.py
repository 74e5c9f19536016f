"""Attacks made by code: pictures, texts, calls, events out of order, routes, headers."""
