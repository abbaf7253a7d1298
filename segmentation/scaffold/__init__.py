"""``segmentation new``: the models of a segmentation of any table, as text."""
