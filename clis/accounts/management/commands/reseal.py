"""``manage.py reseal``: after CLIS_SECRET_KEY was changed, every stored secret under the new key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from clis.sealing import SealError, reseal

# The second holds what signed before, as long as it signs as well.
COLUMNS = ("sealed", "sealed_before")


class Command(BaseCommand):
    """All or nothing: one secret that opens with no key, and none is written."""

    help = "Seals every stored secret with the present CLIS_SECRET_KEY; then CLIS_SECRET_KEY_FALLBACKS can be emptied."

    def handle(self, *args: Any, **options: Any) -> None:
        """Every table that has a column of such a name."""
        with transaction.atomic():
            counts = {
                model._meta.label: sum(self._reseal(model, column) for column in sealing_columns(model))
                for model in sealing_models()
            }
        for label, count in counts.items():
            self.stdout.write(f"{label}: {count}")

    def _reseal(self, model: type[models.Model], column: str) -> int:
        rows = model._base_manager.select_for_update().exclude(**{column: ""}).values_list("pk", column)
        count = 0
        for pk, sealed in rows:
            try:
                anew = reseal(sealed)
            except SealError as error:
                raise CommandError(f"{model._meta.label} {pk}: {error}") from None
            count += model._base_manager.filter(pk=pk).update(**{column: anew})
        return count


def sealing_models() -> list[type[models.Model]]:
    """The tables that keep secrets."""
    return [model for model in apps.get_models() if sealing_columns(model)]


def sealing_columns(model: type[models.Model]) -> list[str]:
    """Where a table keeps them."""
    names = {field.name for field in model._meta.concrete_fields}
    return [column for column in COLUMNS if column in names]
