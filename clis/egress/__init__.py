"""The one door for HTTP that leaves the building.

Nothing else in the project imports an HTTP library. SMTP is a named exemption, its host being the operator's choice.
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
