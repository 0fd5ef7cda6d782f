"""One mail over a connection of ``smtplib``.

What ``smtplib.SMTP.sendmail`` says and raises for one recipient, by the same object's commands: that one parses both
addresses anew and searches the whole mail for lines that begin with a point, which costs as much as all the rest.
"""

from __future__ import annotations

import smtplib

_OK, _WILL_FORWARD, _GO_ON = 250, 251, 354


def hand_over(smtp: smtplib.SMTP, sender: str, recipient: str, data: bytes) -> None:
    """``sender`` and ``recipient`` are bare addresses, ``data`` has CRLF at every line's end but perhaps the last.

    Raises ``SMTPSenderRefused``, ``SMTPRecipientsRefused``, ``SMTPDataError`` with the server's answer, or
    ``SMTPServerDisconnected``; after the first three the caller says RSET before the next mail.
    """
    smtp.ehlo_or_helo_if_needed()
    size = f" size={len(data)}" if smtp.has_extn("size") else ""
    code, said = smtp.docmd("MAIL", f"FROM:<{sender}>{size}")
    if code != _OK:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    code, said = smtp.docmd("RCPT", f"TO:<{recipient}>")
    if code not in (_OK, _WILL_FORWARD):
        raise smtplib.SMTPRecipientsRefused({recipient: (code, said)})
    code, said = smtp.docmd("DATA")
    if code != _GO_ON:
        raise smtplib.SMTPDataError(code, said)
    smtp.send(_ended(data))
    code, said = smtp.getreply()
    if code != _OK:
        raise smtplib.SMTPDataError(code, said)


def _ended(data: bytes) -> bytes:
    """With a point before each that begins a line, and the end (RFC 5321, 4.5.2)."""
    if b"\n." in data:
        data = data.replace(b"\n.", b"\n..")
    return data + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")
