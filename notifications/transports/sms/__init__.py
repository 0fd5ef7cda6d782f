"""SMS by a provider: the operator's gateway, Twilio, Solapi, or a folder of files; and by a second where the first
definitely refused.

A text costs money and cannot be taken back, so nothing is sent twice: no transport here may repeat a try whose outcome
is unknown, and the second provider is asked only after an answer of the first that surely means no.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings

from clis.egress import Client
from notifications.transports.base import (
    AddressRefusedError,
    Found,
    LookingSender,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnreachableError,
)
from notifications.transports.sms import segments, solapi
from notifications.transports.sms.folder import FolderSender
from notifications.transports.sms.gateway import GatewaySender
from notifications.transports.sms.numbers import (
    NumberError,
    calling_code,
    country_is_on,
    normalize_number,
    number_range,
)
from notifications.transports.sms.solapi import SolapiSender
from notifications.transports.sms.twilio import TwilioSender

__all__ = [
    "Measure",
    "NumberError",
    "SmsTransport",
    "calling_code",
    "country_is_on",
    "is_single",
    "measure",
    "normalize_number",
    "number_range",
]


class Measure(NamedTuple):
    """What a text will be billed as: its segments (a message of Solapi is one), and at most so much money."""

    segments: int
    cost: Decimal


class SmsTransport:
    """Texts of a batch go out a few at a time, so one that hangs does not hold the rest."""

    concurrency = 4
    may_repeat = False

    @contextmanager
    def open(self) -> Iterator[LookingSender]:
        """The first provider, with the second behind it if there is one."""
        with Client(operator=True, timeout=settings.SMS_TIMEOUT) as client:
            first = _sender(settings.SMS_PROVIDER, client)
            second = settings.SMS_SECOND_PROVIDER
            yield WithSecond(first, _sender(second, client)) if second else first


class WithSecond:
    """Two providers, and never both for one text.

    The second is asked after a definite no of the first: out of reach before anything was sent, later, or refused. Not
    after an answer about the recipient (who said STOP to one said it to us), and not after none.
    """

    def __init__(self, first: LookingSender, second: LookingSender) -> None:
        self._first = first
        self._second = second

    def send(self, message: Message) -> Receipt:
        """By the first that accepts it; else the error that leaves most open."""
        try:
            return self._first.send(message)
        except AddressRefusedError:
            raise
        except (TemporaryError, PermanentError) as refused:
            return self._try_second(message, refused)

    def _try_second(self, message: Message, refused: TransportError) -> Receipt:
        try:
            return self._second.send(message)
        except AddressRefusedError:
            raise
        except (TemporaryError, PermanentError) as again:
            same = (UnreachableError, PermanentError)
            if any(isinstance(refused, kind) and isinstance(again, kind) for kind in same):
                raise
            waits = [error.retry_after for error in (refused, again) if isinstance(error, TemporaryError)]
            wait = min((wait for wait in waits if wait), default=None)
            raise TemporaryError(f"{refused}; then {again}", wait) from again

    def look_up(self, reference: str, to: str) -> Found:
        """Accepted if either knows it; refused only if both say so."""
        found = [self._first.look_up(reference, to), self._second.look_up(reference, to)]
        accepted = next((one for one in found if one.accepted), None)
        if accepted is not None:
            return accepted
        return Found(accepted=False) if all(one.accepted is False for one in found) else Found()


def is_single(text: str) -> bool:
    """Whether every provider that may send it counts the text as one."""
    providers = {settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER} - {""}
    if "solapi" in providers and segments.korean_form(text) != "sms":
        return False
    return providers == {"solapi"} or segments.size(text).segments == 1


def measure(message: Message) -> Measure:
    """Before it is sent. Of two providers, and of AlimTalk and the SMS behind it, the dearest counts."""
    providers = (settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER)
    found = [_measured(provider, message) for provider in providers if provider]
    return Measure(max(one.segments for one in found), max(one.cost for one in found))


def _measured(provider: str, message: Message) -> Measure:
    if provider != "solapi":
        number = segments.size(message.text).segments
        return Measure(number, segments.price(message.to, number))
    cost = segments.price(message.to, 1, segments.korean_form(message.text))
    if solapi.template_of(message):
        cost = max(cost, segments.price(message.to, 1, "alimtalk"), segments.price(message.to, 1, "lms"))
    return Measure(1, cost)


def _sender(provider: str, client: Client) -> LookingSender:
    if provider == "folder":
        return FolderSender()
    senders: dict[str, type[TwilioSender] | type[SolapiSender] | type[GatewaySender]] = {
        "twilio": TwilioSender,
        "solapi": SolapiSender,
        "generic": GatewaySender,
    }
    return senders[provider](client)
