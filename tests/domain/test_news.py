"""What changed between two states, and which keys keep it from being told twice."""

from __future__ import annotations

from typing import Any

from cargo.domain.derive import derive
from cargo.domain.news import Change, changes, first_key, standing_keys, stands_again, still_withdrawn
from cargo.domain.state import ESTIMATED, Entry, merge
from cargo.domain.view import Plan
from tests.domain.histories import customs, entry, kst

PLAN = Plan(port_of_loading="CNSHA", port_of_discharge="KRPUS")
ONE = {"declaration": "A1"}
RELEASED = customs("customs_released", "2026-03-16 10:00", **ONE)
REVOKED = customs("customs_release_cancelled", "2026-03-17 11:00", **ONE)
HELD = customs("inspection_ordered", "2026-03-15 10:00", **ONE)
DONE = customs("inspection_completed", "2026-03-15 15:00", **ONE)
OUT = customs("gate_out", "2026-03-18 09:00", **ONE)


def news(before: list[Entry], after: list[Entry]) -> list[Change]:
    merged = merge((), after)
    return changes(merge((), before), merged, derive(merged, PLAN), PLAN)


def kinds(before: list[Entry], after: list[Entry]) -> list[str]:
    return [change.kind for change in news(before, after) if change.kind not in ("milestone", "estimate")]


def test_no_change_is_no_news() -> None:
    assert news([RELEASED], [RELEASED]) == []


def test_a_happening() -> None:
    (change,) = news([], [entry("arrived", "2026-03-14 09:00", place="KRPUS")])
    assert (change.kind, change.occurred) == ("milestone", kst("2026-03-14 09:00"))
    assert change.data == {"milestone": "arrived", "level": "house", "source": 1, "place": {"code": "KRPUS"}}


def test_an_expectation_names_its_time_in_the_key() -> None:
    def expected(day: int) -> Entry:
        return entry("arrived", f"2026-03-{day} 09:00", place="KRPUS", classifier=ESTIMATED, reported=day)

    (one,), (other,) = news([], [expected(14)]), news([expected(14)], [expected(14), expected(15)])
    assert (one.kind, one.data["classifier"]) == ("estimate", "estimated")
    assert one.key != other.key


def arrival(day: int, told: int, rank: int = 1, source: int = 1) -> Entry:
    """An arrival that a source expects on one day and told on another."""
    words = {"place": "KRPUS", "classifier": ESTIMATED, "reported": told, "id": f"{source}{told}" * 16}
    return entry("arrived", f"2026-03-{day} 09:00", rank=rank, source=source, **words)


def test_an_expectation_that_goes_back_names_its_report_in_another_key() -> None:
    first, later, back = arrival(20, told=1), arrival(25, told=2), arrival(20, told=3)
    (one,), (other,) = news([], [first]), news([first], [first, later])
    (again,) = news([first, later], [first, later, back])
    assert (again.kind, again.key, again.again) == ("estimate", one.key, f"{one.key}|{back.id}")
    assert (again.occurred, again.reported) == (kst("2026-03-20 09:00"), 3)
    assert other.again == f"{other.key}|{later.id}"
    # Said once more, it is what was expected all along.
    (repeated,) = news([first, later, back], [first, later, back, arrival(20, told=4)])
    assert (repeated.key, repeated.again) == (one.key, "")


def test_a_late_report_of_what_was_expected_before_is_no_news() -> None:
    assert (
        news([arrival(20, told=1), arrival(20, told=3)], [arrival(20, told=n) for n in (1, 3)] + [arrival(25, 2)]) == []
    )


def test_who_is_believed_takes_it_back_and_the_others_expectation_is_news() -> None:
    believed, other = arrival(20, told=2), arrival(25, told=1, rank=5, source=2)
    assert news([believed], [believed, other]) == []
    (change,) = news([believed, other], [other])
    assert (change.kind, change.occurred) == ("estimate", kst("2026-03-25 09:00"))
    assert change.again == f"{change.key}|{believed.id}"
    same = arrival(20, told=1, rank=5, source=2)
    assert news([believed, same], [same]) == []


def test_two_who_contradict_each_other_are_no_news_each_time_that_one_repeats_itself() -> None:
    one, other = arrival(20, told=1), arrival(25, told=2, source=2)
    before = [one, other]
    (change,) = news(before, [*before, arrival(20, told=3)])
    assert (change.occurred, change.again) == (one.occurred, "")  # known by its plain key: written once
    (change,) = news(before, [*before, moved := arrival(22, told=3)])
    assert change.again == f"{change.key}|{moved.id}"


def test_holds_and_releases() -> None:
    assert kinds([], [HELD]) == ["customs.held"]
    assert kinds([HELD], [HELD, DONE]) == ["customs.hold_cleared"]
    assert kinds([HELD], [HELD, RELEASED]) == ["customs.released"]
    assert kinds([], [HELD, RELEASED]) == ["customs.released"]
    assert kinds([RELEASED], [RELEASED, REVOKED]) == ["customs.release_revoked"]
    assert kinds([], [RELEASED, REVOKED]) == ["customs.release_revoked"]


def test_a_second_release_has_a_key_of_its_own() -> None:
    again = customs("customs_released", "2026-03-19 10:00", **ONE)
    (first,) = [change for change in news([], [RELEASED]) if change.kind == "customs.released"]
    (second,) = [
        change for change in news([RELEASED, REVOKED], [RELEASED, REVOKED, again]) if change.kind == "customs.released"
    ]
    assert first.key != second.key


def test_gate_out_once_when_complete() -> None:
    assert kinds([RELEASED], [RELEASED, OUT]) == ["gate_out"]
    later = customs("gate_out", "2026-03-19 09:00", **ONE)
    assert kinds([RELEASED, OUT], [RELEASED, OUT, later]) == []
    declared = customs("import_declared", "2026-03-15 09:00", **ONE)
    assert kinds([declared], [declared, OUT]) == []


def test_a_gate_out_after_one_that_was_taken_back_names_its_report_in_another_key() -> None:
    later = customs("gate_out", "2026-03-19 09:00", **ONE)

    def gone(before: list[Entry], after: list[Entry]) -> list[Change]:
        return [change for change in news(before, after) if change.kind == "gate_out"]

    (first,), (second,) = gone([RELEASED], [RELEASED, OUT]), gone([RELEASED], [RELEASED, later])
    assert (first.key, first.again) == ("complete", f"complete|{OUT.id}")
    assert (second.key, second.again) == ("complete", f"complete|{later.id}")
    # Known before, it did not leave again: what changed is that a release lets it go.
    declared = customs("import_declared", "2026-03-15 09:00", **ONE)
    (freed,) = gone([declared, OUT], [declared, OUT, RELEASED])
    assert (freed.key, freed.again) == ("complete", "")
    left, under_bond = (standing_keys(derive(merge((), [word, later]), PLAN)) for word in (RELEASED, declared))
    assert stands_again("gate_out", second.again, left)
    assert not stands_again("gate_out", second.again, under_bond)
    assert not stands_again("milestone", second.again, left)
    assert (first_key(second.again), first_key(second.key)) == ("complete", "")


def test_what_happened_has_a_later_key_only_where_nothing_of_it_stood() -> None:
    first = entry("arrived", "2026-03-14 09:00", place="KRPUS")
    better = entry("arrived", "2026-03-14 09:00", place="KRPUS", rank=0)
    (told,), (said_by_another,) = news([], [first]), news([first], [first, better])
    assert (told.again, said_by_another.again) == (f"{told.key}|{first.id}", "")
    assert said_by_another.key == told.key


def test_a_release_that_is_no_longer_stated_is_told_once() -> None:
    declared = customs("import_declared", "2026-03-15 09:00", **ONE)
    (change,) = [found for found in news([declared, RELEASED], [declared]) if found.kind != "milestone"]
    assert (change.kind, change.occurred, change.reported) == ("customs.release_revoked", None, None)
    assert (change.data["withdrawn"], change.data["declaration"]) == (True, "A1")
    assert change.data["released_at"] == kst("2026-03-16 10:00")
    assert kinds([declared], [declared]) == []
    without, again = (derive(merge((), entries), PLAN) for entries in ([declared], [declared, RELEASED]))
    assert still_withdrawn(change.kind, change.key, without)
    assert not still_withdrawn(change.kind, change.key, again)
    assert not still_withdrawn("customs.release_revoked", "KR-KCS|A1||1", without)


def test_no_release_is_missed_where_another_stands_in_its_place() -> None:
    corrected = customs("customs_released", "2026-03-16 10:30", **ONE)
    other = customs("customs_released", "2026-03-16 10:30", declaration="A2")
    assert kinds([RELEASED], [corrected]) == ["customs.released"]
    assert kinds([RELEASED], [other]) == ["customs.release_revoked", "customs.released"]
    assert kinds([RELEASED, REVOKED], [REVOKED]) == []
    # Another report of the same release is believed now: nothing has changed.
    better = customs("customs_released", "2026-03-16 10:00", rank=0, **ONE)
    assert kinds([RELEASED], [better]) == []


def test_a_release_that_is_stated_anew_is_told_again_and_can_be_missed_again() -> None:
    version = "@2026-03-17T05:00:00.000000Z"
    anew = customs("customs_released", "2026-03-16 10:00", facts={"anew": version}, **ONE)

    def keys(before: list[Entry], after: list[Entry]) -> set[tuple[str, str]]:
        return {(found.kind, found.key) for found in news(before, after) if found.kind != "milestone"}

    told = [keys([], [RELEASED]), keys([RELEASED], []), keys([], [anew]), keys([anew], [])]
    assert [{kind for kind, _ in each} for each in told] == [
        {"customs.released"},
        {"customs.release_revoked"},
        {"customs.released"},
        {"customs.release_revoked"},
    ]
    assert len(set().union(*told)) == 4
    assert told[2] <= standing_keys(derive([anew], PLAN))


def test_a_release_that_stands_again_for_the_same_time_has_a_later_key() -> None:
    same = customs("customs_released", "2026-03-16 10:00", rank=0, **ONE)
    declared = customs("import_declared", "2026-03-15 09:00", **ONE)

    def one(before: list[Entry], after: list[Entry]) -> Change:
        (found,) = [found for found in news(before, after) if found.kind.startswith("customs.")]
        return found

    first, again = one([declared], [declared, RELEASED]), one([declared], [declared, same])
    assert (again.key, again.again) == (first.key, f"{first.key}|{same.id}")
    missed, missed_again = one([declared, RELEASED], [declared]), one([declared, same], [declared])
    assert (missed_again.key, missed_again.again) == (missed.key, f"{missed.key}|{same.id}")
    # The word that took it back is taken back itself, and said once more.
    stands = one([RELEASED, REVOKED], [RELEASED])
    assert (stands.key, stands.again) == (first.key, f"{first.key}|{REVOKED.id}")
    revoked, unheard = one([RELEASED], [RELEASED, REVOKED]), one([], [RELEASED, REVOKED])
    assert (revoked.again, unheard.key, unheard.again) == (f"{revoked.key}|{REVOKED.id}", revoked.key, "")
    # Who knows of a release is told its corrected time under its own key alone, and of what is let go at last once.
    corrected = customs("customs_released", "2026-03-16 10:30", **ONE)
    assert one([corrected], [RELEASED]).again == ""
    standing = standing_keys(derive(merge((), [declared, same]), PLAN))
    assert stands_again("customs.released", again.again, standing)
    assert not stands_again("customs.release_revoked", again.again, standing)
    assert not stands_again("customs.released", again.again, standing_keys(derive(merge((), [declared]), PLAN)))


def american(milestone: str, code: str, day: int, **words: Any) -> Entry:
    words = {"authority": "US-CBP", "code": code, "bill": "MAEU603514872", "level": "master", **words}
    return entry(milestone, f"2026-03-{day} 10:00", **words)


def test_a_release_beside_a_hold_is_told_when_it_lets_go() -> None:
    hold = american("customs_hold", "1H", 15, agency="US-CBP")
    release = american("customs_released", "1C", 16, agency="US-CBP")
    removed = american("customs_hold_removed", "1I", 17, agency="US-CBP", reported=kst("2026-03-17 11:00"))
    assert kinds([], [hold]) == ["customs.held"]
    assert kinds([hold], [hold, release]) == []
    assert kinds([hold, release], [hold, release, removed]) == ["customs.released", "customs.hold_cleared"]
    (cleared,) = [
        found for found in news([hold, release], [hold, release, removed]) if found.kind == "customs.hold_cleared"
    ]
    assert (cleared.occurred, cleared.reported) == (kst("2026-03-17 10:00"), kst("2026-03-17 11:00"))
    withheld = standing_keys(derive(merge((), [hold, release]), PLAN))
    assert {kind for kind, _ in withheld} == {"customs.held"}


def test_two_codes_of_one_second_are_two_holds() -> None:
    intensive, fumigation = (american("agency_hold", code, 15, agency="US-USDA") for code in ("71", "73"))
    assert kinds([], [intensive, fumigation]) == ["customs.held", "customs.held"]
    assert len({found.key for found in news([], [intensive, fumigation]) if found.kind == "customs.held"}) == 2


def test_a_part_that_is_taken_back_is_told_with_its_quantity() -> None:
    release = american("customs_released", "1C", 16, packages=100)
    deleted = american("customs_release_cancelled", "15", 17, packages=40)
    (change,) = [
        found for found in news([release], [release, deleted]) if found.kind not in ("milestone", "customs.released")
    ]
    assert (change.kind, change.occurred) == ("customs.release_revoked", kst("2026-03-17 10:00"))
    assert change.data["packages"] == 40
    assert (change.kind, change.key) in standing_keys(derive(merge((), [release, deleted]), PLAN))


def test_what_stands_may_still_be_told() -> None:
    def standing(*entries: Entry) -> set[str]:
        return {kind for kind, _ in standing_keys(derive(merge((), entries), PLAN))}

    assert standing(HELD) == {"customs.held"}
    assert standing(HELD, RELEASED) == {"customs.hold_cleared", "customs.released"}
    assert standing(RELEASED, REVOKED) == {"customs.release_revoked"}
    assert standing(RELEASED, OUT) == {"customs.released", "gate_out"}


def test_keys_fit_their_column() -> None:
    long = customs("customs_released", "2026-03-16 10:00", declaration="D" * 200, subject="B" * 100)
    assert all(len(change.key) <= 120 for change in news([], [long]))
