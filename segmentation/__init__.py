"""Customer segmentation: pure functions that fit, check, publish and apply segments."""
