"""Webhooks as their people keep them: added, proved, signed anew, paused, tried, and delivered to again.

An endpoint is a channel of the whole organization, so an organization's admin or one of its keys changes it, and every
function answers a stranger's number like one that does not exist (``notifications.subscribing``).
"""

from __future__ import annotations

from notifications.endpoints.keeping import add, normalize, pause, remove, resume, rotate
from notifications.endpoints.proving import Tried, challenge, test
from notifications.endpoints.redelivery import Span, redeliver
from notifications.endpoints.showing import Row, row, rows

__all__ = [
    "Row",
    "Span",
    "Tried",
    "add",
    "challenge",
    "normalize",
    "pause",
    "redeliver",
    "remove",
    "resume",
    "rotate",
    "row",
    "rows",
    "test",
]
