"""How mails look and hang together: styles, words of each kind in both languages, threads, the operator's branding."""

from __future__ import annotations

import smtplib
import time
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from notifications import kinds, render
from notifications.deliver import deliver
from notifications.models import KINDS, Branding, Delivery
from notifications.models.branding_rules import NIGHT, READABLE, at_night, contrast
from notifications.render import branding
from notifications.render.codes import KIND_NAMES
from notifications.render.mail import DIGEST_ITEMS
from notifications.subscribing.specimens import DATA, specimen
from notifications.transports import email
from notifications.transports.base import Image, Message, PermanentError
from notifications.transports.email import EmailTransport, compose
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    due,
    everything_stands,
)
from tests.notifications.test_render import PAYLOADS, shape_of
from tests.people import Person, a_staff_member

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40


def mail_of(person: Person, kind: str, language: str = "en", **fields: Any) -> Message:
    """The mail of an example of a kind."""
    assert person.organization
    update = specimen(kind, person.organization)
    channel = a_channel(person, "email", f"{language}@example.com", language=language)
    return render.message(Delivery(update=update, channel=channel, kind="email", notice=kind, **fields), True)


ANSWERS = [
    ("customs.held", "Customs selected this cargo for inspection on 24 Mar 2026, 09:30 KST."),
    ("customs.held", "2026년 3월 24일 09:30(KST)에 세관 검사 대상으로 선별되었습니다."),
    (
        "customs.release_revoked",
        "Customs took its release back on 24 Mar 2026, 09:30 KST. This cargo is not released. We told you on "
        "23 Mar 2026, 15:12 KST that customs had released this cargo: that does not hold any more.",
    ),
    (
        "customs.release_revoked",
        "2026년 3월 24일 09:30(KST)에 수입신고 수리가 취소되었습니다. 현재 통관되지 않은 화물입니다. "
        "2026년 3월 23일 15:12(KST)에 수입신고가 수리되었다고 알려 드렸으나 더 이상 유효하지 않습니다.",
    ),
    (
        "eta.changed",
        "The cargo is now expected on 24 Mar 2026, 09:30 KST, not on 22 Mar 2026, 09:00 KST: 2 days later.",
    ),
    (
        "eta.changed",
        "도착 예정이 2026년 3월 22일 09:00(KST)에서 2026년 3월 24일 09:30(KST)로 변경되었습니다(2일 늦어짐).",
    ),
    (
        "deadline.changed",
        "Removal from the bonded area: the time now ends on 8 Apr 2026, not on 5 Apr 2026: 3 days later.",
    ),
    ("exception.opened", "Something has been wrong with this cargo since 24 Mar 2026, 09:30 KST: Not collected."),
]


@pytest.mark.parametrize(("kind", "answer"), ANSWERS)
def test_the_answer_says_what_changed_and_since_when(shipper: Person, kind: str, answer: str) -> None:
    assert mail_of(shipper, kind, "en" if answer.isascii() else "ko").text.splitlines()[0] == answer


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_every_word_in_both_languages(shipper: Person, kind: str, language: str) -> None:
    message = mail_of(shipper, kind, language)
    before, _, after = message.text.partition(render.mail.LABELS[language]["next"] + "\n")
    assert before.splitlines()[0] and after.splitlines()[0]
    assert message.subject.endswith(" — HBL KOSHA2603001")
    assert "None" not in message.text and "()" not in message.text and "  " not in message.text
    assert KIND_NAMES[kind][language]
    assert set(DATA) == set(kinds.NEWS)
    said = message.text.split("--\n")[0]
    # A deadline's own sentence names no time of its own; everything else says when.
    assert "2026" in said


def test_the_styles_are_in_the_elements_and_the_dark_ones_in_the_head(shipper: Person) -> None:
    html = mail_of(shipper, "customs.held").html
    assert html.startswith('<!DOCTYPE html><html lang="en"')
    head, body = html.split("</head>")
    assert '<meta name="color-scheme" content="light dark">' in head
    assert "@media (prefers-color-scheme: dark)" in head and "@media (max-width: 480px)" in head
    assert 'class="sheet"' in body and "max-width: 600px" in body and "background: #0f5c86" in body
    assert head.count("<style>") == 1 and "<style" not in body
    assert "<img" not in html and "<script" not in html and "url(" not in html


def test_the_reader_is_told_why_and_stops_it_with_one_click(shipper: Person) -> None:
    subscription = a_subscription(
        a_channel(shipper), label="Held in Busan", filter={"status": "held"}, matrix={"customs.released": "now"}
    )
    update = an_update(a_shipment(shipper.organization))
    delivery = Delivery.objects.create(
        update=update, channel=subscription.channel, subscription=subscription, kind="email", recipient="r"
    )
    message = render.message(delivery, True)
    why = "You get this because the shipment is in the saved filter “Held in Busan” of Alice Imports."
    assert why in message.text and why in message.html
    link = f"http://localhost:8000/notices/unsubscribe/{render.unsubscribe_token(delivery)}/?only=subscription"
    assert f"Stop these notices: {link}" in message.text
    page = Client().get(link.removeprefix("http://localhost:8000")).content.decode()
    first = page.index('value="subscription"')
    assert "btn-primary" in page[first - 80 : first]
    subscription.refresh_from_db()
    assert subscription.ended_at is None
    Client().post(link.removeprefix("http://localhost:8000"), {"only": "subscription"})
    subscription.refresh_from_db()
    assert subscription.ended_at is not None


def test_a_digest_is_by_shipment_critical_first_and_has_an_end(shipper: Person) -> None:
    channel = a_channel(shipper)
    many = a_shipment(shipper.organization)
    other = a_shipment(shipper.organization)
    members = [
        a_delivery(an_update(many, key=f"n{number}"), channel, notice="customs.released")
        for number in range(DIGEST_ITEMS + 36)
    ]
    held = an_update(other, "customs.held", data={"hold_kind": "inspection"})
    members.append(a_delivery(held, channel, notice="customs.held"))
    digest = Delivery.objects.create(channel=channel, kind="email", recipient="r", notice="digest")
    message = render.digest(digest, members)
    assert message.subject == "Held by customs 1, Released 76 — 2 shipments"
    lines = message.text.splitlines()
    assert lines[3].startswith("- Held by customs: Customs selected this cargo for inspection")
    assert lines[4].startswith("  What next: Ask your customs broker when and where the inspection takes place")
    assert message.text.count("\n- ") == message.text.count("\n  What next: ") == DIGEST_ITEMS
    assert message.html.count('class="when"') == DIGEST_ITEMS
    # The log lists the rest; a follower, who may not see it, is led to what he follows.
    assert f"… and 37 more: http://localhost:8000/notices/log/?channel={channel.pk}" in lines
    assert f'log/?channel={channel.pk}" ' in message.html and "… and 37 more" in message.html
    channel.follower = True
    digest.channel = channel
    assert "37 more: http://localhost:8000/notices/following/" in render.digest(digest, members).text
    assert message.text.count("Open the shipment: ") == 2


def test_nothing_that_others_wrote_does_harm_in_a_digest(shipper: Person) -> None:
    """N9: every payload in every field of what a digest tells, beside the single mails of ``test_render``."""
    channel = a_channel(shipper)
    digest = Delivery.objects.create(channel=channel, kind="email", recipient="r", notice="digest")

    def hostile(payload: str) -> Message:
        data = dict.fromkeys(("milestone", "hold_kind", "agency", "text", "until", "exception", "deadline"), payload)
        told = {**data, "references": [{"type": "house_bill", "value": payload}], "place": {"name": payload}}
        shipment = a_shipment(shipper.organization, own_reference=payload.replace("\x00", "")[:64])
        members = [a_delivery(an_update(shipment, kind, data=told), channel, notice=kind) for kind in KINDS]
        return render.digest(digest, members)

    harmless = shape_of(hostile("plain").html)
    for payload in (payload for payload in PAYLOADS if "\ud800" not in payload):
        message = hostile(payload)
        assert shape_of(message.html) == harmless, payload
        assert compose(message).recipients() == ["alice@example.com"]
        assert "\n" not in message.subject and "123455" not in message.text + message.html
        assert not any(line.lower().startswith("bcc:") for line in message.text.splitlines())


# --- Threads and headers ------------------------------------------------------------------------


@pytest.fixture
def told(shipper: Person, mail_server: MailServer) -> MailServer:
    """Three mails: two about one shipment, one about another."""
    channel = a_channel(shipper)
    one, other = a_shipment(shipper.organization), a_shipment(shipper.organization)
    a_delivery(an_update(one), channel, notice="customs.released")
    a_delivery(an_update(one, "gate_out", data={"milestone": "gate_out"}), channel, notice="gate_out")
    a_delivery(an_update(other), channel, notice="customs.released")
    assert deliver(everything_stands) == 3
    return mail_server


def test_mails_about_one_shipment_are_one_thread(told: MailServer) -> None:
    roots = [str(mail["In-Reply-To"]) for mail in told.mails]
    assert roots[0] == roots[1] != roots[2]
    assert [str(mail["References"]) for mail in told.mails] == roots
    numbers = {str(mail["Message-ID"]) for mail in told.mails}
    assert len(numbers) == 3 and not numbers & set(roots)
    assert all(root.startswith("<s-") and root.endswith("@clis.example>") for root in roots)


def test_two_readers_of_one_shipment_share_no_thread(
    shipper: Person, forwarder: Person, mail_server: MailServer
) -> None:
    update = an_update(a_shipment(shipper.organization, forwarder.organization))
    for person in (shipper, forwarder):
        a_delivery(update, a_channel(person))
    assert deliver(everything_stands) == 2
    assert len({str(mail["References"]) for mail in mail_server.mails}) == 2


def test_what_machines_read(told: MailServer) -> None:
    mail = told.mails[0]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["Feedback-ID"]).startswith("customs.released:") and str(mail["Feedback-ID"]).endswith(
        ":notice:clis"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(mail["List-Unsubscribe"]).strip().startswith("<http://localhost:8000/notices/unsubscribe/")


def test_a_retry_after_a_drop_has_the_same_number(
    shipper: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes the mail and is gone before it says so: one more copy, under the same Message-ID."""
    delivery = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    answered = mail_server.handle_DATA
    drops = [True]

    async def drop(server: SMTP, session: Session, envelope: Envelope) -> str:
        said = await answered(server, session, envelope)
        if drops.pop() if drops else False:
            server.transport.abort()  # type: ignore[union-attr]
        return said

    monkeypatch.setattr(mail_server, "handle_DATA", drop)
    deliver(everything_stands)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    due(delivery)
    deliver(everything_stands)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sent", 2)
    assert len(mail_server.mails) == 2
    assert len({str(mail["Message-ID"]) for mail in mail_server.mails}) == 1
    assert len({str(mail["References"]) for mail in mail_server.mails}) == 1


def test_an_idle_connection_is_left_with_quit(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "IDLE_SECONDS", 0.2)
    said: list[str] = []
    quit_ = smtplib.SMTP.quit
    monkeypatch.setattr(smtplib.SMTP, "quit", lambda self: (said.append("QUIT"), quit_(self))[1])
    message = Message(to="alice@example.com", subject="x", text="x", reference="d-1")
    with EmailTransport().open() as sender:
        sender.send(message)
        sender.send(message)
        for _ in range(100):
            if said:
                break
            time.sleep(0.05)
        assert (said, mail_server.connections) == (["QUIT"], 1)
        sender.send(message)
        assert mail_server.connections == 2
    assert len(mail_server.mails) == 3


# --- Branding -----------------------------------------------------------------------------------


@pytest.fixture
def branded(db: None) -> Branding:
    row = Branding.objects.create(
        name="Hanbit", colour="#7a1fa2", sender="Hanbit <notices@hanbit.example>", reply_to="desk@hanbit.example",
        foot="Hanbit Forwarding, Busan", logo=PNG,
    )  # fmt: skip
    branding.forget()
    return row


def test_the_operators_look_and_sender(branded: Branding, shipper: Person, mail_server: MailServer) -> None:
    a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    assert deliver(everything_stands) == 1
    (mail,) = mail_server.mails
    assert (mail["From"], mail["Reply-To"]) == ("Hanbit <notices@hanbit.example>", "desk@hanbit.example")
    assert str(mail["Message-ID"]).endswith("@clis.example>")
    assert mail.get_content_type() == "multipart/related"
    alternative, logo = mail.iter_parts()
    assert (logo.get_content_type(), logo["Content-ID"], logo.get_content_disposition()) == (
        "image/png", "<logo>", "inline",
    )  # fmt: skip
    assert logo.get_content() == PNG
    text, html = (part.get_content() for part in alternative.iter_parts())
    assert text.rstrip().endswith("Hanbit Forwarding, Busan")
    assert 'src="cid:logo"' in html and 'alt="Hanbit"' in html and "#7a1fa2" in html and "#0f5c86" not in html


def test_it_is_read_once_in_a_while(branded: Branding, shipper: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert branding.brand().name == branding.brand().name == "Hanbit"
    Branding.objects.update(name="Other", colour="red;}*{", logo=b"<svg onload=alert(1)>")
    assert branding.brand().name == "Hanbit"
    branding.forget()
    look = branding.brand()
    assert (look.name, look.colour, look.logo) == ("Other", branding.COLOUR, b"")


def test_colours_can_be_read_by_day_and_by_night() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    for colour in ("#0f5c86", "#7a1fa2", "#000000", "#b00020", "#005f00"):
        Branding(colour=colour).clean()
        assert contrast(at_night(colour), NIGHT) >= READABLE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "#777777"),
        ("colour", "red"),
        ("colour", "#12345"),
        ("colour", "#12345g"),
        ("sender", "nobody"),
        ("sender", "A <a@example.com>, b@example.com"),
        ("sender", "A <a@example.com>\r\nBcc: b@example.com"),
        ("reply_to", "a@@example.com"),
        ("logo", b"<svg xmlns='x'/>"),
        ("logo", b"GIF89a" + b"\0" * 20),
        ("logo", PNG + b"\0" * 100_000),
    ],
)
def test_what_no_message_may_look_like(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Branding(**{field: value}).clean()
    assert set(caught.value.message_dict) == {field}


def test_staff_sets_it_in_the_admin(db: None) -> None:
    staff = a_staff_member("Dana").client()
    form = {"name": "Hanbit", "colour": "#7a1fa2", "sender": "", "reply_to": "", "foot": ""}
    logo = SimpleUploadedFile("logo.exe", JPEG)
    answer = staff.post("/admin/notifications/branding/add/", {**form, "upload": logo})
    assert answer.status_code == 302
    row = Branding.objects.get()
    assert (row.pk, row.name, bytes(row.logo)) == (1, "Hanbit", JPEG)
    assert branding.brand().colour == "#7a1fa2"
    bad = SimpleUploadedFile("logo.png", b"<svg/>")
    page = staff.post("/admin/notifications/branding/1/change/", {**form, "colour": "#eeeeee", "upload": bad})
    assert page.status_code == 200
    assert "The logo is a PNG or a JPEG." in page.content.decode()
    assert "its contrast is 1.2" in page.content.decode()
    staff.post("/admin/notifications/branding/1/change/", {**form, "no_logo": "on"})
    assert Branding.objects.get().logo is None
    again = staff.get("/admin/notifications/branding/add/")
    assert (again.status_code, again.headers["Location"]) == (302, "/admin/notifications/branding/1/change/")
    assert Permission.objects.filter(codename="change_branding").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "A <a@example.com>\r\nBcc: victim@example.com"},
        {"reply_to": "a@example.com\nBcc: victim@example.com"},
        {"headers": {"Feedback-ID": "x\rBcc: victim@example.com"}},
    ],
)
def test_an_injected_header_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        compose(Message(to="alice@example.com", subject="x", text="x", reference="d-1", **change))


def test_a_picture_without_html_is_not_sent() -> None:
    message = Message(
        to="a@example.com", subject="x", text="x", reference="d", images=(Image("logo", PNG, "image/png"),)
    )
    assert compose(message).message().get_content_type() == "text/plain"
