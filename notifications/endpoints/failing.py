"""Why a challenge or a test came to nothing, in words for the person who asked for it; the system's own words apart."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from django.utils.translation import gettext as _

from clis.egress import AmbiguousError, RefusedError
from clis.egress.wire import LateError
from notifications.subscribing import in_words
from notifications.transports.base import TransportError


def unanswered(error: TransportError) -> str:
    """Of a post that brought no answer; ``error`` as ``WebhookSender.post`` raises it."""
    said, causes = str(error), list(_causes(error))

    def is_a(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if is_a(RefusedError):
        return _("This address cannot be called: %(why)s") % {"why": in_words(said)}
    if said.startswith("the egress proxy"):
        return _("CLIS could not get out to the internet. Try again later.")
    if said.startswith("no TLS"):
        return _("No secure connection (TLS): the server's certificate or encryption is not accepted.")
    if is_a(socket.gaierror) or said.endswith("cannot be resolved"):
        return _("The host name was not found.")
    if "could not be resolved in time" in said:
        return _("The host name could not be looked up in time.")
    if is_a(ConnectionRefusedError):
        return _("Connection refused: nothing listens at this address and port.")
    if is_a(TimeoutError, LateError):
        return _("No answer in time.")
    if is_a(AmbiguousError):
        return _("The connection broke before there was an answer.")
    return _("The server cannot be reached.")


def unwanted(status: int) -> str:
    """Of an answer that is none of 2xx."""
    if 300 <= status < 400:
        return _("It answered with status %(status)s: redirects are not followed.") % {"status": status}
    return _("It answered with status %(status)s, and not with one of 2xx.") % {"status": status}


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
