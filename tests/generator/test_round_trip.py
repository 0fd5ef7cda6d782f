"""What is written is read: every fact of the truth, at its time and place, and nothing else; dialect by dialect."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cargo import formats
from cargo.domain.event import Event, FormatError, Warehouse
from cargo.management.generator import feeds, truth, unipass_containers_xml
from cargo.management.generator.message import CUSTOMS_SOURCE, DIALECTS, Message, file_name
from cargo.management.generator.places import PORTS
from cargo.management.generator.story import Cargo
from cargo.management.generator.world import World
from cargo.pipeline.normalize import normalize
from tests.generator.worlds import a_world

# Source, subject, milestone, classifier, time, container, place.
Report = tuple[str, str, str, str, float, str, str]
# These tell no time of a cargo, and are tested apart.
APART = frozenset({"unipass005", "unipass020"})
TELLING = tuple(name for name in DIALECTS if name not in APART)
# How many different milestones a dialect tells at least, where it is not four.
FEW = {"unipass002": 3, "unipass021": 1, "unipass024": 2}
READING = json.dumps(feeds.reading())
SEOUL = ZoneInfo("Asia/Seoul")
# An event of a document, which names no place.
OF_DOCUMENTS = frozenset({"vgm_submitted"})


def decoded(messages: list[Message]) -> Iterator[tuple[Message, Event]]:
    """The events as the pipeline places them. No message may hold anything else, or anything to warn of."""
    for number, message in enumerate(messages):
        received = datetime.fromtimestamp(message.sent_at, UTC)
        body, request = message.body(), file_name(message, number)
        name, outcomes = formats.decode(body, received_at=received, request=request, reading=READING)
        assert name == DIALECTS[message.dialect].FORMAT
        for outcome in normalize(outcomes, received):
            assert isinstance(outcome, Event), f"{message.subject}: {outcome}"
            assert outcome.warnings == days_only(message, outcome), f"{message.source}: {outcome.source_code}"
            yield message, outcome


def days_only(message: Message, event: Event) -> tuple[str, ...]:
    """What is said of a sailing on an export declaration: customs gives its day alone."""
    by_day = getattr(DIALECTS[message.dialect], "BY_DAY", ())
    return ("date_only: tkofDt has no time of day",) if event.milestone in by_day else ()


def reports_read(messages: list[Message]) -> set[Report]:
    """A place counts where the truth names one. What befell a whole bill may be said of each of its boxes."""
    found = set()
    for message, event in decoded(messages):
        assert event.occurred_at is not None
        milestone = event.milestone.removeprefix("transshipment_")
        at = event.occurred_at.timestamp()
        if message.dialect == "unipass":
            found.add((message.source, message.subject, milestone, event.classifier, at, "", ""))
            continue
        facts = [*message.box.facts, *(fact for cargo in message.box.cargoes for fact in cargo.facts)]
        about = [
            fact
            for fact in facts
            if fact.by != "customs" and fact.milestone.removeprefix("transshipment_") == milestone
        ]
        container = event.reference("container") or "" if any(fact.container for fact in about) else ""
        place = event.place.code or "" if event.place and any(fact.place for fact in about) else ""
        subject = message.box.master_bill
        found.add((message.source, subject, milestone, event.classifier, at, container, place))
    return found


def reports_told(world: World, until: int, dialect: str = "") -> set[Report]:
    """From the truth file's own rows, times as exact as each dialect writes them.

    The place's part in the journey (transshipment) is not in every message.
    """
    told: set[Report] = set()
    for cargo in world.cargoes:
        document = truth.of(cargo, world.now)
        for row in [*document["milestones"], *document["expected"]]:
            for source, when in row["told_by"].items():
                spoken = source.partition("-")[0]
                if datetime.fromisoformat(when).timestamp() <= until and dialect in ("", spoken):
                    told.add(_report(cargo, row, source))
    return told


def _report(cargo: Cargo, row: dict[str, Any], source: str) -> Report:
    subject = cargo.cargo_number if source == CUSTOMS_SOURCE else cargo.box.master_bill
    milestone = row["milestone"].removeprefix("transshipment_")
    container = row.get("container", "")
    place = "" if milestone in OF_DOCUMENTS else row.get("place", "")
    at = _written(datetime.fromisoformat(row["occurred_at"]), milestone, source)
    return source, subject, milestone, row.get("classifier", "actual"), at, container, place


def _written(at: datetime, milestone: str, source: str) -> float:
    """A time as exact as the dialect of the source writes it."""
    dialect = DIALECTS[source.partition("-")[0]]
    if milestone in getattr(dialect, "BY_DAY", ()):
        at = at.astimezone(SEOUL).replace(hour=0, minute=0, second=0)
    return at.timestamp() - at.timestamp() % dialect.PRECISION


def timed(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.dialect in TELLING]


@pytest.mark.parametrize(("shipments", "seed"), [(200, 7), (50, 1)])
def test_everything_ever_told_reads_as_the_truth(shipments: int, seed: int) -> None:
    world, messages = a_world(shipments, seed)
    told = reports_told(world, messages[-1].sent_at)
    assert len(told) > 25 * shipments
    assert reports_read(timed(messages)) == told


def test_what_was_sent_until_now_reads_as_what_was_told_until_now() -> None:
    world, messages = a_world(50, 1)
    sent = [message for message in timed(messages) if message.sent_at <= world.now]
    assert 0 < len(sent) < len(messages)
    assert reports_read(sent) == reports_told(world, world.now)


@pytest.mark.parametrize("dialect", TELLING)
def test_each_dialect_tells_the_truth(dialect: str) -> None:
    world, messages = a_world(60)
    own = [message for message in messages if message.dialect == dialect]
    told = reports_told(world, messages[-1].sent_at, dialect)
    assert len({report[2] for report in told}) >= FEW.get(dialect, 4)
    assert reports_read(own) == told


def test_others_tell_of_the_same_moves_as_the_carrier() -> None:
    world, _ = a_world()
    twice: dict[str, set[str]] = {}
    for fact in (fact for box in world.boxes for fact in box.facts if fact.by == "carrier"):
        for source in fact.told_by:
            twice.setdefault(source.partition("-")[0], set()).add(fact.milestone)
    assert twice["terminal"] == {"gate_in", "loaded", "discharged", "gate_out"}
    assert twice["trucker"] == {"gate_out", "empty_returned"}
    assert twice["epcis"] == {"stuffed", "stripped"}
    assert twice["forwarder"] == {"loaded", "departed", "arrived", "discharged", "freight_released"}
    assert twice["unipass002"] == {"departed"}
    assert twice["unipass021"] == {"arrived"}
    assert twice["unipass024"] == {"arrived", "departed"}
    assert not {"unipass", "unipass005", "unipass020"} & set(twice)


def test_an_export_has_a_last_day_to_load() -> None:
    world, messages = a_world()
    accepted = {cargo.declarations[0]: cargo.facts[0] for cargo in world.cargoes if cargo.scene.kind == "export"}
    seen = set()
    for message, event in decoded([message for message in messages if message.dialect == "unipass002"]):
        if event.milestone != "export_cleared":
            continue
        assert message.cargo is not None
        assert event.deadline is not None and event.deadline.kind == "loading"
        assert event.deadline.date == datetime.fromtimestamp(accepted[message.subject].until, SEOUL).date()
        assert {("declaration", message.subject), ("house_bill", message.cargo.house_bill)} <= {
            (reference.type, reference.value) for reference in event.references
        }
        seen.add(message.subject)
    assert seen == set(accepted)


def test_the_warehouses_of_every_office_where_goods_lie_are_told_with_their_flags() -> None:
    world, messages = a_world()
    told = {}
    for number, message in enumerate(message for message in messages if message.dialect == "unipass005"):
        _, outcomes = formats.decode(message.body(), request=file_name(message, number))
        for outcome in outcomes:
            assert isinstance(outcome, Warehouse)
            assert outcome.customs_office == message.subject
            told[outcome.code] = {
                "name": outcome.name,
                "late_removal_fine": outcome.late_removal_fine,
                "late_declaration_surcharge": outcome.late_declaration_surcharge,
                "unloading_place": outcome.unloading_place,
            }
    offices = {cargo.box.terminal.code[:3] for cargo in world.cargoes if cargo.box.terminal is not None}
    assert told == {code: row for code, row in truth.warehouses().items() if code[:3] in offices}
    assert {row["late_declaration_surcharge"] for row in told.values()} == {True, False}


def test_what_the_answer_leaves_out_stands_in_the_name_of_the_message() -> None:
    _, messages = a_world(60)
    for message, event in decoded([message for message in messages if message.dialect in ("unipass021", "unipass024")]):
        kind = "air_waybill" if message.box.air else "master_bill"
        assert event.reference(kind) == message.box.master_bill


def test_each_trucker_has_its_own_encoding_and_needs_its_own_columns() -> None:
    _, messages = a_world(60)
    tables = {message.source: message.body() for message in messages if message.dialect == "trucker"}
    assert tables["trucker-mrgl"].startswith(b"\xef\xbb\xbf")
    assert "출문" in tables["trucker-dlgr"].decode("cp949")
    with pytest.raises(UnicodeDecodeError):
        tables["trucker-dlgr"].decode()
    for body in (*tables.values(), next(message.body() for message in messages if message.dialect == "forwarder")):
        with pytest.raises(FormatError, match="nobody has said yet what its columns mean"):
            list(formats.decode(body)[1])


def test_air_cargo_is_told_in_every_dialect_of_the_airlines() -> None:
    world, messages = a_world()
    own = Counter(message.dialect for message in messages if message.box.air)
    assert {box.airline.dialect for box in world.boxes if box.airline} == {"fsu", "xfsu", "onerecord"}
    assert min(own[dialect] for dialect in ("fsu", "xfsu", "onerecord")) > 20


def test_places_of_what_befell_documents_are_ends_of_the_journey() -> None:
    _, messages = a_world(40)
    seen = 0
    for message, event in decoded(
        [message for message in messages if message.dialect in ("iftsta", "x12", "fsu", "xfsu")]
    ):
        assert event.place is not None and event.place.code in PORTS
        stops = {code for leg in message.box.legs for code in (leg.origin.code, leg.destination.code)}
        assert event.place.code in stops
        assert event.time_basis == "place"
        seen += 1
    assert seen > 200


def test_the_list_of_containers_names_all_of_a_cargo_with_their_seals() -> None:
    _, messages = a_world(40)
    lists = [message for message in messages if message.dialect == "unipass020"]
    assert len(lists) > 10
    for message in lists:
        events = [event for _, event in decoded([message])]
        assert [event.reference("container") for event in events] == message.box.containers
        for event in events:
            assert event.milestone == "containers_listed"
            assert event.reference("cargo_control_number") == message.subject
            assert event.reference("seal") == unipass_containers_xml.seal(event.reference("container") or "")


def test_removals_add_up_to_what_the_manifest_says() -> None:
    world, messages = a_world()
    removed: dict[str, int] = {}
    last: dict[str, Message] = {}
    for message in messages:
        if message.dialect == "unipass":
            # The fullest, not the latest: an older answer may come after a newer one.
            last[message.subject] = max(message, last.get(message.subject, message), key=lambda one: len(one.facts))
    for message, event in decoded(list(last.values())):
        if event.milestone in ("gate_out", "gate_out_before_release"):
            assert event.quantity is not None and event.quantity.packages is not None
            removed[message.subject] = removed.get(message.subject, 0) + event.quantity.packages
    expected = {cargo.cargo_number: cargo.packages for cargo in world.cargoes if cargo.cargo_number in last}
    assert removed == {number: packages for number, packages in expected.items() if number in removed}
    assert len(removed) == len(expected)


def test_notices_carry_the_storage_limit_and_extensions_their_day() -> None:
    _, messages = a_world()
    kinds: dict[str, int] = {}
    for _, event in decoded([message for message in messages if message.dialect == "unipass"][-400:]):
        if event.deadline is not None:
            kinds[event.deadline.kind] = kinds.get(event.deadline.kind, 0) + 1
    assert kinds.get("storage_limit", 0) > 0
    assert kinds.get("entry_limit", 0) > 0
