"""People and organizations, and who may see what."""
