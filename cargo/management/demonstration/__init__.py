"""The demo: who signs in, what they track, and the messages that keep coming while somebody watches."""
