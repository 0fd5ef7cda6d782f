"""REST: what programs read and write."""
