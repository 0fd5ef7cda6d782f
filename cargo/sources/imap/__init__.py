"""A mailbox whose mails carry messages as attachments.

A mail is read once: how far the mailbox was read is kept in the transaction that keeps its attachments, as
``<UIDVALIDITY>:<UID>``, and servers never give a mail a number that is not higher. Then the mail is moved to the folder
for what was read. A crash in between leaves it where it was; the next run moves it without reading it. A mail that
comes twice, or all of them after the server has numbered its mailbox anew, brings bytes that ``receive`` knows.

A sender's address can be forged. Whoever may write into the mailbox is decided by the list of senders and, if the
operator's own mail server checks it, by what that server found.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cargo import formats
from cargo.pipeline.receive import receive_many
from cargo.sources.base import Result, Run, Setting, Way
from cargo.sources.imap.mailbox import Account, Mailbox, opened
from cargo.sources.imap.mails import Attachment, SetAsideError, attachments, check_sender, parsed


def fetch(run: Run) -> Result:
    """Reads the mails that came since the last run. Raises ``IntakeError``."""
    account = Account(
        run.setting("host"),
        run.setting("port"),
        run.setting("security"),
        run.setting("authority"),
        run.setting("user"),
        run.secret("password"),
    )
    with opened(account, run.setting("folder")) as mailbox:
        return _read(run, mailbox)


def _read(run: Run, mailbox: Mailbox) -> Result:
    result = Result()
    last = _last_read(run.intake.cursor, mailbox.validity)
    for mail in mailbox.mails():
        run.keep()
        if run.over:
            result.again_in = timedelta(0)
            break
        if mail <= last:
            # Read before a crash.
            mailbox.move(mail, run.setting("taken"))
            continue
        _take(run, mailbox, mail, result)
    return result


def _last_read(cursor: str, validity: int) -> int:
    """The number of the last mail that was read; 0 if the server has numbered the mailbox anew."""
    before, _colon, number = cursor.partition(":")
    return int(number) if number and before == str(validity) else 0


def _take(run: Run, mailbox: Mailbox, mail: int, result: Result) -> None:
    cursor = f"{mailbox.validity}:{mail}"
    try:
        found = _messages(run, mailbox, mail)
    except SetAsideError as error:
        result.failed += 1
        result.notes.append(f"mail {mail}: {error}")
        mailbox.move(mail, run.setting("aside"))
        run.advance(cursor=cursor)
        return
    with transaction.atomic():
        received = receive_many(run.intake.source_id, found)
        run.advance(cursor=cursor)
    for item in received:
        result.count(item.duplicate)
    mailbox.move(mail, run.setting("taken"))


def _messages(run: Run, mailbox: Mailbox, mail: int) -> list[Attachment]:
    """What the mail brings. Raises ``SetAsideError``."""
    limit = settings.MESSAGE_MAX_BYTES
    check_sender(parsed(mailbox.head(mail)), run.setting("senders"), run.setting("checked_by"))
    # Base64 makes four bytes of three, with ends of lines between them.
    if mailbox.size(mail) > limit * 2:
        raise SetAsideError("it is too large")
    found = attachments(parsed(mailbox.whole(mail)), _is_known, with_text=run.setting("text"))
    for item in found:
        if len(item.content) > limit:
            raise SetAsideError(f"{item.name} has {len(item.content)} bytes; {limit} are allowed")
    return found


def _is_known(content: bytes) -> bool:
    return formats.detect(content[: 64 * 1024]) is not None


def _check_senders(value: Any) -> None:
    for line in value:
        if line.count("@") != 1 or line.endswith("@") or " " in line:
            raise ValidationError(_("%(line)s is neither an address nor @ and a domain."), params={"line": line[:80]})


def _check_folder(value: Any) -> None:
    if not str(value).isascii() or not str(value).isprintable():
        raise ValidationError(_("The folder's name in plain ASCII characters."))


def _check_authority(value: Any) -> None:
    try:
        ssl.create_default_context(cadata=str(value))
    except ssl.SSLError:
        raise ValidationError(_("A certificate in PEM form, from BEGIN CERTIFICATE to END CERTIFICATE.")) from None


def check(values: Mapping[str, Any]) -> None:
    """What was read must not come back as new."""
    if len({values.get("folder"), values.get("taken"), values.get("aside")}) < 3:
        raise ValidationError(_("The mailbox and the two folders for what was read must differ."))


WAY = Way(
    fetch,
    (
        Setting("host", "text", _("Host"), required=True),
        Setting("port", "number", _("Port"), default=993, minimum=1, maximum=65535),
        Setting(
            "security", "text", _("Encryption"), default="tls",
            choices=(("tls", _("TLS from the first byte (port 993)")), ("starttls", _("STARTTLS (port 143)"))),
        ),
        Setting(
            "authority", "long", _("Own certificate authority"),
            _("Only for a server whose certificate no public authority has signed: the certificate in PEM form."),
            check=_check_authority,
        ),
        Setting("user", "text", _("User"), required=True),
        Setting("password", "text", _("Password"), secret=True, required=True),
        Setting("folder", "text", _("Mailbox"), default="INBOX", check=_check_folder),
        Setting("taken", "text", _("Folder for what was read"), default="CLIS-read", check=_check_folder),
        Setting("aside", "text", _("Folder for what was set aside"), default="CLIS-aside", check=_check_folder),
        Setting(
            "senders", "lines", _("Senders"),
            _("Whose mail is read, one a line: name@partner.com, or @partner.com for everybody there."),
            default=[], required=True, check=_check_senders,
        ),
        Setting(
            "checked_by", "text", _("Checked by"),
            _("The name that your own mail server writes into Authentication-Results. Then DMARC must have passed."),
        ),
        Setting("text", "flag", _("Read the text of the mail, too"), _("For partners who write the message itself."),
                default=False),
    ),
    check,
)  # fmt: skip
