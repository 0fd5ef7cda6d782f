"""Who must act, and by when: of a deadline in every mail, and in every line of a digest."""

from __future__ import annotations

from typing import Any

import pytest

from notifications import render
from notifications.models import Channel, Delivery
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person

DUE: dict[str, Any] = {
    "deadline": "removal",
    "next_action": "collect",
    "responsible": "consignee",
    "until": "2026-04-08T23:59:59+09:00",
    "money": {"kind": "fine", "currency": "KRW", "maximum": "5000000"},
    "text": None,
}


def told(person: Person, kind: str, channel: Channel | None = None, **change: Any) -> Any:
    update = an_update(a_shipment(person.organization), kind, data=DUE | change)
    return render.message(a_delivery(update, channel or a_channel(person), notice=kind), all_shipments=True)


@pytest.mark.parametrize("kind", ["deadline.near", "deadline.set", "deadline.changed"])
def test_a_deadline_says_who_must_act(shipper: Person, kind: str) -> None:
    mail = told(shipper, kind)
    lines = mail.text.splitlines()
    assert "Who must act: The consignee" in lines
    assert lines[lines.index("What next") + 1] == (
        "Collect the cargo, or have it collected. The consignee must act by 8 Apr 2026, 23:59 KST. "
        "After that a fine of up to KRW 5,000,000 may follow."
    )
    assert ">The consignee</td>" in mail.html
    lines = told(shipper, kind, a_channel(shipper, address="ko@example.com", language="ko")).text.splitlines()
    assert "담당: 수하인" in lines
    assert lines[lines.index("다음에 할 일") + 1] == (
        "화물을 반출하십시오. 수하인이 2026년 4월 8일 23:59(KST)까지 조치해야 합니다. "
        "기한이 지나면 최대 5,000,000원의 과태료가 부과될 수 있습니다."
    )


def test_one_that_has_passed_says_so_too(shipper: Person) -> None:
    text = told(shipper, "deadline.exceeded").text
    assert "\nCollect the cargo, or have it collected. The consignee must act at once. Now a fine of up to KRW" in text
    korean = told(shipper, "deadline.exceeded", a_channel(shipper, address="ko@example.com", language="ko")).text
    assert "\n화물을 반출하십시오. 수하인이 즉시 조치해야 합니다. 기한이 지났으므로 최대 " in korean


@pytest.mark.parametrize("responsible", [None, "", "somebody new"])
def test_where_nobody_is_known_nobody_is_named(shipper: Person, responsible: str | None) -> None:
    text = told(shipper, "deadline.near", responsible=responsible).text
    assert "Who must act" not in text and "must act" not in text
    assert "\nCollect the cargo, or have it collected. After that a fine " in text


def test_a_release_names_nobody(shipper: Person) -> None:
    assert "Who must act" not in told(shipper, "customs.released", **dict.fromkeys(DUE), milestone="arrived").text


def test_a_text_stays_as_short_as_it_was(shipper: Person) -> None:
    text = a_channel(shipper, "sms", "+821012345678", language="ko")
    assert told(shipper, "deadline.near", text).text == told(shipper, "deadline.near", text, responsible=None).text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "What next: Collect the cargo, or have it collected. The consignee must act by 8 Apr 2026, 23:59 KST."),
        ("ko", "다음에 할 일: 화물을 반출하십시오. 수하인이 2026년 4월 8일 23:59(KST)까지 조치해야 합니다."),
    ],
)
def test_every_line_of_a_digest_says_what_next(shipper: Person, language: str, says: str) -> None:
    channel, shipment = a_channel(shipper, language=language), a_shipment(shipper.organization)
    members = [
        a_delivery(an_update(shipment, kind, data=DUE), channel, notice=kind)
        for kind in ("deadline.near", "deadline.set")
    ]
    digest = Delivery.objects.create(channel=channel, kind="email", recipient="r", notice="digest")
    mail = render.digest(digest, members)
    assert mail.text.count(f"\n  {says}") == mail.html.count(f">{says}") == 2
