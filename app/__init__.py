"""The app: ask the published segments, in a browser. `python -m app` starts it."""
