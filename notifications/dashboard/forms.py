"""What people type. Only the shape is checked here; whether it may be done is subscribing's to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clis.accounts.models import time_zone_names
from clis.accounts.scoping import Viewer
from notifications import kinds, selectors, subscribing

LANGUAGES = [("en", "English"), ("ko", "한국어")]
WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
# Days that deliveries can be of; at the ends of the calendar an instant in a zone may be none.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)
_DAYS = [MinValueValidator(_FIRST), MaxValueValidator(_LAST)]
KINDS_OF_CHANNEL = [("email", _("e-mail")), ("sms", _("SMS")), ("chat", _("chat"))]


def refuse(form: forms.Form, refusal: subscribing.SubscribingError) -> None:
    """Says it beside the field that it names, if the form has that one."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def point_at_error(form: forms.Form) -> None:
    """The page opens at the first field that is wrong; one of several boxes has no place for that."""
    wrong = [name for name in form.fields if name in form.errors]
    if wrong and not isinstance(form.fields[wrong[0]].widget, forms.CheckboxSelectMultiple):
        form.fields[wrong[0]].widget.attrs["autofocus"] = True


class ChannelForm(forms.Form):
    """A new address."""

    kind = forms.ChoiceField(label=_("Tell by"), choices=KINDS_OF_CHANNEL)
    address = forms.CharField(
        label=_("Address or number"),
        max_length=1000,
        help_text=_(
            "You get a code there and enter it here; your own sign-in address needs none. Of a chat: the address of "
            "its incoming webhook (Slack, Teams, Discord) or telegram:token:chat."
        ),
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    shared = forms.BooleanField(label=_("For the whole organization, not only for me"), required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "language"):
            self.fields[name].widget.attrs["class"] = "select"
        for name in ("address", "name"):
            self.fields[name].widget.attrs.update({"class": "input", "autocomplete": "off", "spellcheck": "false"})
        if not may_share:
            del self.fields["shared"]


class CodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.RegexField(label=_("Code"), regex=r"^\s*(?:\d\s*){6}$")


class SettingsForm(forms.Form):
    """How a channel is told: its name, clock, quiet hours and digest. ``row`` is the channel, or has its settings."""

    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    zone = forms.ChoiceField(label=_("Time zone"), required=False)
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False)
    bypass_quiet = forms.BooleanField(label=_("Critical news also in quiet hours"), required=False)
    digest_at = forms.TimeField(label=_("Digest at"))
    digest_days = forms.TypedMultipleChoiceField(
        label=_("Digest on"), choices=list(enumerate(WEEKDAYS)), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, row: Any) -> None:
        super().__init__(data, initial=self._now(row), auto_id="set-%s")
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [("", self._usual_zone(row)), *((name, name) for name in time_zone_names())]
        for name, field in self.fields.items():
            if name in ("language", "zone"):
                field.widget.attrs["class"] = "select"
            elif isinstance(field, forms.TimeField):
                field.widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "input"})
            elif name == "name":
                field.widget.attrs.update({"class": "input", "autocomplete": "off"})
        if row.kind not in kinds.WITH_DIGEST:
            del self.fields["digest_at"], self.fields["digest_days"]

    def _usual_zone(self, row: Any) -> str:
        if row.shared:
            usual = gettext("as the operator's")
            return f"{usual} ({settings.OPERATOR_TIME_ZONE})"
        return gettext("as in my profile")

    def _now(self, row: Any) -> dict[str, Any]:
        days = [bit for bit in range(7) if row.digest_days >> bit & 1]
        same = ("name", "language", "zone", "quiet_from", "quiet_until", "bypass_quiet", "digest_at")
        return {**{name: getattr(row, name) for name in same}, "digest_days": days}

    def chosen(self) -> dict[str, Any]:
        """As ``subscribing.set_channel`` takes it."""
        given = dict(self.cleaned_data)
        if "digest_days" in given:
            given["digest_days"] = sum(1 << bit for bit in given["digest_days"])
        return given


class FollowerForm(SettingsForm):
    """The same for somebody outside: he has no profile, and what his channel is called is the organization's to say."""

    def __init__(self, data: Any, *, row: Any) -> None:
        super().__init__(data, row=row)
        del self.fields["name"]

    def _usual_zone(self, row: Any) -> str:
        return f"{gettext('as usual')} ({settings.OPERATOR_TIME_ZONE})"


class MatrixForm(forms.Form):
    """What one subscription is told how; an empty choice is the default's.

    ``was``: the matrix till now. What it says of every other kind stays as long as each of today's is chosen.
    """

    eta_hours = forms.IntegerField(label=_("A changed arrival, from hours"), min_value=1, max_value=720)

    def __init__(
        self, data: Any, *, channel_kind: str, with_eta: bool = True, was: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data)
        self.was = was or {}
        self.kinds = kinds.of_channel(channel_kind)
        if not with_eta or kinds.ETA not in self.kinds:
            del self.fields["eta_hours"]
        modes = [("", ""), *((mode, mode) for mode in kinds.modes_of(channel_kind))]
        for kind in self.kinds:
            self.fields[f"kind:{kind}"] = forms.ChoiceField(choices=modes, required=False)

    def chosen(self) -> dict[str, Any]:
        """As ``subscribing.change_subscription`` takes it."""
        said = {kind: self.cleaned_data[f"kind:{kind}"] for kind in self.kinds}
        wishes: dict[str, Any] = {"matrix": {kind: mode for kind, mode in said.items() if mode}}
        if kinds.ELSE in self.was and all(said.values()):
            wishes["matrix"][kinds.ELSE] = self.was[kinds.ELSE]
        if "eta_hours" in self.cleaned_data:
            wishes["eta_hours"] = self.cleaned_data["eta_hours"]
        return wishes


_YES_OR_NO = ("hold", "released", "collected", "arrived")
_TYPED = ("search", "carrier", "port_of_loading", "port_of_discharge")


class ChoiceForm(forms.Form):
    """Which shipments a subscription is to: by the list's filters and by one's part in them, under a name.

    ``plain`` are the filters without a table of words, ``coded`` those with one, by its name in the templates.
    """

    label = forms.CharField(label=_("Name"), max_length=80, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Where our part is"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip

    def __init__(self, data: Any, *, row: selectors.SubscriptionRow) -> None:
        kept = {f"filter:{name}": value for name, value in row.filter.items()}
        super().__init__(data, initial={"label": row.label, "roles": list(row.roles), **kept}, auto_id="choice-%s")
        self.filters = list(dict.fromkeys((*_TYPED, *subscribing.CODES, *_YES_OR_NO, "needs", *row.filter)))
        for name in self.filters:
            self.fields[f"filter:{name}"] = self._filter(name, str(row.filter.get(name, "")))
        self.fields["label"].widget.attrs.update({"class": "input", "autocomplete": "off"})
        roles = self.fields["roles"]
        assert isinstance(roles, forms.MultipleChoiceField)
        roles.choices = list(selectors.ROLES.items())

    def _filter(self, name: str, now: str) -> forms.Field:
        label = str(selectors.FILTERS.get(name, name))
        known: list[tuple[str, Any]] = [(code, code) for code in subscribing.CODES.get(name, ())]
        if name in _YES_OR_NO:
            known = [("true", _("yes")), ("false", _("no"))]
        elif name == "needs":
            known = [("client", _("yes"))]
        if not known:
            return forms.CharField(
                label=label, max_length=200, required=False, widget=forms.TextInput({"class": "input"})
            )
        if now and now not in dict(known):
            known.append((now, now))  # Several at once, or an agency: as the list's address can say it.
        select = forms.Select({"class": "select"})
        return forms.ChoiceField(label=label, choices=[("", _("any")), *known], required=False, widget=select)

    @property
    def shown(self) -> list[tuple[forms.BoundField, str]]:
        """The filters, each with the table of words for its codes."""
        tables = {"status": "statuses", "customs_state": "customs_states", "mode": "modes"}
        return [(self[f"filter:{name}"], tables.get(name, "")) for name in self.filters]

    def chosen(self) -> dict[str, Any]:
        """As ``subscribing.change_subscription`` takes it."""
        said = {name: self.cleaned_data[f"filter:{name}"].strip() for name in self.filters}
        kept = {name: value.upper() if name.startswith("port_") else value for name, value in said.items() if value}
        return {"label": self.cleaned_data["label"], "filter": kept, "roles": self.cleaned_data["roles"]}


class LogForm(forms.Form):
    """Which deliveries the log shows. Days are the reader's; the last one counts as well."""

    state = forms.ChoiceField(label=_("State"), required=False)
    channel_kind = forms.ChoiceField(label=_("Told by"), required=False)
    kind = forms.ChoiceField(label=_("News"), required=False)
    address = forms.CharField(label=_("Address"), max_length=254, required=False)
    number = forms.CharField(label=_("Number or reference"), max_length=64, required=False)
    since = forms.DateField(label=_("Since"), required=False, validators=_DAYS)
    until = forms.DateField(label=_("Until"), required=False, validators=_DAYS)
    failed = forms.BooleanField(label=_("only failed"), required=False)
    channel = forms.IntegerField(min_value=1, max_value=10**18 - 1, required=False, widget=forms.HiddenInput)
    shipment = forms.IntegerField(min_value=1, max_value=10**18 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="log-%s")
        self._offer("state", selectors.state_words())
        self._offer("channel_kind", selectors.channel_kind_words())
        self._offer("kind", [(kind, selectors.kind_text(kind)) for kind in selectors.LOGGED])
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "select" if isinstance(field, forms.ChoiceField) else "input"

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("any")), *choices]

    def wanted(self, viewer: Viewer) -> selectors.Wanted:
        """The conditions that are set and make sense; others are left out, as in every list."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}
        for name, days in (("since", 0), ("until", 1)):
            if name in given:
                day = given[name] + timedelta(days=days)
                given[name] = timezone.make_aware(datetime.combine(day, time.min))
        if number := given.pop("number", ""):
            given["shipments"] = subscribing.numbered(viewer, number)
        return selectors.Wanted(**given)

    @property
    def query(self) -> dict[str, str]:
        """The same as the address says it."""
        return {name: str(self.data[name]) for name in self.fields if self.data.get(name) and name not in self.errors}


def _is_in_days(at: datetime) -> None:
    for check in _DAYS:
        check(at.date())


class SpanForm(forms.Form):
    """Which of a webhook's deliveries go out again."""

    since = forms.DateTimeField(label=_("Since"), required=False, validators=[_is_in_days])
    until = forms.DateTimeField(label=_("Until"), required=False, validators=[_is_in_days])
    first = forms.IntegerField(label=_("From number"), min_value=1, max_value=10**18 - 1, required=False)
    last = forms.IntegerField(label=_("To number"), min_value=1, max_value=10**18 - 1, required=False)
    force = forms.BooleanField(label=_("Also what was delivered"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="again-%s")
        for name, field in self.fields.items():
            if name in ("since", "until"):
                field.widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
            if name != "force":
                field.widget.attrs["class"] = "input"
