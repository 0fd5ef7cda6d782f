"""What an STS says: the status codes of IFTSTA in its four dialects, and what each code means.

``STS+1+21`` is a number of UN/CEFACT Recommendation 24 (the table ``rec24.csv``: all 345 codes of revision 6);
``STS+1+VD::22`` an X12 code (data element 157); ``STS+1+P::HS:Rail departed …`` an X12-like code in the third
component, with words; ``STS+1:D2:21`` a number of Recommendation 24 in the first composite (parcels). The UN/EDIFACT
list of data element 4405 is another one and is not used for transport. Numbers of a list that the sender names as his
own say nothing to us: they stay unknown, with their words.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import NamedTuple

from cargo.domain import x12_status
from cargo.domain.codes import MILESTONES
from cargo.formats.edifact.qualifiers import OWN_AGENCIES, X12_AGENCY
from cargo.formats.edifact.values import Memory, components

AUTHORITY = "UN-EDIFACT"
_TEXT_LENGTH = 300
_CODE_LENGTH = 40
_SMDG_AGENCY = "306"
_PARCEL_AGENCY = "21"
_GS1_AGENCY = "9"
# GS1's temporary codes (EANCOM 2002 IFTSTA) for what Recommendation 24 has numbers for.
_GS1 = {"1E": "1", "6E": "6", "76E": "53", "72B": "72"}


class Said(NamedTuple):
    """One status. ``empty``, ``inland``, ``origin`` and ``destination`` are the milestones in those cases, else empty.

    ``classifier`` is empty where the code does not decide it; ``also`` is a second milestone told by the same code;
    ``varies``: the milestone depends on the case.
    """

    code: str | None
    text: str | None
    milestone: str = "unknown"
    empty: str = ""
    inland: str = ""
    origin: str = ""
    destination: str = ""
    classifier: str = ""
    also: str | None = None
    authority: str | None = None
    agency: str | None = None
    reason: str | None = None
    warning: str | None = None
    varies: bool = False

    def meant(self, *, laden: bool | None, inland: bool, role: str | None) -> str:
        """The milestone for a full or empty box, a means of transport and a part of the journey."""
        if laden is False and self.empty:
            return self.empty
        if inland and self.inland:
            return self.inland
        if role == "loading" and self.origin:
            return self.origin
        if role == "discharge" and self.destination:
            return self.destination
        return self.milestone


def _load() -> dict[str, Said]:
    lines = (files("cargo.formats.edifact") / "rec24.csv").read_text(encoding="utf-8").splitlines()
    return {
        row["code"]: Said(
            code=row["code"],
            text=row["name"],
            milestone=row["milestone"],
            empty=row["empty"],
            inland=row["inland"],
            origin=row["origin"],
            destination=row["destination"],
            classifier=row["classifier"],
            also=row["also"] or None,
            authority=_authority(row["milestone"], AUTHORITY),
        )
        for row in csv.DictReader(lines)
    }


def _authority(milestone: str, name: str) -> str | None:
    """Only what concerns customs has an authority; a carrier repeats what customs said."""
    return name if MILESTONES[milestone].group.endswith("customs") else None


REC24: dict[str, Said] = _load()


def _said(segment: str) -> Said:
    category = components(segment, 1)
    code, listed, agency, words = (components(segment, 2) + [""] * 4)[:4]
    reason, words = _reason(segment, words)
    found: Said | None
    if not (code or agency or words):
        code = (category + [""] * 3)[2] or (category + [""])[1]
        found = _numbered(code, "") if code else None
        if not code:
            found = Said(None, None, warning="status_missing: STS names no status")
    elif agency.isalpha() and agency not in OWN_AGENCIES:
        code, found = agency, _lettered(agency)
    elif code.isascii() and code.isdigit():
        found = _numbered(code, agency)
    elif agency == _GS1_AGENCY:
        found = REC24.get(_GS1.get(code, ""))
    else:
        found = _lettered(code, agency)
    if found is None and not code:
        found = Said(None, None, warning="status_uncoded: STS tells its status in words only")
    elif found is None:
        told = f"{code} of list {listed}:{agency}" if listed or agency not in ("", code) else code
        found = Said(code[:_CODE_LENGTH] or None, None, warning=f"unknown_code: STS {told[:_CODE_LENGTH]}")
    text = f"{found.text}: {words}" if found.text and words else found.text or words
    varies = bool(found.empty or found.inland or found.origin or found.destination)
    return found._replace(text=text[:_TEXT_LENGTH] if text else None, reason=reason, varies=varies)


def _numbered(code: str, agency: str) -> Said | None:
    if agency in OWN_AGENCIES or not code.isascii() or not code.isdigit():
        return None
    return REC24.get(code.lstrip("0"))


def _lettered(code: str, agency: str = X12_AGENCY) -> Said | None:
    row = None if agency == _PARCEL_AGENCY else x12_status.status(x12_status.SHIPMENT_STATUS, code)
    if row is None:
        return None
    empty = x12_status.status(x12_status.SHIPMENT_STATUS, code, laden=False)
    own = agency in OWN_AGENCIES
    return Said(
        code=code,
        text=row.name,
        milestone=row.milestone,
        empty=empty.milestone if empty is not None and empty is not row else "",
        inland=row.inland,
        classifier=row.classifier if row.classifier != "actual" else "",
        also=row.also,
        authority=_authority(row.milestone, x12_status.AUTHORITY),
        agency=row.agency,
        warning=f"code_list: {code} is of the sender's own list ({agency}), read as X12 157" if own else None,
    )


def _reason(segment: str, words: str) -> tuple[str | None, str]:
    """The reason's code, and the words of status and reasons together."""
    first, told = None, [words] if words else []
    for index in range(3, 8):
        parts = (components(segment, index) + [""] * 4)[:4]
        if not any(parts):
            continue
        code, _, agency, text = parts
        first = first or code[:20] or None
        shown = text or (f"reason {code}" if agency != _SMDG_AGENCY else "")
        if shown:
            told.append(shown)
    return first, "; ".join(told)


statuses: Memory[Said] = Memory(_said)
