"""A folder for operators whose own box sends the texts (an SMPP client, a modem): one file a text, one line of JSON.

``{reference}.json`` in ``CLIS_SMS_FOLDER`` holds ``{"to", "from", "text", "reference", "written_at"}`` in UTF-8, times
in UTC. It is written beside and renamed, so that nobody reads half of one; whoever picks it up removes it. A file is
accepted once it has its name; before that, nothing is. The folder is made by the first text if it is not there.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from notifications.transports.base import Found, Message, PermanentError, Receipt, UnreachableError

_NAME = re.compile(r"[A-Za-z0-9-]{1,80}")


class FolderSender:
    """Writes files."""

    def __init__(self) -> None:
        self._folder = Path(settings.SMS_FOLDER)

    def send(self, message: Message) -> Receipt:
        """One text. Raises ``UnreachableError`` while the folder cannot be written to."""
        if not _NAME.fullmatch(message.reference):
            raise PermanentError("the reference is no file name")
        text = {
            "to": message.to,
            "from": settings.SMS_FROM,
            "text": message.text,
            "reference": message.reference,
            "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        part = self._folder / f".{message.reference}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(text, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            part.rename(self._folder / f"{message.reference}.json")
        except OSError as error:
            raise UnreachableError(f"the folder of texts: {error.strerror}") from error
        return Receipt(message.reference)

    def look_up(self, reference: str, to: str) -> Found:
        """What is still there was accepted; what is not may have been picked up."""
        there = bool(_NAME.fullmatch(reference)) and (self._folder / f"{reference}.json").exists()
        return Found(accepted=True, receipt=Receipt(reference)) if there else Found()
