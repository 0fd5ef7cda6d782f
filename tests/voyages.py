"""Voyages for property tests: everything that carriers and customs may say of one master bill, as messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests import messages
from tests.messages import BOX, DECLARATION, HOUSE, MASTER, SECOND_BOX

START = datetime(2026, 3, 1)
SECOND_HOUSE = "KOSHA2603002"
SECOND_CARGO = "26HDMU0123I00150032"
BOOKING = "BK26030001"
PORTS = ("CNSHA", "SGSIN", "KRPUS")


@dataclass(frozen=True)
class Voyage:
    """``carrier`` are DCSA events, ``customs`` whole UNI-PASS snapshots: units that may come in any order."""

    carrier: list[dict[str, Any]] = field(default_factory=list)
    customs: list[bytes] = field(default_factory=list)


def at(hours: float) -> str:
    """That many hours after the voyage began."""
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def _moves(box: str, bill: str, booking: str, *, through: bool) -> list[tuple[str, dict[str, Any]]]:
    """A box's plan, estimates and history, each under a name that its event id is made of."""
    words: dict[str, Any] = {"box": box, "bill": bill, "booking": booking}
    told: list[tuple[str, dict[str, Any]]] = [
        ("empty", messages.equipment("GTOT", at(2), "CNSHA", empty=True, **words)),
        ("in", messages.equipment("GTIN", at(20), "CNSHA", **words)),
        ("load", messages.equipment("LOAD", at(30), "CNSHA", **words)),
        ("departure-plan", messages.transport("DEPA", at(31), "CNSHA", classifier="PLN", created=at(1), **words)),
        ("departure", messages.transport("DEPA", at(33), "CNSHA", **words)),
    ]
    if through:
        told += [
            ("call", messages.transport("ARRI", at(80), "SGSIN", **words)),
            ("call-out", messages.equipment("DISC", at(84), "SGSIN", **words)),
            ("call-in", messages.equipment("LOAD", at(90), "SGSIN", **words)),
            ("call-left", messages.transport("DEPA", at(95), "SGSIN", **words)),
        ]
    told += [
        ("arrival-plan", messages.transport("ARRI", at(140), "KRPUS", classifier="PLN", created=at(1), **words)),
        ("arrival-soon", messages.transport("ARRI", at(150), "KRPUS", classifier="EST", created=at(60), **words)),
        ("arrival-soon", messages.transport("ARRI", at(146), "KRPUS", classifier="EST", created=at(100), **words)),
        ("arrival-soon", messages.transport("ARRI", at(150), "KRPUS", classifier="EST", created=at(120), **words)),
        ("arrival", messages.transport("ARRI", at(151), "KRPUS", **words)),
        ("discharge", messages.equipment("DISC", at(156), "KRPUS", **words)),
        ("out", messages.equipment("GTOT", at(260), "KRPUS", **words)),
        ("back", messages.equipment("GTIN", at(300), "KRPUS", empty=True, **words)),
    ]
    return told


@st.composite
def _carrier_events(draw: st.DrawFn) -> list[dict[str, Any]]:
    boxes = draw(st.sampled_from([(BOX,), (BOX, SECOND_BOX)]))
    through = draw(st.booleans())
    bill = draw(st.sampled_from([MASTER, MASTER, ""]))
    booking = draw(st.sampled_from(["", BOOKING]))
    gives_ids = draw(st.booleans())
    events: list[dict[str, Any]] = []
    for box in boxes:
        moves = _moves(box, bill, booking, through=through)
        for name, event in draw(st.lists(st.sampled_from(moves), min_size=2, max_size=10, unique_by=id)):
            if gives_ids:
                event = event | {"eventID": f"{box}-{name}"}
            # Some events name only the box, and some only the bill.
            if draw(st.integers(0, 5)) == 0:
                event = event | {"documentReferences": []}
            events.append(event)
    if draw(st.booleans()):
        events += _customs_by_carrier(draw)
    if gives_ids:
        events += _corrections(draw, events)
    return events


def _customs_by_carrier(draw: st.DrawFn) -> list[dict[str, Any]]:
    told = [
        messages.document("HOLD", at(160), id="hold", box=BOX),
        messages.document("RELS", at(170), id="release", box=BOX),
        messages.document("REQS", at(158), id="inspection"),
        messages.document("CMPL", at(165), id="inspected"),
        messages.document("HOLD", at(180), id="late-hold"),
        messages.document("ISSU", at(200), kind="SRM", number="DO1", id="delivery-order"),
    ]
    return draw(st.lists(st.sampled_from(told), max_size=5, unique_by=id))


def _corrections(draw: st.DrawFn, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same ids with other words and a later creation, new versions, and some taken back."""
    more: list[dict[str, Any]] = []
    with_id = [event for event in events if event.get("eventID")]
    for event in draw(st.lists(st.sampled_from(with_id), max_size=4)) if with_id else []:
        hours = draw(st.integers(301, 340))
        kind = draw(st.sampled_from(["moved", "moved", "version", "retracted", "retracted bare", "again"]))
        created = {"eventCreatedDateTime": messages._instant(at(hours))}
        if kind == "moved":
            more.append(event | created | {"eventDateTime": messages._instant(at(draw(st.integers(3, 290))))})
        elif kind == "version":
            version = {"eventUpdatedDateTime": messages._instant(at(hours))}
            more.append(event | version | {"eventDateTime": messages._instant(at(draw(st.integers(3, 290))))})
        elif kind == "again":
            more.append(event | created)
        else:
            bill = MASTER if kind == "retracted" else ""
            more.append(messages.retraction(event["eventID"], at(hours), bill=bill))
    return more


_MANIFEST = (
    messages.step("입항적재화물목록 제출", at(140), shed="", packages=None),
    messages.step("입항적재화물목록 심사완료", at(141), shed="", packages=None),
    messages.step("입항보고 수리", at(151), shed="", packages=None),
    messages.step("하선신고 수리", at(152)),
)
_INSPECTION = (messages.step("검사대상", at(190), declaration=DECLARATION),)
_INSPECTED = (messages.step("검사완료", at(195), declaration=DECLARATION),)


@st.composite
def _customs_snapshots(draw: st.DrawFn) -> list[bytes]:
    steps = list(_MANIFEST)
    if draw(st.booleans()):
        steps += [
            messages.step("보세운송 신고 접수", at(154)),
            messages.step("보세운송 신고 수리", at(155)),
            messages.step("반출신고", at(158), content="보세운송 반출", moved_at=at(158)),
            messages.entered(at(166), bonded=True),
        ]
    else:
        steps.append(messages.entered(at(166)))
    steps.append(messages.declared(at(180)))
    if draw(st.booleans()):
        steps += _INSPECTION
        if draw(st.booleans()):
            steps += _INSPECTED
    steps.append(messages.released(at(200)))
    if draw(st.booleans()):
        steps.append(messages.revoked(at(210)))
        if draw(st.booleans()):
            steps += [messages.declared(at(220), declaration="4291826000999M")]
            steps += [messages.released(at(225), declaration="4291826000999M")]
    steps.append(messages.removed(at(250), packages=draw(st.sampled_from([420, 200]))))
    steps.append(messages.step("뜻을 모르는 말", at(255)))
    lengths = draw(st.lists(st.integers(1, len(steps)), min_size=1, max_size=3))
    snapshots = []
    for length in lengths:
        header: dict[str, Any] = {"old_words": draw(st.booleans()), "box": draw(st.sampled_from(["", BOX]))}
        header["packages"] = draw(st.sampled_from([420, 420, 415]))
        snapshots.append(messages.unipass(steps[:length], **header))
    if draw(st.booleans()):
        other: dict[str, Any] = {"cargo": SECOND_CARGO, "house": SECOND_HOUSE, "box": BOX}
        snapshots.append(messages.unipass(steps[: draw(st.integers(1, len(steps)))], **other))
    return snapshots


@st.composite
def voyages(draw: st.DrawFn) -> Voyage:
    """One voyage with plans, estimates, actuals, corrections, retractions, holds, releases and what undoes them."""
    return Voyage(draw(_carrier_events()), draw(_customs_snapshots()))


# What people may have registered of it: (type, number), and whether the load shares its box.
REGISTRATIONS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "house": ((("house_bill", HOUSE),), ""),
    "house and box": ((("house_bill", HOUSE), ("container", BOX)), ""),
    "shared box": ((("house_bill", HOUSE), ("container", BOX)), "lcl"),
    "other house": ((("house_bill", SECOND_HOUSE),), ""),
    "master": ((("master_bill", MASTER),), ""),
    "master and box": ((("master_bill", MASTER), ("container", BOX)), ""),
    "box": ((("container", BOX),), ""),
    "second box": ((("container", SECOND_BOX),), ""),
    "cargo number": ((("cargo_control_number", messages.CARGO),), ""),
    "booking": ((("booking", BOOKING),), ""),
}
# An organization with two shipments that could be meant by the same box.
TWICE = ("house and box", "other house", "box")
