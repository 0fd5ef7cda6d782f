"""A mail as the bytes that SMTP carries (RFC 5322, 2045 to 2047, 2387), at a tenth of what the standard library's
message trees and their generator cost.

What costs little or is seldom is left to them: each encoding, addresses and headers beyond plain ASCII, pictures. All
is in 7 bits, whatever the server can: no other may get a mail that it has to change.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterator, Mapping
from email import base64mime, policy
from email.mime.image import MIMEImage
from email.utils import formatdate, parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.mail.message import forbid_multi_line_headers, sanitize_address

from notifications.transports.base import Image, Message

# A line has at most 998 characters (RFC 5322, 2.1.1), one with an encoded word 76 (RFC 2047, 2).
LINE = 998
_WORD_BYTES = 39
_BREAK = re.compile("\r\n?")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")


def as_bytes(message: Message, sender: str, reply_to: str, headers: Mapping[str, str]) -> bytes:
    """The mail of a message with these headers beside its own. Raises ``ValueError`` for a header of several lines or
    what is no address."""
    if message.html:
        text = [_text("plain", message.text)] if message.text else []
        content = _multipart("alternative", *text, _text("html", message.html))
        if message.images:
            content = _multipart("related", content, *map(_picture, message.images))
    else:
        content = _text("plain", message.text)
    own = [_subject(message.subject), _header("From", sender), _header("To", message.to)]
    if reply_to:
        own.append(_header("Reply-To", reply_to))
    own.append(_header("Date", formatdate(localtime=settings.EMAIL_USE_LOCALTIME)))
    own += [_header(name, value) for name, value in headers.items()]
    return "".join((*own, "MIME-Version: 1.0\r\n")).encode("ascii") + content


def envelope_address(address: str) -> str:
    """The bare address as SMTP's commands name it. Raises ``ValueError``."""
    return address if _PLAIN_ADDRESS.fullmatch(address) else _bare(address)


def picture_part(image: Image) -> MIMEImage:
    """A picture that the HTML beside it shows (RFC 2387), so that nothing is fetched when a mail is read."""
    kind = image.media_type.rpartition("/")[2]
    part = MIMEImage(image.data, _subtype=kind)
    part.add_header("Content-ID", f"<{image.name}>")
    part.add_header("Content-Disposition", "inline", filename=f"{image.name}.{kind}")
    return part


@lru_cache(maxsize=256)
def _bare(address: str) -> str:
    return parseaddr(sanitize_address(address, "utf-8"))[1]


def _header(name: str, value: str) -> str:
    if value.isascii() and value.isprintable() and len(name) + len(value) < LINE - 2:
        return f"{name}: {value}\r\n"
    return _rare_header(name, value)


@lru_cache(maxsize=256)
def _rare_header(name: str, value: str) -> str:
    """As Django and the standard library write it: checked, encoded and folded."""
    name, value = forbid_multi_line_headers(name, value, "utf-8")
    return policy.compat32.fold(name, value).replace("\n", "\r\n")


def _subject(text: str) -> str:
    """In encoded words unless it is short and of plain ASCII: what only looks like such words is text as well."""
    if text.isascii() and len(text) <= 66 and text.isprintable() and "=?" not in text:
        return f"Subject: {text}\r\n"
    if "\n" in text or "\r" in text:
        raise ValueError("a line break in the subject")
    return "Subject: " + "\r\n ".join(_words(text.encode())) + "\r\n"


def _words(data: bytes) -> Iterator[str]:
    start = 0
    while start < len(data):
        end = start + _WORD_BYTES
        while end < len(data) and data[end] & 0xC0 == 0x80:  # never within a character
            end -= 1
        yield base64mime.header_encode(data[start:end], "utf-8")
        start = end


def _multipart(kind: str, *parts: bytes) -> bytes:
    # Of random characters, so that no text can hold it.
    boundary = f"=_{secrets.token_hex(16)}"
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    between = f"\r\n--{boundary}".encode()
    return b"".join((head, *(between + b"\r\n" + part for part in parts), between, b"--\r\n"))


def _text(kind: str, text: str) -> bytes:
    """A text part with its head: as it is where 7 bits do, else quoted-printable or base64, whichever is shorter."""
    if "\r" in text:
        text = _BREAK.sub("\n", text)
    lines = text.split("\n")
    if text.isascii() and "\0" not in text and max(map(len, lines)) <= LINE:
        return _head(kind, "7bit") + "\r\n".join(lines).encode()
    data = text.encode()
    # A letter beyond ASCII has one to three bytes more than characters, each three long when quoted.
    if 9 * (len(data) - len(text)) > len(data):
        data = data.replace(b"\n", b"\r\n")
        return _head(kind, "base64") + base64.encodebytes(data).replace(b"\n", b"\r\n")
    return _head(kind, "quoted-printable") + b"\r\n".join(map(_quoted, lines))


def _head(kind: str, encoding: str) -> bytes:
    return f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'.encode()


# Most lines of a page are those of the page before.
@lru_cache(maxsize=4096)
def _quoted(line: str) -> bytes:
    return binascii.b2a_qp(line.encode()).replace(b"\n", b"\r\n")


@lru_cache(maxsize=8)
def _picture(image: Image) -> bytes:
    return picture_part(image).as_bytes(policy=policy.compat32.clone(linesep="\r\n"))
