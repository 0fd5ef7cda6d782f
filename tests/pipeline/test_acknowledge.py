"""What partners are sent back: owed with the message, made once, handed over by folder, SFTP or on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cargo import tasks
from cargo.models import Acknowledgment, InboundMessage, Intake, Source
from cargo.pipeline import acknowledge
from cargo.pipeline.receive import receive, receive_file, receive_many
from cargo.tasks import process_everything
from clis.sealing import seal
from tests import messages
from tests.sources.directories import run, tree
from tests.sources.sftp_server import PASSWORD, USER, SftpServer

SAMPLES = Path(__file__).parent.parent / "samples"
X12 = (SAMPLES / "x12" / "315_voyage_busan_los_angeles.edi").read_bytes()
EDIFACT = (SAMPLES / "edifact" / "iftsta_korean.edi").read_bytes()

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="scac", name="A carrier", acknowledges="997", time_zone="Asia/Seoul")


def sent_back(source: Source) -> list[bytes]:
    rows = Acknowledgment.objects.filter(source=source).order_by("pk")
    return [bytes(content) for content in rows.values_list("content", flat=True)]


def test_an_interchange_is_acknowledged(source: Source) -> None:
    received = receive(source.pk, X12)
    assert not Acknowledgment.objects.exists()
    process_everything()
    row = Acknowledgment.objects.get()
    assert (row.message_id, row.source, row.kind, row.taken_at) == (received.id, source, "997", None)
    content = bytes(row.content)
    assert content.startswith(b"ISA*00*") and b"*997*0001" in content
    assert f"*{row.pk * 100:09d}*".encode() in content
    local = timezone.now() + timedelta(hours=9)
    assert f"*{local:%y%m%d}*".encode() in content


def test_edifact_is_answered_by_contrl(source: Source) -> None:
    Source.objects.update(acknowledges="contrl")
    receive(source.pk, EDIFACT)
    process_everything()
    row = Acknowledgment.objects.get()
    assert row.kind == "contrl"
    assert b"CONTRL:D:3:UN" in bytes(row.content)


def test_a_newer_release_is_answered_by_a_999_and_says_so(source: Source) -> None:
    receive(source.pk, X12.replace(b"004010", b"005010"))
    process_everything()
    assert Acknowledgment.objects.get().kind == "999"


def test_only_for_sources_that_want_it(source: Source, django_assert_num_queries: Any) -> None:
    Source.objects.update(acknowledges="")
    receive(source.pk, X12)
    process_everything()
    assert not Acknowledgment.objects.exists()
    with django_assert_num_queries(1):
        tasks.make_acknowledgments()


def test_a_repeat_is_acknowledged_once(source: Source) -> None:
    for _ in range(2):
        receive(source.pk, X12)
        process_everything()
    assert Acknowledgment.objects.count() == 1


def test_each_message_of_a_batch_has_its_own(source: Source) -> None:
    bodies = [X12.replace(X12[90:99], b"%09d" % number) for number in range(1, 6)]
    receive_many(source.pk, [("", body) for body in bodies])
    process_everything()
    numbers = {content[90:99] for content in sent_back(source)}
    assert (len(sent_back(source)), len(numbers)) == (5, 5)


@pytest.mark.parametrize("body", [b"no interchange", messages.dcsa(messages.equipment("DISC", "2026-03-14 09:00"))])
def test_what_is_no_interchange_is_not_answered(source: Source, body: bytes) -> None:
    receive(source.pk, body)
    process_everything()
    row = Acknowledgment.objects.get()
    assert (bytes(row.content), row.taken_at is None) == (b"", False)
    assert acknowledge.waiting(source.pk, 10) == []
    assert acknowledge.make(timezone.now()) == 0


def test_an_answer_is_never_answered(source: Source) -> None:
    receive(source.pk, X12)
    process_everything()
    receive(source.pk, sent_back(source)[0])
    process_everything()
    assert len([content for content in sent_back(source) if content]) == 1


def test_an_interchange_in_quarantine_is_answered_too(source: Source) -> None:
    Source.objects.update(format="dcsa")
    receive(source.pk, X12)
    process_everything()
    assert InboundMessage.objects.get().state == "quarantined"
    assert b"*997*" in sent_back(source)[0]


def test_what_was_made_stays_as_it_was_handed_over(source: Source) -> None:
    receive(source.pk, X12)
    process_everything()
    before = sent_back(source)
    Acknowledgment.objects.update(created_at=timezone.now() - timedelta(days=1))
    tasks.make_acknowledgments()
    assert sent_back(source) == before


def test_a_defect_of_ours_stops_nothing(
    source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **words: Any) -> bytes:
        raise KeyError("x")

    monkeypatch.setattr(acknowledge.x12, "acknowledge", broken)
    receive(source.pk, X12)
    process_everything()
    assert InboundMessage.objects.get().state == "processed"
    assert (sent_back(source), acknowledge.make(timezone.now())) == ([b""], 0)
    assert "cannot be acknowledged" in caplog.text


def test_it_is_owed_with_the_message_or_not_at_all(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between the message's end and its answer: the row is there, and the sweep makes it."""
    monkeypatch.setattr(tasks, "make_acknowledgments", lambda: None)
    receive(source.pk, X12)
    process_everything()
    assert InboundMessage.objects.get().state == "processed"
    assert sent_back(source) == [b""]
    monkeypatch.undo()
    tasks.make_acknowledgments()
    assert b"*997*" in sent_back(source)[0]


def test_a_batch_that_fails_owes_nothing(source: Source) -> None:
    receive(source.pk, X12)

    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        process_everything()
        raise Stop
    assert not Acknowledgment.objects.exists()


def test_above_the_limit_of_a_message(source: Source, settings: Any, tmp_path: Path) -> None:
    settings.MESSAGE_MAX_BYTES, settings.BODIES_DIR = 100, tmp_path / "bodies"
    file = tmp_path / "x.edi"
    file.write_bytes(X12)
    receive_file(source.pk, file, name="x.edi")
    process_everything()
    assert b"*997*" in sent_back(source)[0]


# --- Handing over -------------------------------------------------------------------------------


@pytest.fixture
def mailbox(tmp_path: Path, settings: Any) -> Path:
    settings.FOLDER_ROOT = tmp_path
    path = tmp_path / "in"
    path.mkdir()
    return path


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is closed at the end of the test."""
    with ExitStack() as stack:
        yield stack


def in_folder(source: Source, mailbox: Path, _stack: ExitStack | None = None) -> Intake:
    return Intake.objects.create(source=source, way="folder", settings={"path": "in", "stable_seconds": 0})


def by_sftp(source: Source, mailbox: Path, stack: ExitStack) -> Intake:
    server = stack.enter_context(SftpServer(mailbox.parent))
    values = {"host": "127.0.0.1", "port": server.port, "user": USER, "host_keys": [server.pin], "path": "in"}
    return Intake.objects.create(
        source=source, way="sftp", settings=values | {"stable_seconds": 0}, sealed=seal(f'{{"password": "{PASSWORD}"}}')
    )


@pytest.mark.parametrize("way", [in_folder, by_sftp])
def test_a_folder_gets_its_answers(
    source: Source, mailbox: Path, stack: ExitStack, way: Callable[[Source, Path, ExitStack], Intake]
) -> None:
    intake = way(source, mailbox, stack)
    (mailbox / "a.edi").write_bytes(X12)
    assert run(intake).error == ""
    assert tree(mailbox) == ["archive/a.edi"]
    process_everything()
    assert run(intake).error == ""
    message = InboundMessage.objects.get()
    assert tree(mailbox) == ["archive/a.edi", f"out/997-{message.pk}.edi"]
    assert (mailbox / "out" / f"997-{message.pk}.edi").read_bytes() == sent_back(source)[0]
    taken = Acknowledgment.objects.get().taken_at
    assert taken is not None
    (mailbox / "out" / f"997-{message.pk}.edi").unlink()
    run(intake)
    assert tree(mailbox) == ["archive/a.edi"]
    assert Acknowledgment.objects.get().taken_at == taken


def test_not_into_the_folder_if_so_set(source: Source, mailbox: Path) -> None:
    intake = in_folder(source, mailbox)
    Intake.objects.update(settings={**intake.settings, "answers": False})
    receive(source.pk, X12)
    process_everything()
    run(intake)
    assert tree(mailbox) == []
    assert Acknowledgment.objects.get().taken_at is None


def test_another_sources_answers_stay_where_they_are(source: Source, mailbox: Path) -> None:
    receive(source.pk, X12)
    process_everything()
    other = Source.objects.create(slug="other", name="Other", acknowledges="997")
    run(in_folder(other, mailbox))
    assert tree(mailbox) == []
    assert Acknowledgment.objects.get().taken_at is None


def test_a_crash_while_handing_over_repeats_the_same_file(
    source: Source, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = in_folder(source, mailbox)
    receive(source.pk, X12)
    process_everything()

    class Killed(BaseException):
        pass

    def killed(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(acknowledge, "taken", killed)
    with pytest.raises(Killed):
        run(intake)
    before = tree(mailbox)
    monkeypatch.undo()
    Intake.objects.update(leased_until=None)
    assert run(intake).error == ""
    assert tree(mailbox) == before
    assert len(before) == 1
