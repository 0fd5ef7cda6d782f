"""How each carrier's Track & Trace API differs: one line a carrier, below.

To add one: its line, and a test as in tests/sources/test_recipe_profile.py. What a line leaves out is as DCSA Track &
Trace 2.2.0 (28 October 2021) says. Addresses are defaults: staff may set others, and must where a line has none. What
carriers write in events beside the standard (Evergreen's ``PLAN`` for ``PLN``) is the decoder's affair.

Sources: the carriers' developer portals as public client code and audits of 2025 and 2026 describe them. No line was
tried against the carrier itself, which takes a contract; HMM is said to deviate in its answers, too. Rates where a
carrier publishes none are our own politeness.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cargo.sources._asking import DAY, HOUR, MINUTE

# What a query names a number of each type.
PARAMETERS = {
    "master_bill": "transportDocumentReference",
    "booking": "carrierBookingReference",
    "container": "equipmentReference",
}
ANY_ONE = (("master_bill",), ("booking",), ("container",))
BOOKING_AND_BOX = (("booking", "container"),)


class Auth(NamedTuple):
    """How a carrier knows us. Credentials are named as in the settings: api_key, client_id, client_secret, certificate.

    ``headers``: (header, credential), sent with every request, those for a token included. ``token``: none, or how
    OAuth 2.0 client credentials go to ``token_url``: ``form`` (RFC 6749 section 2.3.1 body), ``basic``, ``json``, or
    ``certificate`` (a signed assertion, RFC 7523 section 2.2). ``seconds``: how long a token lives that does not say.
    ``open``: staff name the header or the address of tokens.
    """

    headers: tuple[tuple[str, str], ...] = ()
    token: str = ""
    token_url: str = ""
    seconds: int = 3600
    open: bool = False


class Profile(NamedTuple):
    """One carrier's API.

    ``url``: where events are asked for. ``scacs``: whose cargo is asked about unless staff say otherwise. ``required``:
    the combinations of numbers that the API takes, the best first. ``rates``: so many calls in so many seconds.
    ``since``: the parameter that asks for what was made or changed from a time on; empty: everything is read each time.
    ``next_page``: the headers that name the next page, the first one found counts. ``billed``: the statuses of answers
    that cost money. ``version``: what is sent as ``API-Version``.
    """

    name: str
    title: str
    auth: Auth
    url: str = ""
    scacs: tuple[str, ...] = ()
    required: tuple[tuple[str, ...], ...] = ANY_ONE
    rates: tuple[tuple[int, int], ...] = ((30, MINUTE),)
    since: str = "eventCreatedDateTime:gte"
    next_page: tuple[str, ...] = ("next-page-cursor", "next-page", "link")
    page_size: int = 100
    billed: frozenset[int] = frozenset()
    version: str = ""


_OPEN = Auth(open=True)
_CONSUMER_KEY, _KEY_ID = Auth((("Consumer-Key", "api_key"),)), Auth((("keyId", "api_key"),))
_GATEWAY_KEY = Auth((("x-Gateway-APIKey", "api_key"),))
_HAPAG_RATES, _HMM_RATES = ((10, MINUTE), (6000, DAY)), ((300, HOUR),)
_TWO_KEYS = Auth((("X-IBM-Client-Id", "client_id"), ("X-IBM-Client-Secret", "client_secret")))
_MAERSK = Auth(
    (("Consumer-Key", "client_id"),), "form", "https://api.maersk.com/customer-identity/oauth/v2/access_token"
)
_CMA = Auth((), "form", "https://auth.cma-cgm.com/as/token.oauth2", seconds=299)
_ONE = Auth((("apikey", "api_key"),), "basic", "https://apis.one-line.com/v1/oauth/accesstoken")
_CERTIFICATE, _BASIC = Auth((), "certificate"), Auth((), "basic")
_CMA_EVENTS = "apis.cma-cgm.net/operation/trackandtrace/v1/events"
_HMM_EVENTS = "apigw.hmm21.com/gateway/dcsaCargoTracking/v1/cargo-tracking-dcsa"
_BILLED = frozenset({200, 201, 204, 206, 400})


def _line(name: str, title: str, auth: Auth, place: str = "", scacs: str = "", **more: Any) -> Profile:
    """A line of the table: ``place`` is the address without ``https://``, ``scacs`` are separated by spaces."""
    return Profile(name, title, auth, f"https://{place}" if place else "", tuple(scacs.split()), **more)


# fmt: off
_LINES = (
    _line("dcsa22", "DCSA Track & Trace 2.2", _OPEN),
    _line("dcsa30", "DCSA Track & Trace 3.0", _OPEN, since="eventUpdatedDateTimeMin", version="3.0.0"),
    _line("maersk", "Maersk 2.2", _MAERSK, "api.maersk.com/synergy/tracking/v2/events", "MAEU SEAU SAFM"),
    _line("maersk3", "Maersk 3 beta", _CONSUMER_KEY, "api.maersk.com/track-and-trace/v3/events", "MAEU SEAU SAFM"),
    _line("hapag", "Hapag-Lloyd", _TWO_KEYS, "api.hlag.com/hlag/external/v2/events", "HLCU", rates=_HAPAG_RATES),
    _line("cma", "CMA CGM, public", _KEY_ID, _CMA_EVENTS, "CMDU APLU ANNU", billed=_BILLED),
    _line("cma_private", "CMA CGM, private", _CMA, _CMA_EVENTS, "CMDU APLU ANNU", billed=_BILLED),
    _line("msc", "MSC", _CERTIFICATE, "api.tech.msc.com/msc/trackandtrace/v2.2/events", "MSCU MEDU"),
    _line("one", "ONE", _ONE, "apis.one-line.com/v2/cargotracking/events", "ONEY"),
    _line("hmm", "HMM", _GATEWAY_KEY, _HMM_EVENTS, "HDMU", required=BOOKING_AND_BOX, rates=_HMM_RATES),
    _line("evergreen", "Evergreen", _BASIC, "", "EGLV"),
)
# fmt: on
PROFILES: dict[str, Profile] = {profile.name: profile for profile in _LINES}
