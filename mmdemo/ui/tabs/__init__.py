"""One file a tab: `build(engine, say, ...)` makes the widgets, plain functions answer the events."""
