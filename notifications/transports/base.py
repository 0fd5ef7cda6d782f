"""What every transport takes, gives and may say went wrong.

The errors tell what the caller may do next, by type:

- ``PermanentError``: this message will never be accepted. Its kind ``AddressRefusedError``: no message will be, at
  this address.
- ``TemporaryError``: definitely not accepted; trying again later is right. Its kind ``UnreachableError``: the provider
  itself is out of reach or refuses us, so the other messages in hand need not be tried now, and the try does not
  count. Never said of a host that is the reader's own.
- ``UnknownOutcomeError``: it may have been accepted. Only a transport that ``may_repeat`` is tried again then.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Image:
    """A picture that a mail carries; its HTML names it as ``cid:`` and ``name``."""

    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True)
class Message:
    """What is sent. ``reference`` is the same at every try of one delivery; ``subject`` and ``html`` are e-mail's,
    ``secrets`` a webhook's, by which it is signed. ``notice`` is the kind of news and ``facts`` its variables by name,
    for providers that put them into templates of their own.
    """

    to: str
    text: str
    reference: str
    subject: str = ""
    html: str = ""
    language: str = "en"
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    thread: str = ""
    sender: str = ""
    reply_to: str = ""
    images: tuple[Image, ...] = ()
    notice: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exchange:
    """What went over and came back, cut short, without secrets: for the log that the receiver's people read."""

    status: int | None = None
    request: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Receipt:
    """The provider accepted it, and its own number for it where it gives one."""

    provider_id: str = ""
    detail: str = ""
    exchange: Exchange = Exchange()


class TransportError(Exception):
    """A try that did not end in an accepted message."""

    exchange = Exchange()


class PermanentError(TransportError):
    """Refused for good."""


class AddressRefusedError(PermanentError):
    """The address does not exist or wants nothing from us."""


class TemporaryError(TransportError):
    """Not accepted now. ``retry_after``: seconds the provider asked us to wait, if it did."""

    def __init__(self, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class UnreachableError(TemporaryError):
    """The provider is out of reach, or refuses our account: no message would get through now."""


class UnknownOutcomeError(TransportError):
    """Sent, and no answer: it may or may not have been accepted."""


@dataclass(frozen=True)
class Found:
    """What a look-up says of a try that had no answer: accepted, surely not, or (None) nothing."""

    accepted: bool | None = None
    receipt: Receipt = Receipt()


class Sender(Protocol):
    """An open way to the provider, used by ``concurrency`` threads at once."""

    def send(self, message: Message) -> Receipt:
        """Raises one of the errors above."""


class LookingSender(Sender, Protocol):
    """A sender that can be asked afterwards."""

    def look_up(self, reference: str, to: str) -> Found:
        """Raises nothing: who cannot be asked says nothing."""


class Transport(Protocol):
    """A way to tell people. ``may_repeat``: a message whose outcome is unknown may be sent again without harm."""

    concurrency: int
    may_repeat: bool

    def open(self) -> AbstractContextManager[Sender]:
        """Connections are made at the first message and kept until the end of the block."""
