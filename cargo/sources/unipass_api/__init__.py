"""UNI-PASS, the Open API of the Korea Customs Service, asked about registered cargo (001, 002, 020) and what it meets.

Each service has a key of its own; what has no key is not asked. Warehouses are asked for once a month (005), arrivals
and departures of ships that staff name (021, 024). Customs answers to addresses in Korea: elsewhere the address is that
of the operator's own proxy there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models.inquiries import Wanted, live_cargo, settle
from cargo.sources._asking import ask_what_is_owed
from cargo.sources.base import IntakeError, Result, Run, Setting, Way
from cargo.sources.unipass_api import questions
from cargo.sources.unipass_api.calls import Api
from cargo.sources.unipass_api.visits import Visit
from clis.egress import Client

URL = "https://unipass.customs.go.kr:38010/ext/rest"
TIMEOUT, CONNECT_TIMEOUT = 30.0, 10.0
# Warehouses are met with in answers and not among registered cargo.
_BESIDE = ("005 ",)


def fetch(run: Run) -> Result:
    """Asks about what is owed, as far as this run's time and the day's calls allow."""
    result = Result()
    if not run.secret("key_001") and not run.secret("key_002"):
        raise IntakeError("there is no key for service 001, nor one for 002")
    with Client(
        operator=True, timeout=TIMEOUT, connect_timeout=CONNECT_TIMEOUT, body_limit=settings.MESSAGE_MAX_BYTES
    ) as client:
        api = Api(run, client)
        if api.calls.is_settling_due(timezone.now()):
            settle(run.intake, wanted(run), beside=_BESIDE)
        ask_what_is_owed(run, api.calls, result, lambda inquiry: Visit(api, inquiry, result).ask())
    return result


def wanted(run: Run) -> dict[str, Wanted]:
    """What to ask about, by subject, as far as there are keys."""
    give_up = timedelta(days=run.setting("give_up_days"))
    found: dict[str, Wanted] = {}
    for service, over, ask in (
        ("001", questions.IMPORTED, questions.imports),
        ("002", questions.EXPORTED, questions.exports),
    ):
        if run.secret(f"key_{service}"):
            for cargo in live_cargo(run.intake, questions.KINDS, over, give_up):
                for subject, item in ask(cargo):
                    found.setdefault(subject, item)
    for subject, item in questions.ships(run.setting("ships")):
        if run.secret(f"key_{item.request['service']}"):
            found.setdefault(subject, item)
    return found


def check_url(value: Any) -> None:
    """An address with a host and without a query, user or password."""
    try:
        parts = urlsplit(str(value))
        sound = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.username)
    except ValueError:
        sound = False
    if not sound:
        raise ValidationError(_("An address as https://proxy.example.com/ext/rest is needed."))


def check(values: Mapping[str, Any]) -> None:
    """The longest pause is not shorter than the shortest."""
    if int(values.get("quiet_minutes") or 720) < int(values.get("fresh_minutes") or 30):
        raise ValidationError(_("The longest pause is shorter than the shortest."))


# fmt: off
WAY = Way(
    fetch,
    (
        Setting("key_001", "text", _("Key of 001, cargo progress"), secret=True),
        Setting("key_002", "text", _("Key of 002, export fulfillment"), secret=True),
        Setting("key_005", "text", _("Key of 005, bonded warehouses"), secret=True),
        Setting("key_020", "text", _("Key of 020, containers"), secret=True),
        Setting("key_021", "text", _("Key of 021, arrival reports"), secret=True),
        Setting("key_024", "text", _("Key of 024, arrivals and departures"), secret=True),
        Setting("url", "text", _("Address"), _("That of a proxy of your own in Korea, if CLIS runs elsewhere."),
                default=URL, check=check_url),
        Setting("ships", "lines", _("Ships to follow"),
                _("A call sign or IMO number a line (024), or report number/call sign (021)."), default=[]),
        Setting("fresh_minutes", "number", _("Ask again after (minutes)"), default=30, minimum=1, maximum=1440),
        Setting("quiet_minutes", "number", _("Ask again, at the latest, after (minutes)"), default=720, minimum=1,
                maximum=20160),
        Setting("gap_milliseconds", "number", _("Pause between calls (milliseconds)"), default=1000, minimum=0,
                maximum=60000),
        Setting("per_minute", "number", _("Calls a minute"), default=30, minimum=1, maximum=600),
        Setting("per_day", "number", _("Calls a day"), default=5000, minimum=1),
        Setting("cargoes_most", "number", _("Cargoes of one bill, at most"), default=20, minimum=1, maximum=500),
        Setting("give_up_days", "number", _("Give up after (days)"), _("Without any event."), default=180, minimum=1,
                maximum=1000),
    ),
    check,
)
# fmt: on
