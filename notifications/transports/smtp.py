"""One mail over a connection of ``smtplib``.

What ``smtplib.SMTP.sendmail`` says and raises for one recipient, by the same object's commands: that one parses both
addresses anew and searches the whole mail for lines that begin with a point, which costs as much as all the rest.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence

_OK, _WILL_FORWARD, _GO_ON, _LEAVES = 250, 251, 354, 421


def hand_over(smtp: smtplib.SMTP, sender: str, recipient: str, data: bytes) -> None:
    """``sender`` and ``recipient`` are bare addresses, ``data`` has CRLF at every line's end but perhaps the last.

    A server that takes commands in groups (RFC 2920) gets all three at once: the answers of a far one are then waited
    for twice, not four times. Raises ``SMTPSenderRefused``, ``SMTPRecipientsRefused``, ``SMTPDataError`` with the
    server's answer, or ``SMTPServerDisconnected``; after the first three the caller says RSET before the next mail.
    """
    smtp.ehlo_or_helo_if_needed()
    size = f" size={len(data)}" if smtp.has_extn("size") else ""
    commands = (f"MAIL FROM:<{sender}>{size}", f"RCPT TO:<{recipient}>", "DATA")
    answers = _asked_together(smtp, commands) if smtp.has_extn("pipelining") else map(smtp.docmd, commands)
    code, said = next(answers)
    if code != _OK:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    code, said = next(answers)
    if code not in (_OK, _WILL_FORWARD):
        raise smtplib.SMTPRecipientsRefused({recipient: (code, said)})
    code, said = next(answers)
    if code != _GO_ON:
        raise smtplib.SMTPDataError(code, said)
    smtp.send(_ended(data))
    code, said = smtp.getreply()
    if code != _OK:
        raise smtplib.SMTPDataError(code, said)


def _asked_together(smtp: smtplib.SMTP, commands: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    """The answers, one to each but where the server takes its leave. One that has refused somebody may wait for the
    mail all the same (RFC 2920, 3.1): it gets none."""
    smtp.send("".join(f"{command}\r\n" for command in commands))
    answers: list[tuple[int, bytes]] = []
    while len(answers) < len(commands) and not (answers and answers[-1][0] == _LEAVES):
        answers.append(smtp.getreply())
    *before, last = answers
    if last[0] == _GO_ON and not all(code in (_OK, _WILL_FORWARD) for code, _ in before):
        smtp.send(".\r\n")
        smtp.getreply()
    return iter(answers)


def _ended(data: bytes) -> bytes:
    """With a point before each that begins a line, and the end (RFC 5321, 4.5.2)."""
    if b"\n." in data:
        data = data.replace(b"\n.", b"\n..")
    return data + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")
