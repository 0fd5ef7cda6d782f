"""The form in which a person says what the columns of a table mean: shown with what is suggested, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cargo.dashboard import terms
from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.customs.meanings import AUTHORITIES
from cargo.formats import tabular
from cargo.formats.tabular import dates, words
from cargo.formats.tabular.meaning import Column, Meaning, doubts
from cargo.formats.tabular.rows import read_place

Words = str | Promise
Choice = tuple[str, Words]

_FIELDS: dict[str, Words] = {
    "date": _("Date of …"),
    "status": _("Status, event"),
    "occurred": _("Date of the status"),
    "occurred_clock": _("Time of day of the status"),
    "classifier": _("Actual, estimated or planned"),
    "reported": _("Reported at"),
    "customs_authority": _("Customs authority"),
    "customs_code": _("Customs code"),
    "customs_limit": _("Limit date set by customs"),
    "place": _("Place"),
    "facility": _("Terminal or warehouse"),
    "port_of_loading": _("Port of loading"),
    "port_of_discharge": _("Port of discharge"),
    "vessel": _("Vessel"),
    "imo": _("IMO number"),
    "voyage": _("Voyage or flight"),
    "packages": _("Packages"),
    "package_unit": _("Kind of package"),
    "weight_kg": _("Weight in kg"),
    "remarks": _("Remarks"),
}
_GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (_("Numbers"), words.REFERENCES),
    (_("What happened, and when"), ("date", "status", "occurred", "occurred_clock", "classifier", "reported")),
    (_("Customs' own words"), ("customs_authority", "customs_code", "customs_limit")),
    (_("Where"), ("place", "facility", "port_of_loading", "port_of_discharge")),
    (_("With what"), ("vessel", "imo", "voyage", "packages", "package_unit", "weight_kg", "remarks")),
)
_MILESTONE_GROUPS: dict[str, Words] = {
    "booking": _("Booking"),
    "origin": _("Origin"),
    "transit": _("On the way"),
    "inland": _("Inland"),
    "destination": _("Destination"),
    "export customs": _("Export customs"),
    "transit customs": _("Transit customs"),
    "import customs": _("Import customs"),
    "bonded movement": _("Bonded movement"),
    "exception": _("Trouble"),
    "other": _("Other"),
}
_ORDERS: tuple[Choice, ...] = (
    (dates.DAY_FIRST, _("Day first: 03/04/2026 is 3 April")),
    (dates.MONTH_FIRST, _("Month first: 03/04/2026 is March 4")),
    (dates.YEAR_FIRST, _("Year first, in two digits: 26/03/04 is 4 March")),
)
_DOUBTS: dict[str, Words] = {
    "no_reference": _("Choose at least one column with a number: a container, a bill, a booking."),
    "no_date": _("Choose at least one column with a date, or a status with its date."),
    "status_without_date": _("A status needs the column with its date."),
    "date_without_status": _("The date of a status needs the column with the status."),
    "code_without_authority": _("A customs code needs the column with its authority."),
    "code_without_date": _("A customs code needs the column with its date."),
    "no_such_zone": _("There is no such time zone."),
    "no_zone": _("No column names a place: choose in which zone the times are."),
    "no_such_order": _("Choose how the dates are written."),
}


@dataclass
class ColumnRow:
    """One column in the form. ``number`` counts from 1."""

    number: int
    name: str
    samples: list[str]
    chosen: Column
    may_be_date: bool


@dataclass
class WordRow:
    """One word of the status column, or one place that is not known: what it means is asked."""

    number: int
    word: str
    milestone: str = ""
    classifier: str = ""
    code: str = ""
    wrong: bool = False


@dataclass
class ColumnsForm:
    """Everything that the editor shows; ``errors`` in the reader's words, empty when the table can be read."""

    columns: list[ColumnRow]
    meaning: Meaning
    orders: tuple[Choice, ...]
    asks_order: bool
    zones: list[Choice]
    statuses: list[WordRow] = field(default_factory=list)
    places: list[WordRow] = field(default_factory=list)
    errors: list[Words] = field(default_factory=list)


def field_groups(language: str) -> list[tuple[Words, list[Choice]]]:
    """What a column can be, in groups, for a select."""
    return [
        (label, [(name, _FIELDS.get(name) or terms.word(terms.REFERENCE_TYPES, name, language)) for name in names])
        for label, names in _GROUPS
    ]


def milestone_groups(language: str) -> list[tuple[Words, list[Choice]]]:
    """Every milestone that a person can mean, in groups, for a select."""
    groups: dict[str, list[Choice]] = {}
    for code, row in MILESTONES.items():
        if code != "unknown":
            groups.setdefault(row.group, []).append((code, terms.milestone(code, language)))
    return [(_MILESTONE_GROUPS.get(group, group), choices) for group, choices in groups.items()]


def classifiers(language: str) -> list[Choice]:
    """Happened, estimated, planned."""
    return [(code, terms.word(terms.CLASSIFIERS, code, language)) for code in reversed(CLASSIFIERS)]


def authorities(language: str) -> list[Choice]:
    """The customs authorities whose codes are known, for a select."""
    named = (code for code in AUTHORITIES if code in terms.AUTHORITIES)
    return [(code, f"{terms.word(terms.AUTHORITIES, code, language)} ({code})") for code in named]


def zones(source_zone: str, language: str) -> list[Choice]:
    """The zone of the place, the source's own, and the usual ones."""
    named = [(name, f"{pair[1 if language == 'ko' else 0]} ({name})") for name, pair in terms.ZONES.items()]
    own: list[Choice] = [(f"source:{source_zone}", _("of the source: %(zone)s") % {"zone": source_zone})]
    return [("", _("of the place where it happens")), *(own if source_zone else []), *named]


def build(
    table: tabular.Table, survey: tabular.Survey, meaning: Meaning, source_zone: str, language: str
) -> ColumnsForm:
    """The editor for a table, filled with a meaning: what was suggested, known, or said a moment ago."""
    rows = [
        ColumnRow(number, seen.name, seen.samples, chosen, seen.has_dates or chosen.field == "date")
        for number, (seen, chosen) in enumerate(zip(survey.columns, _padded(meaning, survey), strict=True), start=1)
    ]
    form = ColumnsForm(
        columns=rows,
        meaning=meaning,
        orders=_ORDERS,
        asks_order=survey.undecided or bool(meaning.order) or _any_numbers(survey),
        zones=zones(source_zone, language),
        statuses=_status_rows(table, meaning),
        places=_place_rows(table, meaning),
    )
    form.errors = [_word(code, survey) for code in doubts(meaning)]
    if survey.undecided and not meaning.order:
        form.errors.append(_DOUBTS["no_such_order"])
    form.errors += [
        _("%(code)s is no UN/LOCODE that is known.") % {"code": row.code} for row in form.places if row.wrong
    ]
    return form


def read(posted: Mapping[str, str], table: tabular.Table, survey: tabular.Survey) -> Meaning:
    """The meaning that the form says. Whatever is not one of its choices counts as not said."""
    columns = [_column(posted, number) for number in range(1, len(survey.columns) + 1)]
    zone, basis = posted.get("zone", "")[:80], "given"
    if zone.startswith("source:"):
        zone, basis = zone.removeprefix("source:"), "source_default"
    order = posted.get("order", "")
    meaning = Meaning(
        columns=columns, order=order if order in dates.ORDERS else survey.order, zone=zone, zone_basis=basis
    )
    statuses = _words(table, meaning, ("status",))
    for number, word in enumerate(statuses, start=1):
        milestone, classifier = posted.get(f"status-{number}", ""), posted.get(f"status-classifier-{number}", "")
        if posted.get(f"status-word-{number}") == word and milestone in MILESTONES and milestone != "unknown":
            meaning.statuses[words.plain(word)] = (milestone, classifier if classifier in CLASSIFIERS else "actual")
    for number, word in enumerate(tabular.unknown_places(table, meaning), start=1):
        code = posted.get(f"place-{number}", "").replace(" ", "").upper()[:5]
        if posted.get(f"place-word-{number}") == word and code:
            meaning.places[words.plain(word)] = code
    return meaning


def _column(posted: Mapping[str, str], number: int) -> Column:
    name = posted.get(f"as-{number}", "")
    if name not in words.FIELDS:
        return Column()
    if name != "date":
        return Column(name)
    milestone, classifier = posted.get(f"milestone-{number}", ""), posted.get(f"classifier-{number}", "")
    known = milestone in MILESTONES and milestone != "unknown"
    return Column(name, milestone if known else "", classifier if classifier in CLASSIFIERS else "actual")


def _padded(meaning: Meaning, survey: tabular.Survey) -> list[Column]:
    missing = len(survey.columns) - len(meaning.columns)
    return [*meaning.columns[: len(survey.columns)], *(Column() for _ in range(missing))]


def _any_numbers(survey: tabular.Survey) -> bool:
    return any(dates.is_ambiguous(sample) for seen in survey.columns for sample in seen.samples)


def _words(table: tabular.Table, meaning: Meaning, fields: Sequence[str]) -> list[str]:
    index = next((found for name in fields if (found := meaning.column(name)) is not None), None)
    return tabular.distinct(table, index) if index is not None else []


def _status_rows(table: tabular.Table, meaning: Meaning) -> list[WordRow]:
    rows = []
    for number, word in enumerate(_words(table, meaning, ("status",)), start=1):
        milestone, classifier = meaning.statuses.get(words.plain(word), (words.status(word) or "", "actual"))
        rows.append(WordRow(number, word, milestone, classifier))
    return rows


def _place_rows(table: tabular.Table, meaning: Meaning) -> list[WordRow]:
    rows = []
    for number, word in enumerate(tabular.unknown_places(table, meaning), start=1):
        code = meaning.places.get(words.plain(word), "")
        found = read_place(word, meaning.places)
        rows.append(WordRow(number, word, code=code, wrong=bool(code) and (found is None or found.code is None)))
    return rows


def _word(code: str, survey: tabular.Survey) -> Words:
    kind, _colon, detail = code.partition(":")
    if kind == "twice":
        return _("Only one column can be: %(field)s.") % {"field": _FIELDS.get(detail, detail)}
    if kind == "date_without_milestone":
        return _("%(column)s: choose what the date is of.") % {"column": survey.header[int(detail) - 1]}
    return _DOUBTS.get(kind, code)
