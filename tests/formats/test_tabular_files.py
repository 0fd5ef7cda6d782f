"""Tables as files: encodings and delimiters found out, workbooks read, and the attacks of a hostile uploader."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, FormatError, Problem
from cargo.formats.tabular.delimited import Delimited, delimiter_of, encoding_of
from cargo.formats.tabular.workbook import Workbook
from tests.formats.workbooks import Dated, book, sheet_xml, workbook

ROOT = Path(__file__).resolve().parent.parent.parent
HEADER = ["Container", "ETA", "Remarks"]
TEXT = "POD,Container,ETA,Remarks\nKRPUS,HDMU6546583,2026-03-14,부산항 도착\nKRPUS,MSKU9070323,2026-03-15,양하 완료\n"
# What RELIABILITY X3 allows: memory, and time of a processor, which a busy machine does not lengthen.
MEGABYTES, SECONDS = 300, 10


def remarks(data: bytes) -> list[str | None]:
    found = [outcome for outcome in formats.decode(data)[1] if isinstance(outcome, Event)]
    return [event.source_text for event in found]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp949", "cp949"), ("euc-kr", "cp949")],
)
def test_the_encoding_is_found_out(encoding: str, found: str) -> None:
    data = TEXT.encode(encoding)
    assert encoding_of(io.BytesIO(data)) == found
    assert remarks(data) == ["부산항 도착", "양하 완료"]


def test_utf_16_with_its_big_end_first() -> None:
    assert remarks(b"\xfe\xff" + TEXT.encode("utf-16-be")) == ["부산항 도착", "양하 완료"]


def test_what_is_neither_is_western() -> None:
    text = TEXT.replace("부산항 도착", "Größe geprüft à Genève").replace("양하 완료", "née")
    assert encoding_of(io.BytesIO(text.encode("cp1252"))) == "cp1252"
    assert remarks(text.encode("cp1252"))[0] == "Größe geprüft à Genève"


def test_a_row_in_another_encoding_is_the_only_one_refused() -> None:
    lines = [line.encode() for line in TEXT.splitlines(keepends=True)]
    lines += [f"KRPUS,HDMU654658{n},2026-03-1{n},부산항에 도착함\n".encode() for n in range(1, 6)]
    lines.insert(2, "KRPUS,TGHU1234560,2026-03-16,인천항\n".encode("cp949"))
    found = list(formats.decode(b"".join(lines))[1])
    assert [outcome.position for outcome in found if isinstance(outcome, Problem)] == ["row 3"]
    assert sum(isinstance(outcome, Event) for outcome in found) == 7


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    number = "1,5" if delimiter != "," else "1.5"
    assert delimiter_of([delimiter.join(HEADER), delimiter.join(["a", number, "b"])]) == delimiter
    assert len(remarks(TEXT.replace(",", delimiter).encode())) == 2


def test_quotes_hold_delimiters_and_lines() -> None:
    data = b'a,b\r\n"one, ""two""\r\nthree",x\r\n\r\ny,z\r\n'
    assert list(Delimited(io.BytesIO(data)).rows()) == [
        (1, ["a", "b"]),
        (2, ['one, "two"\r\nthree', "x"]),
        (3, []),
        (4, ["y", "z"]),
    ]


def test_a_workbook_is_read_as_it_is_shown() -> None:
    rows = [
        ["text & more", 42.0, 0.5, Dated(46095.371528), Dated(46095), None, "last"],
        [None, None],
        ["", 1e20, Dated(0.25)],
    ]
    for shared in (True, False):
        found = Workbook(io.BytesIO(workbook(rows, shared=shared)))
        assert list(found.rows("Sheet1")) == [
            (1, ["text & more", "42", "0.5", "2026-03-14 08:55:00", "2026-03-14", "", "last"]),
            (3, ["", "1e+20", "06:00"]),
        ]


def test_the_other_date_system() -> None:
    found = Workbook(io.BytesIO(workbook([[Dated(44633.5)]], since_1904=True)))
    assert list(found.rows("Sheet1")) == [(1, ["2026-03-14 12:00:00"])]


def test_hidden_sheets_are_none() -> None:
    found = Workbook(io.BytesIO(workbook([["secret"]], [["open"]], states=["hidden", "visible"])))
    assert found.names == ["Sheet2"]
    with pytest.raises(FormatError):
        Workbook(io.BytesIO(workbook([["secret"]], states=["veryHidden"])))


def test_formulas_give_their_last_value_and_guides_to_pronunciation_nothing() -> None:
    cells = (
        '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A1</f><v>two</v></c><c r="C1" t="b"><v>1</v></c>'
        '<c r="D1" t="inlineStr"><is><t>釜山</t><rPh sb="0" eb="2"><t>プサン</t></rPh></is></c>'
        '<c r="E1" t="e"><v>#N/A</v></c>'
    )
    sheet = sheet_xml([]).replace("<sheetData>", f'<sheetData><row r="1">{cells}</row>')
    found = Workbook(io.BytesIO(book({"xl/worksheets/sheet1.xml": sheet})))
    assert list(found.rows("Sheet1")) == [(1, ["2", "two", "TRUE", "釜山", "#N/A"])]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx or CSV"),
        (b"PK\x03\x04" + bytes(600), "not a workbook"),
        (workbook([["a"]])[:-40], "not a workbook"),
        (book({"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"}), "not well-formed XML"),
        (workbook([[None]]), "the workbook is empty"),
        (b"", "the message is empty"),
        (b" \n \n", "the message is empty"),
        (b"a,b\n", "not a table"),
        (b"1,2\n3,4\n", "no row with the names of columns"),
    ],
    ids=["old", "archive", "cut", "broken", "empty-book", "empty", "blank", "no-rows", "no-names"],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as refused:
        list(formats.decode(data, format="tabular")[1])
    assert reason in str(refused.value)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 3000), st.binary(max_size=8), st.integers(0, 40))
def test_a_spoiled_workbook_raises_nothing_else(start: int, put_in: bytes, length: int) -> None:
    data = bytearray(workbook([["Container", "ETA"], ["HDMU6546583", "2026-03-14"]]))
    data[start : start + length] = put_in
    try:
        list(formats.decode(bytes(data), format="tabular")[1])
    except FormatError as error:
        assert "\n" not in str(error)


def shared_texts() -> bytes:
    """A piece longer than what packing looks back, so that the archive is no bomb by its ratio."""
    piece = "".join(map(chr, Random(1).choices(range(0x4E00, 0x9FFF), k=20_000)))
    texts = f"<sst><si><t>{piece * 1_100}</t></si></sst>"
    return book({"xl/worksheets/sheet1.xml": sheet_xml([["a"]]), "xl/sharedStrings.xml": texts})


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY {name} "{f"&{last};" * 10}">' for last, name in pairwise("abcdefghi"))
    sheet = sheet_xml([]).replace("<sheetData>", '<sheetData><row><c t="str"><v>&i;</v></c></row>')
    return book({"xl/worksheets/sheet1.xml": f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]>{sheet}'})


def corner() -> bytes:
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return book({"xl/worksheets/sheet1.xml": sheet_xml([]).replace("<sheetData>", f"<sheetData>{cell}")})


def mixed() -> bytes:
    row = "KRPUS,HDMU6546583,2026-03-14,부산\n"
    return b"POD,Container,ETA,Remarks\n" + (row.encode() * 3 + row.encode("cp949")) * 5_000


# What an uploader with bad intentions sends: the bytes, or how a file of 250 MB and more goes on for ever.
Endless = tuple[bytes, bytes, int]
ATTACKS: dict[str, tuple[Callable[[], bytes] | Endless, str]] = {
    "a gigabyte": ((b"POD,Container,ETA\n", b"KRPUS,HDMU6546583,2026-03-14\n", 1 << 30), "more than"),
    "rows without end": (
        (b"POD,Container,ETA\n", b"KRPUS,HDMU6546583,2026-03-14\n", 250 << 20),
        "more than 50000 rows",
    ),
    "one cell": ((b"POD,Container,ETA\nx,", b"a", 250 << 20), "a line of more than"),
    "one quoted cell": ((b'POD,Container,ETA\nKRPUS,x,"', b"aaaaaaaaa\n", 250 << 20), "not a row"),
    "nothing but NUL": (lambda: bytes(20 << 20), "a line of more than"),
    "NULs in cells": (
        lambda: (
            b"POD,Container,ETA\n" + b"KRPUS,HDMU\x006546583,2026-03-14\n" * 40_000 + b"KRPUS,MSKU9070323,2026-03-14\n"
        ),
        "read 40000 problems 1 events",
    ),
    "mixed encodings": (mixed, "read 5000 problems 15000 events"),
    "a million columns": (lambda: b"a," * 1_000_000 + b"\n" + b"1," * 1_000_000, "more than"),
    "quotes alone": (lambda: b"POD,Container,ETA\n" + b'"' * (20 << 20), "a line of more than"),
    "a packed bomb": (
        lambda: book({"xl/worksheets/sheet1.xml": sheet_xml([["a" * (200 << 20)]])}),
        "unpacks to more than 100 times its size",
    ),
    "shared texts that grow": (shared_texts, "characters"),
    "a cell in the last corner": (corner, "a cell in column 16384"),
    "laughs by the billion": (laughs, "document type and entity declarations are not accepted"),
}
PROGRAM = """
import io, sys
sys.path.insert(0, sys.argv[1])
from cargo.domain.event import Event, FormatError, Problem
from cargo.formats import tabular

class Endless(io.RawIOBase):
    def __init__(self, head, piece, size):
        self.head, self.piece, self.size, self.at = head, piece, size, 0
    def readable(self):
        return True
    def seekable(self):
        return True
    def seek(self, offset, whence=0):
        self.at = {0: 0, 1: self.at, 2: self.size}[whence] + offset
        return self.at
    def read(self, size=-1):
        size = min(size if size >= 0 else self.size, self.size - self.at, 1 << 20)
        if self.at < len(self.head):
            piece = self.head[self.at : self.at + size]
        else:
            start = (self.at - len(self.head)) % len(self.piece)
            piece = (self.piece[start:] + self.piece * (size // len(self.piece) + 1))[:size]
        self.at += len(piece)
        return piece

file = Endless(*eval(sys.argv[3])) if sys.argv[3] else open(sys.argv[2], "rb")
count = {Event: 0, Problem: 0}
try:
    for outcome in tabular.stream(file):
        count[type(outcome)] += 1
    print(f"read {count[Problem]} problems {count[Event]} events")
except FormatError as error:
    print(error)
# Of this program alone: what getrusage says includes the parent that it was forked from.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_answered_in_little_time_and_memory(attack: str, tmp_path: Path) -> None:
    file, answer = ATTACKS[attack]
    path = tmp_path / "file"
    if callable(file):
        path.write_bytes(file())
    command = [sys.executable, "-c", PROGRAM, str(ROOT), str(path), "" if callable(file) else repr(file)]
    # A program that takes longer is ended by the system, and the test fails by its return code.
    limited = ["bash", "-c", f'ulimit -t {SECONDS}; exec "$@"', "bash", *command]
    done = subprocess.run(limited, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-400:]
    told, megabytes = done.stdout.splitlines()
    assert answer in told
    assert int(megabytes) < MEGABYTES
