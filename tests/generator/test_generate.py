"""``manage.py generate``: the files, their order, and that the same arguments give the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cargo import formats
from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event
from cargo.management.generator import feeds
from cargo.management.generator.message import DIALECTS

NOW = "2026-11-20T03:15:00+00:00"


def generated(out: Path, *more: str, shipments: int = 40, now: str = NOW) -> Path:
    call_command("generate", "--shipments", str(shipments), "--seed", "7", "--out", str(out), "--now", now, *more)
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_messages_manifest_world_truth_and_pushes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = generated(tmp_path / "out")
    assert sorted(path.name for path in out.iterdir()) == [
        "manifest.jsonl",
        "messages",
        "push",
        "reading.json",
        "truth.json",
        "world.json",
    ]
    rows = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    names = sorted(path.name for path in (out / "messages").iterdir())
    assert [row["file"] for row in rows] == names
    assert [row["sent_at"] for row in rows] == sorted(row["sent_at"] for row in rows)
    assert rows[-1]["sent_at"] <= NOW
    world, truth = (json.loads((out / name).read_text()) for name in ("world.json", "truth.json"))
    keys = {row["key"] for row in world["shipments"]}
    assert len(keys) == 40
    assert set(truth["shipments"]) == keys
    assert {row["shipment"] for row in rows} <= keys
    assert {row["source"] for row in rows} <= {row["slug"] for row in world["sources"]}
    assert {row["format"] for row in rows} <= set(formats.FORMATS)
    said = capsys.readouterr().out
    assert said.startswith(f"generate | 40 shipments, {len(rows)} messages, ")


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert contents(generated(tmp_path / "one")) == contents(generated(tmp_path / "two"))


def test_another_present_gives_other_messages_of_the_same_cargo(tmp_path: Path) -> None:
    one = generated(tmp_path / "one")
    two = generated(tmp_path / "two", now="2026-11-20T04:15:00+00:00")
    assert contents(one) != contents(two)
    keys = [set(json.loads((out / "truth.json").read_text())["shipments"]) for out in (one, two)]
    assert keys[0] == keys[1]


def test_a_later_end_adds_messages_and_changes_none(tmp_path: Path) -> None:
    short = contents(generated(tmp_path / "short") / "messages")
    long = contents(generated(tmp_path / "long", "--until", "2026-11-24T00:00:00+00:00") / "messages")
    assert short.items() < long.items()


def test_it_never_writes_over_anything(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not an empty folder"):
        generated(tmp_path)
    assert contents(tmp_path) == {"kept.txt": b"mine"}


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (("--until", "yesterday"), "--until: 'yesterday' is not a time"),
        (("--shipments", "0"), "--shipments: 0 is not between 1 and 200000"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_written(
    tmp_path: Path, more: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        generated(tmp_path / "out", *more)
    assert not (tmp_path / "out").exists()


def test_a_pushed_file_ends_in_a_release_of_today(tmp_path: Path) -> None:
    out = generated(tmp_path / "out")
    truth = json.loads((out / "truth.json").read_text())["shipments"]
    files = {path.name: path.read_bytes() for path in (out / "push").iterdir()}
    first = {name: body for name, body in files.items() if "-" not in name}
    assert len(first) >= 3
    for name, body in first.items():
        events = [event for event in formats.decode(body)[1] if isinstance(event, Event)]
        newest = max(events, key=lambda event: event.occurred_at)  # type: ignore[arg-type, return-value]
        assert newest.milestone == "customs_released"
        assert newest.occurred_at is not None and newest.occurred_at.isoformat() == "2026-11-20T12:15:00+09:00"
        assert truth[name.removesuffix(".xml")]["customs"]["state"] == "under_review"
        before = {(row["milestone"], row["occurred_at"]) for row in truth[name.removesuffix(".xml")]["milestones"]}
        told = [event for event in events if event.occurred_at and event.occurred_at.isoformat() < "2026-11-20T12:10"]
        assert told and {event.milestone for event in told} <= {milestone for milestone, _ in before}


def test_one_pushed_release_is_taken_back_and_given_again(tmp_path: Path) -> None:
    out = generated(tmp_path / "out")
    names = sorted(path.name for path in (out / "push").iterdir())
    revoked = next(name for name in names if name.endswith("-2-revoked.xml"))
    house = revoked.removesuffix("-2-revoked.xml")
    counts = []
    for name in (f"{house}.xml", revoked, f"{house}-3-released-again.xml"):
        events = list(formats.decode((out / "push" / name).read_bytes())[1])
        kinds = [event.milestone for event in events if isinstance(event, Event)]
        counts.append((kinds.count("customs_released"), kinds.count("customs_release_cancelled")))
    assert counts == [(1, 0), (1, 1), (2, 1)]


# Formats that nobody in the made-up world speaks, and why.
WITHOUT_DIALECT = {"manual": "people enter it"}


def test_every_dialect_names_a_format_that_is_read() -> None:
    spoken = {dialect.FORMAT for dialect in DIALECTS.values()}
    assert spoken <= set(formats.FORMATS)
    assert {row["format"] for row in feeds.sources(7)} == spoken


def test_every_format_has_a_dialect_or_a_reason_why_not() -> None:
    spoken = {dialect.FORMAT for dialect in DIALECTS.values()}
    assert set(formats.FORMATS) - spoken == set(WITHOUT_DIALECT)


def test_the_seed_decides_who_speaks_what_and_nobody_speaks_two() -> None:
    spoken = [{row["slug"].partition("-")[2]: row["slug"] for row in feeds.sources(seed)} for seed in range(6)]
    assert len({tuple(sorted(slugs.values())) for slugs in spoken}) > 1
    for seed in range(6):
        slugs = [row["slug"] for row in feeds.sources(seed)]
        whose = [slug.partition("-")[2] for slug in slugs if "-" in slug]
        assert len(set(slugs)) == len(slugs)
        assert len(set(whose)) == len(whose)
        assert {slug.partition("-")[0] for slug in slugs} == set(DIALECTS)
    assert all(bool(row["tables"]) == (row["format"] == "tabular") for row in feeds.sources(7))


def test_every_generated_file_is_decoded_with_the_reading_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = generated(tmp_path / "out")
    files = sorted(str(path) for path in (out / "messages").iterdir())
    capsys.readouterr()
    call_command("decode", "--received-at", NOW, "--reading", str(out / "reading.json"), *files)
    said = capsys.readouterr()
    events = [json.loads(line) for line in said.out.splitlines()]
    assert len(events) > 2 * len(files)
    assert {event["milestone"] for event in events} <= set(MILESTONES) - {"unknown"}
    assert {line.partition(": ")[2].partition(" ")[0].partition("[")[0] for line in said.err.splitlines()} == {
        "shedInfoQryRsltVo"
    }


def test_a_table_needs_the_reading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = generated(tmp_path / "out")
    tables = [str(path) for path in (out / "messages").iterdir() if path.suffix in (".csv", ".xlsx")]
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call_command("decode", *tables)
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == len(tables)
    with pytest.raises(CommandError, match="--reading: .*nowhere.json: No such file"):
        call_command("decode", "--reading", str(tmp_path / "nowhere.json"), *tables)


def test_the_order_of_hashes_changes_nothing(tmp_path: Path) -> None:
    folders = []
    for seed in ("0", "4242"):
        folder = tmp_path / seed
        command = [sys.executable, "manage.py", "generate", "--shipments", "30", "--now", NOW, "--out", str(folder)]
        subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
        folders.append(contents(folder))
    assert folders[0] == folders[1]
