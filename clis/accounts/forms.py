"""What people may change about themselves and about their organization's keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.models import KEY_SCOPES, ApiKey, User, time_zone_names


def _styled(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if isinstance(field.widget, forms.CheckboxSelectMultiple):
            continue
        field.widget.attrs.setdefault("class", "select" if isinstance(field.widget, forms.Select) else "input")


def _time_zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in time_zone_names()]


class ProfileForm(forms.ModelForm):
    """Name, language and time zone. The e-mail address is changed by staff: it is what a person signs in with."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_time_zone_choices, help_text=_("Times that have no place are shown in it.")
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["first_name", "last_name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _styled(self)


class ApiKeyForm(forms.Form):
    """A new key. There is no key for ever: the longest lives two years."""

    LIFETIMES: ClassVar[list[tuple[int, Any]]] = [
        (30, _("30 days")),
        (90, _("90 days")),
        (365, _("1 year")),
        (730, _("2 years")),
    ]

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Which program uses it."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=list(KEY_SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    lifetime = forms.TypedChoiceField(label=_("Valid for"), choices=LIFETIMES, coerce=int, initial=365)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _styled(self)

    def expires_at(self) -> datetime:
        """The instant after which the key is refused; call it on a valid form."""
        return timezone.now() + timedelta(days=self.cleaned_data["lifetime"])


class ApiKeyAdminForm(forms.ModelForm):
    """A key as staff see it: scopes are ticked, not typed."""

    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=list(KEY_SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields: ClassVar[list[str]] = ["organization", "name", "scopes", "expires_at"]
