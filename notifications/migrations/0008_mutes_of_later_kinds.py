from typing import Any

from django.db import migrations, transaction

BATCH = 2_000

# What there was to tell when mutes began to name what later versions tell.
PEOPLE = (
    "customs.held",
    "customs.hold_cleared",
    "customs.released",
    "customs.release_revoked",
    "deadline.near",
    "deadline.exceeded",
    "deadline.set",
    "deadline.changed",
    "departed",
    "eta.changed",
    "arrived",
    "discharged",
    "available",
    "gate_out",
    "empty_returned",
    "exception.opened",
    "exception.closed",
)
PROGRAMS = (
    "customs.held",
    "customs.hold_cleared",
    "customs.released",
    "customs.release_revoked",
    "deadline.near",
    "deadline.exceeded",
    "deadline.set",
    "deadline.changed",
    "gate_out",
    "exception.opened",
    "exception.closed",
    "milestone",
    "estimate",
)


def complete(apps: Any, schema_editor: Any) -> None:
    """``*`` into every mute, so many subscriptions at a time; may be broken off and run again."""
    database = schema_editor.connection.alias
    subscriptions = apps.get_model("notifications", "Subscription").objects.using(database)
    live = subscriptions.filter(shipment__isnull=False, ended_at__isnull=True).order_by("pk")
    last = 0
    while batch := list(live.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic(using=database):
            named = live.filter(pk__gt=last, pk__lte=batch[-1]).select_related("channel")
            mutes = [row for row in named.select_for_update(of=("self",)) if _says_off_to_all(row)]
            for row in mutes:
                row.matrix = {**row.matrix, "*": "off"}
            subscriptions.bulk_update(mutes, ["matrix"], batch_size=200)
        last = batch[-1]


def _says_off_to_all(row: Any) -> bool:
    told = PROGRAMS if row.channel.kind == "webhook" else PEOPLE
    return all(row.matrix.get(kind) == "off" for kind in told)


class Migration(migrations.Migration):
    # Each batch by itself: what people change meanwhile does not wait for the last one.
    atomic = False

    dependencies = [("notifications", "0007_operators_address_and_short_name")]

    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
