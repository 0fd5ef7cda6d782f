"""Seeded ways to spoil a message. Equal seeds spoil equally, so that whatever breaks can be had again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "samples"

# What decoders of the formats stumble over: separators, ends, encodings, numbers that are none, dates at the edge.
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3\x28", b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"\r", b"\n", b"\x1c",
    b"'", b"+", b":", b"?", b"??", b"?'", b"*", b"~", b">", b"/", b"//", b",", b";", b"\t", b'"', b'""', b"|",
    b"UNA:+.? '", b"UNA''''''", b"UNAabcdef", b"UNB+", b"UNH+1+IFTSTA:D:99B:UN'", b"UNT+0+1'", b"UNZ+9+9'", b"UNG+",
    b"ISA*", b"GS*QO*", b"ST*315*0001~", b"SE*0*0~", b"IEA*1*1~", b"FSU/16\n", b"FSA/14\n", b"=TEXT\n", b"QN ",
    b"[[[[", b"]]]]", b"{}", b"{", b"}", b"null", b"NaN", b"-1", b"1e999", b"9" * 400, b'{"a":' * 50, b"true",
    b"<!DOCTYPE a>", b"<!ENTITY x 'y'>", b"&x;", b"</a>", b"<![CDATA[", b"<a/>", b"&#0;", b"&#x110000;",
    b"00000000", b"99991231", b"20260230", b"9999-12-31T23:59:59-14:00", b"0001-01-01T00:00:00+14:00", b"31DEC2359",
    b"29FEB", b"2400", b"=1+1", b"@type", b"@graph", b"@context", b"\xec\xb2", "수리".encode(), "수리".encode("cp949"),
)  # fmt: skip


def samples() -> list[tuple[str, bytes]]:
    """The names and the bytes of our own messages, in a fixed order."""
    found = sorted(path for path in SAMPLES.glob("*/*") if not path.name.endswith(".events.json"))
    return [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in found]


def spoil(chance: random.Random, data: bytes, others: Sequence[tuple[str, bytes]]) -> bytes:
    """The message after one to five changes; never longer than four times a usual one."""
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5))):
        chance.choice(_WAYS)(chance, spoiled, others)
    return bytes(spoiled[:400_000])


def _somewhere(chance: random.Random, data: bytearray) -> int:
    return chance.randrange(len(data) + 1)


def _flip(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    start = _somewhere(chance, data)
    del data[start : start + chance.choice((1, 1, 2, 5, 20, 100, 1000))]


def _end(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    del data[_somewhere(chance, data) :]


def _insert(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    start = _somewhere(chance, data)
    data[start:start] = chance.choice(TOKENS)


def _overwrite(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    start, token = _somewhere(chance, data), chance.choice(TOKENS)
    data[start : start + len(token)] = token


def _repeat(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    start = _somewhere(chance, data)
    piece = data[start : start + chance.choice((1, 3, 10, 50, 200))]
    data[start:start] = piece * chance.choice((1, 2, 10, 100))


def _swap(chance: random.Random, data: bytearray, _: Sequence[tuple[str, bytes]]) -> None:
    one, other, length = _somewhere(chance, data), _somewhere(chance, data), chance.choice((1, 5, 30))
    piece = data[one : one + length]
    data[one : one + length] = data[other : other + length]
    data[other : other + length] = piece


def _splice(chance: random.Random, data: bytearray, others: Sequence[tuple[str, bytes]]) -> None:
    other = chance.choice(others)[1]
    begin = chance.randrange(len(other) + 1)
    start = _somewhere(chance, data)
    data[start : start + chance.choice((0, 40))] = other[begin : begin + chance.choice((10, 80, 500))]


_Way = Callable[[random.Random, bytearray, Sequence[tuple[str, bytes]]], None]
_WAYS: tuple[_Way, ...] = (_flip, _flip, _cut, _cut, _end, _insert, _insert, _overwrite, _repeat, _swap, _splice)
