"""``manage.py demo``: prepared once, silent about history, and alive after that."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cargo import tasks
from cargo.management.demonstration import people
from cargo.management.demonstration.feed import Feed, Plan
from cargo.management.generator import feeds, truth
from cargo.management.generator.firms import PEOPLE
from cargo.models import ColumnMapping, InboundMessage, Shipment, ShipmentEvent, Source, Warehouse
from cargo.pipeline.receive import receive
from clis.accounts.models import ApiKey, Membership, User
from notifications import fanout
from notifications.models import Channel, Delivery, Subscription
from tests.generator.test_round_trip import TELLING, reports_told

pytestmark = pytest.mark.django_db

# Source, milestone, classifier, instant.
Telling = tuple[str, str, str, float]
OF_THE_BOOKING = {"booking_requested", "booking_confirmed", "empty_picked_up"}


@pytest.fixture
def folder(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    settings.DEMO_OUTBOX = tmp_path / "demo"  # type: ignore[attr-defined]
    settings.DEMO = True  # type: ignore[attr-defined]
    settings.SMS_PROVIDER = "generic"  # type: ignore[attr-defined]
    return tmp_path / "demo"


def prepare(shipments: int = 14) -> str:
    out = StringIO()
    call_command("demo", "--prepare", "--shipments", str(shipments), stdout=out)
    return out.getvalue()


def counts() -> list[int]:
    models = (Shipment, InboundMessage, User, Membership, Source, ApiKey, Channel, Subscription)
    return [model._default_manager.count() for model in models]


def test_people_can_sign_in_and_are_told_by_mail_and_sms(folder: Path) -> None:
    said = prepare()
    for person in PEOPLE:
        user = User.objects.get(email=person.email)
        assert user.check_password(people.PASSWORD)
        assert user.language == person.language
        assert f"{person.email:22} {people.PASSWORD}" in said
        assert said.count(person.email) == 1
    assert set(Channel.objects.values_list("kind", flat=True)) == {"email", "sms"}
    assert not Channel.objects.filter(verified_at=None).exists()
    assert Subscription.objects.count() == Channel.objects.count()
    assert (folder / "accounts.txt").read_text().split()[:2] == ["alice@example.com", people.PASSWORD]


def test_every_message_is_read_and_nobody_is_told_of_history(folder: Path) -> None:
    prepare()
    assert Shipment.objects.count() == 14
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"processed"}
    assert Delivery.objects.count() == 0


def test_the_state_is_the_truth(folder: Path) -> None:
    prepare(40)
    feed = Feed(Plan(**json.loads((folder / "feed" / "plan.json").read_text())), folder / "feed")
    for cargo in feed.world.cargoes:
        shipment = Shipment.objects.get(own_reference=cargo.own_reference)
        expected = truth.of(cargo, feed.plan.now)
        if cargo.scene.outcome not in ("revoked", "hold"):
            assert (cargo.key, shipment.status_row.status) == (cargo.key, expected["status"])
            assert (cargo.key, shipment.status_row.customs_state) == (cargo.key, expected["customs"]["state"])


def test_the_log_holds_what_the_truth_says_was_told(folder: Path) -> None:
    prepare(40)
    feed = Feed(Plan(**json.loads((folder / "feed" / "plan.json").read_text())), folder / "feed")
    log: dict[str, set[Telling]] = {}
    links = ShipmentEvent.objects.exclude(event__milestone="containers_listed").values_list(
        "shipment__own_reference",
        "event__source__slug",
        "event__milestone",
        "event__classifier",
        "event__occurred_at",
    )
    for reference, source, milestone, classifier, at in links:
        assert at is not None
        telling = (source, milestone.removeprefix("transshipment_"), classifier, at.timestamp())
        log.setdefault(reference, set()).add(telling)
    dialects = set()
    for cargo in feed.world.cargoes:
        told = reports_told(replace(feed.world, cargoes=[cargo]), feed.plan.now)
        truly = {(source, milestone, classifier, at) for source, _, milestone, classifier, at, _, _ in told}
        assert log.get(cargo.own_reference, set()) - truly == set(), cargo.key
        unlinked = {milestone for _, milestone, _, _ in truly - log.get(cargo.own_reference, set())}
        # Whoever registered a cargo by its bill alone does not learn what carriers tell of the booking alone.
        known = {kind for kind, _ in cargo.references}
        assert unlinked <= (set() if "booking" in known else OF_THE_BOOKING), cargo.key
        dialects |= {source.partition("-")[0] for source, *_ in truly}
    assert dialects == set(TELLING)


def test_every_feed_is_a_source_and_tables_have_their_columns(folder: Path) -> None:
    prepare()
    rows = {row["slug"]: row for row in feeds.sources(7)}
    assert set(Source.objects.values_list("slug", flat=True)) == set(rows)
    mapped = dict(ColumnMapping.objects.values_list("source__slug", "header"))
    assert mapped == {slug: row["tables"][0]["header"] for slug, row in rows.items() if row["tables"]}
    assert set(mapped) == {"trucker-mrgl", "trucker-dlgr", "forwarder-hrsf"}


def test_the_warehouses_of_the_offices_are_known(folder: Path) -> None:
    prepare(40)
    known = {row.code: row for row in Warehouse.objects.all()}
    truly = truth.warehouses()
    assert known and set(known) <= set(truly)
    for code, row in known.items():
        assert row.late_removal_fine is truly[code]["late_removal_fine"]
        assert row.late_declaration_surcharge is truly[code]["late_declaration_surcharge"]


def test_a_second_time_changes_nothing(folder: Path) -> None:
    prepare()
    before, keys, plan = counts(), (folder / "keys.json").read_text(), (folder / "feed" / "plan.json").read_text()
    assert "nothing to load" in prepare()
    assert counts() == before
    assert (folder / "keys.json").read_text() == keys
    assert (folder / "feed" / "plan.json").read_text() == plan


def test_each_source_has_a_key_that_only_its_owner_can_read(folder: Path) -> None:
    prepare()
    keys = json.loads((folder / "keys.json").read_text())
    assert set(keys) == {*Source.objects.values_list("slug", flat=True), "read"}
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    for slug, text in keys.items():
        key = ApiKey.objects.get(prefix=text.split("_")[1])
        assert slug == "read" or key.source_key.source.slug == slug


def test_lost_keys_are_made_again(folder: Path) -> None:
    prepare()
    before = ApiKey.objects.count()
    (folder / "keys.json").unlink()
    prepare()
    assert ApiKey.objects.count() == before
    assert (folder / "keys.json").exists()


def test_what_the_feed_tells_first_is_news(folder: Path) -> None:
    prepare(40)
    feed = Feed(Plan(**json.loads((folder / "feed" / "plan.json").read_text())), folder / "feed")
    sources = dict(Source.objects.values_list("slug", "pk"))
    for position, _ in zip(list(feed.remaining()), range(8), strict=False):
        receive(sources[feed.messages[position].source], feed.tell(position, feed.plan.now + 60))
    tasks.process_everything()
    while fanout.fan_out():
        pass
    kinds = set(Delivery.objects.values_list("update__kind", flat=True))
    assert {"customs.released", "customs.held"} <= kinds


def test_info_prints_people_and_a_command_that_pushes(folder: Path) -> None:
    prepare()
    out = StringIO()
    call_command("demo", "--info", stdout=out)
    key = json.loads((folder / "keys.json").read_text())["unipass"]
    assert f"Authorization: Bearer {key}" in out.getvalue()
    assert list((folder / "push").glob("*-2-revoked.xml"))


def test_nothing_is_fed_before_it_is_prepared(folder: Path) -> None:
    out = StringIO()
    call_command("demo", "--feed", stdout=out)
    assert "was not prepared" in out.getvalue()
    assert InboundMessage.objects.count() == 0


def test_a_demo_of_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match="--shipments: 0 is not a number above 0"):
        prepare(0)
    assert Shipment.objects.count() == 0


def test_a_system_that_is_no_demo_gets_no_known_passwords(folder: Path, settings: pytest.FixtureRequest) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="only CLIS_DEMO=1 allows it"):
        prepare()
    assert User.objects.count() == 0
