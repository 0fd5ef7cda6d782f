"""A saved filter of the list in the reader's words: the same word for a code as on the list itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cargo.dashboard import terms

# The list's filters by the names of its parameters.
FILTERS: dict[str, object] = {
    "status": gettext_lazy("State"),
    "customs_state": gettext_lazy("Customs"),
    "mode": gettext_lazy("Mode"),
    "carrier": gettext_lazy("Carrier"),
    "port_of_loading": gettext_lazy("Port of loading"),
    "port_of_discharge": gettext_lazy("Port of discharge"),
    "search": gettext_lazy("Number or reference"),
    "hold": gettext_lazy("Held"),
    "needs": gettext_lazy("Needs you"),
    "released": gettext_lazy("Released"),
    "collected": gettext_lazy("Collected"),
    "arrived": gettext_lazy("Arrived"),
    "ready": gettext_lazy("Ready"),
    "milestone": gettext_lazy("Milestone"),
    "party": gettext_lazy("Party"),
    "reference": gettext_lazy("Number"),
    "eta_after": gettext_lazy("Arrival from"),
    "eta_before": gettext_lazy("Arrival before"),
    "updated_since": gettext_lazy("Changed since"),
}
# Numbers of cargo that goes by air, where some milestones have another name.
_BY_AIR = {"air_waybill", "house_air_waybill"}
_PLACES = ("port_of_loading", "port_of_discharge")
_TABLES: dict[str, Callable[[str, str], str]] = {
    "status": lambda code, language: terms.word(terms.STATUSES, code, language),
    "customs_state": lambda code, language: terms.word(terms.CUSTOMS_STATES, code, language),
    "mode": lambda code, language: terms.word(terms.MODES, code, language),
    "milestone": terms.milestone,
    "hold": lambda code, language: terms.word(terms.AUTHORITIES, code, language) if code in terms.AUTHORITIES else code,
    **dict.fromkeys(_PLACES, lambda code, language: terms.place(code, None, language)),
}
# Parameters of several codes: a list, or text with commas.
_SEVERAL = ("status", "customs_state", "mode", "milestone")


def milestone_text(data: Mapping[str, Any]) -> str:
    """The milestone that an update's ``data`` tells of, as the pages call it; nothing where it names none."""
    code = data.get("milestone")
    kinds = {one.get("type") for one in data.get("references") or ()}
    mode = "air" if kinds & _BY_AIR else None
    return terms.milestone(code, _language(), mode) if isinstance(code, str) else ""


def filter_text(chosen: Mapping[str, Any]) -> str:
    """What it chooses, as the list's parameters say it; a code that has no word stays as it is."""
    language = _language()
    return ", ".join(f"{FILTERS.get(name, name)}: {_values(name, value, language)}" for name, value in chosen.items())


def _language() -> str:
    return "ko" if (get_language() or "en").startswith("ko") else "en"


def _values(name: str, value: Any, language: str) -> str:
    if isinstance(value, list | tuple):
        codes = [str(code) for code in value]
    else:
        codes = str(value).split(",") if name in _SEVERAL else [str(value)]
    return " / ".join(_value(name, code, language) for code in codes)


def _value(name: str, code: str, language: str) -> str:
    plain = {"true": _("yes"), "false": _("no"), "client": _("yes")}
    if name == "ready":
        plain["unknown"] = _("not known yet")
    if name != "search" and code in plain:
        return plain[code]
    table = _TABLES.get(name)
    return table(code, language) if table else code
