"""Segments by the tables of 3GPP TS 23.038, prices, and that no kind of news costs more than it must."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from notifications import render
from notifications.kinds import KINDS
from notifications.transports.base import Message
from notifications.transports.sms import is_single, measure
from notifications.transports.sms.segments import euc_kr, korean_form, price, size
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person

SIZES = [
    ("", ("gsm7", 0, 1)),
    ("a" * 160, ("gsm7", 160, 1)),
    ("a" * 161, ("gsm7", 161, 2)),
    ("a" * 306, ("gsm7", 306, 2)),
    ("a" * 307, ("gsm7", 307, 3)),
    ("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ", ("gsm7", 29, 1)),
    ("€", ("gsm7", 2, 1)),
    ("^{}\\[~]|€\f", ("gsm7", 20, 1)),
    ("€" * 80, ("gsm7", 160, 1)),
    ("€" * 80 + "a", ("gsm7", 161, 2)),
    # 152 letters leave one septet of 153: a character of the extension table is not split.
    ("a" * 152 + "€" + "a" * 151, ("gsm7", 305, 2)),
    ("a" * 152 + "€" + "a" * 152, ("gsm7", 306, 3)),
    ("ç", ("ucs2", 1, 1)),
    ("`", ("ucs2", 1, 1)),
    ("…", ("ucs2", 1, 1)),
    ("가" * 70, ("ucs2", 70, 1)),
    ("가" * 71, ("ucs2", 71, 2)),
    ("가" * 134, ("ucs2", 134, 2)),
    ("가" * 135, ("ucs2", 135, 3)),
    ("a" * 69 + "가", ("ucs2", 70, 1)),
    ("😀", ("ucs2", 2, 1)),
    ("😀" * 35, ("ucs2", 70, 1)),
    ("😀" * 36, ("ucs2", 72, 2)),
    # 66 units leave one of 67: a pair is not split.
    ("가" * 66 + "😀" + "가" * 65, ("ucs2", 133, 2)),
    ("가" * 66 + "😀" + "가" * 66, ("ucs2", 134, 3)),
]


@pytest.mark.parametrize(("text", "expected"), SIZES)
def test_sizes(text: str, expected: tuple[str, int, int]) -> None:
    assert tuple(size(text)) == expected


def test_korean_bytes() -> None:
    assert (euc_kr("수리 ABC"), len(euc_kr("수리 ABC"))) == ("수리 ABC".encode("euc_kr"), 8)
    assert (korean_form("가" * 45), korean_form("가" * 45 + "a")) == ("sms", "lms")
    assert euc_kr("a😀b") == b"a?b"


def test_prices(settings: Any) -> None:
    settings.SMS_PRICES = {"82": Decimal(18), "82/lms": Decimal(45), "1": Decimal("0.5"), "*": Decimal(90)}
    assert price("+821012345678", 2) == 36
    assert price("+821012345678", 1, "lms") == 45
    assert price("+821012345678", 1, "sms") == 18
    assert price("+12025550143", 3) == Decimal("1.5")
    assert price("+447911123456", 1) == 90
    settings.SMS_PRICES = {}
    assert price("+821012345678", 2) == 0


def test_a_measure_is_of_the_dearest_way(settings: Any) -> None:
    settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER = "twilio", ""
    settings.SMS_PRICES = {"82": Decimal(18), "82/lms": Decimal(45), "82/alimtalk": Decimal(13)}
    message = Message("+821012345678", "가" * 100, "d-1-a", notice="customs.held", language="ko")
    assert measure(message) == (2, 36)
    settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER = "solapi", "twilio"
    assert measure(message) == (2, 45)
    settings.SMS_SECOND_PROVIDER = ""
    assert measure(message) == (1, 45)
    short = Message("+821012345678", "가", "d-1-a", notice="customs.held", language="ko")
    assert measure(short) == (1, 18)
    settings.SOLAPI_PF_ID, settings.SOLAPI_TEMPLATES = "PF1", {"customs.held.ko": "KA01"}
    assert measure(short) == (1, 45)


LONG = {
    "references": [{"type": "house_bill", "value": "KOSHA26030012345678"}],
    "until": "2026-12-24T23:59:00+09:00",
    "time_zone": "Asia/Seoul",
    "exception": "rolled",
    "hold_kind": "security_filing",
    "agency": "KR-QIA",
}


@pytest.mark.parametrize("provider", ["generic", "solapi"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_a_single_message_even_with_a_long_number(
    shipper: Person, settings: Any, kind: str, language: str, provider: str
) -> None:
    settings.SMS_PROVIDER, settings.BASE_URL = provider, "https://clis.operator.example.org"
    channel = a_channel(shipper, "sms", "+821012345678", language=language)
    shipment = a_shipment(shipper.organization, own_reference="PO-2026-000123456789-A")
    for deadline in ("storage_limit", "general_order", "detention") if kind.startswith("deadline") else (None,):
        data = LONG | ({"deadline": deadline} if deadline else {})
        update = an_update(shipment, kind, key=f"{deadline}", data=data)
        text = render.message(a_delivery(update, channel, notice=kind), all_shipments=False).text
        assert is_single(text), (len(text), text)
        assert "KOSHA26030012345678" in text


@pytest.mark.parametrize("provider", ["generic", "solapi"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_the_container_stands_in_a_text_as_long_as_it_is_a_single_message(
    shipper: Person, settings: Any, kind: str, language: str, provider: str
) -> None:
    settings.SMS_PROVIDER = provider
    channel = a_channel(shipper, "sms", "+821012345678", language=language)
    short = {"references": [{"type": "house_bill", "value": "KOSHA2603001"}], "container": "HDMU6546583"}
    update = an_update(a_shipment(shipper.organization), kind, data=LONG | short | {"exception": "late"})
    text = render.message(a_delivery(update, channel, notice=kind), all_shipments=False).text
    assert "KOSHA2603001 HDMU6546583" in text and is_single(text), (len(text), text)
    update = an_update(a_shipment(shipper.organization), kind, data=LONG | {"container": "HDMU6546583", "packages": 20})
    text = render.message(a_delivery(update, channel, notice=kind), all_shipments=False).text
    assert "KOSHA26030012345678" in text and is_single(text), (len(text), text)


def test_a_text_says_the_time_with_its_zone_and_what_not_to_do(shipper: Person, settings: Any) -> None:
    settings.BASE_URL = "https://clis.example"
    shipment = a_shipment(shipper.organization, own_reference="PO-7")
    english, korean = (a_channel(shipper, "sms", f"+82101234567{n}", language=n_) for n, n_ in ((1, "en"), (2, "ko")))
    update = an_update(shipment, "customs.release_revoked", data={"milestone": "release_revoked"})
    texts = [render.message(a_delivery(update, channel), False).text for channel in (english, korean)]
    assert texts == [
        "CLIS: RELEASE TAKEN BACK by customs. DO NOT MOVE HBL KOSHA2603001 (PO-7), 24 Mar, 09:30 KST. "
        f"https://clis.example/shipments/{shipment.pk}/",
        "[CLIS] [긴급] 수입신고 수리 취소 HBL KOSHA2603001 (PO-7) 반출 금지 3/24 09:30 KST",
    ]
