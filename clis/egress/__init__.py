"""The one door for HTTP that leaves the building.

Nothing else in the project imports an HTTP library. What goes to hosts of the operator's choice by other means is a
named exemption: SMTP, IMAP, SFTP, and mails by a provider's API, which django-anymail sends with a library of its own.
"""

from clis.egress.addresses import refusal
from clis.egress.client import BODY_LIMIT, Client, Response, one_form
from clis.egress.errors import AmbiguousError, EgressError, NotSentError, RefusedError

__all__ = [
    "BODY_LIMIT",
    "AmbiguousError",
    "Client",
    "EgressError",
    "NotSentError",
    "RefusedError",
    "Response",
    "one_form",
    "refusal",
]
