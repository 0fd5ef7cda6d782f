"""The project: wiring, and who people are."""

# As in pyproject.toml; evidence files say which version made them.
__version__ = "0.1.0"
