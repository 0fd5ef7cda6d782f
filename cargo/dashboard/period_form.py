"""What the diagnosis and the Time Release Study are asked for: of when, of which cargo, and counted how."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cargo.dashboard import lead_time_words, terms
from cargo.selectors.lead_times import ELAPSED
from cargo.templatetags.clis import language
from clis.accounts.scoping import viewer_of


class PeriodForm(forms.Form):
    """The address carries it. Days are those of the reader's clock; both are within the period."""

    first = forms.DateField(label=gettext_lazy("Ended from"), required=False)
    last = forms.DateField(label=gettext_lazy("Ended until"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), required=False)
    port = forms.CharField(label=gettext_lazy("Port or airport"), required=False, max_length=5)
    hours = forms.ChoiceField(label=gettext_lazy("Counted in"), required=False)
    client = forms.SlugField(label=gettext_lazy("Client (short name)"), required=False, max_length=50)

    def __init__(self, data: dict[str, str], *, words: str, names_clients: bool, days: int) -> None:
        last = timezone.localdate()
        plain = {"first": (last - timedelta(days=days)).isoformat(), "last": last.isoformat(), "hours": ELAPSED}
        super().__init__(plain | {name: value for name, value in data.items() if value}, auto_id="period-%s")
        for name, table in (("mode", lead_time_words.MODES), ("hours", lead_time_words.HOURS)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            none = [] if name == "hours" else [("", _("any"))]
            field.choices = [*none, *((code, terms.word(table, code, words)) for code in table)]
            field.widget.attrs["class"] = "select"
        for name in ("first", "last"):
            self.fields[name].widget.input_type = "date"
            self.fields[name].widget.attrs["class"] = "input"
        self.fields["port"].widget.attrs.update(
            {"class": "input", "placeholder": "KRPUS", "autocapitalize": "characters"}
        )
        self.fields["client"].widget.attrs["class"] = "input"
        if not names_clients:
            del self.fields["client"]

    def clean(self) -> dict[str, Any]:
        """The period must not end before it begins."""
        given = super().clean() or {}
        if given.get("first") and given.get("last") and given["first"] > given["last"]:
            self.add_error("last", _("The period ends before it begins."))
        return given

    @property
    def asked(self) -> dict[str, Any] | None:
        """What the selectors are asked for; ``None`` where something is not right, and the form says what."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        params: dict[str, Any] = {
            "hours": given["hours"] or ELAPSED,
            "ended_after": _midnight(given["first"]),
            "ended_before": _midnight(given["last"] + timedelta(days=1)),
        }
        if given["mode"]:
            params["mode"] = [given["mode"]]
        if given["port"]:
            params["port"] = given["port"].upper()
        if given.get("client"):
            params["client"] = given["client"]
        return params


def form_of(request: HttpRequest, days: int) -> PeriodForm:
    """The form as the address fills it; without a period the last so many days."""
    data = {name: str(value).strip() for name, value in request.GET.items()}
    return PeriodForm(data, words=language(), names_clients=viewer_of(request).is_staff, days=days)


def _midnight(day: date) -> datetime:
    """The day's beginning where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))
