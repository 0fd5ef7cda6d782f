"""Addresses of mail and numbers of mobiles, as people type them: their one spelling, and what is refused."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from notifications.models import Channel
from notifications.subscribing.access import SubscribingError
from notifications.transports import transport_for
from notifications.transports.sms import NumberError, normalize_number

# RFC 5321, 4.5.3.1.1 and 4.5.3.1.3: octets before the @, and of a path without its brackets.
LONGEST_LOCAL_PART, LONGEST_MAILBOX = 64, 254


def normalize(kind: str, address: str) -> str:
    """The one spelling of an address. Raises ``SubscribingError`` in words for the person who typed it."""
    text = address.strip()
    if kind == Channel.Kind.EMAIL:
        _check_mailbox(text)
        return one_spelling(text)
    if kind == Channel.Kind.SMS:
        if transport_for(kind) is None:
            raise SubscribingError(_("SMS is not set up here."), field="kind")
        try:
            return normalize_number(text)
        except NumberError as error:
            raise SubscribingError(
                _("This is not a mobile number that can be texted from here. Write it as +82 10 1234 5678."),
                field="address",
            ) from error
    raise SubscribingError(_("A channel is e-mail or SMS."), field="kind")


def _check_mailbox(text: str) -> None:
    """Raises ``SubscribingError`` for what no mail on the internet is delivered to."""
    try:
        validate_email(text)
    except ValidationError as error:
        raise SubscribingError(_("This is not an e-mail address."), field="address") from error
    local, _at, domain = text.rpartition("@")
    if domain.startswith("[") or "." not in domain:
        text = _("An e-mail address ends in a domain name, as in name@example.com.")
        raise SubscribingError(text, field="address")
    if len(local) > LONGEST_LOCAL_PART or len(f"{local}@{punycode(domain)}") > LONGEST_MAILBOX:
        text = _("An e-mail address has at most 64 characters before the @, and 254 in all.")
        raise SubscribingError(text, field="address")


def one_spelling(mailbox: str) -> str:
    """A mail address with its domain in lower case; what is before the @ is its server's to tell apart."""
    local, _at, domain = mailbox.strip().rpartition("@")
    return f"{local}@{domain.lower()}"
