"""``?as_of=`` and the evidence file: what was believed when, and everything that was said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking
from cargo.models import Event, InboundMessage, Party, Shipment, Source
from cargo.pipeline.receive import receive
from cargo.selectors import evidence, slices
from clis.accounts.models import ApiKey
from tests.api.conftest import problem
from tests.messages import (
    BOX,
    DECLARATION,
    HOUSE,
    MASTER,
    SECOND_BOX,
    dcsa,
    declared,
    entered,
    equipment,
    released,
    removed,
    retraction,
    revoked,
    step,
    transport,
    unipass,
)
from tests.people import Person
from tests.pipeline.working import work_off

V1 = "/api/v1/shipments/"
RENEWED = "4291826000999M"
STEPS = [
    step("입항적재화물목록 심사완료", "2026-03-13 10:00", shed="", packages=None),
    entered("2026-03-14 15:00", notice="가상창고의 장치기간은 최대 2 개월 입니다."),
    declared("2026-03-15 09:00"),
    step("검사대상", "2026-03-15 10:00", declaration=DECLARATION),
    released("2026-03-16 10:00"),
    revoked("2026-03-16 15:00"),
    declared("2026-03-17 09:00", declaration=RENEWED),
    released("2026-03-17 11:00", declaration=RENEWED),
    removed("2026-03-18 09:00", declaration=RENEWED),
]


def kst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.get_fixed_timezone(9 * 60))


def take(source: Source, body: bytes, at: str) -> str:
    """Received at that Korean wall time and worked off; gives the message's SHA-256."""
    with time_machine.travel(kst(at), tick=False):
        receive(source.pk, body)
        work_off()
    return sha256(body).hexdigest()


@pytest.fixture
def customs(db: None) -> Source:
    return Source.objects.create(slug="unipass", name="Korea Customs", kind=Source.Kind.CUSTOMS, rank=10)


@pytest.fixture
def carrier(db: None) -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Alice's, registered on 1 March 2026."""
    assert shipper.organization
    with time_machine.travel(kst("2026-03-01 09:00"), tick=False):
        return booking.register(shipper.organization.pk, [("house_bill", HOUSE), ("master_bill", MASTER)])


@pytest.fixture
def reader(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(shipper.organization, "shipments:read", last_used_at=timezone.now()))


@pytest.fixture
def told(shipment: Shipment, customs: Source) -> Shipment:
    """Customs' story, told in five messages."""
    for length, at in ((3, "2026-03-15 09:30"), (4, "2026-03-15 12:00"), (5, "2026-03-16 10:30")):
        take(customs, unipass(STEPS[:length]), at)
    take(customs, unipass(STEPS[:6]), "2026-03-16 16:00")
    take(customs, unipass(STEPS), "2026-03-18 09:30")
    return shipment


def state_at(reader: Client, shipment: Shipment, at: str, **more: str) -> str:
    answer = reader.get(f"{V1}{shipment.pk}/", {"as_of": at, **more})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["customs"]["state"])


def test_a_release_its_revocation_and_its_renewal_at_each_time(reader: Client, told: Shipment) -> None:
    assert state_at(reader, told, "2026-03-15T08:00:00+09:00") == "none"
    assert state_at(reader, told, "2026-03-15T09:30:00+09:00") == "declared"
    assert state_at(reader, told, "2026-03-15T03:00:00Z") == "held"
    assert state_at(reader, told, "2026-03-16T10:30:00+09:00") == "released"
    assert state_at(reader, told, "2026-03-16T16:00:00+09:00") == "revoked"
    assert state_at(reader, told, "2026-03-18T09:30:00+09:00") == "released"
    assert state_at(reader, told, "2026-03-15T10:00:00+09:00") == "declared"
    assert state_at(reader, told, "2026-03-15T10:00:00+09:00", by="reported") == "held"


def test_the_past_has_no_etag_and_is_not_kept(reader: Client, told: Shipment) -> None:
    now = reader.get(f"{V1}{told.pk}/")
    past = reader.get(f"{V1}{told.pk}/", {"as_of": "2026-03-16T16:00:00+09:00"}, headers={"if-none-match": now["ETag"]})

    assert past.status_code == 200
    assert "ETag" not in past
    assert past["Cache-Control"] == "private, no-store"
    assert past.json()["as_of"] == {
        "at": "2026-03-16T07:00:00Z",
        "by": "received",
        "registered_at": "2026-03-01T00:00:00Z",
        "events": 6,
    }
    assert "as_of" not in now.json()


def test_the_future_is_now(reader: Client, told: Shipment) -> None:
    later = reader.get(f"{V1}{told.pk}/", {"as_of": (timezone.now() + timedelta(days=9)).isoformat()}).json()
    del later["as_of"]
    assert later == reader.get(f"{V1}{told.pk}/").json()


@pytest.mark.parametrize("wrong", ["2026-03-16T16:00:00", "2026-03-16", "yesterday", "", "2026-13-01T00:00:00Z", "NaN"])
def test_a_time_that_is_none_is_refused_by_name(reader: Client, told: Shipment, wrong: str) -> None:
    answer = reader.get(f"{V1}{told.pk}/", {"as_of": wrong})
    assert problem(answer) == (400, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["as_of"]


def test_by_something_else(reader: Client, told: Shipment) -> None:
    answer = reader.get(f"{V1}{told.pk}/", {"as_of": "2026-03-16T07:00:00Z", "by": "recorded"})
    assert [error["field"] for error in answer.json()["errors"]] == ["by"]


def test_a_stranger_gets_what_does_not_exist(stranger_client: Client, told: Shipment) -> None:
    for path in (f"{V1}{told.pk}/?as_of=2026-03-16T07:00:00Z", f"{V1}{told.pk}/evidence/", f"{V1}999999/evidence/"):
        assert problem(stranger_client.get(path)) == (404, "not_found")


def get(reader: Client, shipment: Shipment, container: str = "") -> dict[str, Any]:
    answer = reader.get(f"{V1}{shipment.pk}/evidence/", {"container": container} if container else {})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_every_event_with_its_times_its_message_and_the_part_behind_it(
    reader: Client, shipment: Shipment, customs: Source
) -> None:
    digest = take(customs, unipass(STEPS[:4]), "2026-03-15 12:00")
    (held,) = (row for row in get(reader, shipment)["content"]["events"] if row["effect"] == "hold_open")

    assert held["milestone"] == "inspection_ordered"
    assert held["occurred_at"] == held["reported_at"] == "2026-03-15T10:00:00+09:00"
    assert (held["time_zone"], held["received_at"]) == ("Asia/Seoul", "2026-03-15T03:00:00Z")
    assert (held["source"], held["source_name"], held["format"]) == ("unipass", "Korea Customs", "unipass.api001")
    assert held["message"] == {
        "sha256": digest,
        "bytes": InboundMessage.objects.get().size,
        "format": "unipass.api001",
    }
    assert held["position"] == "cargCsclPrgsInfoDtlQryVo[1]"
    assert "<cargTrcnRelaBsopTpcd>검사대상</cargTrcnRelaBsopTpcd>" in held["slice"]
    assert "수입신고" not in held["slice"] and "<hblNo>" not in held["slice"]
    assert (held["standing"], held["decided_by"]) == ("stands", None)


def test_the_release_the_revocation_and_the_renewal_are_in_it(reader: Client, told: Shipment) -> None:
    customs = get(reader, told)["content"]["state"]["customs"]
    rows = [(row["released_at"], row["revoked_at"]) for row in customs["releases"]]
    assert rows == [
        ("2026-03-16T10:00:00+09:00", "2026-03-16T15:00:00+09:00"),
        ("2026-03-17T11:00:00+09:00", None),
    ]
    assert [(row["placed_at"], row["cleared_at"], row["cleared_by"]) for row in customs["holds"]] == [
        ("2026-03-15T10:00:00+09:00", "2026-03-16T10:00:00+09:00", "release")
    ]


def test_the_last_days_as_they_were_believed(reader: Client, told: Shipment) -> None:
    """The time for removing follows a release: it ended with the revocation and began anew."""
    beliefs = get(reader, told)["content"]["beliefs"]
    removal = [(row["value"], row["since"], row["until"]) for row in beliefs if row["kind"] == "removal"]
    assert removal == [
        ("2026-03-31T23:59:59+09:00", "2026-03-16T01:30:00Z", "2026-03-16T07:00:00Z"),
        ("2026-04-01T23:59:59+09:00", "2026-03-18T00:30:00Z", None),
    ]
    declaration = [row for row in beliefs if row["kind"] == "import_declaration"]
    assert [(row["since"], row["until"]) for row in declaration] == [("2026-03-15T00:30:00Z", None)]


def test_what_was_corrected_and_taken_back_names_what_did_it(
    reader: Client, shipment: Shipment, carrier: Source
) -> None:
    take(carrier, dcsa(transport("DEPA", "2026-03-05 18:00", "CNSHA", id="E1")), "2026-03-06 10:00")
    correction = transport("DEPA", "2026-03-05 20:00", "CNSHA", id="E1", created="2026-03-07 10:00")
    take(carrier, dcsa(correction), "2026-03-07 11:00")
    take(carrier, dcsa(transport("ARRI", "2026-03-14 06:20", id="E2")), "2026-03-14 08:00")
    gone = take(carrier, dcsa(retraction("E2", "2026-03-15 10:00")), "2026-03-15 11:00")

    content = get(reader, shipment)["content"]
    first, second, arrived = content["events"]
    (taken_back,) = content["retractions"]

    assert [row["standing"] for row in (first, second, arrived)] == ["superseded", "stands", "taken_back"]
    assert (first["decided_by"], arrived["decided_by"]) == (second["id"], taken_back["id"])
    assert (taken_back["message"]["sha256"], taken_back["standing"]) == (gone, "takes_back")
    assert json.loads(taken_back["slice"])["retractedEventID"] == "E2"


def test_of_one_container(reader: Client, shipment: Shipment, carrier: Source) -> None:
    moves = [equipment("DISC", "2026-03-14 08:00", box=box) for box in (BOX, SECOND_BOX)]
    take(carrier, dcsa(*moves, transport("ARRI", "2026-03-14 06:20")), "2026-03-14 09:00")

    both, one = get(reader, shipment)["content"], get(reader, shipment, BOX.lower())["content"]

    assert both["shipment"]["containers"] == one["shipment"]["containers"] == [BOX, SECOND_BOX]
    assert (both["shipment"]["container"], one["shipment"]["container"]) == (None, BOX)
    assert [row["milestone"] for row in both["events"]] == ["arrived", "discharged", "discharged"]
    assert [row["milestone"] for row in one["events"]] == ["arrived", "discharged"]
    assert SECOND_BOX not in json.dumps(one["events"])


def test_a_container_that_is_not_of_it(reader: Client, told: Shipment) -> None:
    answer = reader.get(f"{V1}{told.pk}/evidence/", {"container": SECOND_BOX})
    assert problem(answer) == (400, "invalid")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("container", "unknown_container")
    ]


def test_it_is_the_same_for_everybody_until_something_else_is_received(
    reader: Client, told: Shipment, forwarder: Person, forwarder_client: Client, customs: Source
) -> None:
    assert forwarder.organization
    Party.objects.create(shipment=told, organization=forwarder.organization, role=Party.Role.FORWARDER)
    mine, theirs = get(reader, told), get(forwarder_client, told)

    written = json.dumps(mine["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert mine["digest"] == {"algorithm": "sha-256", "value": sha256(written.encode()).hexdigest(), "of": "content"}
    assert theirs["digest"] == mine["digest"]
    assert mine["made_for"] == {"organization": "Alice Imports", "person": None, "key": "A program"}
    assert theirs["made_for"] == {"organization": "Bob Forwarding", "person": "Bob", "key": None}

    take(customs, unipass([*STEPS, step("뜻을 모르는 말", "2026-03-19 09:00")]), "2026-03-19 10:00")
    assert get(reader, told)["digest"] != mine["digest"]


def test_a_file_to_keep(reader: Client, told: Shipment) -> None:
    answer = reader.get(f"{V1}{told.pk}/evidence/")
    assert answer["Content-Disposition"] == f'attachment; filename="clis-evidence-{told.pk}.json"'
    assert answer["Cache-Control"] == "private, no-store"


def test_a_private_sources_part_is_shown_to_the_parties_and_to_nobody_else(
    reader: Client,
    shipment: Shipment,
    shipper: Person,
    forwarder: Person,
    forwarder_client: Client,
    stranger: Person,
    stranger_client: Client,
) -> None:
    """DECISIONS 3: it attaches where its organization is party, and is seen by all parties there."""
    assert forwarder.organization and stranger.organization
    Party.objects.create(shipment=shipment, organization=forwarder.organization, role=Party.Role.FORWARDER)
    own = Source.objects.create(slug="alices", organization=shipper.organization)
    theirs = Source.objects.create(slug="charlies", organization=stranger.organization)
    other = booking.register(stranger.organization.pk, [("house_bill", HOUSE), ("master_bill", MASTER)])
    take(
        own,
        dcsa(equipment("DISC", "2026-03-14 08:00"), equipment("LOAD", "2026-03-04 08:00", "CNSHA")),
        "2026-03-14 09:00",
    )
    take(theirs, dcsa(equipment("GTOT", "2026-03-16 08:00")), "2026-03-16 09:00")

    for client in (reader, forwarder_client):
        events = get(client, shipment)["content"]["events"]
        assert [(row["milestone"], row["source"]) for row in events] == [("loaded", "alices"), ("discharged", "alices")]
        assert [json.loads(row["slice"])["equipmentEventTypeCode"] for row in events] == ["LOAD", "DISC"]
    (seen,) = get(stranger_client, other)["content"]["events"]
    assert (seen["source"], seen["milestone_reported"]) == ("charlies", "gate_out")


def test_a_thousand_events_cost_the_same_statements(reader: Client, shipment: Shipment, carrier: Source) -> None:
    def cost() -> tuple[int, dict[str, Any]]:
        with CaptureQueriesContext(connection) as statements:
            found = get(reader, shipment)
        return len(statements), found["content"]

    take(carrier, dcsa(equipment("DISC", "2026-03-14 08:00")), "2026-03-14 09:00")
    few, _ = cost()
    for part in range(10):
        numbers = range(part * 100, part * 100 + 100)
        boxes = [equipment("DISC", f"2026-03-14 {n // 60:02d}:{n % 60:02d}", box=f"HDMU{n:07d}") for n in numbers]
        take(carrier, dcsa(*boxes), f"2026-03-15 {part:02d}:00")
    many, content = cost()

    assert many == few
    assert len(content["events"]) == Event.objects.count() == 1001
    assert all(row["slice"] for row in content["events"])
    assert content["limits"]["events_left_out"] == content["limits"]["slices_left_out"] == 0


def test_what_is_left_out_is_said(reader: Client, told: Shipment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_EVENTS", 3)
    monkeypatch.setattr(slices, "READ_BYTES", 0)
    content = get(reader, told)["content"]
    assert [row["milestone"] for row in content["events"]] == ["import_declared", "customs_released", "gate_out"]
    assert {row["slice_missing"] for row in content["events"]} == {"too_much"}
    assert (content["limits"]["events_left_out"], content["limits"]["slices_left_out"]) == (6, 3)


def test_a_long_part_is_cut(reader: Client, told: Shipment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_BYTES", 10)
    row = get(reader, told)["content"]["events"][0]
    assert (len(row["slice"]), row["slice_cut"]) == (10, True)
