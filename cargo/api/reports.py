"""What programs report of a shipment: checked as on the page, and handed to the front door as the same message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers

from cargo import reporting, tasks, teaching
from cargo.api.problems import Text
from cargo.formats.manual import Statement
from cargo.pipeline.receive import receive
from cargo.reporting import Said
from cargo.selectors import reports as reported
from clis.accounts.scoping import Viewer

_FIELDS = {"occurred": "occurred_at"}


class ReportedEventSerializer(serializers.Serializer[Any]):
    """A report as it was received: its id, by which it is corrected, and its version."""

    id = serializers.CharField()
    version = serializers.IntegerField()


class ReceiptSerializer(serializers.Serializer[Any]):
    """What the reporter is told: the message's number, and the reports in it."""

    message = serializers.IntegerField()
    state = serializers.CharField()
    events = ReportedEventSerializer(many=True)


def report(viewer: Viewer, shipment_id: int, values: dict[str, Any]) -> dict[str, Any]:
    """Takes one report; gives the receipt. Raises ``NotFound`` for a stranger's shipment, and a 403 for a party whose
    role does not handle the cargo; a 400 that names every field that is wrong."""
    right = reported.right(viewer, shipment_id)
    if not right.allowed:
        raise exceptions.PermissionDenied(_("Your organization's role in this shipment does not report events."))
    own_id = values.get("id", "")
    if values["taken_back"] and not own_id:
        raise _invalid({"id": _("Name the report that is taken back.")})
    now = timezone.now()
    statements = [] if values["taken_back"] else _statements(shipment_id, values, now, customs=right.customs)
    source_id = teaching.own_source(viewer, shared=right.shared)
    if own_id:
        version = reported.last_version(source_id, own_id)
        if values["taken_back"]:
            if not version:
                raise _invalid({"id": _("There is no report of yours with this id.")})
            statements = [reporting.taken_back(Statement(id=own_id, version=version))]
        for statement in statements:
            statement.id = own_id
            statement.version = version + 1
    body = reporting.compose(viewer, source_id, shipment_id, statements, now)
    received = receive(source_id, body, media_type="application/json", name="report.json")
    tasks.wake_inbox()
    events = [{"id": statement.id, "version": statement.version} for statement in statements]
    return {"message": received.id, "state": received.state, "events": events}


def _statements(shipment_id: int, values: dict[str, Any], now: datetime, *, customs: bool) -> list[Statement]:
    boxes = values.get("containers", [])
    if values.get("id") and len(boxes) > 1:
        raise _invalid({"containers": _("A report with an id of yours names one container at most.")})
    said = Said(
        milestone=values.get("milestone", ""),
        classifier=values["classifier"],
        occurred=_moment(values.get("occurred_at", "")),
        zone=values.get("time_zone", ""),
        place=values.get("place", ""),
        facility=values.get("facility", ""),
        containers=boxes,
        remark=values.get("remark", ""),
        authority=values.get("authority", ""),
        code=values.get("code", ""),
        declaration=values.get("declaration", ""),
        limit=values.get("limit"),
    )
    checked = reporting.check(said, reported.containers(shipment_id), now, customs=customs)
    if checked.errors:
        raise _invalid({_FIELDS.get(name, name): words for name, words in checked.errors.items()})
    return checked.statements


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _invalid(errors: dict[str, Text]) -> serializers.ValidationError:
    return serializers.ValidationError(
        {name: [serializers.ErrorDetail(str(words), code="invalid")] for name, words in errors.items()}
    )
