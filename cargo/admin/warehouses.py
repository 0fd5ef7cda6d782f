"""What authorities say of bonded warehouses, as it decides deadlines."""

from __future__ import annotations

from django.contrib import admin

from cargo.admin.common import ReadOnlyAdmin
from cargo.models import Warehouse


@admin.register(Warehouse)
class WarehouseAdmin(ReadOnlyAdmin):
    """Looked at: a warehouse is changed by the next answer of its authority."""

    list_display = (
        "code",
        "name",
        "customs_office",
        "late_removal_fine",
        "late_declaration_surcharge",
        "unloading_place",
        "as_of",
    )
    list_filter = ("late_removal_fine", "late_declaration_surcharge", "unloading_place")
    search_fields = ("code", "name")
    raw_id_fields = ("message",)
