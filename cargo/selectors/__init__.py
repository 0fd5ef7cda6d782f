"""What people read. Every selector takes the viewer first."""


class NotFound(LookupError):
    """There is no such thing, or it is not the viewer's: the answer is the same."""


class BadCursor(ValueError):
    """The cursor is not one that was given out for this list."""
