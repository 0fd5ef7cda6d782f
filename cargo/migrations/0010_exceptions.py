"""Deadlines and exceptions as lists show them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cargo", "0009_deadlines")]

    operations: list[migrations.operations.base.Operation] = []
