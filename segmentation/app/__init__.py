"""The app: ask the published segments, in a browser. `python -m segmentation.app` starts it."""
