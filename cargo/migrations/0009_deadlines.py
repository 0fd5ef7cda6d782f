"""Rules and tariffs that staff may change."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cargo", "0008_clearance")]

    operations: list[migrations.operations.base.Operation] = []
