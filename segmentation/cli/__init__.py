"""``segmentation``: commands on the published file."""
