"""A follower has no account: his mails lead to his own page, and send him to no page that he has not got."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from notifications import render
from notifications.models import KINDS, Channel, Delivery
from notifications.subscribing.specimens import specimen
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person

LABELS = [("en", "See how the shipment stands", "Open the shipment"), ("ko", "화물 현황 보기", "화물 페이지 열기")]


def a_follower(person: Person, language: str) -> Channel:
    return a_channel(person, address="bob@outside.example", user=None, follower=True, language=language)


def mail_of(channel: Channel, kind: str) -> Any:
    update = specimen(kind, channel.organization)
    return render.message(Delivery(pk=1, update=update, channel=channel, kind="email", notice=kind), True)


@pytest.mark.parametrize(("language", "own", "others"), LABELS)
def test_the_link_is_called_what_it_leads_to(shipper: Person, language: str, own: str, others: str) -> None:
    follower, inside = a_follower(shipper, language), a_channel(shipper, language=language)
    link = render.settings_link(follower)
    mail = mail_of(follower, "arrived")
    assert f"\n{own}: {link}\n" in mail.text and f">{own}</a>" in mail.html
    assert others not in mail.text + mail.html and "/shipments/" not in mail.text + mail.html
    assert Client().get(link.removeprefix("http://localhost:8000")).status_code == 200
    mail = mail_of(inside, "arrived")
    assert f"\n{others}: " in mail.text and own not in mail.text + mail.html


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_sentence_sends_him_to_the_shipments_page(shipper: Person, kind: str) -> None:
    for language, page in (("en", "page"), ("ko", "페이지")):
        follower = a_follower(shipper, language)
        mail = mail_of(follower, kind)
        assert page not in mail.text, mail.text
        follower.delete()


@pytest.mark.parametrize(
    ("language", "says", "inside"),
    [
        ("en", "Alice Imports can tell you by when.", "The shipment page shows by when."),
        ("ko", "기한은 Alice Imports에 문의하십시오.", "기한은 화물 페이지에서 확인하십시오."),
    ],
)
def test_who_asked_him_knows_more(shipper: Person, language: str, says: str, inside: str) -> None:
    told = mail_of(a_follower(shipper, language), "arrived").text
    assert says in told and inside not in told
    told = mail_of(a_channel(shipper, language=language), "arrived").text
    assert inside in told and says not in told


@pytest.mark.parametrize(("language", "own", "others"), LABELS)
def test_a_digest_too(shipper: Person, language: str, own: str, others: str) -> None:
    follower = a_follower(shipper, language)
    member = a_delivery(an_update(a_shipment(shipper.organization)), follower, notice="customs.released")
    digest = Delivery.objects.create(channel=follower, kind="email", recipient="r", notice="digest")
    text = render.digest(digest, [member]).text
    assert f"\n{own}: {render.settings_link(follower)}\n" in text
    assert others not in text and "/shipments/" not in text
