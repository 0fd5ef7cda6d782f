"""The per-message ORM way that CLIS is compared with, as a careful Django developer would write it first.

For each message: read and save the inbox row, ``json.loads``, ``get_or_create`` of the event, read and save of the
container and of the shipment, one outbox row, and ``delay()``. One process. Its tables are its own, and so is its
connection: with Django's defaults, since what CLIS sets there (binding and planning by the server) is its own doing.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, ClassVar

from celery import Celery
from django.conf import settings
from django.db import connections, models, router, transaction
from django.utils import timezone

ALIAS = "naive"


class Router:
    """Sends the baseline's models to the baseline's connection."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        """The alias, for ours."""
        return ALIAS if model._meta.app_label == "bench" else None

    db_for_write = db_for_read


def connect() -> None:
    """A second connection to the same database, as Django makes it when it is told nothing but the address."""
    plain = dict(connections["default"].settings_dict)
    if connections["default"].vendor == "postgresql":
        plain["OPTIONS"] = {}
    connections.databases[ALIAS] = plain
    router.routers = [Router()]


app = Celery("baseline", broker=settings.CELERY_BROKER_URL)
app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
app.conf.task_ignore_result = True


@app.task(name="baseline.notify")
def notify(outbox_id: int) -> None:
    """Would deliver; the benchmark measures the hand-over only."""


class NaiveShipment(models.Model):
    """A shipment with the columns that the list shows."""

    objects: ClassVar[models.Manager[NaiveShipment]]
    master_bill = models.CharField(max_length=64, db_index=True)
    status = models.CharField(max_length=20, default="expected")
    milestone = models.CharField(max_length=40, default="")
    eta = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        app_label = "bench"


class NaiveContainer(models.Model):
    """A container of a shipment."""

    objects: ClassVar[models.Manager[NaiveContainer]]
    shipment = models.ForeignKey(NaiveShipment, models.CASCADE, related_name="containers")
    number = models.CharField(max_length=11, db_index=True)
    milestone = models.CharField(max_length=40, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "bench"


class NaiveEvent(models.Model):
    """An event of a shipment."""

    objects: ClassVar[models.Manager[NaiveEvent]]
    shipment = models.ForeignKey(NaiveShipment, models.CASCADE, related_name="events")
    container = models.ForeignKey(NaiveContainer, models.CASCADE, null=True, related_name="events")
    source_event_id = models.CharField(max_length=64, unique=True)
    milestone = models.CharField(max_length=40)
    classifier = models.CharField(max_length=10)
    occurred_at = models.DateTimeField()
    place = models.CharField(max_length=5)
    content = models.JSONField()

    class Meta:
        app_label = "bench"


class NaiveInbox(models.Model):
    """A message as it came."""

    objects: ClassVar[models.Manager[NaiveInbox]]
    body = models.BinaryField()
    state = models.CharField(max_length=10, default="received", db_index=True)
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "bench"


class NaiveOutbox(models.Model):
    """Something to tell."""

    objects: ClassVar[models.Manager[NaiveOutbox]]
    shipment = models.ForeignKey(NaiveShipment, models.CASCADE)
    kind = models.CharField(max_length=40)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"


MODELS = (NaiveShipment, NaiveContainer, NaiveEvent, NaiveInbox, NaiveOutbox)
MILESTONES = {
    "ARRI": "arrived",
    "DEPA": "departed",
    "LOAD": "loaded",
    "DISC": "discharged",
    "GTIN": "gate_in",
    "GTOT": "gate_out",
}


def create_tables() -> None:
    """Makes the tables of the baseline."""
    with connections[ALIAS].schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


def drop_tables() -> None:
    """Drops them, if they are there."""
    known = connections[ALIAS].introspection.table_names()
    with connections[ALIAS].schema_editor() as editor:
        for model in reversed(MODELS):
            if model._meta.db_table in known:
                editor.delete_model(model)


def handle(inbox_id: int) -> None:
    """One message, whole."""
    message = NaiveInbox.objects.get(pk=inbox_id)
    data = json.loads(bytes(message.body))
    with transaction.atomic(using=ALIAS):
        apply(data)
        message.state = "processed"
        message.processed_at = timezone.now()
        message.save()


def apply(data: dict[str, Any]) -> None:
    """Event, container, shipment, outbox, task."""
    documents = {item["documentReferenceType"]: item["documentReferenceValue"] for item in data["documentReferences"]}
    shipment = NaiveShipment.objects.get(master_bill=documents["TRD"])
    code = data.get("equipmentEventTypeCode") or data["transportEventTypeCode"]
    occurred = datetime.fromisoformat(data["eventDateTime"].replace("Z", "+00:00"))
    container = NaiveContainer.objects.get(shipment=shipment)
    _, created = NaiveEvent.objects.get_or_create(
        source_event_id=data["eventID"],
        defaults={
            "shipment": shipment,
            "container": container,
            "milestone": MILESTONES[code],
            "classifier": data["eventClassifierCode"],
            "occurred_at": occurred,
            "place": data["transportCall"]["UNLocationCode"],
            "content": data,
        },
    )
    if not created:
        return
    container.milestone = MILESTONES[code]
    container.save()
    shipment.milestone = MILESTONES[code]
    shipment.eta = occurred if data["eventClassifierCode"] != "ACT" else shipment.eta
    shipment.save()
    outbox = NaiveOutbox.objects.create(
        shipment=shipment, kind="milestone", data={"milestone": MILESTONES[code], "occurred_at": data["eventDateTime"]}
    )
    transaction.on_commit(lambda: notify.delay(outbox.pk), using=ALIAS)
