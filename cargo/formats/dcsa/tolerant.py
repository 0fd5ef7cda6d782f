"""The slow, exact reading of a JSON message: used only when the quick one refuses it.

Finds the one element that is wrong and the place in it, and lets the others through. What standard JSON
leaves open is decided here: a key given twice with different values is an error of its element, NaN and
Infinity are not numbers, lone surrogates and control characters are replaced, what lies deeper than 40 levels
is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from cargo.domain.event import Event, FormatError, Outcome, Problem
from cargo.formats.dcsa.events import FLAT
from cargo.formats.dcsa.times import moment
from cargo.formats.dcsa.versions import THREE, is_event, version_of

MAX_DEPTH = 40
_POINTER_LENGTH = 200
_NOTES_KEPT = 5
_WHITE_SPACE = re.compile(r"[ \t\r\n]*")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_PATH = re.compile(r" - at `\$\.?(.*)`\Z", re.DOTALL)
_TIMES = ("eventDateTime", "eventCreatedDateTime")
_RESPONSE_KEYS = ("statusCodeText", "statusCode", "errors", "feedbackElements")
_DATE_LENGTH = 10
# Arrays and objects of events inside the message's own.
_NESTED = 1


class _Invalid:
    """Stands where JSON holds no value: NaN, Infinity, a key given twice."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Reject(Exception):
    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer
        self.reason = reason


def read(text: str) -> Iterator[Outcome]:
    """The outcomes of a message, element by element. Raises ``FormatError`` if it is not JSON or holds no events."""
    root = _load(text)
    if isinstance(root, list):
        yield from _elements(root, "", _NESTED)
    elif isinstance(root, dict):
        yield from _object(root)
    else:
        raise FormatError("the message is neither an array of events nor an event")


def read_element(text: str, position: str) -> Iterator[Outcome]:
    """The outcomes of one element of a message: an event, or an array or object of events."""
    yield from _element(_load(text), position, _NESTED)


def _object(root: dict[str, Any]) -> Iterator[Outcome]:
    events = root.get("events")
    if isinstance(events, list) and not is_event(root):
        yield from _elements(events, "/events", _NESTED)
    elif "eventType" not in root and any(key in root for key in _RESPONSE_KEYS):
        raise FormatError(f"an error answer of the carrier, not events: {_complaint(root)}")
    else:
        yield from _element(root, "", 0)


def _complaint(answer: dict[str, Any]) -> str:
    """What an error answer says: the code of 2.2, the feedback of 3.0."""
    feedback = answer.get("feedbackElements")
    said = [str(answer.get(key, "")) for key in ("statusCode", "statusCodeText")]
    for element in feedback[:_NOTES_KEPT] if isinstance(feedback, list) else ():
        if isinstance(element, dict):
            said.append(str(element.get("message", "")))
    return _printable(" ".join(part for part in said if part))


def _elements(items: list[Any], base: str, nested: int) -> Iterator[Outcome]:
    for index, item in enumerate(items):
        yield from _element(item, f"{base}/{index}", nested)


def _element(item: Any, position: str, nested: int) -> Iterator[Outcome]:
    """An event; or, where elements may be nested, an array or an object of events, as when pages are put together."""
    if nested and isinstance(item, list) and item:
        yield from _elements(item, position, nested - 1)
    elif nested and isinstance(item, dict) and isinstance(item.get("events"), list) and not _says_more(item):
        yield from _elements(item["events"], f"{position}/events", nested - 1)
    else:
        yield _event(item, position)


def _says_more(item: dict[str, Any]) -> bool:
    """Whether an object with a list of events is an event itself, however spoiled: a page has no id of an event."""
    return is_event(item) or "eventID" in item


def _event(item: Any, position: str) -> Outcome:
    if not isinstance(item, dict):
        return Problem(position=position, reason=f"an event was expected, not {_kind(item)}", format=FLAT.name)
    version = version_of(item)
    try:
        clean, notes = _clean(item)
        if version is not THREE:
            _read_times(clean, notes)
        wire = msgspec.convert(clean, version.wire)
    except _Reject as refused:
        return Problem(position=position + refused.pointer, reason=refused.reason, format=version.name)
    except msgspec.ValidationError as error:
        reason, pointer = _pointer(str(error))
        return Problem(position=position + pointer, reason=reason, format=version.name)
    result = version.read(wire, position)
    if notes and isinstance(result, Event):
        result.warnings = (*result.warnings, *notes[:_NOTES_KEPT])
    return result


def element(text: str, steps: list[str]) -> str:
    """The text of the element that the steps of a JSON pointer lead to: indices (from 0), and ``events``.

    Raises ``ValueError`` if there is none.
    """
    at = _skip(text, 0)
    for step in steps:
        at = _events_in(text, at) if step == "events" else _nth(text, at, int(step))
    _, end = _DECODER.raw_decode(text, at)
    return text[at:end]


def _nth(text: str, at: int, index: int) -> int:
    """Where the ``index``-th element of the array at ``at`` begins."""
    if text[at : at + 1] != "[":
        raise ValueError("no array")
    at = _skip(text, at + 1)
    for _ in range(index):
        _, end = _DECODER.raw_decode(text, at)
        end = _skip(text, end)
        if text[end : end + 1] != ",":
            raise ValueError("no such element")
        at = _skip(text, end + 1)
    return at


def _events_in(text: str, at: int) -> int:
    """Where the value of the last key ``events`` of the object at ``at`` begins."""
    if text[at : at + 1] != "{":
        raise ValueError("no object")
    found, at = -1, _skip(text, at + 1)
    while text[at : at + 1] == '"':
        key, end = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, end) + 1)
        if key == "events":
            found = at
        _, end = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, end) + 1)
    if found < 0:
        raise ValueError("no events")
    return found


def _skip(text: str, at: int) -> int:
    found = _WHITE_SPACE.match(text, at)
    return found.end() if found else at


def _load(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FormatError(f"not well-formed JSON: {error.msg}", place) from None
    except RecursionError:
        raise FormatError("the message is nested too deeply") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for given, value in pairs:
        key = given if given.isascii() else _UNSAFE.sub("\ufffd", given)
        if key in read and read[key] != value:
            read[key] = _Invalid("the key is given twice with different values")
        else:
            read[key] = value
    return read


def _constant(name: str) -> _Invalid:
    return _Invalid(f"{name} is not JSON")


def _integer(digits: str) -> int | float:
    """Numbers beyond 64 bits lose their last digits: nothing counts that far, and reading them is slow on purpose."""
    return int(digits) if len(digits) < 19 else float(digits[:400])


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, strict=False)


def _clean(item: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A copy without unsafe characters, and notes on what was replaced. Walks without recursion."""
    notes: list[str] = []
    clean: dict[str, Any] = {}
    todo: list[tuple[Any, Any, str, int]] = [(item, clean, "", 0)]
    while todo:
        source, target, pointer, depth = todo.pop()
        pairs = source.items() if isinstance(source, dict) else enumerate(source)
        for key, value in pairs:
            if isinstance(value, dict | list) and depth == MAX_DEPTH:
                copy: Any = None
                notes.append(f"nested_too_deeply: left out {_printable(pointer)}")
            elif isinstance(value, dict | list):
                copy = {} if isinstance(value, dict) else []
                todo.append((value, copy, f"{pointer}/{key}"[:_POINTER_LENGTH], depth + 1))
            else:
                copy = _scalar(value, f"{pointer}/{key}", notes)
            if isinstance(target, dict):
                target[key] = copy
            else:
                target.append(copy)
    return clean, notes


def _scalar(value: Any, pointer: str, notes: list[str]) -> Any:
    if isinstance(value, _Invalid):
        raise _Reject(_printable(pointer), value.reason)
    if isinstance(value, str) and _UNSAFE.search(value):
        notes.append(f"unsafe_characters: replaced in {_printable(pointer)}")
        return _UNSAFE.sub("\ufffd", value)
    return value


def _read_times(item: dict[str, Any], notes: list[str]) -> None:
    """Times in more shapes than RFC 3339, in place. A bad creation time costs the event nothing."""
    for part, base in ((item, ""), (item.get("metadata"), "/metadata"), (item.get("payload"), "/payload")):
        if not isinstance(part, dict):
            continue
        for key in _TIMES:
            value = part.get(key)
            if value is None:
                continue
            read = moment(value) if isinstance(value, str) else None
            if read is None and key == "eventDateTime":
                shown = _printable(str(value))[:40]
                raise _Reject(f"{base}/{key}", f"{shown!r} is not a date and time")
            if read is not None and len(value.strip()) <= _DATE_LENGTH:
                notes.append(f"date_only: {key} has no time of day")
            part[key] = read


def _pointer(message: str) -> tuple[str, str]:
    """The reason and the JSON pointer of a validation error (``Expected `str`, got `int` - at `$.a.b[0]```)."""
    found = _PATH.search(message)
    if found is None:
        return message, ""
    path = found[1].replace("[", ".").replace("]", "").lstrip(".")
    return message[: found.start()].replace("`", ""), "/" + path.replace(".", "/")


def _kind(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    if isinstance(value, _Invalid):
        return value.reason
    return names.get(type(value), "a number")


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text[:120])
