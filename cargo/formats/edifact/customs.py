"""CUSRES, the customs response: what an administration decided on a declaration, told by its processing indicators.

Source: UN/EDIFACT CUSRES, directories D.96B (GIS) to D.21B (GEI). The indicators of a DOC group are that document's,
those of the head are the whole response's; those of a TAX group say how a tax is worked out and are no decision.
Without an indicator the kind of response decides. National codes that the list does not have stay unknown, with the
administration's words; which administration it is shows in the agencies (3055) that the message names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cargo.domain.event import Event, Outcome, Parked, Place, Reference
from cargo.formats.edifact import customs_codes as codes
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import telling, values
from cargo.formats.edifact.envelope import NAME, Message
from cargo.formats.edifact.values import Moment
from cargo.formats.edifact.walking import walk

FORMAT = f"{NAME}.cusres"
_TEXT_LENGTH = 500
_NUMBER_LENGTH = 100
_MOST_WORDS = 50
_DECISIONS = frozenset({"hold_open", "hold_close", "release", "revert"})
_OFFICES = ("22", "23", "43", "41", "42", "118", "122", "24", "14", "11", "12", "9")


class Indicator(NamedTuple):
    """A processing indicator: its code and words, and its segment (from 0)."""

    code: str
    words: str
    segment: int


class Section:
    """The head of the response, or one of its documents; ``first`` and ``last`` are its segments, from 1."""

    __slots__ = ("dated", "first", "indicators", "last", "references", "words")

    def __init__(self, first: int) -> None:
        self.first = self.last = first
        self.references: list[Reference] = []
        self.dated: list[tuple[Moment, int]] = []
        self.indicators: list[Indicator] = []
        self.words: list[str] = []


class Response:
    """The state while a message is read."""

    __slots__ = (
        "authority",
        "code",
        "export",
        "function",
        "head",
        "in_tax",
        "message",
        "places",
        "reported",
        "section",
        "sections",
        "transit",
    )

    def __init__(self, message: Message) -> None:
        self.message = message
        self.code = self.function = ""
        self.head = self.section = Section(2)
        self.sections: list[Section] = []
        self.places: dict[str, Place] = {}
        self.reported: Moment | None = None
        self.authority: str | None = None
        self.export = self.transit = self.in_tax = False


def read(message: Message) -> list[Outcome]:
    """The events of a message, or the one problem that costs it all."""
    response = Response(message)
    fault = walk(message, _HANDLERS, response)
    if fault is not None:
        return [fault]
    response.section.last = len(message.segments) - message.segments[-1].startswith("UNT")
    if response.function in q.CANCELLATIONS:
        reason = f"the {q.CANCELLATIONS[response.function]} of a customs response: not applied"
        return [Parked(position=f"message {message.number}", reason=reason, format=FORMAT)]
    out: list[Outcome] = []
    for section in (response.head, *response.sections):
        told = [one for one in section.indicators if one.code not in codes.DIRECTIONS]
        for indicator in told:
            span = (section.first, section.last) if len(told) == 1 else (indicator.segment + 1, indicator.segment + 1)
            milestone, name = codes.INDICATORS.get(indicator.code, ("unknown", ""))
            out.append(_event(response, section, indicator, milestone, name, span))
    if not out and not response.code:
        return [telling.problem(message, 0, "there is neither a kind of response (BGM) nor a decision in it")]
    if not out:
        milestone, name = codes.RESPONSES.get(response.code, ("unknown", ""))
        whole = Indicator(response.code, "", 1)
        out.append(_event(response, response.head, whole, milestone, name, (2, response.section.last)))
    return out


def _event(
    response: Response, section: Section, indicator: Indicator, milestone: str, name: str, span: tuple[int, int]
) -> Outcome:
    message, notes = response.message, []
    if not name:
        notes.append(f"unknown_code: processing indicator {indicator.code[:20] or 'missing'}")
    if response.export:
        milestone = codes.ON_EXPORT.get(milestone, milestone)
    elif response.transit:
        milestone = codes.ON_TRANSIT.get(milestone, milestone)
    moment, index = _moment(response, section, milestone)
    if moment is None or moment.local is None:
        reason = moment.fault if moment is not None else None
        return telling.problem(message, index or indicator.segment, reason or "the response names no time")
    if moment.note is not None:
        notes.append(moment.note)
    references = _references(response, section)
    place = next((response.places[function] for function in _OFFICES if function in response.places), None)
    effect = telling.EFFECTS[milestone]
    house = telling.names_house(references)
    words = [*dict.fromkeys(part for part in (indicator.words, *section.words) if part)]
    if section is not response.head:
        words += [part for part in response.head.words if part not in words]
    text = ": ".join(part for part in (name, "; ".join(words)) if part)[:_TEXT_LENGTH]
    return Event(
        milestone=milestone,
        level=telling.LEVELS[milestone, False, house],
        effect=effect,
        occurred_local=moment.local,
        occurred_at=moment.at,
        time_basis="given" if moment.at is not None else None,
        reported_at=telling.reported(message, response.reported, place, notes),
        references=tuple(references),
        place=place,
        authority=response.authority,
        agency=response.authority if effect in _DECISIONS else None,
        format=FORMAT,
        source_code=indicator.code[:20] or None,
        source_text=text or None,
        warnings=(*notes, *message.warnings),
        position=telling.position(message, span),
        meaning=telling.meaning(indicator.code, moment, place, references, response.code, text),
    )


def _moment(response: Response, section: Section, milestone: str) -> tuple[Moment | None, int]:
    """When customs decided: by the kind of decision, else when the response was made; and its segment, 0 if none."""
    order = codes.RELEASE_TIMES if milestone in codes.RELEASED else codes.TIMES
    for dated in (section.dated, response.head.dated):
        known = [item for item in dated if item[0].qualifier in order]
        if known:
            return min(known, key=lambda item: (item[0].local is None, order.index(item[0].qualifier)))
    if response.reported is not None:
        return response.reported, 0
    prepared = response.message.interchange.prepared
    note = "occurred_time: the response names no time, the interchange's is taken"
    return (Moment("UNB", prepared, f"{prepared:%Y%m%d%H%M}", note=note) if prepared is not None else None), 0


def _references(response: Response, section: Section) -> list[Reference]:
    """The document's own, then the head's; the head of a response on one document is about that document."""
    scopes = [section.references, response.head.references]
    if section is response.head:
        scopes = [section.references]
        if len(response.sections) == 1:
            scopes.append(response.sections[0].references)
    found = telling.gathered(scopes, own_container=False)
    return list(dict.fromkeys(found))


def _beginning(response: Response, segment: str, index: int) -> None:
    response.code = values.components(segment, 1)[0]
    response.function = values.components(segment, 3)[0]
    response.export = response.code in codes.EXPORT_DOCUMENTS


def _document(response: Response, segment: str, index: int) -> None:
    response.section.last = index
    response.section = Section(index + 1)
    response.sections.append(response.section)
    response.in_tax = False
    kind, number = values.components(segment, 1)[0], values.components(segment, 2)[0]
    response.export = response.export or kind in codes.EXPORT_DOCUMENTS
    named = codes.DOCUMENTS.get(kind)
    if named is not None and number:
        _refer(response.section, Reference(named, number[:_NUMBER_LENGTH]))


def _refer(section: Section, reference: Reference) -> None:
    if len(section.references) < telling.MOST:
        section.references.append(reference)


def _reference(response: Response, segment: str, index: int) -> None:
    named = values.named(segment)
    if named.reference is not None:
        _refer(response.section, named.reference)


def _time(response: Response, segment: str, index: int) -> None:
    moment = values.moment(segment)
    if moment.qualifier == q.DOCUMENT_TIME:
        response.reported = response.reported or moment
    elif len(response.section.dated) < telling.MOST:
        response.section.dated.append((moment, index))


def _indicator(response: Response, segment: str, index: int) -> None:
    parts = values.components(segment, 1 if segment[:3] == "GIS" else 2) + [""] * 4
    code, _, agency, words = parts[:4]
    _agency(response, agency)
    if response.in_tax or not code:
        return
    response.export = response.export or code == codes.EXPORT
    response.transit = response.transit or code == codes.TRANSIT
    response.section.indicators.append(Indicator(code, words, index))


def _agency(response: Response, agency: str) -> None:
    if response.authority is None:
        response.authority = q.CUSTOMS.get(agency)


def _place(response: Response, segment: str, index: int) -> None:
    location = values.locations[segment]
    if location.place is not None:
        response.places.setdefault(location.function, location.place)
    _agency(response, (values.components(segment, 2) + ["", ""])[2])


def _party(response: Response, segment: str, index: int) -> None:
    _agency(response, (values.components(segment, 2) + ["", ""])[2])


def _equipment(response: Response, segment: str, index: int) -> None:
    box = values.equipment(segment)
    if box.container is not None:
        _refer(response.section, box.container)


def _words(response: Response, segment: str, index: int) -> None:
    text = " ".join(part for part in values.components(segment, 4) if part)
    if text and len(response.section.words) < _MOST_WORDS:
        response.section.words.append(text[:_TEXT_LENGTH])


def _error(response: Response, segment: str, index: int) -> None:
    response.in_tax = False
    code = values.components(segment, 1)[0]
    if segment[:3] == "ERC" and code and len(response.section.words) < _MOST_WORDS:
        response.section.words.append(f"error {code}")


def _tax(response: Response, segment: str, index: int) -> None:
    response.in_tax = segment[:3] == "TAX"


_HANDLERS: dict[str, Callable[[Response, str, int], None]] = {
    "BGM": _beginning,
    "DOC": _document,
    "RFF": _reference,
    "DTM": _time,
    "GIS": _indicator,
    "GEI": _indicator,
    "LOC": _place,
    "NAD": _party,
    "EQD": _equipment,
    "FTX": _words,
    "ERP": _error,
    "ERC": _error,
    "TAX": _tax,
    "CST": _tax,
    "CNT": _tax,
    "AUT": _tax,
}
