"""What an error says about what the peer has seen, which is what a caller needs before it tries again."""

from __future__ import annotations


class EgressError(Exception):
    """A request that brought no answer."""


class RefusedError(EgressError):
    """The address or the URL is not one that we call. Trying again changes nothing."""


class NotSentError(EgressError):
    """No connection: the peer has seen nothing of the request."""


class AmbiguousError(EgressError):
    """The connection broke or the time was up after the request had begun: the peer may have acted on it."""
