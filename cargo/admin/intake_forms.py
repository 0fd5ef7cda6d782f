"""The form of an intake: its fields are the settings that its way names, its secrets are never shown again."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cargo.models import Intake
from cargo.sources import WAYS
from cargo.sources.base import IntakeError, Setting, secrets_of
from clis.sealing import seal

PREFIX, FORGET = "setting_", "forget_"
_LONGEST = 20_000


class NewIntakeForm(forms.ModelForm):
    """Which source and which way; the way's own settings are asked on the next page."""

    class Meta:
        model = Intake
        fields: ClassVar[list[str]] = ["source", "way", "every"]


class IntakeForm(forms.ModelForm):
    """How often, and the settings of the way, which subclasses made by ``form_of`` have as fields."""

    settings_of_way: ClassVar[tuple[Setting, ...]] = ()

    class Meta:
        model = Intake
        fields: ClassVar[list[str]] = ["profile", "every", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profiles = WAYS[self.instance.way].profiles
        if profiles and "profile" in self.fields:
            self.fields["profile"] = forms.ChoiceField(
                label=_("Profile"), choices=profiles, initial=self.instance.profile
            )
        for setting in self.settings_of_way:
            if not setting.secret:
                value = self.instance.settings.get(setting.name, setting.default)
                shown = "\n".join(value) if setting.kind == "lines" else value
                self.initial[PREFIX + setting.name] = shown

    def clean(self) -> dict[str, Any]:
        """Each setting by its own check, then all together by the way's."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.values: dict[str, Any] = {}
        self.secrets: dict[str, str] = _kept(self.instance)
        for setting in self.settings_of_way:
            name = PREFIX + setting.name
            if name not in data:
                continue
            value = self._value(setting, data[name])
            if setting.secret:
                self._take_secret(setting, value, forget=bool(data.get(FORGET + setting.name)))
            elif value not in (setting.default, None, "", []):
                self.values[setting.name] = value
            if value not in (None, "", []) and setting.check is not None:
                self._checked(name, setting, value)
        check = WAYS[self.instance.way].check
        if check is not None and not self.errors:
            defaults = {setting.name: setting.default for setting in self.settings_of_way if not setting.secret}
            try:
                chosen = {"profile": data.get("profile", "")}
                check(chosen | defaults | self.values | dict.fromkeys(self.secrets, True))
            except ValidationError as error:
                self.add_error(None, error)
        return data

    def save(self, commit: bool = True) -> Any:
        """The settings as JSON, the secrets sealed."""
        self.instance.settings = self.values
        self.instance.sealed = seal(json.dumps(self.secrets)) if self.secrets else ""
        return super().save(commit)

    def _value(self, setting: Setting, given: Any) -> Any:
        if setting.kind == "lines":
            return [line.strip() for line in str(given or "").splitlines() if line.strip()]
        return given

    def _take_secret(self, setting: Setting, value: str, *, forget: bool) -> None:
        if value:
            self.secrets[setting.name] = value
        elif forget:
            self.secrets.pop(setting.name, None)
        if setting.required and not self.secrets.get(setting.name):
            self.add_error(PREFIX + setting.name, forms.Field.default_error_messages["required"])

    def _checked(self, name: str, setting: Setting, value: Any) -> None:
        assert setting.check is not None
        try:
            setting.check(value)
        except ValidationError as error:
            self.add_error(name, error)


def form_of(intake: Intake) -> type[IntakeForm]:
    """The form with the fields of the intake's way."""
    way = WAYS[intake.way]
    kept = _kept(intake)
    fields: dict[str, Any] = {"settings_of_way": way.settings}
    for setting in way.settings:
        fields[PREFIX + setting.name] = _field(setting, setting.name in kept)
        if setting.name in kept and not setting.required:
            fields[FORGET + setting.name] = forms.BooleanField(
                label=_("Forget: %(name)s") % {"name": setting.label}, required=False
            )
    return type("IntakeForm", (IntakeForm,), fields)


def setting_fields(intake: Intake) -> list[str]:
    """The names of those fields, in their order."""
    kept = _kept(intake)
    names = []
    for setting in WAYS[intake.way].settings:
        names.append(PREFIX + setting.name)
        if setting.name in kept and not setting.required:
            names.append(FORGET + setting.name)
    return names


def _kept(intake: Intake) -> dict[str, str]:
    """The secrets that open; what was sealed under a key that is gone must be entered again."""
    try:
        return dict(secrets_of(intake))
    except IntakeError:
        return {}


def _field(setting: Setting, is_kept: bool) -> forms.Field:
    text = _("Kept, and never shown. Empty: it stays as it is.") if is_kept else setting.help
    words: dict[str, Any] = {"label": setting.label, "help_text": text}
    words["required"] = setting.required and not setting.secret
    if setting.choices:
        return forms.ChoiceField(choices=setting.choices, **words)
    if setting.kind == "number":
        return forms.IntegerField(min_value=setting.minimum, max_value=setting.maximum, **words)
    if setting.kind == "flag":
        return forms.BooleanField(**words | {"required": False})
    if setting.kind in ("lines", "long"):
        area = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField", "spellcheck": "false"})
        return forms.CharField(widget=area, max_length=_LONGEST, strip=True, **words)
    if setting.secret:
        hidden = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}, render_value=False)
        return forms.CharField(widget=hidden, max_length=500, strip=False, **words)
    return forms.CharField(widget=forms.TextInput(attrs={"class": "vTextField"}), max_length=500, **words)
