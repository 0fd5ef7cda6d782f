"""``manage.py generate``: the files, their order, and that the same arguments give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cargo import formats
from cargo.domain.event import Event
from cargo.management.generator import output, telling

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
WITHOUT_DIALECT = {
    "dcsa.tnt3beta1": "carriers left it for 2.2; dcsa.tnt2 and dcsa.tnt3 are spoken",
    "unipass.api002": "exports are told by their carriers alone: no Korean export declaration in the stories",
    "unipass.api005": "tells of ships and their reports, not of anybody's cargo",
    "unipass.api021": "tells of ships and their reports, not of anybody's cargo",
    "unipass.api024": "a register of bonded areas: no event of a cargo",
    "cargo_xml": "the airlines here say the same in Cargo-IMP",
    "one_record": "the airlines here say the same in Cargo-IMP",
    "epcis": "importers' own scanners, which this world does not have",
    "manual": "people enter it",
    "tabular": "a list names many parties' cargo and means what people say of its columns",
}


def test_every_dialect_names_a_format_that_is_read() -> None:
    spoken = {dialect.FORMAT for dialect in telling.DIALECTS.values()}
    assert spoken <= set(formats.FORMATS)
    assert {row["format"] for row in output.sources(7)} == spoken


def test_every_format_has_a_dialect_or_a_reason_why_not() -> None:
    spoken = {dialect.FORMAT for dialect in telling.DIALECTS.values()}
    assert set(formats.FORMATS) - spoken == set(WITHOUT_DIALECT)
    assert {"dcsa.tnt2", "dcsa.tnt3", "edifact", "x12", "cargo_imp", "unipass.api001", "unipass.api020"} == spoken


def test_the_seed_decides_who_speaks_what_and_nobody_speaks_two() -> None:
    spoken = [{row["slug"].partition("-")[2]: row["slug"] for row in output.sources(seed)} for seed in range(6)]
    assert len({tuple(sorted(slugs.values())) for slugs in spoken}) > 1
    for seed in range(6):
        slugs = [row["slug"] for row in output.sources(seed)]
        whose = [slug.partition("-")[2] for slug in slugs if "-" in slug]
        assert len(set(slugs)) == len(slugs)
        assert len(set(whose)) == len(whose)
        assert {slug.partition("-")[0] for slug in slugs} == set(telling.DIALECTS)
