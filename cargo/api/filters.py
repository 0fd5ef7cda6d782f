"""What a list may be asked for. A parameter that is not declared, or a value that is not valid, is a 400 naming it.

The filter sets read the query string and nothing else: the selectors apply what they return, after the scope.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from cargo.domain.codes import CUSTOMS_STATES, JOURNEY_MODES, MILESTONES, MODES, REFERENCE_TYPES, STATUSES
from cargo.domain.hindsight import BASES
from cargo.models import Shipment, TrackingRequest
from cargo.selectors.listing import ORDERINGS

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
CURSOR_MAX_LENGTH = 300
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}\Z")
_AGENCY = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}\Z")


class InstantField(forms.Field):
    """ISO 8601 with an offset; a bare date is its midnight in UTC. Without an offset a time means nothing here."""

    def to_python(self, value: Any) -> datetime | None:
        """The instant, in UTC."""
        text = str(value or "").strip()
        if not text:
            return None
        # In a query string an unescaped plus sign arrives as a space.
        text = re.sub(r" (\d\d:?\d\d)\Z", r"+\1", text)
        try:
            day = parse_date(text)
            moment = datetime.combine(day, time.min, UTC) if day else parse_datetime(text)
            if moment is None or moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise FormError(
                _("Give a time with its offset, such as 2026-03-14T09:00:00Z, or a date."), code="invalid"
            ) from None


class WordsField(forms.Field):
    """One word of a fixed list, or several with commas between them."""

    def __init__(self, *, choices: tuple[str, ...], **kwargs: Any) -> None:
        self.words = choices
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[str]:
        """The words, each once, in the order given."""
        words = list(dict.fromkeys(word.strip() for word in str(value or "").split(",") if word.strip()))
        for word in words:
            if word not in self.words:
                shown = word[:40]
                raise FormError(_("%(word)s is not one of the words for this."), params={"word": shown}, code="invalid")
        return words


class PastField(InstantField):
    """An instant with its offset. A bare day is no instant: whose day would it be?"""

    def to_python(self, value: Any) -> datetime | None:
        """The instant, in UTC."""
        text = str(value or "").strip()
        try:
            if not text or parse_date(text) is not None:
                raise ValueError
        except ValueError:
            raise FormError(_("Give a time with its offset, such as 2026-03-14T09:00:00Z."), code="invalid") from None
        return super().to_python(value)


class HoldField(forms.Field):
    """``true``, ``false``, or the agency that holds (``KR-KCS``)."""

    def to_python(self, value: Any) -> bool | str | None:
        """A truth value or the agency's code in upper case."""
        text = str(value or "").strip()
        if not text:
            return None
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        if not _AGENCY.match(text.upper()):
            raise FormError(_("Give true, false or an agency's code such as KR-KCS."), code="invalid")
        return text.upper()


class PortField(forms.CharField):
    """A UN/LOCODE."""

    def to_python(self, value: Any) -> str:
        """Upper case, without the space that some people put after the country."""
        code = str(super().to_python(value)).replace(" ", "").upper()
        if code and not _UNLOCODE.match(code):
            raise FormError(_("Give a UN/LOCODE of five characters, such as KRPUS."), code="invalid")
        return code


class OneWordFilter(django_filters.Filter):
    """A word of a fixed list."""

    field_class = forms.ChoiceField


class WordsFilter(django_filters.Filter):
    """Several words of a fixed list."""

    field_class = WordsField


class InstantFilter(django_filters.Filter):
    """An instant."""

    field_class = InstantField


class PastFilter(InstantFilter):
    """An instant, said exactly."""

    field_class = PastField


class HoldFilter(django_filters.Filter):
    """Held or not, or by whom."""

    field_class = HoldField


class PortFilter(django_filters.Filter):
    """A port."""

    field_class = PortField


class WholeNumberFilter(django_filters.Filter):
    """A whole number within bounds."""

    field_class = forms.IntegerField


class TextFilter(django_filters.CharFilter):
    """A text of bounded length."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(**kwargs)


def _choices(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class QueryFilterSet(django_filters.FilterSet):
    """A list's parameters. Only what was sent is checked, without a form: that costs less than the query itself."""

    @classmethod
    def read(cls, query: QueryDict) -> dict[str, Any]:
        """Name → value of what was sent and is not empty. Raises a 400 that names every wrong parameter."""
        values: dict[str, Any] = {}
        errors: dict[str, list[ErrorDetail]] = {}
        for name in query:
            declared = cls.base_filters.get(name)
            if declared is None:
                errors[name[:60]] = [ErrorDetail(str(_("There is no such parameter here.")), code="unknown")]
            elif len(query.getlist(name)) > 1:
                errors[name] = [ErrorDetail(str(_("Give this parameter once.")), code="repeated")]
            else:
                try:
                    value = declared.field.clean(query[name])
                except FormError as error:
                    errors[name] = [ErrorDetail(text, code=_code(error)) for text in error.messages[:1]]
                else:
                    if value not in (None, "", []):
                        values[name] = value
        if errors:
            raise ValidationError(errors)
        return values


def _code(error: FormError) -> str:
    return next((item.code for item in error.error_list if item.code), "invalid")


class NoFilters(QueryFilterSet):
    """An address that takes no parameters."""

    class Meta:
        model = Shipment
        fields: list[str] = []


class PastFilters(QueryFilterSet):
    """As of when one shipment is asked for."""

    as_of = PastFilter(help_text="What was believed at this time; without it, what is believed now.")
    by = OneWordFilter(
        choices=_choices(BASES),
        help_text="With `as_of`: `received` (what CLIS had received by then, if not given) or `reported` (what sources "
        "had reported by then, whenever it was received).",
    )

    class Meta:
        model = Shipment
        fields: list[str] = []


class EvidenceFilters(QueryFilterSet):
    """Of what the evidence file is."""

    container = TextFilter(max_length=15, help_text="Of this container only; without it, of the whole shipment.")

    class Meta:
        model = Shipment
        fields: list[str] = []


class PagedFilterSet(QueryFilterSet):
    """Parameters of every list with pages."""

    cursor = TextFilter(max_length=CURSOR_MAX_LENGTH, help_text="Where the page begins: `cursor` of the last answer.")
    limit = WholeNumberFilter(
        min_value=1,
        max_value=LIMIT_MAX,
        help_text=f"Rows on a page, 1 to {LIMIT_MAX}; {LIMIT_DEFAULT} if not given.",
    )


class ShipmentFilters(PagedFilterSet):
    """The filters of the shipments list."""

    status = WordsFilter(choices=STATUSES, help_text="Where the cargo stands; several with commas.")
    milestone = WordsFilter(choices=tuple(MILESTONES), help_text="The latest milestone; several with commas.")
    customs_state = WordsFilter(choices=CUSTOMS_STATES, help_text="The customs state; several with commas.")
    hold = HoldFilter(help_text="`true`, `false`, or the code of the agency that holds.")
    ready = OneWordFilter(
        choices=_choices(("true", "false", "unknown")), help_text="Whether the cargo can be collected now."
    )
    mode = WordsFilter(
        choices=tuple(dict.fromkeys((*JOURNEY_MODES, *MODES))), help_text="Mode of transport; several with commas."
    )
    carrier = TextFilter(max_length=40, help_text="The carrier's code as the messages give it.")
    port_of_loading = PortFilter(help_text="UN/LOCODE.")
    port_of_discharge = PortFilter(help_text="UN/LOCODE.")
    eta_after = InstantFilter(help_text="Estimated arrival at this time or later.")
    eta_before = InstantFilter(help_text="Estimated arrival before this time.")
    party = TextFilter(max_length=50, help_text="Short name of an organization that is a party too.")
    reference = TextFilter(help_text="Exactly this number, of any type.")
    search = TextFilter(help_text="Any number, or the beginning of one.")
    updated_since = InstantFilter(help_text="Changed at this time or later. To miss nothing, read the feed.")

    ordering = OneWordFilter(
        choices=_choices(tuple(ORDERINGS)),
        help_text="`-id` (newest first) if not given; a cursor belongs to its order.",
    )

    class Meta:
        model = Shipment
        fields: list[str] = []


class ContainerFilters(PagedFilterSet):
    """The filters of the containers list."""

    number = TextFilter(max_length=15, help_text="The container's number.")
    shipment = WholeNumberFilter(min_value=1, max_value=2**63 - 1, help_text="Of this shipment only.")

    class Meta:
        model = Shipment
        fields: list[str] = []


class EventFilters(PagedFilterSet):
    """The events of one shipment have pages and nothing else."""

    class Meta:
        model = Shipment
        fields: list[str] = []


class FeedFilters(QueryFilterSet):
    """Where to go on reading the feed."""

    after = TextFilter(max_length=CURSOR_MAX_LENGTH, help_text="`cursor` of the last answer; empty for the beginning.")
    limit = WholeNumberFilter(min_value=1, max_value=LIMIT_MAX, help_text=f"Updates, 1 to {LIMIT_MAX}.")

    class Meta:
        model = Shipment
        fields: list[str] = []


class TrackingRequestFilters(PagedFilterSet):
    """The filters of the tracking requests list."""

    state = WordsFilter(
        choices=tuple(state for state in TrackingRequest.State.values), help_text="Several with commas."
    )
    type = WordsFilter(choices=REFERENCE_TYPES, help_text="Type of the number; several with commas.")
    reference = TextFilter(help_text="Exactly this number.")

    class Meta:
        model = TrackingRequest
        fields: list[str] = []
