"""JSON in and out by msgspec: strict reading with limits, quick writing.

No view is imported here: the settings name these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

# A bulk request of 500 numbers is some 60 kB; cargo messages have their own door.
BODY_MAX_BYTES = 1024 * 1024


def _plain(value: Any) -> Any:
    if isinstance(value, str | Promise):
        # The slice makes a plain ``str`` of a subclass, which ``str()`` may give back as it is.
        return str(value)[:]
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__iter__"):
        return list(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


_encoder = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number")


def encode(data: Any) -> bytes:
    """JSON of plain data, serializer output and lazy texts; times with their offset, UTC as ``Z``."""
    return _encoder.encode(data)


class JSONRenderer(BaseRenderer):
    """``application/json``, UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """No data, no body; bytes are JSON already."""
        if data is None:
            return b""
        return data if isinstance(data, bytes) else encode(data)


class BodyTooLarge(APIException):
    """A JSON body past ``BODY_MAX_BYTES``."""

    status_code = 413
    default_detail = _("The body is too large: 1 MiB at most.")
    default_code = "too_large"


class JSONParser(BaseParser):
    """Strict JSON: UTF-8, no NaN, no lone surrogates or null characters, bounded size and depth."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The data of the body; anything wrong is a 400 that says where."""
        body = stream.read(BODY_MAX_BYTES + 1)
        if len(body) > BODY_MAX_BYTES:
            raise BodyTooLarge()
        try:
            data = msgspec.json.decode(body)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8 at byte %(byte)d.") % {"byte": error.start}) from None
        except (msgspec.MsgspecError, ValueError) as error:
            raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from None
        # PostgreSQL stores no null characters; the walk is made only where one may be.
        if b"\\u0000" in body and _has_null(data):
            raise ParseError(_("Null characters are not allowed."))
        return data


def _has_null(data: Any) -> bool:
    if isinstance(data, str):
        return "\x00" in data
    if isinstance(data, dict):
        return any(_has_null(key) or _has_null(value) for key, value in data.items())
    return isinstance(data, list) and any(map(_has_null, data))
