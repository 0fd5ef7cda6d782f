"""Every real UNI-PASS cargo on its page: what held it, when it was free, which deadlines applied, in customs' words."""

from __future__ import annotations

import html
from datetime import date
from pathlib import Path

import pytest

from cargo.dashboard import dates
from cargo.domain.event import Event
from cargo.domain.matching import HOUSE, MASTER
from cargo.formats import unipass
from cargo.models import Source
from tests.domain.test_unipass_deadlines import DEADLINES
from tests.domain.test_unipass_histories import CARGOES, corpus
from tests.factories import SourceFactory, a_registered_shipment
from tests.people import Person
from tests.pipeline.working import take_in

__all__ = ["corpus"]


@pytest.mark.parametrize("name", sorted(CARGOES))
def test_a_page_says_what_held_it_when_it_was_free_and_what_was_due(name: str, corpus: Path, shipper: Person) -> None:
    customs = SourceFactory.create(slug="unipass", kind=Source.Kind.CUSTOMS)
    body = (corpus / f"{name}.xml").read_bytes()
    told = [event for event in unipass.decode(body) if isinstance(event, Event)]
    numbers = {(item.type, item.value) for event in told for item in event.references if item.type in HOUSE | MASTER}
    assert shipper.organization
    shipment = a_registered_shipment(shipper.organization, *sorted(numbers))
    take_in(customs, body, silent=True)

    page = html.unescape(shipper.client().get(f"/shipments/{shipment.pk}/").content.decode())
    expected = CARGOES[name]
    for at in filter(None, (expected.released, expected.gone)):
        assert f'datetime="{at.replace(" ", "T")}+09:00"' in page
    assert ("Holds and releases" in page) is bool(expected.released or expected.holds)
    for due in DEADLINES[name]:
        assert dates.day(date.fromisoformat(due.day), "en") in page
        assert (due.notice or "") in page
