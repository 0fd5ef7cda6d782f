"""What a partner means by its codes: taught by a person, counted while nobody knows."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from cargo import tasks, teaching
from cargo.domain.event import Event
from cargo.models import Event as EventRow
from cargo.models import Source, TrackingUpdate, UnknownCode, unknown
from cargo.pipeline.translate import translate
from tests.factories import OrganizationFactory, SourceFactory, a_registered_shipment
from tests.messages import BOX, MASTER, dcsa, equipment
from tests.pipeline.working import milestones_of, status_of, take_in

READING = json.dumps({"codes": {"edifact.iftsta|VD": ["departed", "planned"], "x12|ZZ": ["gate_in", ""]}})


def event(form: str, code: str | None, **words: object) -> Event:
    return Event(milestone="unknown", level="house", format=form, source_code=code, **words)  # type: ignore[arg-type]


def test_a_code_means_what_a_person_said_of_the_source() -> None:
    told = event("edifact.iftsta", "VD", source_text="Vessel departure")
    translate([told], READING)
    assert (told.milestone, told.classifier, told.effect, told.level) == (
        "departed",
        "planned",
        "advance",
        "conveyance",
    )
    assert (told.source_code, told.source_text) == ("VD", "Vessel departure")
    assert told.context == {"standard_milestone": "unknown"}


def test_a_mapping_of_a_whole_standard_holds_for_each_kind_of_message() -> None:
    told = [event("x12.315", "ZZ"), event("x12.214", "ZZ", classifier="estimated")]
    translate(list(told), READING)
    assert [(item.milestone, item.classifier) for item in told] == [("gate_in", "actual"), ("gate_in", "estimated")]


@pytest.mark.parametrize(
    ("form", "code"), [("edifact.iftsta", "VA"), ("edifact.coarri", "VD"), ("x12.315", None), ("edifact", "VD")]
)
def test_other_codes_and_formats_stay_as_they_are(form: str, code: str | None) -> None:
    told = event(form, code)
    translate([told], READING)
    assert (told.milestone, told.context) == ("unknown", None)


@pytest.mark.parametrize(
    "reading",
    ["", "{}", "null", "[]", "not JSON", '{"codes": {"x12.315|AB": ["no_such_milestone", ""]}}',
     '{"codes": {"x12.315|AB": ["gate_in", "perhaps"]}}'],
)  # fmt: skip
def test_a_reading_that_says_nothing_changes_nothing(reading: str) -> None:
    told = event("x12.315", "AB")
    translate([told], reading)
    assert (told.milestone, told.context) == ("unknown", None)


def test_what_the_message_itself_shows_of_its_level_stays() -> None:
    told = event("x12.315", "ZZ")
    told.level = "container"
    translate([told], READING)
    assert told.level == "container"


# --- From the first unknown code to its reading -----------------------------------------------------

ODD = equipment("XXXX", "2026-03-14 09:00", id="odd", box=BOX, bill=MASTER)


def test_an_unknown_code_is_counted_mapped_and_read_again(carrier: Source) -> None:
    shipment = a_registered_shipment(OrganizationFactory.create(), ("master_bill", MASTER))
    take_in(carrier, dcsa(ODD), dcsa(equipment("XXXX", "2026-03-15 09:00", id="odd2", box=BOX, bill=MASTER)))
    unknown = UnknownCode.objects.get()
    assert (unknown.source_id, unknown.format, unknown.count) == (carrier.pk, "dcsa.tnt2", 2)
    told = TrackingUpdate.objects.filter(silent=False).count()

    teaching.map_code(carrier.pk, unknown.format, unknown.code, "discharged", note="their own letters")
    assert milestones_of(shipment) == ["unknown", "unknown"]
    assert tasks.read_again(carrier.pk, unknown.format, unknown.code) == 2
    assert status_of(shipment).milestone == "discharged"
    assert not UnknownCode.objects.exists()
    assert TrackingUpdate.objects.filter(silent=False).count() == told

    take_in(carrier, dcsa(equipment("XXXX", "2026-03-16 09:00", id="odd3", box=BOX, bill=MASTER)))
    assert not UnknownCode.objects.exists()


def test_a_mapping_that_is_corrected_is_read_again_too(carrier: Source) -> None:
    """Also what the standard itself knows, and for all kinds of messages of a standard at once."""
    shipment = a_registered_shipment(OrganizationFactory.create(), ("master_bill", MASTER))
    take_in(carrier, dcsa(ODD))
    code = UnknownCode.objects.get().code
    for milestone in ("discharged", "gate_in"):
        teaching.map_code(carrier.pk, "dcsa.tnt2", code, milestone)
        assert tasks.read_again(carrier.pk, "dcsa.tnt2", code) == 1
        assert status_of(shipment).milestone == milestone
    assert unknown.messages_with(code, form="dcsa") == unknown.messages_with(code)
    assert unknown.messages_with(code, form="x12") == unknown.messages_with("YY") == []


def test_replay_takes_a_code(carrier: Source) -> None:
    take_in(carrier, dcsa(ODD), dcsa(equipment("DISC", "2026-03-15 09:00", id="known", box=BOX, bill=MASTER)))
    code = UnknownCode.objects.get().code
    told = StringIO()
    call_command("replay", code=code, stdout=told)
    assert told.getvalue() == "1 messages decoded again, 0 rows added to the log\n"


def test_another_sources_words_are_its_own(carrier: Source) -> None:
    other = SourceFactory.create(slug="other")
    take_in(carrier, dcsa(ODD))
    unknown = UnknownCode.objects.get()
    teaching.map_code(carrier.pk, unknown.format, unknown.code, "discharged")
    take_in(other, dcsa(ODD))
    assert EventRow.objects.get(source=other).milestone == "unknown"
    assert UnknownCode.objects.get(source=other).count == 1


def test_a_mapping_that_is_taken_back_leaves_the_word_to_the_standard(carrier: Source) -> None:
    mapping = teaching.map_code(carrier.pk, "dcsa.tnt2", "EQUIPMENT/XXXX", "discharged")
    teaching.forget_code(mapping.pk)
    carrier.refresh_from_db()
    assert carrier.reading["codes"] == {}
    take_in(carrier, dcsa(ODD))
    assert EventRow.objects.get().milestone == "unknown"
