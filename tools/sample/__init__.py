"""The sample shop: theLook's tables, invented customers, planted personas."""
