"""What a mail brings: who sent it, and the files in it (RFC 5322; MIME, RFC 2045 to 2049). No connection here."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterable, Iterator
from email.message import EmailMessage
from email.utils import getaddresses
from typing import NamedTuple, TypeVar

# A mail with more parts than this is nobody's message.
MOST_PARTS = 200
_ENDINGS = (".edi", ".edifact", ".x12", ".xml", ".json", ".csv", ".tsv", ".xlsx", ".fsu", ".fsa", ".imp")
_DMARC_PASSED = re.compile(r"(^|;)\s*dmarc\s*=\s*pass\b")
T = TypeVar("T")


class SetAsideError(Exception):
    """This mail brings nothing that can be taken; it goes to the folder for people to look at."""


class Attachment(NamedTuple):
    """A file of a mail: its name and its bytes, decoded."""

    name: str
    content: bytes


def parsed(data: bytes) -> EmailMessage:
    """A mail, or the head of one."""
    return _understood(lambda: email.message_from_bytes(data, policy=email.policy.default))


def check_sender(head: EmailMessage, allowed: Iterable[str], checked_by: str) -> None:
    """Raises ``SetAsideError`` unless the one sender is allowed and, with ``checked_by``, confirmed by that server."""
    senders = _understood(lambda: _addresses(head))
    sender = senders[0] if len(senders) == 1 else ""
    if not sender or not any(_fits(sender, line.lower()) for line in allowed):
        raise SetAsideError(f"{', '.join(senders)[:100] or 'nobody'} is not one of the senders")
    if checked_by and not _understood(lambda: _is_authentic(head, checked_by.lower())):
        raise SetAsideError(f"{sender[:100]} was not confirmed by {checked_by}")


def attachments(mail: EmailMessage, is_known: Callable[[bytes], bool], *, with_text: bool) -> list[Attachment]:
    """The files that are messages by their ending or, as ``is_known`` says, by their content: pictures in a signature
    and PDF files are neither. ``with_text``: the text of the mail may be one, too. Raises ``SetAsideError``.
    """
    files = _understood(lambda: list(_files(mail, with_text)))
    found = [file for file in files if file.name.lower().endswith(_ENDINGS) or is_known(file.content)]
    if not found:
        raise SetAsideError("it has no attachment that is a message")
    return found


def _files(mail: EmailMessage, with_text: bool) -> Iterator[Attachment]:
    for count, part in enumerate(mail.walk(), start=1):
        if count > MOST_PARTS:
            raise SetAsideError(f"it has more than {MOST_PARTS} parts")
        if part.is_multipart():
            continue
        name = part.get_filename() or ""
        attached = bool(name) or part.get_content_disposition() == "attachment"
        if not attached and not (with_text and part.get_content_type() == "text/plain"):
            continue
        content = part.get_payload(decode=True)
        if part.defects:
            raise SetAsideError(f"{name or 'a part'} is damaged: {type(part.defects[0]).__name__}")
        if isinstance(content, bytes) and content.strip():
            yield Attachment(name, content)


def _addresses(head: EmailMessage) -> list[str]:
    fields = [str(value) for value in head.get_all("From", [])]
    return [address.lower() for _name, address in getaddresses(fields)]


def _fits(sender: str, allowed: str) -> bool:
    """``name@host`` is that address; ``@host`` is everybody there."""
    return sender == allowed or (allowed.startswith("@") and sender.endswith(allowed))


def _is_authentic(head: EmailMessage, server: str) -> bool:
    """What the operator's own server found (RFC 8601). Its uppermost line alone counts: a forged one stands below."""
    for value in head.get_all("Authentication-Results", []):
        by, _semicolon, results = " ".join(str(value).lower().split()).partition(";")
        if by.split(" ")[0] == server:
            return _DMARC_PASSED.search(results) is not None
    return False


def _understood(work: Callable[[], T]) -> T:
    """The standard library's parser meets hostile mails with whatever exception comes: each means the same here."""
    try:
        return work()
    except SetAsideError:
        raise
    except Exception as error:
        raise SetAsideError(f"it cannot be taken apart: {type(error).__name__}") from error
