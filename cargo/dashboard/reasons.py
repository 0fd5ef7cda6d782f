"""Why a row of a table could not be read, and where it stands, in the reader's language.

The reader of tables is plain Python and speaks English; its reasons are few, so each is known here by its shape. What
is not known (another format's reason, with its own segment and field) is shown as it stands.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_SHAPES = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"no number by which cargo is known", gettext_noop("No number by which cargo is known.")),
        (r"no date: it says nothing yet", gettext_noop("No date: it says nothing yet.")),
        (r"(?P<column>.+?): '(?P<cell>.*)': no date", gettext_noop("%(column)s: “%(cell)s” is no date.")),
        (
            r"(?P<column>.+?): '(?P<cell>.*)': day and month could be either",
            gettext_noop("%(column)s: in “%(cell)s” day and month could be either."),
        ),
        (r"(?P<column>.+?): '(?P<cell>.*)': no number", gettext_noop("%(column)s: “%(cell)s” is no number.")),
        (
            r"(?P<column>.+?): '(?P<cell>.*)': no time of day",
            gettext_noop("%(column)s: “%(cell)s” is no time of day."),
        ),
        (r"(?P<column>.+?): a status without a date", gettext_noop("%(column)s: a status without a date.")),
        (
            r"(?P<column>.+?): characters that the table's encoding does not have",
            gettext_noop("%(column)s: characters that cannot be read."),
        ),
        (
            r"nobody has said yet what its columns mean \(Add data\): (?P<names>.*)",
            gettext_noop("Nobody has said yet what its columns mean: %(names)s"),
        ),
        (r"(?P<count>\d+) of its parts could not be read", gettext_noop("%(count)s parts could not be read.")),
        (r"another sheet: one of a workbook is read", gettext_noop("Another sheet: one of a workbook is read.")),
        (r"not a message of any known format", gettext_noop("Not a message of any format that is read here.")),
    )
)
_ROW = re.compile(r"row (\d+)(?:, column (\d+))?(?:, container (\d+))?\Z")


def reason(text: str) -> str:
    """The reason in the reader's language where it is one of a table's."""
    for shape, words in _SHAPES:
        found = shape.fullmatch(text)
        if found is not None:
            return _(words) % found.groupdict()
    return text


def position(text: str) -> str:
    """``row 2, column 4`` in the reader's language; another format's position as it stands."""
    found = _ROW.match(text)
    if found is None:
        return text
    row, column, box = found.groups()
    words = _("row %(row)s") % {"row": row}
    if column:
        words += ", " + _("column %(column)s") % {"column": column}
    if box:
        words += ", " + _("container %(number)s") % {"number": box}
    return words
