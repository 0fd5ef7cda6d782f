"""The project: wiring, and who people are."""
