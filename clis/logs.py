"""What the logs leave out."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied


class WithoutRefusals(logging.Filter):
    """That somebody may not do something is an answer and no fault of ours: a line of it will do, without the calls
    that led there."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line through."""
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = record.exc_text = None
        return True
