"""What people type: filters, and numbers to register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cargo.dashboard import terms

MAX_LINES = 500
MAX_PASTE = 40_000


class FilterForm(forms.Form):
    """The list's filters; the address carries them, so a filtered list can be kept and sent."""

    search = forms.CharField(label=_("Number or reference"), required=False, max_length=64)
    mode = forms.ChoiceField(label=_("Mode"), required=False)
    customs_state = forms.ChoiceField(label=_("Customs"), required=False)
    port_of_discharge = forms.CharField(label=_("Port of discharge"), required=False, max_length=5)
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter-%s", **kwargs)
        self._offer("mode", {code: pair for code, pair in terms.MODES.items() if code != "sea"}, language)
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
    """Pasted numbers, a shipment a line; numbers joined by ``+`` belong to one."""

    numbers = forms.CharField(
        label=_("Numbers"),
        max_length=MAX_PASTE,
        strip=False,
        widget=forms.Textarea(
            attrs={"class": "textarea input-mono", "rows": 10, "spellcheck": "false", "autocapitalize": "characters",
                   "aria-describedby": "numbers-help", "placeholder": "KOSHA2603001\nHDMU 654658 3\n180-1234 5675"}
        ),
        error_messages={"required": _("Paste at least one number.")},
    )  # fmt: skip
    own_reference = forms.CharField(
        label=_("Your own reference"),
        required=False,
        max_length=64,
        help_text=_("Optional, for a single shipment: how you call it, such as an order number."),
        widget=forms.TextInput(attrs={"class": "input"}),
    )

    def lines(self) -> list[list[str]]:
        """The numbers of each line; call it on a valid form."""
        rows = [[part.strip() for part in line.split("+")] for line in self.cleaned_data["numbers"].splitlines()]
        return [present for row in rows if (present := [part for part in row if part])]

    def clean_numbers(self) -> str:
        """At most ``MAX_LINES`` lines, and at least one number."""
        text: str = self.cleaned_data["numbers"]
        present = [line for line in text.splitlines() if line.strip(" +\t")]
        if not present:
            raise forms.ValidationError(_("Paste at least one number."))
        if len(present) > MAX_LINES:
            raise forms.ValidationError(
                _("%(count)d lines; at most %(most)d at once."), params={"count": len(present), "most": MAX_LINES}
            )
        return text
