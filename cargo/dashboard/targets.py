"""Where people say how long each stage may take, and see how they stand against that. Works without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cargo import targets
from cargo.dashboard import lead_time_words, terms
from cargo.dashboard.lead_time_filters import address, midnight
from cargo.domain.stages import STAGES
from cargo.selectors import target_standing
from cargo.selectors.lead_times import ELAPSED, WORKING, Against
from cargo.selectors.target_standing import Usual
from cargo.templatetags.clis import language
from clis.accounts.scoping import Viewer, viewer_of

# Of how many days "met" and what is suggested are told.
DAYS = 90
_HOUR = 3600
_MAX_HOURS = 10_000


class LengthForm(forms.Form):
    """How long at most, and by which clock."""

    hours = forms.FloatField(
        label=gettext_lazy("Hours at most"),
        min_value=0.01,
        max_value=_MAX_HOURS,
        error_messages={"required": gettext_lazy("Say how many hours it may take.")},
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    clock = forms.ChoiceField(label=gettext_lazy("Counted in"))

    def __init__(self, *args: Any, words: str, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "target-%s"} | kwargs))
        self.offer(words)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "select" if isinstance(field, forms.ChoiceField) else "input"
            if self.is_bound and name in self.errors:
                field.widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"target-{name}-error"})

    def offer(self, words: str) -> None:
        """What may be chosen, before what was sent is looked at."""
        _offer(self.fields["clock"], lead_time_words.HOURS, words)

    @property
    def said(self) -> dict[str, Any]:
        """As ``cargo.targets`` takes it."""
        return self.cleaned_data | {"seconds": max(1, round(self.cleaned_data["hours"] * _HOUR))}


class TargetForm(LengthForm):
    """A target: the stage, and the mode and port if it is not about any."""

    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), error_messages={"required": gettext_lazy("Choose the stage.")}
    )
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), required=False)
    port = forms.CharField(
        label=gettext_lazy("Port or airport"),
        required=False,
        max_length=5,
        validators=[
            RegexValidator(
                r"\A[A-Z]{2}[A-Z2-9]{3}\Z",
                gettext_lazy("Give a UN/LOCODE of five characters, such as KRPUS."),
            )
        ],
        widget=forms.TextInput(attrs={"placeholder": "KRPUS", "autocapitalize": "characters"}),
    )
    field_order = ("stage", "mode", "port", "hours", "clock")

    def offer(self, words: str) -> None:
        """The stages and modes as well."""
        super().offer(words)
        _offer(self.fields["stage"], lead_time_words.STAGES, words, _("Choose one"))
        _offer(self.fields["mode"], lead_time_words.MODES, words, _("any"))


class Line(NamedTuple):
    """A target as it is shown. ``against`` is of one's own organization; ``urls``: the shipments behind its numbers."""

    target: Any
    stage: str
    mode: str
    against: Against | None
    urls: dict[str, str]


class Suggestion(NamedTuple):
    """What three of four own cargoes took at most in one stage, and where the form is with that filled in."""

    stage: str
    usual: Usual
    elapsed_url: str
    working_url: str
    aimed: bool


def _offer(field: forms.Field, table: dict[str, terms.Pair], words: str, none: str | None = None) -> None:
    assert isinstance(field, forms.ChoiceField)
    empty = [] if none is None else [("", none)]
    field.choices = [*empty, *((code, terms.word(table, code, words)) for code in table)]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """All of the organization's targets; posting sets one, or changes the one that is about the same."""
    viewer, words = viewer_of(request), language()
    form = TargetForm(initial=_prefilled(request), words=words)
    if request.method == "POST":
        if viewer.organization_id is None or not viewer.may_write:
            raise PermissionDenied
        data = request.POST.copy()
        data["port"] = data.get("port", "").strip().upper()
        form = TargetForm(data, words=words)
        if form.is_valid() and _set(viewer, form):
            messages.success(request, _("The target is set."))
            return redirect("cargo:targets")
    context = _context(viewer, words) | {"form": form}
    return render(request, "cargo/dashboard/lead_times_targets.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, target_id: int) -> HttpResponse:
    """Another length for one target, or none any more."""
    viewer, words = viewer_of(request), language()
    try:
        target = targets.found(viewer, target_id)
    except targets.NoTarget as reason:
        raise Http404 from reason
    if not viewer.may_write:
        raise PermissionDenied
    hours = round(target.seconds / _HOUR, 4)
    form = LengthForm(initial={"hours": f"{hours:g}", "clock": target.clock}, words=words)
    if request.method == "POST":
        if request.POST.get("step") == "remove":
            targets.drop(viewer, target_id)
            messages.success(request, _("The target is removed."))
            return redirect("cargo:targets")
        form = LengthForm(request.POST, words=words)
        if form.is_valid():
            targets.change(viewer, target_id, form.said["seconds"], form.said["clock"])
            messages.success(request, _("The target is changed."))
            return redirect("cargo:targets")
    context = {
        "nav": "lead_times",
        "form": form,
        "line": _line(target, None, words),
        "usual": target_standing.usual(viewer, _since()).get(target.stage),
    }
    return render(request, "cargo/dashboard/lead_times_target.html", context, status=400 if form.errors else 200)


def _set(viewer: Viewer, form: TargetForm) -> bool:
    try:
        targets.put(viewer, form.said)
    except targets.TooManyTargets:
        form.add_error(None, _("An organization has 200 targets at most."))
        return False
    return True


def _prefilled(request: HttpRequest) -> dict[str, str]:
    """What a suggestion's link says."""
    return {name: request.GET[name][:60] for name in ("stage", "hours", "clock") if name in request.GET}


def _since() -> Any:
    return midnight(timezone.localdate() - timedelta(days=DAYS - 1))


def _context(viewer: Viewer, words: str) -> dict[str, Any]:
    standings = target_standing.standings(viewer, _since())
    usual = target_standing.usual(viewer, _since())
    rows = sorted(targets.listed(viewer), key=lambda row: (STAGES.index(row.stage), row.mode, row.port, row.pk))
    aimed = {row.stage for row in rows if row.organization_id == viewer.organization_id}
    return {
        "nav": "lead_times",
        "lines": [_line(row, standings.get(row.pk), words) for row in rows],
        "everybodys": any(row.organization_id != viewer.organization_id for row in rows),
        "may_set": viewer.may_write and viewer.organization_id is not None,
        "may_change": viewer.may_write,
        "suggestions": [_suggestion(stage, usual[stage], stage in aimed, words) for stage in STAGES if stage in usual],
        "days": DAYS,
    }


def _line(target: Any, against: Against | None, words: str) -> Line:
    base = reverse("cargo:stage_shipments")
    query = {"stage": target.stage, "target": str(target.pk)}
    ended = {**query, "period": str(DAYS)}
    return Line(
        target=target,
        stage=lead_time_words.stage(target.stage, words),
        mode=terms.word(lead_time_words.MODES, target.mode, words) if target.mode else "",
        against=against,
        urls={
            only: address(base, ended if only in ("met", "missed") else query, only=only)
            for only in ("met", "missed", "at_risk", "overdue")
        },
    )


def _suggestion(stage: str, usual: Usual, aimed: bool, words: str) -> Suggestion:
    base = reverse("cargo:targets")

    def filled(seconds: int, clock: str) -> str:
        return address(base, {"stage": stage, "hours": f"{max(seconds, 60) / _HOUR:.2f}", "clock": clock}) + "#new"

    name = lead_time_words.stage(stage, words)
    return Suggestion(name, usual, filled(usual.elapsed, ELAPSED), filled(usual.working, WORKING), aimed)
