"""Mails by moulds say exactly what rendering each of them would, whatever their texts are."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.template import Context, engines
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from notifications.models import KINDS
from notifications.render.bodies import PAGE, TEXT, Look, Row, Said, body, rendered, styled
from notifications.render.facts import Facts
from notifications.render.moulds import CODES, loaded, mould_of, names_in, sentence
from notifications.render.words import LANGUAGES
from tests.notifications.test_render import PAYLOADS

PARTS = ("subject", "answer", "next")
# Every code that a sentence is chosen by.
MILESTONES = (
    "", "export_cleared", "customs_released", "customs_released_provisional", "export_clearance_cancelled",
    "declaration_rejected", "declaration_cancelled", "export_declaration_rejected", "gate_out_before_release",
)  # fmt: skip
HOLDS = (
    "", "inspection", "documents", "payment", "agency", "refused", "security_filing", "do_not_load", "seized",
)  # fmt: skip

texts = st.one_of(
    st.just(""),
    st.sampled_from([payload for payload in PAYLOADS if "\ud800" not in payload]),
    st.sampled_from(["\ue0000\ue001", "\ue0003\ue001", "\ue000", "a & b", "&amp;", "<b>\"'", " x  y ", "0", "부산"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
names = [field.name for field in fields(Facts) if field.name not in (*CODES, "other_numbers")]
facts = st.builds(
    Facts,
    kind=st.sampled_from(list(KINDS)),
    language=st.sampled_from(LANGUAGES),
    milestone=st.sampled_from(MILESTONES) | texts,
    hold_kind=st.sampled_from(HOLDS) | texts,
    amends=st.booleans(),
    by_air=st.booleans(),
    follower=st.booleans(),
    **dict.fromkeys(names, texts),
)
looks = st.builds(
    Look,
    language=st.sampled_from(LANGUAGES),
    tone=st.sampled_from(["bad", "warn", "good", "info"]),
    colour=st.sampled_from(["#0f5c86", "#7a1fa2"]),
    night_colour=st.sampled_from(["#8fb6ca", "#c79bd8"]),
    logo=st.sampled_from(["", "cid:logo"]),
    follower=st.booleans(),
)
rows = st.lists(st.builds(Row, label=st.sampled_from(["When", "기관"]), value=texts.filter(bool), strong=st.booleans()))


@hypothesis_settings(deadline=None)
@given(facts)
def test_a_sentence_is_what_its_template_says(known: Facts) -> None:
    for part in PARTS:
        name = f"email/{known.kind}/{part}.{known.language}.txt"
        assert sentence(name, known) == loaded(name).render(Context({"facts": known}))


@hypothesis_settings(deadline=None)
@given(looks, st.builds(Said, **dict.fromkeys(Said._fields, texts)), rows.map(lambda found: found[:12]))
def test_a_body_is_what_its_templates_say(look: Look, said: Said, known: list[Row]) -> None:
    """The text to the letter; the page as a reader of HTML 5 takes it, which writes both in one way."""
    fast, slow = body(look, said, known), rendered(loaded(TEXT), loaded(PAGE), look, said, known)
    assert fast.text == slow.text
    assert styled(fast.html) == styled(slow.html)


def test_every_sentence_has_a_mould() -> None:
    """Two readers of one shape share it, and what one of them read is not in it."""
    folder = Path(project.BASE_DIR) / "templates/notifications/email"
    files = [file for file in folder.glob("*/*.txt") if file.parent.name != "digest"]
    assert len(files) == len(KINDS) * len(PARTS) * len(LANGUAGES)
    first = Facts("customs.held", "en", **dict.fromkeys(names, "Secret"))
    second = replace(first, **dict.fromkeys(names, "open"))
    for file in files:
        name = str(file.relative_to(folder.parent))
        assert names_in(loaded(name)) is not None
        assert sentence(name, first).replace("Secret", "open") == sentence(name, second)


def test_the_place_of_each_value() -> None:
    mould = mould_of("a \ue0001\ue001 b \ue0000\ue001\ue0001\ue001")
    assert mould.filled(["x", "<y>"]) == "a <y> b x<y>"
    assert mould_of("nothing").filled([]) == "nothing"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% autoescape off %}{{ facts.place|upper }}{% endautoescape %}", "<BUSAN>"),
        ('{% autoescape off %}{% if facts.place == "<Busan>" %}yes{% endif %}{% endautoescape %}', "yes"),
        ('{% autoescape off %}{% if facts.place %}{% if "<Busan>" == facts.place %}yes{% endif %}{% endif %}'
         "{% endautoescape %}", "yes"),
        ("{% autoescape off %}{% for x in facts.other_numbers %}{{ x.1 }}{% endfor %}{% endautoescape %}", "1"),
        ("{% autoescape off %}{% with facts.place as x %}{{ x }}{% endwith %}{% endautoescape %}", "<Busan>"),
        ("{% autoescape off %}{# facts.place #}{{ facts.place }}{% endautoescape %}", "<Busan>"),
        ("{{ facts.place }}", "&lt;Busan&gt;"),
        ("{{ facts.place }}{% autoescape off %}{{ facts.place }}{% endautoescape %}", "&lt;Busan&gt;<Busan>"),
        ("{% autoescape off %}{{ facts.nothing }}{{ facts.place }}{% endautoescape %}", "<Busan>"),
    ],
)  # fmt: skip
def test_a_template_that_does_more_is_rendered_each_time(tmp_path: Path, settings: Any, source: str, said: str) -> None:
    folder = tmp_path / "notifications"
    folder.mkdir()
    (folder / "new.txt").write_text(source)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    known = Facts("arrived", "en", "1", place="Pusan")
    sentence("new.txt", known)
    assert sentence("new.txt", replace(known, place="<Busan>", other_numbers=[("MBL", "1")])) == said


def test_an_edited_template_is_taken_anew(tmp_path: Path, settings: Any) -> None:
    folder = tmp_path / "notifications"
    folder.mkdir()
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    known = Facts("arrived", "en", "1", place="Busan")
    for words in ("At", "In"):
        (folder / "new.txt").write_text(f"{{% autoescape off %}}{words} {{{{ facts.place }}}}{{% endautoescape %}}")
        for loader in engines["django"].engine.template_loaders:
            loader.reset()
        assert sentence("new.txt", known) == f"{words} Busan"
