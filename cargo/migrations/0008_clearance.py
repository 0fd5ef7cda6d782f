"""Clearance by authority: what customs' own codes and bills say is part of a state now.

States that were stored before lack them. Every shipment is owed a new look at the log, of which nobody is told; ready
documents have other keys and are built again when they are read.
"""

from django.db import migrations

_BATCH = 2000


def owe_a_new_look(apps, schema_editor):
    alias = schema_editor.connection.alias
    due = apps.get_model("cargo", "ProjectionDue").objects.using(alias)
    shipments = apps.get_model("cargo", "Shipment").objects.using(alias).order_by("pk").values_list("pk", flat=True)
    last = 0
    while found := list(shipments.filter(pk__gt=last)[:_BATCH]):
        # What is owed already stays as it is: of that people may have to be told.
        due.bulk_create(
            [due.model(shipment_id=pk, reason="clearance", silent=True) for pk in found], ignore_conflicts=True
        )
        last = found[-1]
    apps.get_model("cargo", "ShipmentDocument").objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("cargo", "0007_snapshots")]

    operations = [migrations.RunPython(owe_a_new_look, migrations.RunPython.noop)]
