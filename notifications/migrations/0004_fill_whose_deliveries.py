from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

BATCH = 10_000


def fill(apps: Any, schema_editor: Any) -> None:
    """The channel's organization into every delivery, so many at a time; may be broken off and run again."""
    database = schema_editor.connection.alias
    deliveries = apps.get_model("notifications", "Delivery").objects.using(database)
    channels = apps.get_model("notifications", "Channel").objects.using(database)
    its = channels.filter(pk=OuterRef("channel_id")).values("organization_id")[:1]
    last = 0
    while batch := list(deliveries.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows = deliveries.filter(pk__gt=last, pk__lte=batch[-1], organization__isnull=True)
        rows.update(organization_id=Subquery(its))
        last = batch[-1]


class Migration(migrations.Migration):
    # Each batch by itself: a large table is not locked from its first row to its last.
    atomic = False

    dependencies = [("notifications", "0003_whose_deliveries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
