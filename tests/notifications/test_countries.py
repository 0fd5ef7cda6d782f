"""Which countries are texted is asked when a text is sent too: the operator may have taken one off meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from notifications import deliver as delivering
from notifications import subscribing
from notifications.deliver import deliver
from notifications.models import Attempt, TextBudget, Verification
from notifications.selectors.words import reason_text
from notifications.subscribing import SubscribingError
from notifications.transports.sms import country_is_on
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
)
from tests.people import Person

KOREAN, AMERICAN, CANADIAN = "+821012345678", "+12015550123", "+14165550123"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    yield


def test_a_text_to_a_country_that_was_taken_off_is_not_sent(
    shipper: Person, gateway: Gateway, mail_server: MailServer, settings: Any
) -> None:
    settings.SMS_COUNTRIES = ["KR", "US"]
    shipment = a_shipment(shipper.organization)
    numbers = (KOREAN, AMERICAN)
    texts = [a_delivery(an_update(shipment), a_channel(shipper, "sms", number)) for number in numbers]
    mail = a_delivery(an_update(shipment), a_channel(shipper))
    settings.SMS_COUNTRIES = ["KR"]
    assert deliver(everything_stands) == 2
    for row in (mail, *texts):
        row.refresh_from_db()
    assert [(row.state, row.attempts, row.reason) for row in texts] == [("sent", 1, ""), ("skipped", 0, "country_off")]
    assert mail.state == "sent"
    assert (len(gateway.requests), Attempt.objects.filter(delivery=texts[1]).count()) == (1, 0)
    assert not TextBudget.objects.filter(cap="country", key="1").exists()


def test_nor_is_a_code(shipper: Person, gateway: Gateway, settings: Any) -> None:
    settings.SMS_COUNTRIES = ["KR", "US"]
    channel = a_channel(shipper, "sms", AMERICAN, verified_at=None)
    subscribing.send_code(shipper.viewer, channel.pk)
    assert len(gateway.requests) == 1
    settings.SMS_COUNTRIES = ["KR"]
    with pytest.raises(SubscribingError, match="not texted from here") as caught:
        subscribing.send_code(shipper.viewer, channel.pk)
    assert caught.value.code == "country_off"
    assert (len(gateway.requests), Verification.objects.count()) == (1, 1)
    assert TextBudget.objects.get(cap="country", key="1").texts == 1


@pytest.mark.parametrize(
    ("number", "on"), [(KOREAN, True), (AMERICAN, True), (CANADIAN, False), ("12345", False), ("", False)]
)
def test_countries_of_one_calling_code_are_told_apart(number: str, on: bool, settings: Any) -> None:
    settings.SMS_COUNTRIES = ["KR", "US"]
    assert country_is_on(number) is on


def test_the_reason_is_in_words() -> None:
    with override("en"):
        assert reason_text("country_off") == "Numbers of this country are not texted from here."
