"""What CLIS knows and how it reasons: plain Python, no Django, no clock, no network."""
