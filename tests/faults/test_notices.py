"""Notices in small: their sender killed three times, and hostile endpoints all around."""

from __future__ import annotations

from pathlib import Path

from tests.faults.test_kill import outcome_of


def test_a_killed_sender_loses_nothing_and_sends_no_text_twice(tmp_path: Path) -> None:
    """How many webhooks a death doubles is a matter of luck in so few of them; ``make faults`` counts those."""
    row = outcome_of("small-notices", tmp_path)
    assert (row["updates"], row["notices"], row["kills"]) == (24, 63, 3)
    assert (row["lost"], row["double_rows"], row["texts_again"], row["stale_told"]) == (0, 0, 0, 0)
    assert row["mails_again"] <= 2 * row["kills"]  # two drains, and one mail at a time in each
    assert row["midway"] > 0
    assert row["texts_looked_up"] == row["texts_unknown"]


def test_hostile_endpoints_hold_nobody_up_and_leave_nothing_behind(tmp_path: Path) -> None:
    """W4; and a redirect is not followed, wherever it leads."""
    row = outcome_of("small-hostile", tmp_path)
    assert row["clean"], row
    assert (row["good_told"], row["lost"], row["sent_again"], row["canary"]) == (40, 0, 0, 0)
    assert row["tries"] >= 5 * 4 + 22  # the good ones', and each of the others was called
    assert (row["threads_kept"], row["files_kept"]) == (0, 0)
