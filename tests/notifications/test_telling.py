"""From bytes to a person: customs' own messages come in at the front door, and mails and texts go out once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cargo import booking
from cargo import tasks as cargo_tasks
from cargo.domain.event import Event
from cargo.domain.explain import explain
from cargo.formats import unipass
from cargo.models import InboundMessage, Shipment, Source
from cargo.pipeline.receive import receive
from notifications import deliver as delivering
from notifications import tasks
from notifications.models import Attempt, Delivery
from tests.notifications.conftest import Gateway, MailServer, a_channel, a_subscription
from tests.people import Person

NOW = datetime.fromisoformat("2026-03-24T09:30:00+09:00")
DECLARED, RELEASED, REVOKED, SECOND = (
    ("수입신고", "20260324093100"),
    ("수입신고수리", "20260324094000"),
    ("수입신고수리취소", "20260324100000"),
    ("수입신고수리", "20260324110000"),
)
HOUSE, CONTROL = "KOSHA2603001", "26CLSL014EI00420007"


def progress(*steps: tuple[str, str]) -> bytes:
    """A cargo's clearance progress as UNI-PASS answers it, newest step first."""
    rows = "".join(
        f"<cargCsclPrgsInfoDtlQryVo><cargTrcnRelaBsopTpcd>{words}</cargTrcnRelaBsopTpcd><prcsDttm>{at}</prcsDttm>"
        "<dclrNo>1234526030001M</dclrNo><shedNm>가상보세창고</shedNm><wght>100</wght><pckGcnt>10</pckGcnt>"
        "<pckUt>CT</pckUt><wghtUt>KG</wghtUt></cargCsclPrgsInfoDtlQryVo>"
        for words, at in reversed(steps)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><cargCsclPrgsInfoQryRtnVo><ntceInfo/><tCnt>1</tCnt>'
        f"<cargCsclPrgsInfoQryVo><cargMtNo>{CONTROL}</cargMtNo><hblNo>{HOUSE}</hblNo><mblNo>CLSSHA2603001</mblNo>"
        "<dsprCd>KRPUS</dsprCd><dsprNm>부산항</dsprNm><prgsStts>통관</prgsStts><pckGcnt>10</pckGcnt><pckUt>CT</pckUt>"
        f"</cargCsclPrgsInfoQryVo>{rows}</cargCsclPrgsInfoQryRtnVo>"
    ).encode()


@pytest.fixture
def customs(db: None) -> Source:
    """Korea Customs."""
    return Source.objects.create(slug="unipass", name="UNI-PASS", kind="customs", rank=10)


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Alice's cargo, subscribed by mail in English and by SMS in Korean."""
    assert shipper.organization
    found = booking.register(shipper.organization.pk, [("house_bill", HOUSE)], own_reference="PO-2026-17")
    for channel in (a_channel(shipper), a_channel(shipper, "sms", "+821012345678", language="ko")):
        a_subscription(channel, found)
    cargo_tasks.process_everything()
    return found


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """Half past nine in Busan, moving on; no worker is woken but by the test."""
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(cargo_tasks, "wake", lambda name: None)
    monkeypatch.setattr(tasks, "wake", lambda name: None)
    with time_machine.travel(NOW) as traveller:
        yield traveller


def tell(source: Source, content: bytes, **options: Any) -> None:
    """The whole way: receive, the cargo worker, fan-out, the senders."""
    receive(source.pk, content, media_type="application/xml", **options)
    cargo_tasks.process_everything()
    tasks.drain_updates()
    tasks.drain_deliveries()


def test_a_release_taken_back_and_given_again_is_three_notices_once_each(
    customs: Source,
    shipment: Shipment,
    shipper: Person,
    mail_server: MailServer,
    gateway: Gateway,
    clock: time_machine.Traveller,
) -> None:
    for steps, at in (
        ((DECLARED,), "09:32"),
        ((DECLARED, RELEASED), "09:41"),
        ((DECLARED, RELEASED, REVOKED), "10:01"),
        ((DECLARED, RELEASED, REVOKED, SECOND), "11:01"),
    ):
        clock.move_to(datetime.fromisoformat(f"2026-03-24T{at}:00+09:00"))
        for _ in range(3):
            tell(customs, progress(*steps))
    assert [str(mail["Subject"]) for mail in mail_server.mails] == [
        "Released by customs — HBL KOSHA2603001",
        "RELEASE TAKEN BACK by customs — HBL KOSHA2603001",
        "Released by customs — HBL KOSHA2603001",
    ]
    assert gateway.texts() == [
        "[CLIS] 수입신고 수리 HBL KOSHA2603001 (PO-2026-17) 3/24 09:40 KST",
        "[CLIS] [긴급] 수입신고 수리 취소 HBL KOSHA2603001 반출 금지 3/24 10:00 KST",
        "[CLIS] 수입신고 수리 HBL KOSHA2603001 (PO-2026-17) 3/24 11:00 KST",
    ]
    told = Delivery.objects.filter(digest_at__isnull=True)
    assert set(told.values_list("state", flat=True)) == {"sent"}
    assert told.count() == 6
    _shown_everywhere(shipment, shipper, progress(DECLARED, RELEASED, REVOKED, SECOND))


def _shown_everywhere(shipment: Shipment, reader: Person, message: bytes) -> None:
    """Both releases, the first with its end, in the API, in the evidence file, on the page and in ``explain``."""
    client = reader.client()
    both = [
        ("2026-03-24T09:40:00+09:00", "2026-03-24T10:00:00+09:00"),
        ("2026-03-24T11:00:00+09:00", None),
    ]
    state = client.get(f"/api/v1/shipments/{shipment.pk}/").json()
    evidence = client.get(f"/api/v1/shipments/{shipment.pk}/evidence/").json()["content"]["state"]
    events = [event for event in unipass.decode(message) if isinstance(event, Event)]
    (explained,) = explain(events)
    for told in (state, evidence, explained):
        assert [(row["released_at"], row["revoked_at"]) for row in told["customs"]["releases"]] == both
    page = client.get(f"/shipments/{shipment.pk}/").content.decode()
    history = page[page.index('id="holds-title"') : page.index('id="quantity-title"')]
    assert [history.count(f'datetime="{at}"') for row in both for at in row if at] == [1, 1, 1]


def test_three_sources_and_replays_tell_once(
    customs: Source, shipment: Shipment, mail_server: MailServer, gateway: Gateway, clock: time_machine.Traveller
) -> None:
    """N1: the same release from three sources, pushed twice each, and every message replayed."""
    clock.move_to(datetime.fromisoformat("2026-03-24T09:41:00+09:00"))
    others = [Source.objects.create(slug=f"mirror-{n}", name=f"Mirror {n}", kind="customs", rank=20) for n in (1, 2)]
    for source in (customs, *others, customs, *others):
        tell(source, progress(DECLARED, RELEASED))
    for _ in range(2):
        cargo_tasks.replay_messages(list(InboundMessage.objects.values_list("pk", flat=True)))
        cargo_tasks.process_everything()
        tasks.drain_updates()
        tasks.drain_deliveries()
    told = Delivery.objects.filter(digest_at__isnull=True)
    assert [len(mail_server.mails), len(gateway.requests), told.count()] == [1, 1, 2]


def test_history_is_told_to_nobody(
    customs: Source, shipment: Shipment, mail_server: MailServer, gateway: Gateway, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.fromisoformat("2026-03-24T12:00:00+09:00"))
    tell(customs, progress(DECLARED, RELEASED, REVOKED, SECOND), silent=True)
    assert (Delivery.objects.count(), Attempt.objects.count()) == (0, 0)
    assert (mail_server.mails, gateway.requests) == ([], [])


def test_what_came_before_the_registration_is_told_to_nobody(
    customs: Source, shipper: Person, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.fromisoformat("2026-03-24T09:41:00+09:00"))
    tell(customs, progress(DECLARED, RELEASED))
    assert shipper.organization
    a_subscription(a_channel(shipper), created_at=timezone.now() - timedelta(days=1))
    booking.register(shipper.organization.pk, [("house_bill", HOUSE)])
    cargo_tasks.process_everything()
    tasks.drain_updates()
    tasks.drain_deliveries()
    assert (Delivery.objects.count(), mail_server.mails) == (0, [])


def test_a_release_that_was_taken_back_before_it_was_sent_is_not_sent(
    customs: Source, shipment: Shipment, mail_server: MailServer, gateway: Gateway, clock: time_machine.Traveller
) -> None:
    """N11: fanned out while true, no longer true when the sender comes to it."""
    clock.move_to(datetime.fromisoformat("2026-03-24T10:01:00+09:00"))
    receive(customs.pk, progress(DECLARED, RELEASED))
    cargo_tasks.process_everything()
    tasks.drain_updates()
    tell(customs, progress(DECLARED, RELEASED, REVOKED))
    told = Delivery.objects.filter(digest_at__isnull=True)
    states = sorted(told.values_list("update__kind", "state", "reason"))
    assert states == [
        ("customs.release_revoked", "sent", ""),
        ("customs.release_revoked", "sent", ""),
        ("customs.released", "skipped", "superseded"),
        ("customs.released", "skipped", "superseded"),
    ]
    assert [str(mail["Subject"]) for mail in mail_server.mails] == ["RELEASE TAKEN BACK by customs — HBL KOSHA2603001"]


def test_a_stranger_is_told_nothing(
    customs: Source,
    shipment: Shipment,
    stranger: Person,
    mail_server: MailServer,
    gateway: Gateway,
    clock: time_machine.Traveller,
) -> None:
    """Charlie, subscribed to all of his, hears nothing of Alice's cargo."""
    a_subscription(a_channel(stranger))
    clock.move_to(datetime.fromisoformat("2026-03-24T09:41:00+09:00"))
    tell(customs, progress(DECLARED, RELEASED))
    assert mail_server.recipients == [["alice@example.com"]]
