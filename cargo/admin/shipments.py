"""Shipments, their parties and their numbers. Everything is written through ``booking``, as clients write it."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cargo import booking, tasks
from cargo.admin.common import ReachPaginator, ReadOnlyInline
from cargo.domain.codes import STATUSES
from cargo.domain.verdict import TRACKABLE, judge
from cargo.models import Party, Shipment, ShipmentException, ShipmentReference

_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}\Z")
_KINDS = {
    "container": gettext_lazy("container"),
    "master_bill": gettext_lazy("master bill of lading"),
    "house_bill": gettext_lazy("house bill of lading"),
    "booking": gettext_lazy("booking"),
    "air_waybill": gettext_lazy("air waybill"),
    "house_air_waybill": gettext_lazy("house air waybill"),
    "cargo_control_number": gettext_lazy("cargo control number"),
    "declaration": gettext_lazy("declaration"),
}
_MODES = {
    "": gettext_lazy("not stated"),
    "sea": gettext_lazy("sea"),
    "air": gettext_lazy("air"),
    "rail": gettext_lazy("rail"),
    "road": gettext_lazy("road"),
}
_PLAN = ("mode", "load", "port_of_loading", "port_of_discharge")


class ShipmentForm(forms.ModelForm):
    """A shipment as an organization would register it."""

    mode = forms.ChoiceField(label=gettext_lazy("Mode"), choices=list(_MODES.items()), required=False)

    class Meta:
        model = Shipment
        fields: ClassVar[list[str]] = ["organization", "own_reference", *_PLAN]

    def clean_port_of_loading(self) -> str:
        """A UN/LOCODE or nothing."""
        return _port(self.cleaned_data["port_of_loading"])

    def clean_port_of_discharge(self) -> str:
        """A UN/LOCODE or nothing."""
        return _port(self.cleaned_data["port_of_discharge"])


def _port(value: str) -> str:
    code = value.replace(" ", "").upper()
    if code and not _UNLOCODE.match(code):
        raise ValidationError(_("Give a UN/LOCODE of five characters, such as KRPUS."))
    return code


class ReferenceForm(forms.ModelForm):
    """A number, judged as a client's would be."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[(kind, _KINDS[kind]) for kind in TRACKABLE])

    class Meta:
        model = ShipmentReference
        fields: ClassVar[list[str]] = ["kind", "value"]

    def clean(self) -> dict[str, Any]:
        """The number in its one form."""
        data = super().clean() or self.cleaned_data
        if "kind" in data and "value" in data:
            verdict = judge(data["value"], data["kind"], "")
            if verdict.code:
                self.add_error("value", booking.reason_of(verdict.code))
            else:
                data["value"] = verdict.value
        return data


class ReferenceInline(admin.TabularInline):
    """The numbers. One can be added; none is changed, since events were found by it."""

    model = ShipmentReference
    form = ReferenceForm
    extra = 0
    can_delete = False
    fields = ("kind", "value", "learned", "added_at")
    readonly_fields = ("learned", "added_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Add the right one instead."""
        return False


class PartyFormSet(forms.BaseInlineFormSet):
    """Whoever registered a shipment stays a party to it."""

    def clean(self) -> None:
        """Refuses to take the registrant away."""
        super().clean()
        for form in self.deleted_forms:
            if form.instance.role == Party.Role.REGISTRANT:
                raise ValidationError(_("Who registered a shipment stays a party to it."))


class PartyInline(admin.TabularInline):
    """Who may see the shipment."""

    model = Party
    formset = PartyFormSet
    extra = 0
    fields = ("organization", "role", "created_at")
    readonly_fields = ("created_at",)
    autocomplete_fields = ("organization",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Party]:
        """With their organizations, in one statement."""
        return super().get_queryset(request).select_related("organization")

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Nobody is made the registrant afterwards."""
        if db_field.name == "role":
            kwargs["choices"] = [choice for choice in Party.Role.choices if choice[0] != Party.Role.REGISTRANT]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Taken away and added, not changed."""
        return False


class ExceptionInline(ReadOnlyInline):
    """What is and was wrong."""

    model = ShipmentException
    ordering = ("-id",)
    fields = readonly_fields = ("kind", "subject", "since", "opened_at", "closed_at", "responsible", "next_action")


class StatusFilter(admin.SimpleListFilter):
    """By where the cargo stands."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The words of the interface."""
        return [(word, word.replace("_", " ")) for word in STATUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> QuerySet[Shipment]:
        """Shipments that stand there."""
        return queryset.filter(status_row__status=self.value()) if self.value() else queryset


@admin.register(Shipment)
class ShipmentAdmin(admin.ModelAdmin):
    """Every organization's cargo. What the messages say of it is not edited here or anywhere."""

    form = ShipmentForm
    list_display = ("id", "own_reference", "organization", "status", "customs_state", "created_at")
    list_filter = (StatusFilter,)
    list_select_related = ("organization", "status_row")
    autocomplete_fields = ("organization",)
    search_fields = ("own_reference",)
    search_help_text = gettext_lazy("A number: container, bill, declaration, own reference.")
    paginator = ReachPaginator
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description=gettext_lazy("status"))
    def status(self, shipment: Shipment) -> str:
        """Where it stands."""
        return shipment.status_row.status

    @admin.display(description=gettext_lazy("customs"))
    def customs_state(self, shipment: Shipment) -> str:
        """How far customs is."""
        return shipment.status_row.customs_state

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Shipment], search_term: str
    ) -> tuple[QuerySet[Shipment], bool]:
        """By any of its numbers, by the client's own, or by ours."""
        number = "".join(search_term.upper().split())
        if not number:
            return queryset, False
        named = ShipmentReference.objects.filter(value=number).values("shipment_id")
        wanted = Q(pk__in=named) | Q(own_reference=search_term.strip())
        if number.isascii() and number.isdigit() and len(number) <= 18:
            wanted |= Q(pk=int(number))
        return queryset.filter(wanted), False

    def get_inlines(self, request: HttpRequest, obj: Shipment | None) -> list[Any]:
        """A shipment that does not exist yet has no exceptions."""
        return [ReferenceInline, PartyInline, *([ExceptionInline] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Shipment | None = None) -> tuple[str, ...]:
        """The plan is what the registrant said."""
        return ("organization", *_PLAN, "status", "customs_state", "created_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Shipment | None = None) -> tuple[str, ...]:
        """State and dates once there are some."""
        asked = ("organization", "own_reference", *_PLAN)
        return (*asked, "status", "customs_state", "created_at") if obj else asked

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its history is evidence."""
        return False

    def save_model(self, request: HttpRequest, obj: Shipment, form: Any, change: bool) -> None:
        """A new one is registered, so that it has its rows and the events that came before are found."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made = booking.register(
            obj.organization_id,
            [],
            own_reference=obj.own_reference,
            mode=obj.mode,
            load=obj.load,
            port_of_loading=obj.port_of_loading,
            port_of_discharge=obj.port_of_discharge,
            created_by_id=request.user.pk,
        )
        obj.pk, obj._state.adding = made.pk, False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Numbers and parties enter by the same door as the clients' own."""
        rows = formset.save(commit=False)
        shipment = form.instance
        if formset.model is ShipmentReference and rows:
            booking.add_references(shipment, [(row.kind, row.value) for row in rows])
        if formset.model is Party:
            for row in rows:
                booking.add_party(shipment, row.organization_id, row.role)
            for row in formset.deleted_objects:
                row.delete()
        tasks.wake("cargo.tasks.drain_projections")
