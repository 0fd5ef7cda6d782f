"""``manage.py reseal``: after CLIS_SECRET_KEY was changed, every stored secret under the new key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from clis.sealing import SealError, reseal

COLUMN = "sealed"


class Command(BaseCommand):
    """All or nothing: one secret that opens with no key, and none is written."""

    help = "Seals every stored secret with the present CLIS_SECRET_KEY; then CLIS_SECRET_KEY_FALLBACKS can be emptied."

    def handle(self, *args: Any, **options: Any) -> None:
        """Every table that has a column named ``sealed``."""
        with transaction.atomic():
            counts = {model._meta.label: self._reseal(model) for model in sealing_models()}
        for label, count in counts.items():
            self.stdout.write(f"{label}: {count}")

    def _reseal(self, model: type[models.Model]) -> int:
        rows = model._base_manager.select_for_update().exclude(**{COLUMN: ""}).values_list("pk", COLUMN)
        count = 0
        for pk, sealed in rows:
            try:
                anew = reseal(sealed)
            except SealError as error:
                raise CommandError(f"{model._meta.label} {pk}: {error}") from None
            count += model._base_manager.filter(pk=pk).update(**{COLUMN: anew})
        return count


def sealing_models() -> list[type[models.Model]]:
    """The tables that keep secrets."""
    return [model for model in apps.get_models() if COLUMN in {field.name for field in model._meta.concrete_fields}]
