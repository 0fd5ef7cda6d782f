"""Clearance by authority."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cargo", "0007_snapshots")]

    operations: list[migrations.operations.base.Operation] = []
