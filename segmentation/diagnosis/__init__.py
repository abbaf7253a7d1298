"""What the segments are: whether there is structure, what sets them apart, names."""
