"""A trial says what a message would become, and leaves no trace of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking
from cargo.formats.tabular.meaning import fingerprint
from cargo.models import Event, InboundMessage, Shipment, Source, UnresolvedEvent
from cargo.pipeline import trial
from cargo.pipeline.receive import receive
from tests.factories import SourceFactory, a_registered_shipment
from tests.people import Person
from tests.pipeline.working import work_off

pytestmark = pytest.mark.django_db
TABLE = (
    b"Container,HBL,ETA,POD\n"
    b"HDMU6546583,KOSHA2603001,2026-03-14,KRPUS\n"
    b"MSKU9070323,NOBODYS,2026-03-15,KRPUS\n"
    b"MSKU9070323,NOBODYS,soon,KRPUS\n"
)


@pytest.fixture
def own(shipper: Person) -> Source:
    """Alice's own source."""
    return SourceFactory.create(slug="alice-data", kind=Source.Kind.MANUAL, organization=shipper.organization)


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_registered_shipment(shipper.organization)


@pytest.fixture(autouse=True)
def nothing_is_written() -> Iterator[None]:
    """Whatever a trial does in these tests, only reading is allowed."""
    attempt = trial.attempt

    def watched(*args: object, **kwargs: object) -> trial.Trial:
        with CaptureQueriesContext(connection) as statements:
            tried = attempt(*args, **kwargs)  # type: ignore[arg-type]
        written = [row["sql"] for row in statements if not re.match(r"\s*(SELECT|WITH)\b", row["sql"], re.IGNORECASE)]
        assert written == []
        return tried

    trial.attempt = watched  # type: ignore[assignment]
    yield
    trial.attempt = attempt


def test_each_row_has_its_verdict(own: Source, shipment: Shipment) -> None:
    tried = trial.attempt(own.pk, TABLE, timezone.now())
    assert (tried.format, tried.problem, tried.complete) == ("tabular", "", True)
    assert [(part.position, list(part.shipments), part.is_problem) for part in tried.parts] == [
        ("row 2, column 3", [(shipment.pk, False)], False),
        ("row 3, column 3", [], False),
        ("row 4", [], True),
    ]
    assert tried.parts[2].reason == "ETA: 'soon': no date"
    assert (tried.events, tried.matched, tried.problems) == (2, 1, 1)
    assert not Event.objects.exists() and not InboundMessage.objects.exists()


def test_it_says_what_the_pipeline_then_does(own: Source, shipment: Shipment) -> None:
    tried = trial.attempt(own.pk, TABLE, timezone.now())
    receive(own.pk, TABLE)
    work_off()
    recorded = Event.objects.order_by("position").values_list("position", "milestone", "classifier")
    assert list(recorded) == [
        (part.position, part.event.milestone, part.event.classifier)  # type: ignore[union-attr]
        for part in tried.parts
        if part.event is not None
    ]
    assert Event.objects.filter(links__shipment=shipment).count() == tried.matched


def test_what_is_in_the_log_already_is_known(own: Source, shipment: Shipment) -> None:
    table = b"Container,HBL,Discharged,POD\nHDMU6546583,KOSHA2603001,2026-03-14 21:10,KRPUS\n"
    assert [part.known for part in trial.attempt(own.pk, table, timezone.now()).parts] == [False]
    receive(own.pk, table)
    work_off()
    assert [part.known for part in trial.attempt(own.pk, table, timezone.now()).parts] == [True]


def test_a_private_source_matches_only_cargo_that_its_organization_is_party_to(
    shipment: Shipment, stranger: Person, forwarder: Person
) -> None:
    assert forwarder.organization
    booking.add_party(shipment, forwarder.organization.pk, "forwarder")
    for person, matched in ((stranger, 0), (forwarder, 1)):
        source = SourceFactory.create(organization=person.organization)
        assert trial.attempt(source.pk, TABLE, timezone.now()).matched == matched


def test_two_shipments_that_could_be_meant_are_neither(own: Source, shipper: Person) -> None:
    for bill in ("KOLOT0000001", "KOLOT0000002"):
        a_registered_shipment(shipper.organization, ("house_bill", bill), ("container", "HDMU6546583"))
    today = timezone.now().date().isoformat()
    (part,) = trial.attempt(own.pk, f"Container,ETA,POD\nHDMU6546583,{today},KRPUS\n".encode(), timezone.now()).parts
    assert part.ambiguous and not part.shipments
    assert not UnresolvedEvent.objects.exists()


def test_a_meaning_may_be_tried_before_it_is_remembered(own: Source) -> None:
    table = "Kiste;Ankunft\nHDMU6546583;14.03.2026\n"
    assert trial.attempt(own.pk, table.encode(), timezone.now()).problem.startswith("nobody has said yet")
    columns = [{"field": "container"}, {"field": "date", "milestone": "arrived", "classifier": "estimated"}]
    meaning = {"columns": columns, "order": "day", "zone": "Europe/Berlin"}
    reading = json.dumps({"columns": {fingerprint(["Kiste", "Ankunft"]): meaning}})
    tried = trial.attempt(own.pk, table.encode(), timezone.now(), reading=reading)
    assert (tried.problem, tried.events) == ("", 1)
    own.refresh_from_db()
    assert own.reading == {}


def test_what_people_said_of_a_sources_codes_counts(own: Source, shipment: Shipment) -> None:
    table = b"HBL,Event,Date,Location\nKOSHA2603001,Am Kai,2026-03-14 09:00,KRPUS\n"
    own.reading = {"codes": {"tabular|Am Kai": ["vessel_berthed", ""]}}
    own.save()
    (part,) = trial.attempt(own.pk, table, timezone.now()).parts
    assert part.event is not None and part.event.milestone == "vessel_berthed"  # type: ignore[union-attr]
    receive(own.pk, table)
    work_off()
    assert Event.objects.get().milestone == "vessel_berthed"


def test_other_formats_are_tried_as_well(own: Source, shipment: Shipment) -> None:
    tried = trial.attempt(own.pk, b"nothing that is known", timezone.now())
    assert tried.problem == "not a message of any known format"
    assert tried.parts == []


def test_a_long_table_is_tried_in_part(own: Source) -> None:
    rows = b"".join(b"HDMU%07d,2026-03-14,KRPUS\n" % number for number in range(trial.MOST + 5))
    tried = trial.attempt(own.pk, b"Container,ETA,POD\n" + rows, timezone.now())
    assert len(tried.parts) == trial.MOST and not tried.complete
