"""What people read: both languages, the answer first, and nothing of what others wrote that could do harm."""

from __future__ import annotations

import re
from email.headerregistry import Address
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import signing
from django.utils.safestring import mark_safe

from clis.accounts.models import Organization
from notifications import render
from notifications.models import KINDS, Channel
from notifications.render.text import clean, moment, unlinked
from notifications.transports.email import compose
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person

HELD = {"milestone": "customs_hold", "hold_kind": "customs", "agency": "KR-KCS"}


def written(person: Person, kind: str = "customs.released", channel: Channel | None = None, **fields: Any) -> Any:
    """The message of an update of that kind to that person."""
    own = fields.pop("own_reference", "PO-2026-17")
    shipment = a_shipment(person.organization, own_reference=own)
    update = an_update(shipment, kind, **fields)
    return render.message(a_delivery(update, channel or a_channel(person)), all_shipments=True)


def test_a_release_in_english(shipper: Person, settings: Any) -> None:
    settings.BASE_URL = "https://clis.example"
    message = written(shipper)
    assert message.subject == "Released by customs — HBL KOSHA2603001"
    lines = message.text.splitlines()
    assert lines[0] == "Customs released this cargo on 24 Mar 2026, 09:30 KST."
    assert lines[2] == "HBL KOSHA2603001"
    assert "Your reference: PO-2026-17" in lines
    assert "MBL: HDMUPUSR1234567" in lines
    assert "When: 24 Mar 2026, 09:30 KST (UTC+09:00)" in lines
    assert "Where: Busan (KRPUS)" in lines
    assert "By: Korea Customs Service" in lines
    assert "Declaration: 4291826000123M" in lines
    assert "In the source's words: 수입신고수리" in lines
    assert re.search(r"^Open the shipment: https://clis\.example/shipments/\d+/$", message.text, re.M)
    assert "subscribed to all shipments of Alice Imports." in message.text
    assert re.search(
        r"^Unsubscribe from everything: https://clis\.example/notices/unsubscribe/\S+/$", message.text, re.M
    )


def test_a_release_in_korean(shipper: Person) -> None:
    message = written(shipper, channel=a_channel(shipper, language="ko"))
    assert message.subject == "수입신고 수리 — HBL KOSHA2603001"
    lines = message.text.splitlines()
    assert lines[0] == "2026년 3월 24일 09:30(KST)에 수입신고가 수리되어 통관이 완료되었습니다."
    assert "일시: 2026년 3월 24일 09:30 KST (UTC+09:00)" in lines
    assert "기관: 관세청" in lines
    assert "귀사 관리번호: PO-2026-17" in lines
    assert '<html lang="ko"' in message.html


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_release_taken_back_cannot_be_mistaken(shipper: Person, language: str) -> None:
    channel = a_channel(shipper, language=language)
    text = a_channel(shipper, "sms", "+821012345678", language=language)
    data = {"milestone": "customs_release_cancelled"}
    message = written(shipper, "customs.release_revoked", channel, data=data)
    sms = written(shipper, "customs.release_revoked", text, data=data)
    if language == "en":
        assert message.subject == "RELEASE TAKEN BACK by customs — HBL KOSHA2603001"
        answer = "Customs took its release back on 24 Mar 2026, 09:30 KST. This cargo is not released.\n"
        assert message.text.startswith(answer)
        assert "Stop the pick-up and any onward transport now." in message.text
        assert sms.text.startswith("CLIS: RELEASE TAKEN BACK by customs. DO NOT MOVE HBL KOSHA2603001")
    else:
        assert message.subject == "[긴급] 수입신고 수리 취소 — HBL KOSHA2603001"
        answer = "2026년 3월 24일 09:30(KST)에 수입신고 수리가 취소되었습니다. 현재 통관되지 않은 화물입니다.\n"
        assert message.text.startswith(answer)
        assert "반출과 운송을 즉시 중단하십시오." in message.text
        assert sms.text.startswith("[CLIS] [긴급] 수입신고 수리 취소 HBL KOSHA2603001 반출 금지")
    assert "#b42318" in message.html


SUBJECTS = [
    (
        "customs.released",
        {"milestone": "customs_released_provisional"},
        "Released provisionally by customs",
        "조건부 수리",
    ),
    ("customs.released", {"milestone": "export_cleared"}, "Cleared for export", "수출신고 수리"),
    ("customs.held", HELD, "Held by customs", "통관 보류"),
    ("customs.held", HELD | {"hold_kind": "inspection"}, "Selected for customs inspection", "세관 검사 대상 선별"),
    ("customs.held", HELD | {"hold_kind": "documents"}, "Documents requested by customs", "세관 보완 요구"),
    ("customs.held", HELD | {"hold_kind": "payment"}, "Payment required before release", "세액 납부 요구"),
    (
        "customs.held",
        HELD | {"hold_kind": "agency", "agency": "KR-MFDS"},
        "Held by Ministry of Food and Drug Safety",
        "식품의약품안전처 보류",
    ),
    ("customs.held", HELD | {"hold_kind": "seized"}, "Seized by customs", "[긴급] 세관 압수"),
    ("customs.held", HELD | {"hold_kind": "something new"}, "Held by customs", "통관 보류"),
    ("customs.hold_cleared", HELD | {"hold_kind": "inspection"}, "Inspection ended", "세관 검사 완료"),
    ("customs.hold_cleared", HELD, "Customs hold lifted", "통관 보류 해제"),
    ("gate_out", {"milestone": "gate_out"}, "Gated out", "반출 완료"),
    ("gate_out", {"milestone": "gate_out_before_release"}, "Removed before release", "수리 전 반출"),
]


@pytest.mark.parametrize(("kind", "data", "english", "korean"), SUBJECTS)
def test_subjects(shipper: Person, kind: str, data: dict[str, Any], english: str, korean: str) -> None:
    assert written(shipper, kind, data=data).subject == f"{english} — HBL KOSHA2603001"
    channel = a_channel(shipper, "email", "ko@example.com", language="ko")
    assert written(shipper, kind, channel, data=data).subject == f"{korean} — HBL KOSHA2603001"


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_texts_are_one_short_line_with_the_link_if_there_is_room(shipper: Person, kind: str, language: str) -> None:
    channel = a_channel(shipper, "sms", "+821012345678", language=language)
    data = {"milestone": "", "hold_kind": "inspection", "until": "2026-03-24T09:30:00+09:00"}
    text = written(shipper, kind, channel, data=data).text
    assert "\n" not in text
    assert len(text) <= 160
    assert bool(re.search(r"/shipments/\d+/$", text)) == (language == "en")
    assert "KOSHA2603001" in text


def test_another_organizations_reference_is_not_shown(shipper: Person, forwarder: Person) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization, own_reference="SECRET-17")
    update = an_update(shipment)
    message = render.message(a_delivery(update, a_channel(forwarder)), all_shipments=False)
    assert "SECRET-17" not in message.subject + message.text + message.html
    assert "subscribed to this shipment, for Bob Forwarding." in message.text


def test_an_update_that_knows_little(shipper: Person) -> None:
    data = {"references": [], "place": None, "time_zone": "Nowhere/Land", "text": None, "declaration": None}
    message = written(shipper, data=data, own_reference="")
    assert re.fullmatch(r"Released by customs — CLIS \d+", message.subject)
    assert "When: 24 Mar 2026, 00:30 UTC" in message.text
    assert "None" not in message.text + message.html


PAYLOADS = [
    "\r\nBcc: victim@example.com",
    "x\nBcc: victim@example.com\n\nhello",
    "x\r\n\r\n<script>alert(1)</script>",
    "x\u2028Bcc: victim@example.com",
    "x\u0085Bcc: victim@example.com",
    "x\x00y",
    "x\x1b[31my",
    "x\ud800y",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='http://evil.example'>click</a>",
    "</td></table><h1>RELEASED</h1>",
    "<!-- ",
    "--><b>x</b>",
    "<style>*{display:none}</style>",
    '"><svg onload=alert(1)>',
    "'><iframe src=//evil.example>",
    "&lt;b&gt;&amp;#60;script&#62;",
    "javascript:alert(1)",
    "http://evil.example/login",
    "https://evil.example/login",
    "HTTPS:///evil.example",
    "www.evil.example",
    "evil.example/pay",
    "pay@evil.example",
    "{{ 123454|add:1 }}",
    "{{ settings.SECRET_KEY }}",
    "{% load static %}{% now 'Y' %}",
    "{% include 'admin/base.html' %}",
    "{{ facts.unsubscribe_link }}",
    "${123454+1}",
    "#{123454+1}",
    "%(message)s %s %d",
    "{0.__class__}",
    "\u202edesaeler\u202c",
    "\u2066hidden\u2069",
    "\u200b\u200d\ufeffzero",
    "A" * 5000,
    "=?utf-8?q?Bcc=3A_x=40y=2Ez?=",
    "quoted\"@'`\\",
    "=cmd|'/C calc'!A0",
]


class Tags(HTMLParser):
    """The elements and the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def shape_of(html: str) -> tuple[list[str], int]:
    tags = Tags()
    tags.feed(html)
    return tags.tags, len(tags.links)


@pytest.mark.parametrize("kind", list(KINDS))
def test_nothing_that_others_wrote_does_harm(shipper: Person, kind: str) -> None:
    """N9: every payload in every field of every template: no extra recipient, nothing evaluated, no raw tag."""
    email, sms = a_channel(shipper), a_channel(shipper, "sms", "+821012345678")
    harmless = shape_of(_hostile(shipper, kind, email, "plain").html)
    for payload in PAYLOADS:
        message = _hostile(shipper, kind, email, payload)
        mail = compose(message)
        raw = mail.message()
        assert mail.recipients() == ["alice@example.com"]
        assert raw["To"] == "alice@example.com" and raw["Bcc"] is None and raw["Cc"] is None
        assert "\n" not in message.subject and "\r" not in message.subject and len(message.subject) <= 200
        assert shape_of(message.html) == harmless, payload
        for text in (message.text, message.subject, _hostile(shipper, kind, sms, payload).text):
            assert "\x00" not in text and "\u202e" not in text and "\u2066" not in text
            assert "123455" not in text
        for line in message.text.splitlines():
            assert not line.lower().startswith("bcc:")


def _hostile(person: Person, kind: str, channel: Channel, payload: str) -> Any:
    storable = payload.replace("\x00", "").replace("\ud800", "")
    Organization.objects.filter(pk=channel.organization_id).update(name=storable[:200])
    channel.organization.refresh_from_db()
    names = ("milestone", "hold_kind", "agency", "declaration", "text", "until", "was_arrival_at", "amends")
    names += ("exception", "responsible", "next_action") if kind.startswith("exception") else ()
    names += ("deadline", "responsible", "next_action", "money", "was_due_at") if kind.startswith("deadline") else ()
    data: dict[str, Any] = dict.fromkeys(names, payload)
    data |= {"references": [{"type": "house_bill", "value": payload}, {"type": "container", "value": payload}]}
    data |= {"place": {"code": payload, "name": payload}, "time_zone": payload}
    data["next_deadline"] = dict.fromkeys(("deadline", "container", "responsible"), payload) | {"due_at": "2026-03-28"}
    shipment = a_shipment(person.organization, own_reference=storable[:64])
    return render.message(a_delivery(an_update(shipment, kind, data=data), channel), all_shipments=True)


def test_what_others_wrote_is_not_a_link() -> None:
    assert unlinked("see http://evil.example/x") == "see http evil. example/x"
    assert unlinked("www.evil.example") == "www. evil. example"
    assert unlinked("Kim & Co., Ltd. v1.2") == "Kim & Co., Ltd. v1.2"
    assert unlinked("me@evil.example") == "me at evil. example"


def test_clean() -> None:
    assert clean("  a\r\n\tb\u2029c ") == "a b c"
    assert clean(None) == ""
    assert clean("x" * 10, 5) == "xxxx…"
    assert clean("a\u00a0b\u3000 c\u00ad\u202e\ue000") == "a b c"
    marked = mark_safe("<b>")
    assert (clean(marked), type(clean(marked))) == ("<b>", str)
    assert clean("수입신고수리 ①") == "수입신고수리 ①"


MOMENTS = [
    ("2026-03-24T00:30:00+00:00", "Asia/Seoul", "en", False, "24 Mar 2026, 09:30 KST (UTC+09:00)"),
    ("2026-03-24T00:30:00Z", "Asia/Seoul", "ko", False, "2026년 3월 24일 09:30 KST (UTC+09:00)"),
    ("2026-03-24T00:30:00+00:00", "Asia/Seoul", "en", True, "24 Mar, 09:30 KST"),
    ("2026-03-24T00:30:00+00:00", "Asia/Seoul", "ko", True, "3/24 09:30 KST"),
    ("2026-07-24T00:30:00+00:00", "Europe/Amsterdam", "en", False, "24 Jul 2026, 02:30 CEST (UTC+02:00)"),
    ("2026-03-24T00:30:00+00:00", "Asia/Dubai", "en", False, "24 Mar 2026, 04:30 UTC+04:00"),
    ("2026-03-24T00:30:00+00:00", "Asia/Kathmandu", "en", False, "24 Mar 2026, 06:15 UTC+05:45"),
    ("2026-03-24T00:30:00+00:00", None, "en", False, "24 Mar 2026, 00:30 UTC"),
    ("2026-03-24T00:30:00+00:00", "../../etc/passwd", "en", False, "24 Mar 2026, 00:30 UTC"),
    ("2026-03-24", "Asia/Seoul", "ko", False, "2026년 3월 24일"),
    ("2026-03-24", "Asia/Seoul", "en", True, "24 Mar"),
    ("2026-03-24T09:30:00", "Asia/Seoul", "en", False, "24 Mar 2026, 09:30"),
    ("9999-12-31T23:59:59+00:00", "Asia/Seoul", "en", False, "31 Dec 9999, 23:59 UTC"),
    ("yesterday", "Asia/Seoul", "en", False, ""),
    ("", "Asia/Seoul", "en", False, ""),
    (None, "Asia/Seoul", "en", False, ""),
    (20260324, "Asia/Seoul", "en", False, ""),
]


@pytest.mark.parametrize(("value", "zone", "language", "short", "words"), MOMENTS)
def test_moments(value: Any, zone: str | None, language: str, short: bool, words: str) -> None:
    said = moment(value, zone, language)
    assert (said.short if short else said.full) == words


def test_the_unsubscribe_token_is_ours_alone(shipper: Person) -> None:
    delivery = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    token = render.unsubscribe_token(delivery)
    assert render.read_unsubscribe_token(token) == (delivery.channel_id, delivery.update.shipment_id, None)
    before = signing.dumps([delivery.channel_id, 7], salt="notifications.unsubscribe")
    assert render.read_unsubscribe_token(before) == (delivery.channel_id, 7, None)
    assert render.read_unsubscribe_token(token[:-2] + "xx") is None
    assert render.read_unsubscribe_token("nonsense") is None


def test_the_mails_headers(shipper: Person, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "CLIS <notices@clis.example>"
    settings.EMAIL_REPLY_TO = "help@clis.example"
    mail = compose(written(shipper)).message()
    assert re.fullmatch(r"<http\S+/notices/unsubscribe/\S+/>", "".join(mail["List-Unsubscribe"].split()))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Reply-To"] == "help@clis.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<d-\d+-[0-9a-f]{16}@clis\.example>", mail["Message-ID"])
    assert Address(addr_spec=mail["To"]).domain == "example.com"
    assert [part.get_content_type() for part in mail.get_payload()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("language", "subject", "answer"),
    [
        ("en", "RELEASE NO LONGER STATED — HBL KOSHA2603001", "The release that was stated is no longer stated"),
        ("ko", "[긴급] 수리 내역 조회 안 됨 — HBL KOSHA2603001", "확인되었던 수리가 더 이상 조회되지 않으며"),
    ],
)
def test_a_release_that_is_no_longer_stated_says_no_more_than_that(
    shipper: Person, language: str, subject: str, answer: str
) -> None:
    data = {"milestone": "customs_released", "withdrawn": True}
    channel = a_channel(shipper, language=language)
    message = written(shipper, "customs.release_revoked", channel, data=data, occurred_at=None)
    assert message.subject == subject
    assert message.text.splitlines()[0].startswith(answer)


BOX = {"container": "HDMU6546583"}
OTHERS = [{"type": "house_bill", "value": "KOSHA2603001"}] + [
    {"type": "container", "value": f"TEMU000000{number}"} for number in range(6)
]


def test_a_notice_of_a_container_names_that_one_and_no_other(shipper: Person) -> None:
    message = written(shipper, "empty_returned", data=BOX | {"references": OTHERS})
    assert message.subject == "Empty container returned — HBL KOSHA2603001 · HDMU6546583"
    lines = message.text.splitlines()
    assert lines[2:4] == ["HBL KOSHA2603001 · HDMU6546583", "Container: HDMU6546583"]
    assert "TEMU" not in message.text and "HDMU6546583" in message.html
    text = written(shipper, "empty_returned", a_channel(shipper, "sms", language="ko"), data=BOX).text
    assert text == "[CLIS] 공컨테이너 반납 HBL KOSHA2603001 HDMU6546583 3/24 09:30 KST"


def test_a_deadline_of_several_containers_names_them_and_counts_the_rest(shipper: Person) -> None:
    boxes = [f"HDMU{number:07}" for number in range(12)]
    data = {"deadline": "detention", "containers": boxes, "next_action": "return_empty", "until": "2026-04-08"}
    message = written(shipper, "deadline.near", data=data | {"references": OTHERS})
    assert message.subject == "Due soon: Return of the empty — HBL KOSHA2603001 · HDMU0000000 +11"
    assert f"Container: {', '.join(boxes[:10])} +2" in message.text.splitlines()
    assert "TEMU" not in message.text


def test_an_exception_of_a_container_names_it(shipper: Person) -> None:
    data = {"exception": "rolled", "told": BOX, "references": OTHERS[1:]}
    message = written(shipper, "exception.opened", data=data)
    assert message.subject == "Look at this: Rolled to another sailing — Container HDMU6546583"
    assert message.text.splitlines()[2:4] == ["Container HDMU6546583", "Container: HDMU6546583"]


PARTLY = {
    "milestone": "customs_release_cancelled",
    "packages": 20,
    "text": None,
    "amends": {"milestone": "customs_released"},
}


def test_a_release_taken_back_in_part_says_so(shipper: Person) -> None:
    message = written(shipper, "customs.release_revoked", data=PARTLY)
    assert message.subject == "RELEASE TAKEN BACK in part by customs — HBL KOSHA2603001"
    assert message.text.splitlines()[0] == (
        "Customs took its release of 20 packages of this cargo back on 24 Mar 2026, 09:30 KST. The rest stays "
        "released. We told you that customs had released this cargo: that does not hold for all of it any more."
    )
    assert "Hold these packages back" in message.text and "not released" not in message.text
    sms = written(shipper, "customs.release_revoked", a_channel(shipper, "sms"), data=PARTLY | {"packages": 1}).text
    assert sms.startswith("CLIS: RELEASE TAKEN BACK in part by customs. DO NOT MOVE 1 package of HBL KOSHA2603001")


def test_the_same_in_korean(shipper: Person) -> None:
    message = written(shipper, "customs.release_revoked", a_channel(shipper, language="ko"), data=PARTLY)
    assert message.subject == "[긴급] 수리 일부 취소 — HBL KOSHA2603001"
    assert message.text.splitlines()[0] == (
        "2026년 3월 24일 09:30(KST)에 포장 20개의 수리가 취소되었습니다. 나머지는 수리된 상태입니다. "
        "수입신고가 수리되었다고 알려 드렸으나 전체에 대해서는 더 이상 유효하지 않습니다."
    )
    text = a_channel(shipper, "sms", language="ko")
    sms = written(shipper, "customs.release_revoked", text, data=PARTLY).text
    assert sms == "[CLIS] [긴급] 수리 일부 취소 HBL KOSHA2603001 포장 20개 반출 금지 3/24 09:30 KST"


EXPORTS = [
    ("export_clearance_cancelled", "EXPORT CLEARANCE TAKEN BACK", "[긴급] 수출신고 수리 취소"),
    ("export_declaration_rejected", "EXPORT CLEARANCE TAKEN BACK", "[긴급] 수리 후 수출신고 각하"),
    ("export_cleared", "RELEASE NO LONGER STATED", "[긴급] 수리 내역 조회 안 됨"),
]


@pytest.mark.parametrize(("milestone", "english", "korean"), EXPORTS)
def test_an_export_is_stopped_from_loading(shipper: Person, milestone: str, english: str, korean: str) -> None:
    data, kind = {"milestone": milestone, "text": None}, "customs.release_revoked"
    message = written(shipper, kind, data=data)
    assert message.subject == f"{english} — HBL KOSHA2603001"
    assert "Stop the delivery to the terminal and the loading now." in message.text
    assert "pick-up" not in message.text
    message = written(shipper, kind, a_channel(shipper, "email", "ko@example.com", language="ko"), data=data)
    assert message.subject == f"{korean} — HBL KOSHA2603001"
    assert "터미널 반입과 선적을 즉시 중단하십시오." in message.text and "수입신고" not in message.text
    sms = written(shipper, kind, a_channel(shipper, "sms", language="ko"), data=data, own_reference="").text
    assert "선적 금지" in sms and "반출 금지" not in sms


def test_a_number_is_no_link(shipper: Person) -> None:
    evil = {"references": [{"type": "house_bill", "value": "EVIL.COM/LOGIN"}, {"type": "booking", "value": "BAD.CO/X"}]}
    message = written(shipper, data=evil | {"declaration": "EVIL.COM/D", "place": {"code": "EVIL.COM"}})
    assert message.subject == "Released by customs — HBL EVIL. COM/LOGIN"
    assert "EVIL.COM" not in message.text + message.html and "BAD.CO" not in message.text + message.html


def test_what_has_no_place_is_told_in_the_readers_time(shipper: Person) -> None:
    """An exception has no zone: the channel's counts, then the person's, then the operator's."""
    data = {"exception": "silent", "time_zone": None, "place": None}
    shipper.user.time_zone = "Europe/Amsterdam"
    shipper.user.save()
    own = a_channel(shipper, zone="America/New_York")
    assert "When: 23 Mar 2026, 20:30 EDT (UTC-04:00)" in written(shipper, "exception.opened", own, data=data).text
    persons = a_channel(shipper, "email", "second@example.com")
    assert "When: 24 Mar 2026, 01:30 CET (UTC+01:00)" in written(shipper, "exception.opened", persons, data=data).text
    desk = a_channel(shipper, "email", "desk@example.com", user=None)
    assert "When: 24 Mar 2026, 09:30 KST (UTC+09:00)" in written(shipper, "exception.opened", desk, data=data).text


BY_AIR = [("departed", "출발", "출항"), ("arrived", "도착", "입항"), ("discharged", "하기", "양하")]


@pytest.mark.parametrize(("kind", "air", "sea"), BY_AIR)
def test_korean_has_other_words_for_what_flies(shipper: Person, kind: str, air: str, sea: str) -> None:
    channel = a_channel(shipper, language="ko")
    waybill = {"references": [{"type": "air_waybill", "value": "18012345675"}]}
    flown = written(shipper, kind, channel, data=waybill)
    assert flown.subject == f"{air} — AWB 18012345675" and sea not in flown.text
    sailed = written(shipper, kind, channel)
    assert sailed.subject == f"{sea} — HBL KOSHA2603001" and air not in sailed.text.splitlines()[0]
