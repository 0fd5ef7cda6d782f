"""``manage.py refresh_lead_times``: the operator's columns of lead times, worked out anew where rows have changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cargo.models import stage_refresh


class Command(BaseCommand):
    """Prints how many months of stages were worked out; the worker does the same every ten minutes."""

    help = "Work out the columns that the lead times over everybody's cargo are read from."

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it in this process."""
        months = stage_refresh.refresh(timezone.now())
        if months is None:
            self.stdout.write(f"fewer than {stage_refresh.FROM_ROWS:,} stage times: read from the rows themselves")
        else:
            self.stdout.write(f"{len(months):,} months of stages worked out")
