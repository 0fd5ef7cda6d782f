"""A trial made ready for its page: a verdict for every row or event, problems first, and the columns' editor."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cargo.dashboard import columns, listing
from cargo.dashboard.drafts import Draft
from cargo.domain.event import Event, FormatError
from cargo.formats import FORMATS, detect, manual, tabular
from cargo.formats.tabular.meaning import Meaning, doubts, meanings, of
from cargo.pipeline import trial
from cargo.pipeline.trial import Trial, Tried
from cargo.selectors import listing as listed
from cargo.selectors import uploads
from clis.accounts.scoping import Viewer

MOST_SHOWN = 200
# Standards have names of their own; these are ours.
_TITLES = {tabular.NAME: _("Table"), manual.NAME: _("Events entered by people")}


@dataclass
class Shown:
    """One part with its verdict. ``tone`` and ``icon`` as everywhere; ``shipments``: (id, label, kind of label)."""

    position: str
    tone: str
    icon: str
    label: str | Promise
    detail: str = ""
    event: Event | None = None
    shipments: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class Preview:
    """What the page shows of a draft. ``editor`` and its choices only where the columns are asked for."""

    draft: Draft
    target: uploads.Target
    format: str
    title: str | Promise
    trial: Trial | None
    parts: list[Shown]
    editor: columns.ColumnsForm | None
    is_table: bool
    problem: str | Promise = ""

    @property
    def acceptable(self) -> bool:
        """Whether it can be taken in: something of it can be read."""
        return self.trial is not None and not self.trial.problem and self.trial.events > 0


def preview(viewer: Viewer, draft: Draft, language: str, *, ask: bool = False) -> Preview:
    """Tries a draft. ``ask``: show the columns' editor even if their meaning is known. Raises ``NotFound``."""
    target = uploads.target(viewer, draft.source)
    reading = uploads.reading(viewer, draft.source)
    form = detect(draft.body) or ""
    is_table = form == tabular.NAME
    editor, problem = None, ""
    if is_table:
        try:
            editor, reading = _editor(draft, target, reading, language, ask)
        except FormatError as error:
            problem = str(error)
    tried = None
    if not problem and (editor is None or not editor.errors):
        tried = trial.attempt(draft.source, draft.body, timezone.now(), name=draft.name, reading=reading)
        form = tried.format or form
    known = FORMATS.get(form) or FORMATS.get(form.partition(".")[0])
    return Preview(
        draft=draft,
        target=target,
        format=form,
        title=_TITLES.get(form) or (known.title if known else ""),
        trial=tried,
        parts=_shown(viewer, tried) if tried else [],
        editor=editor,
        is_table=is_table,
        problem=problem or (tried.problem if tried else ""),
    )


def said(draft: Draft, reading: str, posted: dict[str, str]) -> str:
    """The meaning that the editor was sent with, as JSON to be kept in the draft. Raises ``FormatError``."""
    table = tabular.opened(draft.body, reading)
    return msgspec.json.encode(columns.read(posted, table, tabular.survey(table))).decode()


def taught(draft: Draft, reading: str) -> tuple[list[str], str, Meaning] | None:
    """Header, fingerprint and meaning to remember, if the person said one that holds together."""
    if not draft.meaning:
        return None
    table = tabular.opened(draft.body, reading)
    meaning = of(json.loads(draft.meaning))
    return None if doubts(meaning) else (table.header, table.fingerprint, meaning)


def _editor(
    draft: Draft, target: uploads.Target, reading: str, language: str, ask: bool
) -> tuple[columns.ColumnsForm | None, str]:
    """The editor where it is needed, and the reading with what was said in it a moment ago."""
    table = tabular.opened(draft.body, reading)
    known = meanings(reading).get(table.fingerprint)
    survey = tabular.survey(table)
    if draft.meaning:
        meaning = of(json.loads(draft.meaning))
    elif ask or (known is None and not survey.guessable):
        meaning = known or survey.suggested
    else:
        return None, reading
    everything: dict[str, Any] = json.loads(reading or "{}")
    everything["columns"] = {**everything.get("columns", {}), table.fingerprint: msgspec.to_builtins(meaning)}
    return columns.build(table, survey, meaning, target.time_zone, language), json.dumps(everything)


def _shown(viewer: Viewer, tried: Trial) -> list[Shown]:
    wanted = {shipment for part in tried.parts for shipment, _weak in part.shipments}
    rows = listed.by_id(viewer, wanted)
    labels = {pk: _label(listing.Dressed(row)) for pk, row in rows.items()}
    ordered = sorted(tried.parts, key=lambda part: not part.is_problem)
    return [_part(part, labels) for part in ordered[:MOST_SHOWN]]


def _label(row: Any) -> tuple[str, str]:
    return (row.own_reference, "own_reference") if row.own_reference else (row.label, row.label_kind)


def _part(part: Tried, labels: dict[int, tuple[str, str]]) -> Shown:
    if part.event is None:
        if part.is_problem:
            return Shown(part.position, "bad", "circle-x", _("Not readable"), part.reason)
        return Shown(part.position, "still", "circle-dashed", _("Says nothing yet"), part.reason)
    event = part.event if isinstance(part.event, Event) else None
    tone, icon, label = _verdict(part, event)
    detail = " · ".join(event.warnings) if event else ""
    return Shown(
        position=part.position,
        tone=tone,
        icon=icon,
        label=label,
        detail=detail,
        event=event,
        shipments=[(pk, *labels[pk]) for pk, _weak in part.shipments if pk in labels],
    )


def _verdict(part: Tried, event: Event | None) -> tuple[str, str, str | Promise]:
    if event is None:
        return "info", "undo-2", _("Takes a report back")
    if part.known:
        return "still", "copy", _("Known already")
    if part.ambiguous:
        return "warn", "shuffle", _("Several shipments could be meant")
    if event.milestone == "unknown":
        return "warn", "triangle-alert", _("Status not known: kept in its own words")
    if event.occurred_at is None:
        return "warn", "clock-alert", _("Time zone not known")
    if event.warnings:
        return "warn", "triangle-alert", _("Taken, with a remark")
    if not part.shipments:
        return "still", "circle-dashed", _("No shipment has this number yet")
    return "good", "circle-check", _("Goes to its shipment")
