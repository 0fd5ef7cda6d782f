"""Pages by position, never by count: ``{"results": […], "next": address or null, "cursor": text or null}``.

A cursor is the last row's place in the order, in letters that mean nothing to the reader. One that was changed
is a 400. No page counts the rows that are left, so page 2,000 costs what page 1 costs.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from cargo.api.filters import LIMIT_DEFAULT
from cargo.api.rendering import encode


def place(params: dict[str, Any], parameter: str = "cursor") -> tuple[str | None, int]:
    """Takes cursor and limit out of checked parameters; what is left are filters."""
    return params.pop(parameter, None), params.pop("limit", LIMIT_DEFAULT)


def bad_cursor(parameter: str = "cursor") -> ValidationError:
    """The 400 for a cursor that no answer of ours gave."""
    detail = ErrorDetail(str(_("This is not a cursor of this list. Begin again without it.")), code="bad_cursor")
    return ValidationError({parameter: [detail]})


def next_address(request: Request, cursor: str | None) -> str | None:
    """The address of the next page with the same filters, or None after the last."""
    if cursor is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def page_body(request: Request, rows: Iterable[Any], cursor: str | None) -> dict[str, Any]:
    """The body of one page of plain rows."""
    return {"results": list(rows), "next": next_address(request, cursor), "cursor": cursor}


def joined(request: Request, rows: bytes, cursor: str | None) -> bytes:
    """The same body around rows that are JSON already (an array)."""
    tail = encode({"next": next_address(request, cursor), "cursor": cursor})
    return b'{"results":' + rows + b"," + tail[1:]


def closed(number: int | None) -> str | None:
    """A row's number as a cursor."""
    return None if number is None else urlsafe_b64encode(b"n%d" % number).decode().rstrip("=")


def opened(cursor: str | None) -> int | None:
    """The row's number in a cursor of ``closed``. Raises a 400 for anything else."""
    if cursor is None:
        return None
    try:
        text = b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), b"-_", validate=True)
    except ValueError:
        raise bad_cursor() from None
    if not re.fullmatch(rb"n[0-9]{1,18}", text):
        raise bad_cursor()
    return int(text[1:])
