"""Files of other shops: which export they are, which column is what, and the models for them."""
