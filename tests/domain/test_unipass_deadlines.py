"""Which deadlines applied to every real UNI-PASS cargo, with the notice's own words beside the date read from it.

Checked by hand against each XML and the calendar: the 16th of March 2019 was a Saturday, 27 November 2000 a Monday, and
so on. Times are Korean wall times. ``due_at`` is always the end of the day. ``met``: when what was due happened.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from cargo.domain.event import Event
from cargo.domain.explain import explain
from cargo.formats import unipass
from tests.domain.test_unipass_histories import CARGOES, corpus

__all__ = ["corpus"]


class Due(NamedTuple):
    """One deadline as the document tells it."""

    kind: str
    day: str
    met: str | None
    basis: str
    notice: str | None = None


REMOVE = "[안내사항] {} 은 수입신고 수리일로부터 15일이내에 물품을 반출하여야하며, 미반출시 과태료가 부가됩니다."

DEADLINES = {
    "found-21710983062__completed-sea-lcl-bonded-transport-2021": [
        Due("entry_limit", "2021-10-18", "2021-10-11 11:25:03", "entry_5_days"),
        Due("bonded_transport", "2021-10-21", "2021-10-12 14:56:36", "bonded_transport_10_days"),
        Due("payment", "2021-11-02", None, "duty_payment_15_days"),
        Due("removal", "2021-11-02", "2021-10-19 09:43:27", "removal_15_days_if_listed"),
        Due("import_declaration", "2021-11-10", "2021-10-18 09:15:26", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2021-12-11",
            "2021-10-12 10:35:17",
            "storage_months_by_notice",
            "[부가사항] 인천항국제여객부두 컨테이너 보세창고의 장치기간은 최대 2 개월 입니다.",
        ),
        Due(
            "storage_limit",
            "2022-04-12",
            "2021-10-19 09:43:27",
            "storage_months_by_notice",
            "[부가사항] (주)스카이국제운송의 장치기간은 최대 6 개월 입니다.",
        ),
    ],
    "found-28315224757__guide-sample-2000-sea-bonded-transport": [
        Due("bonded_transport", "2000-11-27", "2000-11-15 09:44:13", "bonded_transport_10_days"),
        Due("payment", "2000-12-01", None, "duty_payment_15_days"),
        Due("removal", "2000-12-01", "2000-11-16 13:54:30", "removal_15_days_if_listed"),
        Due("import_declaration", "2000-12-15", "2000-11-16 10:28:11", "import_declaration_30_days_if_listed"),
        Due("storage_limit", "2001-01-15", "2000-11-16 13:54:30", "storage_2_months"),
    ],
    "found-69636356781__masked-air-2018-partial": [
        Due("entry_limit", "2018-09-17", "2018-09-16 20:15:00", "entry_next_day"),
        Due("import_declaration", "2018-10-16", None, "import_declaration_30_days_if_listed"),
        Due("storage_limit", "2019-03-18", "2018-09-17 10:59:54", "storage_6_months"),
    ],
    "mooyoul-node-unipass__completed-cn-air": [
        Due("entry_limit", "2017-04-28", "2017-04-27 09:00:34", "entry_next_day"),
        Due("payment", "2017-05-12", None, "duty_payment_15_days"),
        Due(
            "removal",
            "2017-05-12",
            "2017-04-27 11:54:16",
            "removal_days_by_notice",
            REMOVE.format("유나이티드파슬서비스컴패니"),
        ),
        Due("import_declaration", "2017-05-29", "2017-04-27 07:27:25", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2017-07-27",
            "2017-04-27 11:54:16",
            "storage_months_by_notice",
            "[부가사항] 유나이티드파슬서비스컴패니의 장치기간은 최대 3 개월 입니다.",
        ),
    ],
    "mooyoul-node-unipass__completed-cn-ship": [
        Due("entry_limit", "2020-06-12", "2020-06-10 10:54:37", "entry_extended"),
        Due("removal", "2020-06-25", "2020-06-10 10:54:37", "removal_15_days_if_listed"),
        Due("import_declaration", "2020-07-10", "2020-06-04 11:18:40", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2020-12-10",
            "2020-06-10 10:54:37",
            "storage_months_by_notice",
            "[부가사항] 인천세관 제2지정장치장의 장치기간은 최대 6 개월 입니다.",
        ),
    ],
    "mooyoul-node-unipass__completed-hk-air": [
        Due("entry_limit", "2017-09-29", "2017-09-28 21:55:57", "entry_next_day"),
        Due("payment", "2017-10-16", None, "duty_payment_15_days"),
        Due(
            "removal",
            "2017-10-16",
            "2017-09-29 15:10:12",
            "removal_days_by_notice",
            REMOVE.format("(주)디에이치엘코리아"),
        ),
        Due("import_declaration", "2017-10-30", "2017-09-29 13:28:15", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2017-12-28",
            "2017-09-29 15:10:12",
            "storage_months_by_notice",
            "[부가사항] (주)디에이치엘코리아의 장치기간은 최대 3 개월 입니다.",
        ),
    ],
    "mooyoul-node-unipass__completed-uk-air": [
        Due("entry_limit", "2017-12-11", "2017-12-09 11:19:51", "entry_next_day"),
        Due("payment", "2017-12-26", None, "duty_payment_15_days"),
        Due("removal", "2017-12-26", "2017-12-12 09:53:21", "removal_15_days_if_listed"),
        Due("import_declaration", "2018-01-08", "2017-12-08 14:10:25", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2018-02-09",
            "2017-12-12 09:53:21",
            "storage_months_by_notice",
            "[부가사항] 지정장치장(특송물류센터)의 장치기간은 최대 2 개월 입니다.",
        ),
    ],
    "mooyoul-node-unipass__completed-us-air": [
        Due("entry_limit", "2020-06-08", "2020-06-07 15:04:17", "entry_next_day"),
        Due("removal", "2020-06-22", "2020-06-07 15:05:15", "removal_15_days_if_listed"),
        Due("import_declaration", "2020-07-07", "2020-06-07 10:54:02", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2020-08-07",
            "2020-06-07 15:05:15",
            "storage_months_by_notice",
            "[부가사항] 지정장치장(특송물류센터)의 장치기간은 최대 2 개월 입니다.",
        ),
    ],
    "mooyoul-node-unipass__completed-us-air2": [
        Due("entry_limit", "2020-02-20", "2020-02-19 13:07:58", "entry_next_day"),
        Due("removal", "2020-03-05", "2020-02-19 15:38:17", "removal_15_days_if_listed"),
        Due("import_declaration", "2020-03-20", "2020-02-19 07:26:59", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2020-04-19",
            "2020-02-19 15:38:17",
            "storage_months_by_notice",
            "[부가사항] 지정장치장(특송물류센터)의 장치기간은 최대 2 개월 입니다.",
        ),
    ],
    "mooyoul-node-unipass__completed-us-air3": [
        Due("entry_limit", "2020-04-20", "2020-04-18 15:40:39", "entry_next_day"),
        Due("payment", "2020-05-04", None, "duty_payment_15_days"),
        Due("removal", "2020-05-04", "2020-04-18 15:44:21", "removal_15_days_if_listed"),
        Due("import_declaration", "2020-05-18", "2020-04-18 09:02:04", "import_declaration_30_days_if_listed"),
        Due("storage_limit", "2020-06-18", "2020-04-18 15:44:21", "storage_2_months"),
    ],
    "mooyoul-node-unipass__in-progress": [
        Due("entry_limit", "2020-06-15", "2020-06-12 10:08:39", "entry_extended"),
        Due("removal", "2020-06-29", "2020-06-12 10:08:39", "removal_15_days_if_listed"),
        Due("import_declaration", "2020-07-13", "2020-06-08 10:59:04", "import_declaration_30_days_if_listed"),
        Due(
            "storage_limit",
            "2020-12-12",
            "2020-06-12 10:08:39",
            "storage_months_by_notice",
            "[부가사항] 인천세관 제2지정장치장의 장치기간은 최대 6 개월 입니다.",
        ),
    ],
}


@pytest.mark.parametrize("name", CARGOES)
def test_deadlines(corpus: Path, name: str) -> None:
    outcomes = unipass.decode((corpus / f"{name}.xml").read_bytes())
    (found,) = explain([outcome for outcome in outcomes if isinstance(outcome, Event)])

    told = [
        Due(row["kind"], _day(row["due_at"]), _wall(row["met_at"]), row["basis"], row["text"])
        for row in found["deadlines"]
    ]
    assert told == DEADLINES[name]


def _day(due_at: str) -> str:
    assert due_at.endswith("T23:59:59+09:00")
    return due_at[:10]


def _wall(instant: str | None) -> str | None:
    return instant and instant.removesuffix("+09:00").replace("T", " ")
