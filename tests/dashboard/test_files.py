"""What the pages are made of: every word in both languages, no style or script inside a page, and not too much."""

from __future__ import annotations

import ast
import gzip
import re
import subprocess
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.test import Client

from cargo.dashboard import terms, wording_english, wording_korean
from cargo.domain import codes, readiness, verdict
from cargo.domain.customs.clearance import HOLD_KINDS

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOG = ROOT / "clis" / "locale" / "ko" / "LC_MESSAGES" / "django.po"
PAGES = [
    path for path in (ROOT / "templates").rglob("*.html") if "email" not in path.parts and "admin_" not in path.name
]
LIMIT = 150_000


def entries() -> dict[str, str]:
    """Message → translation (all plural forms joined) of the catalog."""
    found: dict[str, str] = {}
    for block in CATALOG.read_text(encoding="utf-8").split("\n\n"):
        lines = re.findall(
            r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:"(?:[^"\\]|\\.)*"\n?)+)', block + "\n", re.MULTILINE
        )
        texts: dict[str, str] = {}
        for name, quoted in lines:
            text = "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', quoted))
            texts[name] = text
        if texts.get("msgid"):
            found[texts["msgid"]] = "\n".join(text for name, text in texts.items() if name.startswith("msgstr"))
    return found


def test_every_message_is_in_korean_with_the_same_placeholders() -> None:
    catalog = entries()
    assert len(catalog) > 300
    missing = [message for message, korean in catalog.items() if not korean]
    assert missing == []
    assert "fuzzy" not in CATALOG.read_text(encoding="utf-8")
    placeholder = re.compile(r"%\(\w+\)[sd]")
    for message, korean in catalog.items():
        assert set(placeholder.findall(korean)) <= set(placeholder.findall(message)), message
        if "\n" not in korean:
            assert set(placeholder.findall(message)) <= set(placeholder.findall(korean)), message


def test_the_templates_words_are_all_in_the_catalog() -> None:
    catalog = entries()
    translated = re.compile(r"\{%\s*translate\s+\"((?:[^\"\\]|\\.)*)\"|\{%\s*translate\s+'((?:[^'\\]|\\.)*)'")
    absent = {
        words
        for path in PAGES
        for found in translated.findall(path.read_text(encoding="utf-8"))
        if (words := found[0] or found[1]) not in catalog
    }
    assert absent == set()


def test_the_compiled_catalog_is_that_of_the_text(tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check", "-o", str(compiled), str(CATALOG)], check=True, capture_output=True)
    assert compiled.read_bytes() == CATALOG.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize(
    ("table", "needed"),
    [
        (terms.STATUSES, set(codes.STATUSES)),
        (terms.CUSTOMS_STATES, set(codes.CUSTOMS_STATES)),
        (terms.LIGHTS, set(readiness.LIGHTS)),
        (terms.LIGHT_STATES, set(readiness.LIGHT_STATES)),
        (terms.REFERENCE_TYPES, set(codes.REFERENCE_TYPES) | set(verdict.TRACKABLE)),
        (terms.CLASSIFIERS, set(codes.CLASSIFIERS)),
        (terms.LEVELS, set(codes.LEVELS)),
        (terms.MODES, set(codes.MODES)),
        (terms.HOLD_KINDS, set(HOLD_KINDS.values())),
    ],
)
def test_every_code_has_its_word_in_both_languages(table: dict[str, terms.Pair], needed: set[str]) -> None:
    assert needed <= set(table)
    assert all(english and korean for english, korean in table.values())


def test_every_move_has_its_sentence() -> None:
    """The moves that the lights can name, read off their source so that a new one is not forgotten."""
    source = Path(readiness.__file__).read_text(encoding="utf-8")
    actors = "importer|broker|carrier|terminal|customs|agency"
    named = set(re.findall(rf'"(?:{actors})", "([a-z]+_[a-z_]+)"', source))
    assert {"declare_import", "wait_for_customs", "settle_charges", "ask_terminal"} <= named
    assert named <= set(terms.NEXT_ACTIONS)
    assert named <= set(wording_korean._DUTIES) | set(wording_korean._WAITS)
    assert set(wording_english._WAITS) == set(wording_korean._WAITS)


def test_no_page_carries_style_or_script() -> None:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"", text), path.name
        scripts = re.findall(r"<script\b[^>]*>", text)
        assert all("src=" in script for script in scripts), path.name


def test_every_template_can_be_read() -> None:
    for path in PAGES:
        get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.django_db
def test_a_page_ships_less_than_its_limit_of_style_and_script() -> None:
    page = Client().get("/account/login/").content.decode()
    shipped = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', page)
    assert len(shipped) == 6
    total = 0
    for name in shipped:
        found = finders.find(name)
        assert isinstance(found, str), name
        total += len(gzip.compress(Path(found).read_bytes()))
    assert total < LIMIT, total
