"""Files too long for a row: kept beside the database, read portion by portion, begun again after a kill."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from unittest import mock

import pytest
from django.utils import timezone

from cargo import tasks, working
from cargo.domain.identifiers import container_check_digit
from cargo.models import Event, InboundBody, InboundMessage, MessagePart, Shipment, Source, bodies
from cargo.models.bodies import TooLongError
from cargo.pipeline import batch
from cargo.pipeline.receive import receive, receive_file
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import dcsa, equipment
from tests.pipeline.working import messages_by_state, work_off

ROWS = 1200


@pytest.fixture(autouse=True)
def short(settings: object, tmp_path: Path) -> None:
    """A thousand bytes are long here."""
    settings.MESSAGE_MAX_BYTES = 1000  # type: ignore[attr-defined]
    settings.FILE_MAX_BYTES = 1_000_000  # type: ignore[attr-defined]
    settings.BODIES_DIR = tmp_path / "bodies"  # type: ignore[attr-defined]


def box(number: int) -> str:
    prefix = f"HDMU{number:06d}"
    return f"{prefix}{container_check_digit(prefix)}"


def table(rows: int = ROWS, *, bad: int | None = None) -> bytes:
    """A table with a discharge a row."""
    lines = ["Container,B/L No,Port of discharge,Discharged"]
    for number in range(rows):
        when = "never" if number == bad else f"2026-03-14 {number // 60 % 24:02d}:{number % 60:02d}"
        lines.append(f"{box(number)},HDMUPUS{number:07d},KRPUS,{when}")
    return "\n".join(lines).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "discharged.csv"
    path.write_bytes(table())
    return path


def test_a_long_file_is_kept_beside_the_database_and_read_in_portions(carrier: Source, file: Path) -> None:
    shipment = a_registered_shipment(OrganizationFactory.create(), ("master_bill", "HDMUPUS0000777"))
    received = receive_file(carrier.pk, file, name=file.name)
    assert (received.state, received.duplicate) == ("received", False)
    message = InboundMessage.objects.get()
    body = InboundBody.objects.get()
    assert (message.size, message.digest) == (len(table()), sha256(table()).hexdigest())
    assert (body.on_disk, bytes(body.content)) == (True, b"")
    with bodies.opened(message.digest) as kept:
        assert kept.read() == table()
    work_off()
    message.refresh_from_db()
    assert (message.state, message.format, message.events, message.reason) == ("processed", "tabular", ROWS, "")
    assert Event.objects.count() == ROWS
    assert Shipment.objects.get(pk=shipment.pk).status_row.milestone == "discharged"


def test_a_file_of_usual_length_is_a_row_like_any_other(carrier: Source, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_bytes(table(5))
    receive_file(carrier.pk, path, name=path.name)
    assert (InboundBody.objects.get().on_disk, bytes(InboundBody.objects.get().content)) == (False, table(5))


def test_the_same_file_again_is_a_duplicate(carrier: Source, file: Path) -> None:
    first = receive_file(carrier.pk, file, name="a.csv")
    again = receive_file(carrier.pk, file, name="b.csv")
    assert (again.id, again.duplicate) == (first.id, True)
    assert InboundMessage.objects.count() == 1


def test_past_the_limit_nothing_is_kept(carrier: Source, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    path.write_bytes(b"x" * 1_000_001)
    with pytest.raises(TooLongError, match="more than the 1000000 bytes"):
        receive_file(carrier.pk, path, name=path.name)
    assert not InboundMessage.objects.exists()
    assert not (tmp_path / "bodies").exists()


def test_killed_in_the_midst_it_is_begun_again_and_nothing_is_doubled(carrier: Source, file: Path) -> None:
    receive_file(carrier.pk, file, name=file.name)
    done = working.write_portion
    calls = 0

    def dies(*args: object) -> tuple[int, int]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise SystemExit
        return done(*args)  # type: ignore[arg-type]

    with mock.patch.object(working, "write_portion", dies), pytest.raises(SystemExit):
        work_off()
    assert (messages_by_state(), Event.objects.count()) == ({"received": 1}, 500)
    InboundMessage.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    work_off()
    assert (messages_by_state(), Event.objects.count()) == ({"processed": 1}, ROWS)


def test_whoever_has_lost_the_lease_stops(carrier: Source, file: Path) -> None:
    receive_file(carrier.pk, file, name=file.name)
    claimed = batch.claim()
    InboundMessage.objects.update(lease_token="another")
    tasks.process(claimed)
    assert (messages_by_state(), Event.objects.count()) == ({"received": 1}, 0)


def test_a_bad_row_is_named_and_the_others_are_read(carrier: Source, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(table(bad=900))
    receive_file(carrier.pk, path, name=path.name)
    work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.events) == ("processed", ROWS - 1)
    assert message.reason == "1 of its parts could not be read"
    assert MessagePart.objects.get().position.startswith("row 902")


def test_a_standard_that_is_read_whole_is_refused_with_its_reason(carrier: Source, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(dcsa(*(equipment("DISC", "2026-03-14 09:00", box=box(n), id=f"D{n}") for n in range(10))))
    receive_file(carrier.pk, path, name=path.name)
    work_off()
    message = InboundMessage.objects.get()
    assert message.state == "quarantined"
    assert message.reason.endswith("is read whole, and this file is too long for that: split it")


def test_bytes_that_are_gone_are_said_to_be_gone(carrier: Source, file: Path, tmp_path: Path) -> None:
    receive_file(carrier.pk, file, name=file.name)
    for kept in (tmp_path / "bodies").glob("*/*"):
        kept.unlink()
    work_off()
    assert messages_by_state() == {"quarantined": 1}
    assert "No such file" in InboundMessage.objects.get().reason


def test_long_and_usual_messages_share_a_batch(carrier: Source, file: Path) -> None:
    receive(carrier.pk, dcsa(equipment("DISC", "2026-03-14 09:00", box=box(7), id="D7"))[:999])
    receive_file(carrier.pk, file, name=file.name)
    receive(carrier.pk, table(3))
    work_off()
    assert messages_by_state()["processed"] >= 2
    assert Event.objects.filter(message__size__lt=1000).exists()
