"""The exceptions board: what needs you, what needs others, what to watch."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard import exception_words, looks, terms, wording
from cargo.domain import places
from cargo.domain.codes import JOURNEY_MODES
from cargo.selectors import BadCursor, exceptions
from cargo.selectors.exceptions import COLUMNS, Row
from cargo.templatetags.clis import language, role_of
from clis.accounts.scoping import Viewer, viewer_of

CARDS = 25
_TONES = {"needs_you": "bad", "needs_others": "warn", "watch": "info"}
_ICONS = {"needs_you": "user-check", "needs_others": "users", "watch": "eye"}
_FILTERS = ("kind", "hold", "mode", "port")
_SHOWN_ANYWAY = frozenset({"held", "release_revoked"})


class BoardForm(forms.Form):
    """The board's filters; the address carries them."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    hold = forms.ChoiceField(label=gettext_lazy("Held by"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), required=False)
    port = forms.CharField(label=gettext_lazy("Port or airport"), required=False, max_length=5)

    def __init__(self, data: dict[str, str], *, words: str) -> None:
        super().__init__(data, auto_id="board-%s")
        modes = {code: terms.MODES[code] for code in JOURNEY_MODES}
        for name, table in (("kind", exception_words.KINDS), ("hold", terms.AUTHORITIES), ("mode", modes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("any")), *((code, terms.word(table, code, words)) for code in table)]
            field.widget.attrs["class"] = "select"
        self.fields["port"].widget.attrs.update(
            {"class": "input", "placeholder": "KRPUS", "autocapitalize": "characters"}
        )


@login_required
@require_GET
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """Three columns, a statement each."""
    words = language()
    query = {key: str(value).strip() for key, value in request.GET.items()}
    filters = {key: query[key] for key in _FILTERS if query.get(key)}
    if "port" in filters:
        filters["port"] = filters["port"].upper()
    now = timezone.now()
    columns = [_column(request, name, filters, query, now) for name in COLUMNS]
    context = {
        "nav": "exceptions",
        "columns": columns,
        "filter_form": BoardForm(query, words=words),
        "filtered": bool(filters),
        "empty": not any(column["cards"] for column in columns),
    }
    return render(request, "cargo/dashboard/exceptions.html", context)


def cards_of(request: HttpRequest, shipment_id: int, now: datetime) -> list[dict[str, Any]]:
    """What is wrong with one shipment, beside the holds that its page shows anyway; one statement."""
    viewer, role, words = viewer_of(request), role_of(request), language()
    page = exceptions.page(viewer, {"shipment": shipment_id, "open": "true"}, None, CARDS)
    return [_card(row, viewer, role, words, now) for row in page.rows if row.kind not in _SHOWN_ANYWAY]


def _column(
    request: HttpRequest, name: str, filters: dict[str, str], query: dict[str, str], now: datetime
) -> dict[str, Any]:
    viewer, role, words = viewer_of(request), role_of(request), language()
    cursor = query.get(name) or None
    try:
        page = exceptions.column(viewer, name, role, filters, cursor, CARDS)
    except BadCursor:
        cursor = None
        page = exceptions.column(viewer, name, role, filters, None, CARDS)
    following = {**filters, name: page.next_cursor or ""}
    return {
        "name": name,
        "title": _titles()[name],
        "tone": _TONES[name],
        "icon": _ICONS[name],
        "cards": [_card(row, viewer, role, words, now) for row in page.rows],
        "more": bool(page.next_cursor or cursor),
        "older_url": f"?{urlencode(following)}#{name}" if page.next_cursor else "",
        "first_url": f"?{urlencode(filters)}#{name}" if cursor else "",
    }


def _titles() -> dict[str, str]:
    return {"needs_you": _("Needs you"), "needs_others": _("Needs others"), "watch": _("Watch")}


def _card(row: Row, viewer: Viewer, role: str | None, words: str, now: datetime) -> dict[str, Any]:
    who, what = wording.move({"responsible": row.responsible, "next_action": row.next_action}, words, role)
    label, kind = label_of(row)
    port = row.port_of_discharge
    zone = (places.zone_of(port) if port else None) or None
    return {
        "row": row,
        "heading": terms.word(exception_words.KINDS, row.kind, words),
        "icon": exception_words.ICONS.get(row.kind, "triangle-alert"),
        "sentence": exception_words.sentence(row, words, now),
        "who": who,
        "what": what,
        "label": label,
        "label_kind": kind,
        "zone": zone,
        "mode_icon": looks.MODE_ICONS.get(row.mode or "", "ship"),
    }


def label_of(row: Any) -> tuple[str, str | None]:
    """What the reader knows the shipment by, and what kind of number it is."""
    if row.own_reference:
        return row.own_reference, "own_reference"
    if row.house_bill:
        return row.house_bill, "house_bill"
    if row.master_bill:
        return row.master_bill, "master_bill"
    if row.containers:
        return row.containers[0], "container"
    return f"#{row.shipment}", None
