"""Carriers' DCSA Track & Trace APIs (2.2 and 3.0), asked about registered cargo; a line a carrier in ``profiles``.

What is asked: the bills, bookings and containers of live shipments that the carrier carries, as far as the shipment's
own numbers (a bill begins with the carrier's SCAC), its tracking requests or earlier events tell. The answers are an
event feed: bytes that came before are known by their digest, events by their identity. Hosts are the operator's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import islice, product
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models import Inquiry
from cargo.models.inquiries import Cargo, Wanted, live_cargo, settle
from cargo.sources._asking import ask_what_is_owed, write
from cargo.sources.base import IntakeError, Result, Run, Setting, Way
from cargo.sources.dcsa_api.calls import Api
from cargo.sources.dcsa_api.pages import Asked
from cargo.sources.dcsa_api.profiles import PARAMETERS, PROFILES, Profile
from clis.egress import Client

TIMEOUT, CONNECT_TIMEOUT = 30.0, 10.0
# By status, how long after its last event cargo is left alone: boxes come back weeks after the goods are delivered.
FINISHED = {
    "completed": timedelta(days=3),
    "cancelled": timedelta(days=3),
    "delivered": timedelta(days=30),
    "delivered_out": timedelta(days=45),
}
_MOST_OF_A_SHIPMENT = 50
_EVERYBODY = "*"
FEED = "feed"
NO_NUMBERS = "the shipment lacks numbers that the carrier asks for"


def fetch(run: Run) -> Result:
    """Asks about what is owed, as far as the carrier's limits and this run's time allow."""
    profile = profile_of(run)
    result = Result()
    with Client(
        operator=True, timeout=TIMEOUT, connect_timeout=CONNECT_TIMEOUT, body_limit=settings.MESSAGE_MAX_BYTES
    ) as client:
        api = Api(run, profile, client)
        if api.calls.is_settling_due(timezone.now()):
            settle(run.intake, wanted(run, profile))
        ask_what_is_owed(run, api.calls, result, lambda inquiry: _ask(api, inquiry, result))
    return result


def _ask(api: Api, inquiry: Inquiry, result: Result) -> None:
    if inquiry.request:
        Asked(api, inquiry, result).read()
    else:
        # Set aside when it was found, and asked for again by staff: without numbers it would bring everything.
        write(api.run, inquiry, state=Inquiry.State.REFUSED, reason=NO_NUMBERS)


def profile_of(run: Run) -> Profile:
    """The carrier's line. Raises ``IntakeError`` if the intake names none."""
    name = run.intake.profile
    if name not in PROFILES:
        raise IntakeError(f"there is no profile {name!r}; known are {', '.join(PROFILES)}")
    return PROFILES[name]


def wanted(run: Run, profile: Profile) -> dict[str, Wanted]:
    """What to ask about, by subject."""
    if run.setting("feed"):
        return {FEED: Wanted({FEED: True}, 0)}
    scacs = frozenset(code.strip().upper() for code in run.setting("carriers") or profile.scacs)
    give_up = timedelta(days=run.setting("give_up_days"))
    found: dict[str, Wanted] = {}
    for cargo in live_cargo(run.intake, PARAMETERS, FINISHED, give_up):
        if not scacs or _EVERYBODY in scacs or _carried_by(cargo, scacs):
            for subject, item in _questions(cargo, profile, scacs if run.setting("strip_scac") else frozenset()):
                found.setdefault(subject, item)
    return found


def _carried_by(cargo: Cargo, scacs: frozenset[str]) -> bool:
    bills = cargo.all_numbers.get("master_bill", ())
    return not scacs.isdisjoint(cargo.carriers) or any(bill[:4] in scacs for bill in bills)


def _questions(cargo: Cargo, profile: Profile, stripped: frozenset[str]) -> list[tuple[str, Wanted]]:
    """The best combination of numbers that the carrier takes and the shipment has, with all its values."""
    for numbers, kinds in product((cargo.numbers, cargo.all_numbers), profile.required):
        values = [numbers.get(kind, ()) for kind in kinds]
        if all(values):
            return [
                (
                    " ".join(f"{kind}={value}" for kind, value in zip(kinds, chosen, strict=True)),
                    Wanted({kind: _bare(v, stripped) for kind, v in zip(kinds, chosen, strict=True)}, cargo.shipment),
                )
                for chosen in islice(product(*values), _MOST_OF_A_SHIPMENT)
            ]
    needed = " or ".join(" and ".join(PARAMETERS[kind] for kind in kinds) for kinds in profile.required)
    return [(f"shipment={cargo.shipment}", Wanted({}, cargo.shipment, f"the carrier asks for {needed}"))]


def _bare(value: str, scacs: frozenset[str]) -> str:
    return value[4:] if value[:4] in scacs else value


def check(values: Mapping[str, Any]) -> None:
    """A known carrier (``profile``), and addresses where its line has none."""
    profile = PROFILES.get(values.get("profile") or "")
    if profile is None:
        raise ValidationError(_("Choose whose API it is."))
    if not (values.get("url") or profile.url):
        raise ValidationError(_("This carrier's address has to be entered."))
    if profile.auth.token and not (values.get("token_url") or profile.auth.token_url):
        raise ValidationError(_("The address that gives this carrier's tokens has to be entered."))


def check_url(value: Any) -> None:
    """An address with a host and without a query, user or password."""
    try:
        parts = urlsplit(str(value))
        sound = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.username)
    except ValueError:
        sound = False
    if not sound:
        raise ValidationError(_("An address as https://api.example.com/v2/events is needed."))


# fmt: off
WAY = Way(
    fetch,
    (
        Setting("url", "text", _("Address of the events"), _("Empty: the carrier's usual one."), check=check_url),
        Setting("api_key", "text", _("API key"), secret=True),
        Setting("key_header", "text", _("Header of the API key"), _("For profiles that name no carrier.")),
        Setting("client_id", "text", _("Client id"), secret=True),
        Setting("client_secret", "text", _("Client secret"), secret=True),
        Setting("certificate", "long", _("Certificate with its key (PEM)"), _("For MSC."), secret=True),
        Setting("token_url", "text", _("Address of tokens"), _("Empty: the carrier's usual one."), check=check_url),
        Setting("scope", "text", _("Scope of tokens")),
        Setting("carriers", "lines", _("Carriers (SCAC)"),
                _("Whose cargo is asked about; empty: the profile's own; *: all."), default=[]),
        Setting("strip_scac", "flag", _("Leave the SCAC out of bill numbers"), default=False),
        Setting("feed", "flag", _("Ask for everything at once"),
                _("For a partner who gives all events without numbers."), default=False),
        Setting("fresh_minutes", "number", _("Ask again after (minutes)"), default=60, minimum=1, maximum=1440),
        Setting("quiet_minutes", "number", _("Ask again, at the latest, after (minutes)"), default=1440, minimum=1,
                maximum=20160),
        Setting("overlap_hours", "number", _("Overlap (hours)"),
                _("What was made so long before the newest event is read again."), default=24, minimum=0, maximum=720),
        Setting("full_days", "number", _("Read everything again after (days)"), default=7, minimum=1, maximum=90),
        Setting("page_size", "number", _("Events a page"), _("0: the carrier's usual number."), default=0, minimum=0,
                maximum=1000),
        Setting("pages", "number", _("Pages at once"), default=50, minimum=1, maximum=1000),
        Setting("per_minute", "number", _("Calls a minute"), _("0: as the carrier allows."), default=0, minimum=0),
        Setting("per_hour", "number", _("Calls an hour"), _("0: as the carrier allows."), default=0, minimum=0),
        Setting("per_day", "number", _("Calls a day"), _("0: as the carrier allows."), default=0, minimum=0),
        Setting("billed_most", "number", _("Paid calls a month, at most"), _("0: no limit."), default=0, minimum=0),
        Setting("give_up_days", "number", _("Give up after (days)"), _("Without any event."), default=240, minimum=1,
                maximum=1000),
    ),
    check,
    profiles=tuple((profile.name, profile.title) for profile in PROFILES.values()),
)
# fmt: on
