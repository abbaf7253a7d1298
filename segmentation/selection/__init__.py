"""How many segments: candidates, and the written rule that chooses among them."""
