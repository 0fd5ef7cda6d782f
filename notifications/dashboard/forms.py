"""What people type. Only the shape is checked here; whether it may be done is subscribing's to say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.selectors import kinds


class ChannelForm(forms.Form):
    """A new address."""

    kind = forms.ChoiceField(label=_("Tell by"), choices=[("email", _("e-mail")), ("sms", _("SMS"))])
    address = forms.CharField(label=_("Address or number"), max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("ko", "한국어")])
    shared = forms.BooleanField(label=_("For the whole organization, not only for me"), required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "language"):
            self.fields[name].widget.attrs["class"] = "select"
        self.fields["address"].widget.attrs.update({"class": "input", "autocomplete": "off", "spellcheck": "false"})
        if not may_share:
            del self.fields["shared"]


class CodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.RegexField(label=_("Code"), regex=r"^\s*(?:\d\s*){6}$")


class KindsForm(forms.Form):
    """What a subscription to all shipments is told; all of them ticked, or none, means every kind."""

    kinds = forms.MultipleChoiceField(choices=kinds, required=False)

    def chosen(self) -> list[str]:
        """The kinds to keep: empty for every kind."""
        ticked = self.cleaned_data["kinds"]
        return [] if len(ticked) == len(kinds()) else ticked
