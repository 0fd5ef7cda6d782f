"""Every real UNI-PASS cargo on its page: what held it, when it was free, which deadlines applied, in customs' words,
and how long each stage took, with what began and ended it and by which rule.
"""

from __future__ import annotations

import html
from datetime import date
from pathlib import Path

import pytest

from cargo.dashboard import dates, stage_words, terms
from cargo.domain.event import Event
from cargo.domain.matching import HOUSE, MASTER
from cargo.formats import unipass
from cargo.models import Shipment, Source
from cargo.pipeline.inspection import inspect_due, take_due
from tests.domain.test_stage_reasons import REASONS
from tests.domain.test_unipass_deadlines import DEADLINES
from tests.domain.test_unipass_histories import CARGOES, corpus
from tests.domain.test_unipass_lead_times import TABLE
from tests.factories import SourceFactory, a_registered_shipment
from tests.people import Person
from tests.pipeline.working import take_in

__all__ = ["corpus"]


def told_by_customs(name: str, corpus: Path, shipper: Person) -> Shipment:
    """The cargo, registered by its bills before its answer came."""
    customs = SourceFactory.create(slug="unipass", kind=Source.Kind.CUSTOMS)
    body = (corpus / f"{name}.xml").read_bytes()
    told = [event for event in unipass.decode(body) if isinstance(event, Event)]
    numbers = {(item.type, item.value) for event in told for item in event.references if item.type in HOUSE | MASTER}
    assert shipper.organization
    shipment = a_registered_shipment(shipper.organization, *sorted(numbers))
    take_in(customs, body, silent=True)
    return shipment


@pytest.mark.parametrize("name", sorted(CARGOES))
def test_a_page_says_what_held_it_when_it_was_free_and_what_was_due(name: str, corpus: Path, shipper: Person) -> None:
    shipment = told_by_customs(name, corpus, shipper)

    page = html.unescape(shipper.client().get(f"/shipments/{shipment.pk}/").content.decode())
    expected = CARGOES[name]
    for at in filter(None, (expected.released, expected.gone)):
        assert f'datetime="{at.replace(" ", "T")}+09:00"' in page
    assert ("Holds and releases" in page) is bool(expected.released or expected.holds)
    for due in DEADLINES[name]:
        assert dates.day(date.fromisoformat(due.day), "en") in page
        assert (due.notice or "") in page


@pytest.mark.parametrize("name", sorted(CARGOES))
def test_a_page_shows_each_stage_by_both_clocks_and_why(name: str, corpus: Path, shipper: Person) -> None:
    shipment = told_by_customs(name, corpus, shipper)
    inspect_due(take_due())
    page = html.unescape(shipper.client().get(f"/shipments/{shipment.pk}/").content.decode())
    rows = page.split('id="stages-title"')[1].split('data-stage="')[1:]
    _declared, expected = TABLE[name]
    assert [row.split('"')[0] for row in rows] == [stage for stage, *_times in expected]
    air = "air" in name
    for row, (stage, begin, end, seconds, reported), reason in zip(rows, expected, REASONS[name], strict=True):
        _stage, begun_by, later, ended_by, rules = reason
        assert f'datetime="{begin.replace(" ", "T")}+09:00"' in row
        assert (f'datetime="{(end or "").replace(" ", "T")}+09:00"' in row) is (end is not None)
        assert (f'<data value="{seconds}">' in row) is (seconds is not None)
        by_reports = f"{stage_words.length(reported or 0, 'en')} by when it was reported"
        assert (by_reports in row) is (reported is not None)
        label = terms.milestone(begun_by, "en", "air" if air else None)
        assert f"{'Would begin' if later else 'Begins'} with: {label}, " in row
        assert (f"Ends with: {terms.milestone(ended_by, 'en')}, " in row) is bool(ended_by)
        for rule in rules:
            words = stage_words.SPECIAL.get((rule, stage), stage_words.RULES[rule])
            assert words[0] in row
