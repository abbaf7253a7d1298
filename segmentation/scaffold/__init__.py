"""``segmentation new``: a segmentation of any table, as an entry, a model and its YAML."""
