"""Who asked to know, and telling them."""
