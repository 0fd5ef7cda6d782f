"""Every real UNI-PASS cargo of the sample corpus against a table worked out by hand from its XML.

Times are Korean wall times, stages are in seconds. The masked cargo has no release in it, so its removal counts as
under bond; the guide's sample has neither an arrival nor a departure under bond.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cargo.domain.derive import derive
from cargo.domain.event import Event
from cargo.domain.explain import explain
from cargo.domain.stages import measure
from cargo.domain.view import Plan
from cargo.formats import unipass
from tests.domain.histories import entries_of, lights_of

DISCHARGE = "arrived__discharge_approved"
ENTRY = "discharge_approved__bonded_storage_in"
TRANSPORT = "bonded_transport_departed__bonded_transport_arrived"
DECLARE = "bonded_storage_in__import_declared"
CLEAR = "import_declared__customs_released"
REMOVE = "customs_released__gate_out"
TO_RELEASE = "arrived__customs_released"
TOTAL = "arrived__gate_out"


@dataclass(frozen=True)
class Expected:
    """What one cargo's file must amount to."""

    released: str | None
    gone: str | None
    stages: dict[str, int | None]
    state: str = "released"
    status: str = "delivered_out"
    milestone: str = "gate_out"
    ready: bool | None = True
    holds: list[str] = field(default_factory=list)


def _line(
    discharge: int, entry: int, declare: int, clear: int, remove: int, to_release: int, total: int
) -> dict[str, int]:
    names = (DISCHARGE, ENTRY, DECLARE, CLEAR, REMOVE, TO_RELEASE, TOTAL)
    return dict(zip(names, (discharge, entry, declare, clear, remove, to_release, total), strict=True))


CARGOES = {
    "found-21710983062__completed-sea-lcl-bonded-transport-2021": Expected(
        released="2021-10-18 16:43:33",
        gone="2021-10-19 09:43:27",
        # Terminal on 11 October 11:25:03, under bond to the warehouse on the 12th: storage counts from there.
        stages={**_line(4122, 6263, 497930, 26887, 61194, 634295, 695489), TRANSPORT: 15679},
    ),
    "found-28315224757__guide-sample-2000-sea-bonded-transport": Expected(
        released="2000-11-16 13:37:53",
        gone="2000-11-16 13:54:30",
        stages={ENTRY: 101233, DECLARE: 73331, CLEAR: 11382, REMOVE: 997},
    ),
    "found-69636356781__masked-air-2018-partial": Expected(
        released=None,
        gone=None,
        state="none",
        status="in_bond",
        milestone="bonded_transport_departed",
        ready=False,
        stages={TRANSPORT: None, DECLARE: None, TO_RELEASE: None, TOTAL: None},
    ),
    "mooyoul-node-unipass__completed-cn-air": Expected(
        released="2017-04-27 09:00:51",
        gone="2017-04-27 11:54:16",
        # Unloading approved 14 minutes before the arrival, declared before both.
        stages=_line(0, 4258, 0, 17, 10405, 4275, 14680),
    ),
    "mooyoul-node-unipass__completed-cn-ship": Expected(
        released="2020-06-10 10:54:37",
        gone="2020-06-10 10:54:37",
        # The entry's own time (10:55:04) is later than the removal's.
        stages=_line(1465, 517964, 0, 0, 0, 519402, 519402),
    ),
    "mooyoul-node-unipass__completed-hk-air": Expected(
        released="2017-09-29 15:09:39",
        gone="2017-09-29 15:10:12",
        stages=_line(1238, 4301, 55938, 6084, 33, 67561, 67594),
    ),
    "mooyoul-node-unipass__completed-uk-air": Expected(
        released="2017-12-11 17:45:28",
        gone="2017-12-12 09:53:21",
        stages=_line(3103, 69448, 0, 195937, 58073, 268488, 326561),
    ),
    "mooyoul-node-unipass__completed-us-air": Expected(
        released="2020-06-07 15:05:15",
        gone="2020-06-07 15:05:15",
        stages=_line(0, 9982, 0, 58, 0, 10040, 10040),
    ),
    "mooyoul-node-unipass__completed-us-air2": Expected(
        released="2020-02-19 15:38:17",
        gone="2020-02-19 15:38:17",
        stages=_line(1217, 22343, 0, 9019, 0, 32579, 32579),
    ),
    "mooyoul-node-unipass__completed-us-air3": Expected(
        released="2020-04-18 15:41:03",
        gone="2020-04-18 15:44:21",
        stages=_line(378, 21024, 0, 24, 198, 21426, 21624),
    ),
    "mooyoul-node-unipass__in-progress": Expected(
        released="2020-06-12 10:08:39",
        gone="2020-06-12 10:08:39",
        stages=_line(5592, 341824, 0, 0, 0, 347402, 347402),
    ),
}


@pytest.fixture
def corpus() -> Path:
    folder = os.environ.get("CLIS_SAMPLE_CORPUS")
    if not folder:
        message = "CLIS_SAMPLE_CORPUS does not name the sample corpus"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return Path(folder) / "unipass"


@pytest.mark.parametrize("name", CARGOES)
def test_cargo(corpus: Path, name: str) -> None:
    expected = CARGOES[name]
    outcomes = unipass.decode((corpus / f"{name}.xml").read_bytes())
    (found,) = explain([outcome for outcome in outcomes if isinstance(outcome, Event)])
    customs = found["customs"]
    releases = [{"released_at": row["released_at"], "revoked_at": row["revoked_at"]} for row in customs["releases"]]

    assert customs["state"] == expected.state
    assert releases == ([{"released_at": _text(expected.released), "revoked_at": None}] if expected.released else [])
    assert [row["kind"] for row in customs["holds"]] == expected.holds
    assert (found["status"], found["milestone"]) == (expected.status, expected.milestone)
    gone = [row["occurred_at"] for row in found["milestones"] if row["milestone"] == "gate_out"]
    assert gone == ([_text(expected.gone)] if expected.gone else [])
    assert {stage["stage"]: stage["seconds"] for stage in found["stages"]} == expected.stages
    assert found["release"]["ready"] is expected.ready


def _text(wall_time: str) -> str:
    return f"{wall_time.replace(' ', 'T')}+09:00"


@pytest.mark.parametrize("name", CARGOES)
def test_the_order_of_events_does_not_matter(corpus: Path, name: str) -> None:
    entries = entries_of(unipass, (corpus / f"{name}.xml").read_bytes())
    view = derive(entries, Plan())
    shuffled = list(entries)
    random.Random(7).shuffle(shuffled)
    again = derive(shuffled, Plan())

    assert measure(again) == measure(view)
    assert (again.clearance.state, again.status, again.milestone, again.lights) == (
        view.clearance.state,
        view.status,
        view.milestone,
        view.lights,
    )


def test_a_completed_cargo_has_no_light_that_waits(corpus: Path) -> None:
    name = "found-21710983062__completed-sea-lcl-bonded-transport-2021"
    view = derive(entries_of(unipass, (corpus / f"{name}.xml").read_bytes()), Plan())

    assert lights_of(view) == {
        "customs": "ok",
        "agencies": "not_applicable",
        "carrier": "ok",
        "terminal": "ok",
        "documents": "not_applicable",
        "payment": "ok",
    }
