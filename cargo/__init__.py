"""What is known about cargo, and how it came to be known."""
