"""``manage.py rebuild [--check]``: every projection worked out again from the log; sends nothing to anybody."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from cargo.models import Shipment
from cargo.pipeline import project

BATCH = 200


class Command(BaseCommand):
    """Batches of shipments; with ``--check`` nothing is written and a difference makes it fail."""

    help = "Work every projection out again from the log; tells nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The option of INTERFACES."""
        parser.add_argument("--check", action="store_true", help="only compare; exit 1 if a row differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Goes through all shipments by id."""
        ids = list(Shipment.objects.order_by("pk").values_list("pk", flat=True))
        changed = 0
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            if options["check"]:
                for shipment, what in project.differences(part):
                    changed += 1
                    self.stderr.write(f"shipment {shipment}: {what}")
            else:
                with transaction.atomic():
                    changed += project.rebuild(part)
        if options["check"]:
            self.stdout.write(f"{len(ids)} shipments compared, {changed} differences")
            if changed:
                sys.exit(1)
        else:
            self.stdout.write(f"{len(ids)} shipments worked out again, {changed} changed")
