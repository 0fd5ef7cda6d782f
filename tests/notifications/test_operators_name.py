"""The operator's name in texts, codes and letters; in a text it costs neither the link nor a second segment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clis.sealing import seal
from notifications import render, spending
from notifications.deliver import health
from notifications.kinds import KINDS
from notifications.models import Branding, Letter
from notifications.render import branding
from notifications.transports.email import compose
from notifications.transports.sms import Measure, is_single
from notifications.transports.sms.segments import size
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person

LONG = "Hanbit International Forwarding and Customs Brokerage of Busan and Incheon, Ltd."
NUMBER = "+821012345678"
LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


def called(name: str = "", short_name: str = "") -> branding.Brand:
    Branding.objects.update_or_create(pk=1, defaults={"name": name, "short_name": short_name})
    branding.forget()
    return branding.brand()


def a_text(person: Person, language: str) -> str:
    channel = a_channel(person, "sms", NUMBER, language=language)
    update = an_update(a_shipment(person.organization, own_reference=""))
    return render.message(a_delivery(update, channel), all_shipments=False).text


def a_code(person: Person, kind: str, language: str) -> Any:
    address = {"email": "desk@example.com", "sms": NUMBER}.get(kind, "#cargo")
    channel = a_channel(person, kind, address, language=language, sealed=seal("x") if kind == "chat" else "")
    return render.code_message(channel, "123456", "c-1-a")


@pytest.mark.parametrize(
    ("name", "short_name", "english", "korean"),
    [
        ("", "", "CLIS: Released by customs. HBL", "[CLIS] 수입신고 수리 HBL"),
        ("Hanbit", "", "Hanbit: Released by customs. HBL", "[Hanbit] 수입신고 수리 HBL"),
        (LONG, "Hanbit", "Hanbit: Released by customs. HBL", "[Hanbit] 수입신고 수리 HBL"),
        (LONG, "", "Released by customs. HBL", "수입신고 수리 HBL"),
        ("한빛해운", "", "Released by customs. HBL", "[한빛해운] 수입신고 수리 HBL"),
        ("Hanbit", "한빛", "Released by customs. HBL", "[한빛] 수입신고 수리 HBL"),
        ("Hanbit", "Han\nbit\u202e", "Han bit: Released by customs. HBL", "[Han bit] 수입신고 수리 HBL"),
        ("\u200b", "\u200b", "CLIS: Released by customs. HBL", "[CLIS] 수입신고 수리 HBL"),
    ],
)
def test_a_text_begins_with_the_short_name(
    shipper: Person, settings: Any, name: str, short_name: str, english: str, korean: str
) -> None:
    settings.BASE_URL = "https://clis.example"
    called(name, short_name)
    text = a_text(shipper, "en")
    assert text.startswith(f"{english} KOSHA2603001") and "https://clis.example/shipments/" in text
    assert size(text)[::2] == ("gsm7", 1)
    text = render.message(
        a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper, "sms", language="ko")), False
    ).text
    assert text.startswith(f"{korean} KOSHA2603001") and is_single(text)


@LANGUAGES
@pytest.mark.parametrize("provider", ["generic", "solapi"])
@pytest.mark.parametrize("short_name", ["Hanbit Line", "한빛국제물류부산지점서울", "[{~€^}]|\\~€"])
def test_no_name_costs_a_second_message(
    shipper: Person, settings: Any, language: str, provider: str, short_name: str
) -> None:
    settings.SMS_PROVIDER = provider
    called(LONG, short_name[:11])
    channel = a_channel(shipper, "sms", NUMBER, language=language)
    shipment = a_shipment(shipper.organization)
    data = {"references": [{"type": "house_bill", "value": "KOSHA26030012345678"}], "exception": "rolled"}
    for kind in KINDS:
        text = render.message(a_delivery(an_update(shipment, kind, data=data), channel, notice=kind), False).text
        assert is_single(text) and "KOSHA26030012345678" in text, text
    code = render.code_message(channel, "123456", "c-1-a").text
    assert is_single(code) and "123456" in code


def test_what_a_name_has_in_it_is_no_template(shipper: Person) -> None:
    called("{{ facts }}", "{{ facts }}")
    assert a_text(shipper, "en").startswith("{{ facts }}: Released by customs.")
    called("{code}<b>&", "{% if %}")
    message = a_code(shipper, "email", "en")
    assert message.subject == "Your {code}<b>& code: 123456" and "Enter it in {code}<b>& within" in message.text


@pytest.mark.parametrize(
    ("kind", "language", "begins"),
    [
        ("sms", "en", "Hanbit: your code is 123456. It is valid for 10 minutes."),
        ("sms", "ko", "[Hanbit] 인증번호 123456 (10분간 유효)."),
        ("chat", "en", "Hanbit: 123456 is the code that connects this chat."),
        ("chat", "ko", "[Hanbit] 이 채팅방을 연결하는 인증번호는 123456입니다"),
        ("email", "en", "Your code is 123456.\n\nEnter it in Hanbit within 10 minutes"),
        ("email", "ko", "인증번호는 123456입니다.\n\n10분 안에 Hanbit에 입력하시면"),
    ],
)
def test_a_code_says_whose_it_is(shipper: Person, kind: str, language: str, begins: str) -> None:
    called("Hanbit")
    message = a_code(shipper, kind, language)
    assert message.text.startswith(begins)
    assert message.subject == ("Your Hanbit code: 123456" if language == "en" else "Hanbit 인증번호: 123456")
    assert "CLIS" not in message.text + message.subject


def test_a_long_name_stands_in_a_code_where_there_is_room(shipper: Person) -> None:
    called("Hanbit Forwarding Busan")
    channel = a_channel(shipper, "sms", NUMBER)
    assert render.code_message(channel, "123456", "c-1").text.startswith("Hanbit Forwarding Busan: your code is")
    called("한빛국제물류 부산지점 통관팀")
    assert render.code_message(channel, "123456", "c-1").text.startswith("Your code is 123456.")
    channel.language = "ko"
    assert render.code_message(channel, "123456", "c-1").text.startswith("[한빛국제물류 부산지점 통관팀] 인증번호")
    called("가" * 80)
    assert render.code_message(channel, "123456", "c-1").text.startswith("인증번호 123456 (10분간 유효)")


def test_a_line_break_in_a_name_gets_into_no_header(shipper: Person) -> None:
    called("Han\r\nBcc: eve@example.com\n\nbit")
    mail = compose(a_code(shipper, "email", "en")).message()
    assert (mail["Subject"], mail["Bcc"]) == ("Your Han Bcc: eve@example.com bit code: 123456", None)


@LANGUAGES
def test_letters_name_the_operator(shipper: Person, settings: Any, language: str) -> None:
    called("Hanbit <Lines> & Co")
    settings.ALERT_MAIL, settings.LANGUAGE_CODE = ["desk@example.com"], language
    settings.SMS_DAILY_LIMIT = 1
    shipper.user.language = language
    shipper.user.save()
    assert shipper.organization
    hook = a_channel(shipper, "webhook", "https://hooks.example.com/clis", user=None)
    health.switch_off({hook.pk: "HTTP 410"}, timezone.now())
    text = spending.Text(shipper.organization.pk, NUMBER, Measure(1, Decimal(0)))
    day = datetime(2026, 3, 24, tzinfo=UTC)
    assert spending.reserve([text, text], day) == ["", "daily_limit"]
    off, limit = Letter.objects.order_by("reference").values_list("reference", "text").reverse()
    expected = {
        "en": (
            "Hanbit <Lines> & Co no longer calls the webhook of Alice Imports at hooks.example.com.",
            "Hanbit <Lines> & Co sends no more texts today (2026-03-24, UTC) where this limit holds:",
        ),
        "ko": (
            "Hanbit <Lines> & Co에서 Alice Imports의 웹훅(hooks.example.com) 호출을 중지했습니다.",
            "다음 한도에 도달하여 오늘(2026-03-24, UTC) Hanbit <Lines> & Co에서 해당 문자를 더 보내지 않습니다.",
        ),
    }[language]
    assert (off[1].splitlines()[0], limit[1].splitlines()[0]) == expected
    assert "CLIS " not in off[1] + limit[1]


def test_the_preview_shows_both(shipper_client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["track.example.com", "testserver"]
    called("Hanbit")
    Branding.objects.update(address="https://track.example.com")
    branding.forget()
    page = shipper_client.get("/notices/preview/", {"kind": "customs.held", "language": "en"}).content.decode()
    assert re.search(r">Hanbit: [A-Z][a-z ]+\. HBL KOSHA2603001", page)
    assert "https://track.example.com/shipments/" in page and settings.BASE_URL not in page
