"""Real messages of others, where the run is told where they lie (``CLIS_SAMPLE_CORPUS``)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem
from cargo.pipeline.normalize import normalize
from tests.formats.outcomes import RECEIVED_AT

CORPUS = os.environ.get("CLIS_SAMPLE_CORPUS", "")

pytestmark = pytest.mark.skipif(
    not CORPUS and not os.environ.get("CI"), reason="CLIS_SAMPLE_CORPUS names no folder of samples"
)

SEA_LCL_2021 = """gate_out 2021-10-19T09:43:27
customs_released 2021-10-18T16:43:33
customs_review_completed 2021-10-18T10:15:46
customs_review 2021-10-18T09:15:37
import_declared 2021-10-18T09:15:26
bonded_transport_arrived 2021-10-12T14:56:36
bonded_transport_departed 2021-10-12T10:35:17
bonded_storage_in 2021-10-11T11:25:03
discharge_approved 2021-10-11T09:40:40
bonded_transport_approved 2021-10-11T09:07:31
bonded_transport_filed 2021-10-11T09:05:17
manifest_amended 2021-10-11T08:31:59
arrived 2021-10-11T08:31:58
manifest_accepted 2021-10-11T00:00:42
manifest_submitted 2021-10-10T22:40:18""".splitlines()

MILESTONES = {
    "found-28315224757__guide-sample-2000-sea-bonded-transport.xml": "gate_out customs_released import_declared"
    " bonded_transport_arrived bonded_transport_approved bonded_storage_in discharge_approved manifest_accepted",
    "found-69636356781__masked-air-2018-partial.xml": "gate_out bonded_storage_in arrived",
    "mooyoul-node-unipass__completed-cn-air.xml": "gate_out customs_released bonded_storage_in manifest_amended arrived"
    " discharge_approved customs_review import_declared manifest_accepted manifest_submitted arrival_reported",
    "mooyoul-node-unipass__completed-hk-air.xml": "gate_out customs_released customs_review_completed customs_review"
    " import_declared bonded_storage_in discharge_approved manifest_amended arrived manifest_accepted"
    " manifest_submitted arrival_reported",
    "mooyoul-node-unipass__completed-uk-air.xml": "gate_out customs_released bonded_storage_in discharge_approved"
    " manifest_amended arrived customs_review_completed customs_review import_declared manifest_accepted"
    " manifest_submitted arrival_reported",
    "mooyoul-node-unipass__completed-us-air.xml": "customs_released gate_out bonded_storage_in manifest_amended arrived"
    " discharge_approved import_declared manifest_accepted manifest_submitted arrival_reported",
    "mooyoul-node-unipass__completed-us-air2.xml": "customs_released gate_out bonded_storage_in import_declared"
    " discharge_approved manifest_amended arrived manifest_accepted manifest_submitted arrival_reported",
    "mooyoul-node-unipass__completed-us-air3.xml": "gate_out customs_released bonded_storage_in discharge_approved"
    " manifest_amended arrived manifest_accepted customs_review import_declared arrival_reported manifest_submitted",
    "mooyoul-node-unipass__in-progress.xml": "entry_extension_approved entry_extension_requested customs_released"
    " gate_out bonded_storage_in entry_extension_approved entry_extension_requested discharge_approved import_declared"
    " manifest_amended arrived manifest_accepted manifest_submitted",
    "mooyoul-node-unipass__completed-cn-ship.xml": "entry_extension_approved entry_extension_requested"
    " customs_released gate_out bonded_storage_in entry_extension_approved entry_extension_requested import_declared"
    " discharge_approved manifest_amended arrived manifest_accepted manifest_submitted",
}


def folder(name: str) -> Path:
    if not CORPUS:
        pytest.fail("CI is set and CLIS_SAMPLE_CORPUS is empty: the corpus would silently not be read")
    return Path(CORPUS) / name


def read(name: str, file: str) -> list[Outcome]:
    data = (folder(name) / file).read_bytes()
    return list(normalize(formats.decode(data)[1], RECEIVED_AT))


def events(name: str, file: str) -> list[Event]:
    return [outcome for outcome in read(name, file) if isinstance(outcome, Event)]


def test_every_file_is_read_or_refused_in_one_line() -> None:
    seen = 0
    for name in ("dcsa", "epcis", "unipass"):
        for path in sorted(folder(name).iterdir()):
            try:
                outcomes = read(name, path.name)
            except FormatError as error:
                assert "\n" not in str(error), path.name
                assert path.suffix in (".md", ".gz"), path.name
                continue
            seen += 1
            assert outcomes, path.name
            for outcome in outcomes:
                if isinstance(outcome, Parked | Problem):
                    assert outcome.position and outcome.reason and "\n" not in outcome.reason, path.name
    assert seen >= 20


@pytest.mark.parametrize(("file", "milestones"), MILESTONES.items())
def test_real_customs_answers_have_the_right_milestones(file: str, milestones: str) -> None:
    assert [event.milestone for event in events("unipass", file)] == milestones.split()


def test_the_richest_answer_in_full() -> None:
    found = events("unipass", "found-21710983062__completed-sea-lcl-bonded-transport-2021.xml")
    told = [f"{event.milestone} {event.occurred_local.isoformat()}" for event in found if event.occurred_local]
    assert told == SEA_LCL_2021
    assert {event.reference("cargo_control_number") for event in found} == {"21WDFCA457I06370010"}
    arrived_under_bond = found[5]
    assert arrived_under_bond.deadline is not None
    assert arrived_under_bond.deadline.date.isoformat() == "2022-04-12"
    assert [event.level for event in found].count("conveyance") == 3


@pytest.mark.parametrize("file", ["invalid-key", "missing-key", "missing-reference"])
def test_customs_errors_are_one_problem_in_their_words(file: str) -> None:
    (problem,) = read("unipass", f"mooyoul-node-unipass__{file}.xml")
    assert isinstance(problem, Problem)
    assert problem.position == "ntceInfo"
    assert problem.reason.startswith("customs answered: ")


def test_no_cargo_and_several_cargoes_are_parked() -> None:
    (nothing,) = read("unipass", "mooyoul-node-unipass__empty-results.xml")
    assert isinstance(nothing, Parked) and nothing.reason == "no cargo found"
    (several,) = read("unipass", "mooyoul-node-unipass__multiple-results.TRIMMED-to-5-of-1211.xml")
    assert isinstance(several, Parked) and several.reason.startswith("5 cargoes match of 1211 announced")


def test_customs_lists_of_containers_name_all_and_their_seals() -> None:
    (one,) = events("unipass", "found-69321373058__api020-one-container.xml")
    assert (one.milestone, one.reference("container"), one.context) == (
        "containers_listed",
        "GESU6710278",
        {"iso": "45GP"},
    )
    assert [(item.type, item.value) for item in one.references] == [("container", "GESU6710278"), ("seal", "103851")]
    two = events("unipass", "sejongtf-laravel-unipass__api020-two-containers.SYNTHETIC.xml")
    assert [[item.value for item in event.references] for event in two] == [
        ["TCNU1234567", "SEAL-1", "SEAL-2"],
        ["TCNU7654321"],
    ]


def test_customs_answers_about_exports_and_arrivals() -> None:
    found = events("unipass", "sejongtf-laravel-unipass__api002-by-declaration.SYNTHETIC.xml")
    assert [(event.milestone, str(event.occurred_local)) for event in found] == [
        ("export_cleared", "2026-01-10 00:00:00"),
        ("exported", "2026-01-12 00:00:00"),
        ("departed", "2026-01-12 00:00:00"),
    ]
    assert {event.reference("declaration") for event in found} == {"15210100057248"}
    assert {event.reference("house_bill") for event in found} == {"SJBL0389056"}
    (arrival,) = events("unipass", "sejongtf-laravel-unipass__api021-sea-arrival-report.SYNTHETIC.xml")
    assert (arrival.milestone, arrival.level, str(arrival.occurred_at)) == (
        "arrived",
        "conveyance",
        "2026-01-20 06:30:00+09:00",
    )
    assert arrival.place is not None and arrival.place.code == "KRINC"
    assert arrival.transport is not None and arrival.transport.vessel_name == "HANJIN BUSAN"
    assert arrival.reference("manifest") == "16SRDJA0023"


def test_the_standards_own_examples() -> None:
    told = [(event.milestone, event.classifier, event.position) for event in events("dcsa", "tnt-220-response.json")]
    assert told == [
        ("arrived", "actual", "/0"),
        ("unknown", "actual", "/1"),
        ("unknown", "estimated", "/2"),
        ("arrived", "actual", "/3"),
        ("unknown", "actual", "/4"),
        ("unknown", "estimated", "/5"),
        ("unknown", "actual", "/6"),
    ]


def test_the_standards_wrong_examples() -> None:
    for position, problem in zip(("/0", "/1"), read("dcsa", "tnt-220-response-wrong-structure.json"), strict=True):
        assert isinstance(problem, Problem) and problem.position == position
    departed, voided, removed = events("dcsa", "tnt-220-response-wrong-attribute-values.json")
    assert (departed.milestone, voided.milestone, removed.milestone) == ("departed", "unknown", "seal_removed")
    assert departed.source_event_id is None and departed.meaning
    assert "container_check_digit: APZU2134567 should end in 4" in removed.warnings


@pytest.mark.parametrize(
    ("kind", "milestone"), [("equipment", "loaded"), ("shipment", "booking_confirmed"), ("transport", "arrived")]
)
def test_the_standards_own_examples_of_version_three(kind: str, milestone: str) -> None:
    (event,) = events("dcsa", f"tnt-300-request-{kind}.json")
    assert (event.format, event.position, event.milestone) == ("dcsa.tnt3", "/events/0", milestone)
    assert event.warnings == ()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("ObjectEvent.json", ["picked_up", "cargo_received"]),
        ("AggregationEvent.json", ["cargo_received"]),
        ("AssociationEvent.json", ["Parked", "Parked"]),
        ("TransactionEvent.json", ["Parked", "Parked"]),
        ("ObjectEvent_with_sensorData.json", ["Parked"]),
        ("ObjectEvent_with_non_standard_bizStep.json", ["Problem"]),
        ("ObjectEvent_with_invalid_eventTime_format.json", ["Problem"]),
    ],
)
def test_events_of_objects_are_read_parked_or_refused(file: str, told: list[str]) -> None:
    outcomes = read("epcis", file)
    assert [item.milestone if isinstance(item, Event) else type(item).__name__ for item in outcomes] == told
