"""Every real UNI-PASS cargo's stages with their ends and both clocks: a table that a person can check from the XML.

Korean wall times. The event's clock is ``rlbrDttm`` where a line has one, the report's is ``prcsDttm``; a report's
length stands where it differs. The event's seconds stand in ``test_unipass_histories``, too, worked out by hand.

A stage of 0 seconds has no length by the report's clock. Compared with the XML, in all eleven files: both ends and both
lengths of every line and when it was declared, by a separate reading of the files that used neither the decoder nor the
stages, and by eye where their times contradict each other:

- the guide's sample tells the entry after the transport under bond (15 November 09:44:13, reported a day later) for
  earlier than the entry at the port (14:06:00), probably a slip of a day. By the event's clock the port's entry is the
  last, so it begins the declaration's stage; by the reports' clock the other would, and the stage were 2,500 seconds
  (09:46:31 to 10:28:11) instead of 69,659;
- two cargoes of listed goods (cn-ship, in-progress) enter storage by their own time 27 and 14 seconds after they were
  released and removed, by the reports' one and two seconds before: declaration, release and removal last 0;
- the masked cargo is without its release; its removal is told as one after a release, and counts as under bond.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cargo.domain.derive import derive
from cargo.domain.lead_times import lead_times
from cargo.domain.view import Plan
from cargo.formats import unipass
from tests.domain.histories import entries_of, kst
from tests.domain.test_unipass_histories import (
    CARGOES,
    CLEAR,
    DECLARE,
    DISCHARGE,
    ENTRY,
    REMOVE,
    TO_RELEASE,
    TOTAL,
    TRANSPORT,
    corpus,
)

__all__ = ["corpus"]

# File -> when declared; for each stage its begin, its end, its seconds by the event's and by the report's clock.
TABLE: dict[str, tuple[str, list[tuple[str, str, str | None, int | None, int | None]]]] = {
    "found-21710983062__completed-sea-lcl-bonded-transport-2021": (
        "after_entry",
        [
            (DISCHARGE, "2021-10-11 08:31:58", "2021-10-11 09:40:40", 4122, None),
            (ENTRY, "2021-10-11 09:40:40", "2021-10-11 11:25:03", 6263, 6280),
            (TRANSPORT, "2021-10-12 10:35:17", "2021-10-12 14:56:36", 15679, 15701),
            (DECLARE, "2021-10-12 14:56:36", "2021-10-18 09:15:26", 497930, 497895),
            (CLEAR, "2021-10-18 09:15:26", "2021-10-18 16:43:33", 26887, None),
            (REMOVE, "2021-10-18 16:43:33", "2021-10-19 09:43:27", 61194, 68092),
            (TO_RELEASE, "2021-10-11 08:31:58", "2021-10-18 16:43:33", 634295, None),
            (TOTAL, "2021-10-11 08:31:58", "2021-10-19 09:43:27", 695489, 702387),
        ],
    ),
    "found-28315224757__guide-sample-2000-sea-bonded-transport": (
        "after_entry",
        [
            (ENTRY, "2000-11-14 09:58:47", "2000-11-15 14:06:00", 101233, 104905),
            (DECLARE, "2000-11-15 14:06:00", "2000-11-16 10:28:11", 73331, 69659),
            (CLEAR, "2000-11-16 10:28:11", "2000-11-16 13:37:53", 11382, None),
            (REMOVE, "2000-11-16 13:37:53", "2000-11-16 13:54:30", 997, 2970),
        ],
    ),
    "found-69636356781__masked-air-2018-partial": (
        "",
        [
            (TRANSPORT, "2018-09-17 10:59:54", None, None, None),
            (DECLARE, "2018-09-16 20:15:00", None, None, None),
            (TO_RELEASE, "2018-09-16 18:30:00", None, None, None),
            (TOTAL, "2018-09-16 18:30:00", None, None, None),
        ],
    ),
    "mooyoul-node-unipass__completed-cn-air": (
        "before_arrival",
        [
            (DISCHARGE, "2017-04-27 07:35:45", "2017-04-27 07:35:45", 0, None),
            (ENTRY, "2017-04-27 07:49:36", "2017-04-27 09:00:34", 4258, 4273),
            (DECLARE, "2017-04-27 07:27:25", "2017-04-27 07:27:25", 0, None),
            (CLEAR, "2017-04-27 09:00:34", "2017-04-27 09:00:51", 17, 2),
            (REMOVE, "2017-04-27 09:00:51", "2017-04-27 11:54:16", 10405, 10603),
            (TO_RELEASE, "2017-04-27 07:49:36", "2017-04-27 09:00:51", 4275, None),
            (TOTAL, "2017-04-27 07:49:36", "2017-04-27 11:54:16", 14680, 14878),
        ],
    ),
    "mooyoul-node-unipass__completed-cn-ship": (
        "before_entry",
        [
            (DISCHARGE, "2020-06-04 10:37:55", "2020-06-04 11:02:20", 1465, None),
            (ENTRY, "2020-06-04 11:02:20", "2020-06-10 10:55:04", 517964, 517936),
            (DECLARE, "2020-06-04 11:18:40", "2020-06-04 11:18:40", 0, None),
            (CLEAR, "2020-06-10 10:54:37", "2020-06-10 10:54:37", 0, None),
            (REMOVE, "2020-06-10 10:54:37", "2020-06-10 10:54:37", 0, None),
            (TO_RELEASE, "2020-06-04 10:37:55", "2020-06-10 10:54:37", 519402, None),
            (TOTAL, "2020-06-04 10:37:55", "2020-06-10 10:54:37", 519402, None),
        ],
    ),
    "mooyoul-node-unipass__completed-hk-air": (
        "after_entry",
        [
            (DISCHARGE, "2017-09-28 20:23:38", "2017-09-28 20:44:16", 1238, None),
            (ENTRY, "2017-09-28 20:44:16", "2017-09-28 21:55:57", 4301, 4299),
            (DECLARE, "2017-09-28 21:55:57", "2017-09-29 13:28:15", 55938, 55940),
            (CLEAR, "2017-09-29 13:28:15", "2017-09-29 15:09:39", 6084, None),
            (REMOVE, "2017-09-29 15:09:39", "2017-09-29 15:10:12", 33, 30),
            (TO_RELEASE, "2017-09-28 20:23:38", "2017-09-29 15:09:39", 67561, None),
            (TOTAL, "2017-09-28 20:23:38", "2017-09-29 15:10:12", 67594, 67591),
        ],
    ),
    "mooyoul-node-unipass__completed-uk-air": (
        "before_arrival",
        [
            (DISCHARGE, "2017-12-08 15:10:40", "2017-12-08 16:02:23", 3103, None),
            (ENTRY, "2017-12-08 16:02:23", "2017-12-09 11:19:51", 69448, 69547),
            (DECLARE, "2017-12-08 14:10:25", "2017-12-08 14:10:25", 0, None),
            (CLEAR, "2017-12-09 11:19:51", "2017-12-11 17:45:28", 195937, 195838),
            (REMOVE, "2017-12-11 17:45:28", "2017-12-12 09:53:21", 58073, 58175),
            (TO_RELEASE, "2017-12-08 15:10:40", "2017-12-11 17:45:28", 268488, None),
            (TOTAL, "2017-12-08 15:10:40", "2017-12-12 09:53:21", 326561, 326663),
        ],
    ),
    "mooyoul-node-unipass__completed-us-air": (
        "before_arrival",
        [
            (DISCHARGE, "2020-06-07 11:22:10", "2020-06-07 11:22:10", 0, None),
            (ENTRY, "2020-06-07 12:17:55", "2020-06-07 15:04:17", 9982, 10015),
            (DECLARE, "2020-06-07 10:54:02", "2020-06-07 10:54:02", 0, None),
            (CLEAR, "2020-06-07 15:04:17", "2020-06-07 15:05:15", 58, 25),
            (REMOVE, "2020-06-07 15:05:15", "2020-06-07 15:05:15", 0, None),
            (TO_RELEASE, "2020-06-07 12:17:55", "2020-06-07 15:05:15", 10040, None),
            (TOTAL, "2020-06-07 12:17:55", "2020-06-07 15:05:15", 10040, None),
        ],
    ),
    "mooyoul-node-unipass__completed-us-air2": (
        "before_entry",
        [
            (DISCHARGE, "2020-02-19 06:35:18", "2020-02-19 06:55:35", 1217, None),
            (ENTRY, "2020-02-19 06:55:35", "2020-02-19 13:07:58", 22343, 22371),
            (DECLARE, "2020-02-19 07:26:59", "2020-02-19 07:26:59", 0, None),
            (CLEAR, "2020-02-19 13:07:58", "2020-02-19 15:38:17", 9019, 8991),
            (REMOVE, "2020-02-19 15:38:17", "2020-02-19 15:38:17", 0, None),
            (TO_RELEASE, "2020-02-19 06:35:18", "2020-02-19 15:38:17", 32579, None),
            (TOTAL, "2020-02-19 06:35:18", "2020-02-19 15:38:17", 32579, None),
        ],
    ),
    "mooyoul-node-unipass__completed-us-air3": (
        "before_arrival",
        [
            (DISCHARGE, "2020-04-18 09:43:57", "2020-04-18 09:50:15", 378, None),
            (ENTRY, "2020-04-18 09:50:15", "2020-04-18 15:40:39", 21024, 21028),
            (DECLARE, "2020-04-18 09:02:04", "2020-04-18 09:02:04", 0, None),
            (CLEAR, "2020-04-18 15:40:39", "2020-04-18 15:41:03", 24, 20),
            (REMOVE, "2020-04-18 15:41:03", "2020-04-18 15:44:21", 198, 200),
            (TO_RELEASE, "2020-04-18 09:43:57", "2020-04-18 15:41:03", 21426, None),
            (TOTAL, "2020-04-18 09:43:57", "2020-04-18 15:44:21", 21624, 21626),
        ],
    ),
    "mooyoul-node-unipass__in-progress": (
        "before_entry",
        [
            (DISCHARGE, "2020-06-08 09:38:37", "2020-06-08 11:11:49", 5592, None),
            (ENTRY, "2020-06-08 11:11:49", "2020-06-12 10:08:53", 341824, 341808),
            (DECLARE, "2020-06-08 10:59:04", "2020-06-08 10:59:04", 0, None),
            (CLEAR, "2020-06-12 10:08:39", "2020-06-12 10:08:39", 0, None),
            (REMOVE, "2020-06-12 10:08:39", "2020-06-12 10:08:39", 0, None),
            (TO_RELEASE, "2020-06-08 09:38:37", "2020-06-12 10:08:39", 347402, None),
            (TOTAL, "2020-06-08 09:38:37", "2020-06-12 10:08:39", 347402, None),
        ],
    ),
}


@pytest.mark.parametrize("name", CARGOES)
def test_stages_by_both_clocks(corpus: Path, name: str) -> None:
    declared, expected = TABLE[name]
    rows = lead_times(derive(entries_of(unipass, (corpus / f"{name}.xml").read_bytes()), Plan()))
    assert [(row.stage, row.started_at, row.ended_at, row.seconds, row.reported_seconds) for row in rows] == [
        (stage, kst(begin), kst(end) if end else None, seconds, reported)
        for stage, begin, end, seconds, reported in expected
    ]
    assert {row.declared for row in rows} == {declared}
