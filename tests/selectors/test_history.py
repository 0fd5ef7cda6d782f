"""``as_of``: what CLIS believed of a shipment at a time is what ``explain --as-of`` makes of what had been received."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain import hindsight, identity
from cargo.domain.event import Event, Retraction
from cargo.domain.explain import explain
from cargo.models import Event as EventRow
from cargo.models import Shipment, Source, UnresolvedEvent
from cargo.models.decisions import decide
from cargo.models.linking import mark_due
from cargo.pipeline.normalize import normalize
from cargo.pipeline.receive import receive
from cargo.selectors import NotFound, history, shipments
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import (
    BOX,
    CARGO,
    DECLARATION,
    HOUSE,
    MASTER,
    dcsa,
    declared,
    entered,
    equipment,
    released,
    retraction,
    revoked,
    step,
    transport,
    unipass,
)
from tests.people import Person
from tests.pipeline.test_any_order import messages_of
from tests.pipeline.working import take_in, work_off
from tests.voyages import Voyage, voyages

KST = timezone.get_fixed_timezone(9 * 60)
# By these an event's format and its source have the same name, so that both documents name the same source.
CARRIER, CUSTOMS = "dcsa.tnt2", "unipass.api001"
ARRIVED = [step("입항적재화물목록 심사완료", "2026-03-13 10:00", shed="", packages=None), entered("2026-03-14 15:00")]
HISTORY = [
    *ARRIVED,
    declared("2026-03-15 09:00"),
    step("검사대상", "2026-03-15 10:00", declaration=DECLARATION),
    released("2026-03-16 10:00"),
    revoked("2026-03-16 15:00"),
]


class Came(NamedTuple):
    """A message and when it came."""

    source: Source
    body: bytes
    at: datetime


def kst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@contextmanager
def at_time(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def take(came: Sequence[Came]) -> None:
    """Each message is received at its time and worked off."""
    for message in sorted(came, key=lambda one: one.at):
        with at_time(message.at):
            receive(message.source.pk, message.body)
            work_off()


def explained(came: Sequence[Came], as_of: datetime | None, known_by: tuple[str, str]) -> dict[str, Any] | None:
    """The document that ``explain`` makes of these messages for the shipment of that number."""
    events: list[Event | Retraction] = []
    # Of one report told twice the log keeps the copy that came first, explain the last that it is given; whether its
    # time was plausible was judged when that copy came.
    arrived = sorted(came, key=lambda one: one.at)
    for message in arrived[::-1]:
        outcomes = formats.decode(message.body, received_at=message.at)[1]
        events += [o for o in normalize(outcomes, message.at) if isinstance(o, Event | Retraction)]
    wanted = {"type": known_by[0], "value": known_by[1]}
    return next((found for found in explain(events, as_of=as_of) if wanted in found["references"]), None)


@pytest.fixture
def sources(db: None) -> tuple[Source, Source]:
    """A carrier and customs with the numbers, names and ranks that ``explain`` gives them."""
    return (
        Source.objects.create(id=1, slug=CARRIER, rank=50),
        Source.objects.create(id=2, slug=CUSTOMS, rank=50, kind=Source.Kind.CUSTOMS),
    )


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Registered on 1 March 2026 by its house bill."""
    with at_time(kst("2026-03-01 09:00")):
        return a_registered_shipment(shipper.organization, ("house_bill", HOUSE))


EMPTY = {"status": "expected", "milestone": None, "milestones": [], "deadlines": [], "timeline": []}


def test_what_was_not_received_yet_was_not_known(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    take(
        [
            Came(sources[1], unipass(HISTORY[: length + 1]), kst(at))
            for length, at in ((3, "2026-03-15 12:00"), (4, "2026-03-16 12:00"), (5, "2026-03-17 08:00"))
        ]
    )

    def believed(at: str) -> tuple[str, int]:
        found = history.as_of(shipper.viewer, shipment.pk, kst(at))
        return found["customs"]["state"], len(found["customs"]["releases"])

    assert believed("2026-03-15 11:59:59") == ("none", 0)
    assert believed("2026-03-15 12:00") == ("held", 0)
    assert believed("2026-03-16 11:59:59") == ("held", 0)
    assert believed("2026-03-16 12:00") == ("released", 1)
    assert believed("2026-03-17 07:59:59") == ("released", 1)
    assert believed("2026-03-17 08:00") == ("revoked", 1)


def test_before_the_first_event_it_is_the_empty_state(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    take([Came(sources[1], unipass(HISTORY), kst("2026-03-17 08:00"))])

    found = history.as_of(shipper.viewer, shipment.pk, kst("2026-02-01 09:00"))

    assert {key: found[key] for key in EMPTY} == EMPTY
    assert found["references"] == [{"type": "house_bill", "value": HOUSE}]
    assert found["as_of"] == {
        "at": "2026-02-01T00:00:00Z",
        "by": "received",
        "registered_at": "2026-03-01T00:00:00Z",
        "events": 0,
    }


def test_a_time_that_has_not_passed_gives_what_stands_now(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    take([Came(sources[1], unipass(HISTORY), kst("2026-03-17 08:00"))])
    take([Came(sources[0], dcsa(transport("ARRI", "2026-03-14 06:20", box=BOX)), kst("2026-03-17 09:00"))])

    found = history.as_of(shipper.viewer, shipment.pk, timezone.now() + timedelta(days=1))

    del found["as_of"]
    assert found == shipments.document(shipper.viewer, shipment.pk)[1]


def test_history_that_was_loaded_later_can_be_asked_for_by_when_it_was_reported(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    take([Came(sources[1], unipass(HISTORY), kst("2026-04-20 08:00"))])

    def state(at: str, by: str) -> str:
        return str(history.as_of(shipper.viewer, shipment.pk, kst(at), by)["customs"]["state"])

    assert state("2026-03-15 10:00", hindsight.RECEIVED) == "none"
    assert state("2026-03-15 10:00", hindsight.REPORTED) == "held"
    assert state("2026-03-16 10:00", hindsight.REPORTED) == "released"
    assert state("2026-03-16 15:00", hindsight.REPORTED) == "revoked"


def test_an_event_belongs_to_a_shipment_once_something_named_the_two_together(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    """The carrier knows the master bill; that it is this house's is known from customs' message on."""
    take(
        [
            Came(sources[0], dcsa(equipment("DISC", "2026-03-14 08:00")), kst("2026-03-14 09:00")),
            Came(sources[1], unipass(ARRIVED), kst("2026-03-15 09:00")),
        ]
    )

    before = history.as_of(shipper.viewer, shipment.pk, kst("2026-03-15 08:59:59"))
    after = history.as_of(shipper.viewer, shipment.pk, kst("2026-03-15 09:00"))

    assert (before["milestones"], before["containers"]) == ([], [])
    assert [row["milestone"] for row in after["milestones"]] == ["manifest_accepted", "discharged", "bonded_storage_in"]
    assert [row["number"] for row in after["containers"]] == [BOX]


def test_what_was_corrected_and_taken_back_later_stood_until_then(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    told = {"id": "E1", "created": "2026-03-06 10:00"}
    submitted = step("입항적재화물목록 제출", "2026-03-05 08:00", shed="", packages=None)
    take(
        [
            Came(sources[1], unipass([submitted]), kst("2026-03-06 09:00")),
            Came(sources[0], dcsa(transport("DEPA", "2026-03-05 18:00", "CNSHA", **told)), kst("2026-03-06 10:00")),
            Came(
                sources[0],
                dcsa(transport("DEPA", "2026-03-05 20:00", "CNSHA", id="E1", created="2026-03-07 10:00")),
                kst("2026-03-07 11:00"),
            ),
            Came(sources[0], dcsa(retraction("E1", "2026-03-08 10:00")), kst("2026-03-08 11:00")),
        ]
    )

    def departed(at: str) -> list[str]:
        found = history.as_of(shipper.viewer, shipment.pk, kst(at))
        return [row["occurred_at"] for row in found["milestones"] if row["milestone"] == "departed"]

    assert departed("2026-03-06 12:00") == ["2026-03-05T17:00:00+08:00"]
    assert departed("2026-03-07 12:00") == ["2026-03-05T19:00:00+08:00"]
    assert departed("2026-03-08 12:00") == []


def test_whose_an_ambiguous_event_is_holds_for_the_past_as_well(
    shipper: Person, sources: tuple[Source, Source]
) -> None:
    with at_time(kst("2026-03-01 09:00")):
        first, second = (
            a_registered_shipment(shipper.organization, ("house_bill", number), ("container", BOX))
            for number in (HOUSE, "KOSHA2603002")
        )
    take([Came(sources[0], dcsa(equipment("DISC", "2026-03-14 08:00", bill="")), kst("2026-03-14 09:00"))])
    asked = kst("2026-03-14 10:00")
    assert [history.as_of(shipper.viewer, one.pk, asked)["milestones"] for one in (first, second)] == [[], []]

    decide(UnresolvedEvent.objects.get().pk, second.pk)
    mark_due([first.pk, second.pk], "decided")
    work_off()

    assert history.as_of(shipper.viewer, first.pk, asked)["milestones"] == []
    found = history.as_of(shipper.viewer, second.pk, asked)["milestones"]
    assert [row["milestone"] for row in found] == ["discharged"]


def test_a_private_sources_event_is_none_of_a_shipment_whose_parties_do_not_have_it(
    shipper: Person, stranger: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    private = Source.objects.create(id=3, slug="theirs", organization=stranger.organization)
    body = unipass(HISTORY[:4])
    take([Came(private, body, kst("2026-03-16 12:00"))])

    assert history.as_of(shipper.viewer, shipment.pk, kst("2026-03-17 12:00"))["timeline"] == []


def test_a_stranger_finds_nothing(stranger: Person, sources: tuple[Source, Source], shipment: Shipment) -> None:
    take_in(sources[1], unipass(HISTORY))
    with pytest.raises(NotFound):
        history.as_of(stranger.viewer, shipment.pk, kst("2026-03-17 12:00"))


def test_it_costs_the_same_statements_however_much_was_said(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as statements:
            history.as_of(shipper.viewer, shipment.pk, timezone.now() - timedelta(seconds=1))
        return len(statements)

    take([Came(sources[1], unipass(ARRIVED), kst("2026-03-15 09:00"))])
    assert cost() == 6
    more = [equipment("DISC", f"2026-03-14 {n // 60:02d}:{n % 60:02d}", box=f"HDMU{n:07d}") for n in range(200)]
    take([Came(sources[0], dcsa(*more), kst("2026-03-15 10:00"))])
    assert cost() == 6


def compared(found: dict[str, Any], wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        assert {key: found[key] for key in EMPTY} == EMPTY
        return
    for key, value in wanted.items():
        assert found[key] == value, key


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(voyage=voyages(), seed=st.integers(0, 2**32), alone=st.booleans())
def test_at_every_events_time_it_is_what_explain_makes_of_the_messages_received_by_then(
    sources: tuple[Source, Source], shipper: Person, voyage: Voyage, seed: int, alone: bool
) -> None:
    """By the house bill, or by the master where no customs names a house below it."""
    random = Random(seed)
    number = ("master_bill", MASTER) if alone else ("house_bill", HOUSE)
    bodies = messages_of(Voyage(voyage.carrier, [] if alone else voyage.customs), *sources, random)
    pks = {source.pk: source for source in sources}
    # Another cargo of the carrier's comes first, so that explain numbers the sources alike from the beginning.
    other = dcsa(equipment("DISC", "2026-02-01 09:00", box="TCLU1234568", bill="HDMUBSN0000001"))
    came = [Came(sources[0], other, kst("2026-02-01 10:00"))]
    for pk, body in bodies:
        came.append(Came(pks[pk], body, kst("2026-03-01 00:00") + timedelta(minutes=random.randint(0, 20_000))))
    with transaction.atomic():
        with at_time(kst("2026-01-31 09:00")):
            registered = a_registered_shipment(shipper.organization, number)
        take(came)
        rows = history.read(shipper.viewer, registered.pk).said
        moments = {at for row in rows for at in (row.counts_from(), row.said_at(), row.received, row.occurred) if at}
        for at in sorted(moments):
            moment = identity.moment_of(at)
            found = history.as_of(shipper.viewer, registered.pk, moment)
            heard = [message for message in came if message.at <= moment]
            compared(found, explained(heard, moment, number))
            reported = history.as_of(shipper.viewer, registered.pk, moment, hindsight.REPORTED)
            compared(reported, explained(came, moment, number))
        folded(rows, history.read(shipper.viewer, registered.pk))
        transaction.set_rollback(True)


def folded(rows: list[hindsight.Said], log: history.Log) -> None:
    """The beliefs folded in one pass are those worked out for each time alone."""
    for by in hindsight.BASES:
        steps = dict(hindsight.beliefs(rows, log.shipment, by))
        standing: list[Any] = []
        for at in sorted({row.counts_from(by) for row in rows} - {None}):  # type: ignore[type-var]
            standing = steps.get(at, standing)
            assert standing == hindsight.believed(rows, log.shipment, at, by).entries


@pytest.fixture
def corpus() -> Path:
    folder = os.environ.get("CLIS_SAMPLE_CORPUS")
    if not folder:
        message = "CLIS_SAMPLE_CORPUS does not name the sample corpus"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return Path(folder) / "unipass"


def test_every_real_cargo_of_customs_at_every_time_of_it(
    corpus: Path, sources: tuple[Source, Source], shipper: Person
) -> None:
    files = [path for path in sorted(corpus.glob("*.xml")) if formats.detect(path.read_bytes()) == CUSTOMS]
    compared_times = 0
    for path in files:
        body = path.read_bytes()
        events = [event for event in formats.decode(body)[1] if isinstance(event, Event)]
        numbers = [(r.type, r.value) for event in events for r in event.references if r.type == "cargo_control_number"]
        if not numbers:
            continue
        with transaction.atomic():
            owner = OrganizationFactory.create()
            registered = a_registered_shipment(owner, numbers[0])
            message = Came(sources[1], body, timezone.now())
            # Explain finds the second source first where only one speaks.
            other = Came(sources[0], dcsa(equipment("DISC", "1999-02-01 09:00", bill="HDMUBSN0000001")), message.at)
            take([message])
            viewer = Person(shipper.user, owner).viewer
            log = history.read(viewer, registered.pk)
            assert EventRow.objects.filter(links__shipment=registered).count() == len(log.rows) > 0
            for at in sorted({row.said_at() or 0 for row in log.said} | {0}):
                moment = identity.moment_of(at)
                found = history.as_of(viewer, registered.pk, moment, hindsight.REPORTED)
                compared(found, explained([message, other], moment, numbers[0]))
                assert history.as_of(viewer, registered.pk, moment)["timeline"] == []
                compared_times += 1
            later = timezone.now() + timedelta(seconds=1)
            found = history.as_of(viewer, registered.pk, later)
            compared(found, explained([message, other], later, numbers[0]))
            transaction.set_rollback(True)
    assert compared_times > 100


def test_the_earliest_and_the_latest_years_do_no_harm(
    shipper: Person, sources: tuple[Source, Source], shipment: Shipment
) -> None:
    take([Came(sources[1], unipass(HISTORY, cargo=CARGO), kst("2026-03-17 08:00"))])
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert history.as_of(shipper.viewer, shipment.pk, first)["timeline"] == []
    last = datetime(9999, 12, 31, tzinfo=UTC)
    assert history.as_of(shipper.viewer, shipment.pk, last)["customs"]["state"] == "revoked"
