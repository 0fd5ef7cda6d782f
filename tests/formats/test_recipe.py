"""CONTRIBUTING's recipe "Read a new format", followed word by word: its file, its line, and what a message says."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

from cargo import formats
from cargo.domain.event import Event, Problem
from cargo.formats import FORMATS, Format
from cargo.pipeline.normalize import normalize

CONTRIBUTING = Path(__file__).parent.parent.parent / "CONTRIBUTING.md"
MESSAGE = b"GATE1\nIN;HDMU6546583;KRPUS;202603140855\nXX;TCLU1234568;KRPUS;202603140900\nOUT;HDMU6546583\n"


@pytest.fixture
def gate_notes(tmp_path: Path) -> Iterator[ModuleType]:
    """The recipe's file as a module, and its line in the table."""
    text = CONTRIBUTING.read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    path = tmp_path / "gate_notes.py"
    path.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("gate_notes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    line = " ".join(text.partition("The line is `gate_notes.NAME: ")[2].partition("`.")[0].split())
    made = eval(line, {"gate_notes": module, "Format": Format})
    # Before the last line of the table, which reads whatever looks like columns.
    with mock.patch.dict(FORMATS, {module.NAME: made, **FORMATS}, clear=True):
        yield module


def test_the_recipes_format_reads_its_messages(gate_notes: ModuleType) -> None:
    assert formats.detect(MESSAGE) == gate_notes.NAME
    told = list(formats.decode(MESSAGE)[1])
    assert [getattr(event, "milestone", "") for event in told] == ["gate_in", "unknown", ""]
    assert isinstance(told[2], Problem)
    assert (told[2].position, told[2].reason) == ("line 4", "not code;container;place;time")
    assert formats.slice(gate_notes.NAME, MESSAGE, "line 2") == b"IN;HDMU6546583;KRPUS;202603140855"
    with pytest.raises(formats.FormatError, match="not a position of this message"):
        formats.slice(gate_notes.NAME, MESSAGE, "line 9")


def test_its_times_are_placed_like_everybodys(gate_notes: ModuleType) -> None:
    first = next(normalize(formats.decode(MESSAGE)[1]))
    assert isinstance(first, Event)
    assert first.occurred_at is not None
    assert first.occurred_at.isoformat() == "2026-03-14T08:55:00+09:00"
