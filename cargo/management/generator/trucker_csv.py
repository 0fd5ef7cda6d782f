"""A trucker's dialect: the steps of an order as lines of a CSV in Korean, each firm's in its own columns and words.

One firm writes UTF-8 with a byte order mark, the other what a Korean spreadsheet saves (CP949). Times are Korean, to
the minute. The rows are all steps of the order so far; a delivery is that of the whole order, so its row names no box.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime

from cargo.management.generator import unipass_parts
from cargo.management.generator.places import KOREAN_PORTS, PORTS
from cargo.management.generator.story import Box, Fact
from cargo.management.generator.tables import Column, Table

MEDIA_TYPE = "text/csv"
FORMAT = "tabular"
EXTENSION = "csv"
PRECISION = 60
_ZONE = "Asia/Seoul"
_PORTS = {f"{port.korean} 컨테이너부두": port.code for port in KOREAN_PORTS}
TABLES = {
    "MRGL": Table(
        columns=(
            Column("오더번호"),
            Column("B/L No.", "master_bill"),
            Column("컨테이너", "container"),
            Column("작업구분", "status"),
            Column("작업일", "occurred"),
            Column("작업시각", "occurred_clock"),
            Column("작업지", "place"),
            Column("운송료"),
        ),
        statuses={
            "터미널 출문": "gate_out", "배차 출발": "out_for_delivery", "하차 완료": "delivered",
            "공컨 반납": "empty_returned",
        },
        places=_PORTS,
        zone=_ZONE,
    ),
    "DLGR": Table(
        columns=(
            Column("컨번호", "container"),
            Column("BL번호", "master_bill"),
            Column("단계", "status"),
            Column("단계일시", "occurred"),
            Column("상차지", "place"),
            Column("톤수"),
        ),
        statuses={"출문": "gate_out", "배송중": "out_for_delivery", "하차": "delivered", "반납함": "empty_returned"},
        places=_PORTS,
        zone=_ZONE,
    ),
}  # fmt: skip
_TOLD = frozenset(TABLES["MRGL"].statuses.values())


def says(fact: Fact) -> bool:
    """Whether a driver sees it: the truth, never the carrier's mistakes about it."""
    return fact.classifier == "actual" and fact.milestone in _TOLD and not fact.superseded


def render(box: Box, facts: list[Fact]) -> bytes:
    """The order's rows by time, in the firm's encoding."""
    assert box.trucker is not None
    code = box.trucker.code
    table = TABLES[code]
    words = {milestone: word for word, milestone in table.statuses.items()}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.header)
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.container)):
        place = f"{PORTS[fact.place].korean} 컨테이너부두" if fact.place else ""
        row = _mirgil if code == "MRGL" else _dalgureum
        writer.writerow(row(box, fact, words[fact.milestone], unipass_parts.local(fact.at), place))
    return text.getvalue().encode(box.trucker.encoding)


def _mirgil(box: Box, fact: Fact, word: str, at: datetime, place: str) -> list[str]:
    order = f"MG{box.number:06d}"
    return [order, box.master_bill, fact.container, word, f"{at:%Y-%m-%d}", f"{at:%H:%M}", place, "협의"]


def _dalgureum(box: Box, fact: Fact, word: str, at: datetime, place: str) -> list[str]:
    half, hour = "오후" if at.hour >= 12 else "오전", at.hour % 12 or 12
    moment = f"{at.year}년 {at.month}월 {at.day}일 {half} {hour}시 {at.minute:02d}분"
    return [fact.container, box.master_bill, word, moment, place, f"{11.5 + box.number % 9}"]
