"""A watched folder: what is taken and when, what is left alone, and what a crash at any step leaves behind."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from cargo import sources, tasks
from cargo.models import InboundMessage, Intake, Source
from cargo.models.bodies import opened
from cargo.pipeline import receive as inbox
from cargo.sources._directory import ripeness
from cargo.sources.folder import Folder
from tests.sources.directories import (
    MESSAGE,
    Failpoint,
    Killed,
    bodies,
    kept,
    killed,
    plain,
    run,
    run_later,
    run_twice,
    tree,
)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FOLDER_ROOT = tmp_path
    path = tmp_path / "partners" / "hmm"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def intake(source: Source, folder: Path) -> Intake:
    return Intake.objects.create(
        source=source, way="folder", settings={"path": "partners/hmm"}, every=timedelta(minutes=1)
    )


def test_a_file_is_kept_and_archived(intake: Intake, folder: Path) -> None:
    (folder / "a.json").write_bytes(MESSAGE)
    first = run(intake)
    assert (first.result.received, first.result.waiting) == (0, 1)
    assert tree(folder) == ["a.json"]
    second = run_later(intake)
    assert (second.result.received, second.result.waiting, second.error) == (1, 0, "")
    assert kept() == [("a.json", MESSAGE)]
    assert InboundMessage.objects.get().source == intake.source
    assert tree(folder) == ["archive/a.json"]
    (day,) = (folder / "archive").iterdir()
    assert day.name == timezone.now().strftime("%Y-%m-%d")
    (file,) = day.iterdir()
    assert file.read_bytes() == MESSAGE


def test_the_next_run_comes_when_the_file_may_be_ripe(intake: Intake, folder: Path) -> None:
    (folder / "a.json").write_bytes(MESSAGE)
    begun = timezone.now()
    run(intake)
    intake.refresh_from_db()
    assert timedelta(seconds=10) <= intake.next_at - begun < timedelta(seconds=30)
    run_later(intake)
    intake.refresh_from_db()
    assert intake.next_at - begun >= timedelta(minutes=1)


def test_a_file_that_still_grows_is_left_alone(intake: Intake, folder: Path) -> None:
    file = folder / "a.json"
    for part in (b"[1,", b"2,", b"3]"):
        with file.open("ab") as half:
            half.write(part)
        assert run_later(intake, 9).result.received == 0
    assert run_later(intake, 20).result.received == 1
    assert bodies() == [b"[1,2,3]"]


def test_without_the_cache_files_ripen_all_the_same(
    intake: Intake, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(ripeness, "cache", SimpleNamespace(get=down, set=down))
    (folder / "a.json").write_bytes(MESSAGE)
    assert run(intake).result.waiting == 1
    assert run_later(intake).result.received == 1


def test_growing_with_an_old_time_is_growing(intake: Intake, folder: Path) -> None:
    file = folder / "a.json"
    for second, part in enumerate((b"[1,", b"2,", b"3]")):
        with file.open("ab") as half:
            half.write(part)
        os.utime(file, (1e9, 1e9))
        assert run_later(intake, second * 10).result.received == 0
    assert run_later(intake, 30).result.received == 1
    assert bodies() == [b"[1,2,3]"]


def test_rewritten_in_the_same_size_is_not_stable(intake: Intake, folder: Path) -> None:
    file = folder / "a.json"
    file.write_bytes(b"[1]")
    run(intake)
    file.write_bytes(b"[2]")
    os.utime(file, (timezone.now().timestamp() + 5, timezone.now().timestamp() + 5))
    assert run_later(intake).result.received == 0
    assert run_later(intake, 20).result.received == 1
    assert bodies() == [b"[2]"]


def test_at_once_if_the_sender_renames(intake: Intake, folder: Path) -> None:
    Intake.objects.update(settings={**intake.settings, "stable_seconds": 0})
    (folder / "a.json.part").write_bytes(b"[1,")
    assert run(intake).result.received == 0
    (folder / "a.json.part").write_bytes(b"[1,2]")
    (folder / "a.json.part").rename(folder / "a.json")
    assert run(intake).result.received == 1
    assert bodies() == [b"[1,2]"]


@pytest.mark.parametrize(
    "name", [".a.json", ".nfs01", "a.json.part", "a.json.PART", "a.tmp", "a.filepart", "a.json~", "a.partial", "a.swp"]
)
def test_temporary_names_are_never_read(intake: Intake, folder: Path, name: str) -> None:
    (folder / name).write_bytes(MESSAGE)
    assert run_twice(intake).result.received == 0
    assert not InboundMessage.objects.exists()
    assert tree(folder) == [name]


def test_only_names_that_fit(intake: Intake, folder: Path) -> None:
    Intake.objects.update(settings={**intake.settings, "pattern": "*.edi"})
    (folder / "a.EDI").write_bytes(b"1")
    (folder / "a.txt").write_bytes(b"2")
    run_twice(intake)
    assert kept() == [("a.EDI", b"1")]
    assert tree(folder) == ["a.txt", "archive/a.EDI"]


def test_links_directories_and_pipes_are_left_alone(intake: Intake, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"of the machine")
    (folder / "link.json").symlink_to(secret)
    (folder / "below.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    outcome = run_twice(intake)
    assert (outcome.result.received, outcome.result.failed, outcome.error) == (0, 0, "")
    assert not InboundMessage.objects.exists()
    assert secret.read_bytes() == b"of the machine"
    assert (folder / "link.json").is_symlink()


@pytest.mark.parametrize("name", ["taken", "archive", "failed"])
def test_a_link_in_place_of_our_folder_leads_nowhere(intake: Intake, folder: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "20261122T083405-02a6bebe2-theirs.json").write_bytes(b"theirs")
    (folder / name).symlink_to(elsewhere)
    (folder / ("empty.json" if name == "failed" else "a.json")).write_bytes(b"" if name == "failed" else MESSAGE)
    outcome = run_twice(intake)
    assert "Not a directory" in outcome.error or "symbolic links" in outcome.error
    assert [file.name for file in elsewhere.iterdir()] == ["20261122T083405-02a6bebe2-theirs.json"]
    assert b"theirs" not in bodies()


def test_the_same_name_again_is_a_new_file(intake: Intake, folder: Path) -> None:
    for content in (b"[1]", b"[2]"):
        (folder / "status.json").write_bytes(content)
        run_twice(intake)
    assert kept() == [("status.json", b"[1]"), ("status.json", b"[2]")]
    assert tree(folder) == ["archive/status.json", "archive/status.json"]


def test_the_same_bytes_again_are_a_duplicate(intake: Intake, folder: Path) -> None:
    for name in ("a.json", "b.json"):
        (folder / name).write_bytes(MESSAGE)
    outcome = run_twice(intake)
    assert (outcome.result.received, outcome.result.duplicates) == (1, 1)
    assert kept() == [("a.json", MESSAGE)]
    assert tree(folder) == ["archive/a.json", "archive/b.json"]


def test_read_files_are_deleted_if_so_set(intake: Intake, folder: Path) -> None:
    Intake.objects.update(settings={**intake.settings, "after": "delete"})
    (folder / "a.json").write_bytes(MESSAGE)
    assert run_twice(intake).result.received == 1
    assert tree(folder) == []
    assert bodies() == [MESSAGE]


def test_the_oldest_first(intake: Intake, folder: Path) -> None:
    for age, name in enumerate(("c", "a", "b")):
        (folder / name).write_bytes(name.encode())
        os.utime(folder / name, (1e9 + age, 1e9 + age))
    run_twice(intake)
    assert bodies() == [b"c", b"a", b"b"]


def test_names_of_every_kind(intake: Intake, folder: Path) -> None:
    names = ["도착통지 1.xml", "a b'c\"d;$(x).json", "\u202egpj.exe", "x" * 240, "new\nline"]
    for name in names:
        (folder / name).write_bytes(name.encode())
    raw = os.fsencode(folder) + b"/" + "적하목록.txt".encode("cp949")
    with open(raw, "wb") as file:
        file.write(b"cp949")
    outcome = run_twice(intake)
    assert (outcome.result.received, outcome.error) == (6, "")
    assert {name for name, _ in kept()} == {*names[:3], "x" * 200, names[4], "적하목록.txt"}


def test_an_empty_file_is_set_aside_with_the_reason(intake: Intake, folder: Path) -> None:
    (folder / "empty.json").write_bytes(b"")
    (folder / "good.json").write_bytes(MESSAGE)
    outcome = run_twice(intake)
    assert (outcome.result.received, outcome.result.failed) == (1, 1)
    assert outcome.result.notes == ["empty.json: it is empty"]
    assert kept() == [("good.json", MESSAGE)]
    assert tree(folder) == ["archive/good.json", "failed/empty.json", "failed/empty.json.reason.txt"]
    (reason,) = (folder / "failed").glob("*.reason.txt")
    assert reason.read_text() == "it is empty\n"
    intake.refresh_from_db()
    assert (intake.error, intake.failures) == ("empty.json: it is empty", 0)


def test_a_file_that_cannot_be_read_is_set_aside(intake: Intake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is made."""
    for name in ("bad.json", "good.json"):
        (folder / name).write_bytes(name.encode())
    opened = os.open

    def refusing(path: Any, *args: Any, **words: Any) -> int:
        if os.fsencode(path).endswith(b"bad.json"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **words)

    monkeypatch.setattr("cargo.sources.folder.os.open", refusing)
    outcome = run_twice(intake)
    assert outcome.result.notes == ["bad.json: it cannot be opened: Permission denied"]
    assert bodies() == [b"good.json"]
    assert "failed/bad.json" in tree(folder)


def test_a_file_that_is_too_large(intake: Intake, folder: Path, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 100
    (folder / "a.json").write_bytes(b"x" * 101)
    (folder / "b.json").write_bytes(b"x" * 100)
    assert run_twice(intake).result.notes == ["a.json: it has 101 bytes; 100 are allowed"]
    assert kept() == [("b.json", b"x" * 100)]


def test_a_file_above_the_limit_of_a_message_is_streamed(
    intake: Intake, folder: Path, settings: Any, tmp_path: Path
) -> None:
    settings.MESSAGE_MAX_BYTES, settings.BODIES_DIR, settings.VAR_DIR = 1000, tmp_path / "bodies", tmp_path / "var"
    content = os.urandom(600_000)
    (folder / "large.edi").write_bytes(content)
    assert run_twice(intake).result.received == 1
    message = InboundMessage.objects.get()
    assert (message.name, message.size, message.body.on_disk) == ("large.edi", len(content), True)
    with opened(message.digest) as kept_bytes:
        assert kept_bytes.read() == content
    assert tree(folder) == ["archive/large.edi"]
    assert list((settings.VAR_DIR / "spool").iterdir()) == []


def test_what_changes_while_it_is_read_is_read_later(
    intake: Intake, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.json").write_bytes(b"[1,")
    read = Folder.read

    def growing(self: Folder, path: bytes) -> Any:
        (file,) = (folder / "taken").iterdir()
        with file.open("ab") as half:
            half.write(b"2]")
        monkeypatch.setattr(Folder, "read", read)
        return read(self, path)

    monkeypatch.setattr(Folder, "read", growing)
    outcome = run_twice(intake)
    assert (outcome.result.received, outcome.result.waiting) == (0, 1)
    assert not InboundMessage.objects.exists()
    assert tree(folder) == ["taken/a.json"]
    assert run(intake).result.received == 1
    assert bodies() == [b"[1,2]"]
    assert tree(folder) == ["archive/a.json"]


def test_a_folder_that_is_not_there(intake: Intake, folder: Path) -> None:
    folder.rmdir()
    assert run(intake).error == f"the folder {folder} cannot be opened: No such file or directory"
    intake.refresh_from_db()
    assert (intake.failures, intake.error) == (1, run(intake).error)


@pytest.mark.parametrize("path", ["..", "../elsewhere", "/etc", "partners/../../elsewhere"])
def test_nothing_outside_the_root(intake: Intake, folder: Path, tmp_path: Path, settings: Any, path: str) -> None:
    """The form refuses these; whoever writes the row past the form reaches nothing, either."""
    settings.FOLDER_ROOT = tmp_path / "partners"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.json").write_bytes(MESSAGE)
    Intake.objects.update(settings={"path": path, "stable_seconds": 0})
    assert run(intake).error
    assert not InboundMessage.objects.exists()
    assert (tmp_path / "elsewhere" / "a.json").exists()


def test_a_long_list_is_worked_off_in_slices(intake: Intake, folder: Path) -> None:
    for number in range(5):
        (folder / f"{number}.json").write_bytes(b"%d" % number)
    run(intake)
    Intake.objects.update(settings={**intake.settings, "stable_seconds": 0})
    assert sources.try_now(intake.pk, timedelta(0)).result.received == 0
    intake.refresh_from_db()
    assert intake.next_at <= timezone.now()
    assert run(intake).result.received == 5


# --- A crash at every step ----------------------------------------------------------------------


STEPS = {"files", "make", "look", "move", "read", "write", "remove", "receive"}


@pytest.mark.parametrize("after", ["archive", "delete"])
def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(
    source: Source, intake: Intake, folder: Path, after: str
) -> None:
    """Each step of a run, with a crash before and after it; then a run without one."""
    Intake.objects.update(settings={**intake.settings, "stable_seconds": 0, "after": after})
    steps = [(inbox, "receive"), *((Folder, name) for name in STEPS - {"receive"})]
    reached, number = set(), 0
    for at, late in product(range(1, 60), (False, True)):
        number += 1
        for name in ("a", "b"):
            (folder / f"{name}.json").write_bytes(f"{name}{number}".encode())
        (folder / "empty.json").write_bytes(b"")
        with pytest.MonkeyPatch.context() as patch:
            point = Failpoint(patch, steps, at, late, killed)
            try:
                run(intake)
                break
            except Killed:
                reached.add(point.reached)
            finally:
                Intake.objects.update(leased_until=None)
        run(intake)
        assert {f"a{number}".encode(), f"b{number}".encode()} <= set(bodies())
        assert list((folder / "taken").iterdir()) == []
        assert [file.name for file in folder.iterdir() if file.is_file()] == []
    assert number > 30
    assert reached == STEPS - ({"remove"} if after == "archive" else set())
    assert len(bodies()) == len(set(bodies())) == 2 * number
    archived = list(folder.glob("archive/*/*"))
    assert len(archived) == (2 * number if after == "archive" else 0)
    failed = [file.name for file in (folder / "failed").iterdir()]
    assert plain(failed) == ["empty.json"] * number + ["empty.json.reason.txt"] * number


# --- The task -----------------------------------------------------------------------------------


def test_the_worker_is_woken_for_what_came(intake: Intake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(tasks, "wake", woken.append)
    Intake.objects.update(settings={**intake.settings, "stable_seconds": 0})
    tasks.drain_intakes()
    assert woken == []
    (folder / "a.json").write_bytes(MESSAGE)
    Intake.objects.update(next_at=timezone.now())
    tasks.drain_intakes()
    assert woken == ["cargo.tasks.drain_inbox"]


def test_what_is_seen_is_remembered_for_files_that_are_there(intake: Intake, folder: Path) -> None:
    (folder / "a.json").write_bytes(MESSAGE)
    run(intake)
    (folder / "a.json").unlink()
    run(intake)
    (folder / "a.json").write_bytes(MESSAGE)
    os.utime(folder / "a.json", (1e9, 1e9))
    assert run_later(intake).result.received == 0
