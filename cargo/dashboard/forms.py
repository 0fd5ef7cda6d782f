"""What people type: filters, and numbers to register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cargo.dashboard import terms
from cargo.domain.codes import JOURNEY_MODES

MAX_LINES = 500
MAX_PASTE = 40_000
# What a number without a telling shape may be; the first is taken unless the person says otherwise.
PLAIN_KINDS = ("house_bill", "master_bill", "booking", "house_air_waybill")


class FilterForm(forms.Form):
    """The list's filters; the address carries them, so a filtered list can be kept and sent."""

    search = forms.CharField(label=_("Number or reference"), required=False, max_length=64)
    mode = forms.ChoiceField(label=_("Mode"), required=False)
    customs_state = forms.ChoiceField(label=_("Customs"), required=False)
    port_of_discharge = forms.CharField(label=_("Port of discharge"), required=False, max_length=5)
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: dict[str, str], *, language: str) -> None:
        super().__init__(data, auto_id="filter-%s")
        self._offer("mode", {code: terms.MODES[code] for code in JOURNEY_MODES}, language)
        self._offer("customs_state", terms.CUSTOMS_STATES, language)
        for field in self.fields.values():
            choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "select" if choice else "input"
        self.fields["port_of_discharge"].widget.attrs.update({"placeholder": "KRPUS", "autocapitalize": "characters"})

    def _offer(self, name: str, table: dict[str, terms.Pair], language: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("any")), *((code, terms.word(table, code, language)) for code in table)]


class NumbersForm(forms.Form):
    """Pasted numbers, one a line; a second column, after a tab or a semicolon, is the client's own reference."""

    numbers = forms.CharField(
        label=_("Numbers"),
        max_length=MAX_PASTE,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "class": "textarea input-mono",
                "rows": 10,
                "spellcheck": "false",
                "autocapitalize": "characters",
                "aria-describedby": "numbers-help",
                "placeholder": "KOSHA2603001; PO-8841\nHDMU 654658 3\n180-1234 5675",
            }
        ),
        error_messages={"required": _("Paste at least one number.")},
    )
    kind = forms.ChoiceField(
        label=_("Numbers whose form does not tell what they are"),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind, terms.word(terms.REFERENCE_TYPES, kind, language)) for kind in PLAIN_KINDS]

    def clean_numbers(self) -> str:
        """At most ``MAX_LINES`` lines, and at least one number."""
        text: str = self.cleaned_data["numbers"].replace("\x00", "")
        count = len(lines(text))
        if not count:
            raise forms.ValidationError(_("Paste at least one number."))
        if count > MAX_LINES:
            raise forms.ValidationError(
                _("%(count)d lines; at most %(most)d at once."), params={"count": count, "most": MAX_LINES}
            )
        return text


def lines(text: str) -> list[tuple[str, str]]:
    """The number and the own reference (or nothing) of every line that has a number."""
    found = []
    for line in text.splitlines():
        number, _separator, own = line.replace("\t", ";").partition(";")
        if number.strip():
            found.append((number.strip(), own.strip()[:64]))
    return found
