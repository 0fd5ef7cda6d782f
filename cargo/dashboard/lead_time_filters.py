"""What the lead-time pages may be asked for, and the addresses that ask it again with one thing changed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cargo.dashboard import lead_time_words, terms
from cargo.selectors.lead_times import ELAPSED, GROUPS

# Days up to today, and this year.
PERIODS: dict[str, int] = {"30": 30, "90": 90, "365": 365, "year": 0}
SORTS = ("name", "n", "median")
_CODES = {"port", "port_of_loading", "port_of_discharge"}
_TEXTS = ("customs_office", "warehouse", "broker", "carrier", "client", "agency")
_TRUTHS = ("pre_arrival", "intervened")
# What is asked for often stands before the fold; ``stage`` is set by links.
_FIRST = ("group_by", "mode", "port")
_HIDDEN = ("period", "sort")


class LeadTimesForm(forms.Form):
    """Of which cargo, by what, and counted how; the address carries it."""

    group_by = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), required=False)
    port = forms.CharField(label=gettext_lazy("Port or airport"), required=False, max_length=5)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    hours = forms.ChoiceField(label=gettext_lazy("Counted in"), required=False)
    containers = forms.ChoiceField(label=gettext_lazy("Counted are"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Inspected or not"), required=False)
    declared = forms.ChoiceField(label=gettext_lazy("When declared"), required=False)
    pre_arrival = forms.ChoiceField(label=gettext_lazy("Declared before arrival"), required=False)
    intervened = forms.ChoiceField(label=gettext_lazy("Other agencies"), required=False)
    agency = forms.CharField(label=gettext_lazy("Agency"), required=False, max_length=40)
    customs_office = forms.CharField(label=gettext_lazy("Customs office"), required=False, max_length=12)
    warehouse = forms.CharField(label=gettext_lazy("Warehouse"), required=False, max_length=40)
    broker = forms.CharField(label=gettext_lazy("Customs broker"), required=False, max_length=80)
    carrier = forms.CharField(label=gettext_lazy("Carrier"), required=False, max_length=40)
    client = forms.CharField(label=gettext_lazy("Client"), required=False, max_length=50)
    port_of_loading = forms.CharField(label=gettext_lazy("Port of loading"), required=False, max_length=5)
    port_of_discharge = forms.CharField(label=gettext_lazy("Port of discharge"), required=False, max_length=5)
    first = forms.DateField(label=gettext_lazy("Ended from"), required=False)
    last = forms.DateField(label=gettext_lazy("Ended until"), required=False)
    period = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: dict[str, str], *, words: str) -> None:
        super().__init__(data, auto_id="lead-%s")
        groups = {name: lead_time_words.GROUPS[name] for name in GROUPS if name in lead_time_words.GROUPS}
        self._offer("group_by", groups, words, _("in all"))
        self._offer("hours", lead_time_words.HOURS, words, None)
        self._offer("containers", lead_time_words.COUNTED, words, None)
        for name, table in (
            ("mode", lead_time_words.MODES),
            ("stage", lead_time_words.STAGES),
            *((name, lead_time_words.VALUES[name]) for name in ("channel", "declared", *_TRUTHS)),
        ):
            self._offer(name, table, words, _("any"))
        for name, codes in (("period", tuple(PERIODS)), ("sort", SORTS)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", ""), *((code, code) for code in codes)]
        for name, bound in self.fields.items():
            bound.widget.attrs.setdefault("class", "select" if isinstance(bound, forms.ChoiceField) else "input")
            if name in _CODES:
                bound.widget.attrs.update({"placeholder": "KRPUS", "autocapitalize": "characters"})
        for name in ("first", "last"):
            self.fields[name].widget.input_type = "date"
        self.is_valid()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs.update(
                    {"aria-invalid": "true", "aria-describedby": f"lead-{name}-error"}
                )

    def _offer(self, name: str, table: dict[str, terms.Pair], words: str, none: str | None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        empty = [] if none is None else [("", none)]
        field.choices = [*empty, *((code, terms.word(table, code, words)) for code in table)]

    @property
    def common(self) -> list[forms.BoundField]:
        """The fields that are asked for often."""
        return [self[name] for name in _FIRST]

    @property
    def rarer(self) -> list[forms.BoundField]:
        """The others, behind a fold."""
        return [field for field in self.visible_fields() if field.name not in _FIRST]

    @property
    def unfolded(self) -> bool:
        """Whether one of the rarer ones is set, or wrong."""
        known = {*_FIRST, *_HIDDEN}
        return any(name not in known for name in self.query) or any(name not in known for name in self.errors)

    @property
    def given(self) -> dict[str, Any]:
        """What is right of what was said; a value that is not is left out, and the form says so."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def query(self) -> dict[str, str]:
        """The same as the address has it, without what says nothing."""
        usual = {"hours": ELAPSED, "containers": "false"}
        found = {name: str(value) for name, value in self.given.items() if usual.get(name) != value}
        return {name: value.upper() if name in _CODES else value for name, value in found.items()}

    @property
    def asked(self) -> dict[str, Any]:
        """What the selectors are asked for."""
        given = self.given
        params: dict[str, Any] = {"hours": given.get("hours") or ELAPSED}
        for name in ("group_by", "channel", "declared", *_TEXTS):
            if name in given:
                params[name] = given[name]
        for name in _CODES & given.keys():
            params[name] = given[name].upper()
        for name in ("mode", "stage"):
            if name in given:
                params[name] = [given[name]]
        for name in _TRUTHS:
            if name in given:
                params[name] = given[name] == "true"
        if given.get("containers") == "true":
            params["containers"] = True
        if "mode" in params and "port" in params:
            params["benchmark"] = True
        return params | self._period(given)

    def _period(self, given: dict[str, Any]) -> dict[str, datetime]:
        """From the day named first, or as many days as the period has, up to the end of the last."""
        found = {}
        today = timezone.localdate()
        first = given.get("first")
        if first is None and "last" not in given and (name := given.get("period")):
            first = today.replace(month=1, day=1) if name == "year" else today - timedelta(days=PERIODS[name] - 1)
        if first is not None:
            found["ended_after"] = midnight(first)
        if "last" in given:
            found["ended_before"] = midnight(given["last"] + timedelta(days=1))
        return found


def midnight(day: date) -> datetime:
    """The day's beginning where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def address(base: str, query: dict[str, str], **changes: str | None) -> str:
    """``base`` with the query, in which each change takes its place; ``None`` takes it out."""
    changed = {**query, **changes}
    told = urlencode({name: value for name, value in changed.items() if value is not None})
    return f"{base}?{told}" if told else base
