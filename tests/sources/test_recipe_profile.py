"""CONTRIBUTING's recipe "Ask another carrier": one line in the table, and this test with that line's name.

The line below stands for the new one: another path, two headers, its own page header and limits.
"""

from __future__ import annotations

import json
from unittest import mock

import pytest

from cargo.models import Inquiry, Intake, Shipment, Source
from cargo.sources.dcsa_api import profiles
from cargo.sources.dcsa_api.profiles import Auth
from clis.sealing import seal
from tests.sources.carrier_server import Carrier
from tests.sources.carriers import BILL, an_intake, ask, happened, known, truth

pytestmark = pytest.mark.usefixtures("clock")

LINE = profiles._line(
    "fabel",
    "Fabel Line",
    Auth((("X-Fabel-Id", "client_id"), ("X-Fabel-Key", "client_secret"))),
    "api.fabel.example/visibility/v2/events",
    "HDMU",
    next_page=("x-fabel-next",),
    rates=((2, 60),),
)


@pytest.fixture(autouse=True)
def the_line_is_in_the_table() -> object:
    with mock.patch.dict(profiles.PROFILES, {LINE.name: LINE}):
        yield


def test_the_carrier_is_asked_its_own_way(source: Source, shipment: Shipment, carrier: Carrier) -> None:
    carrier.key = ("X-Fabel-Key", "secret-of-clis")
    carrier.page_header = "X-Fabel-Next"
    carrier.events = [happened(number) for number in range(4)]
    intake = an_intake(source, carrier, LINE.name)
    assert ask(intake).error == ""
    assert known() == truth(carrier)
    assert [asked.parameters["transportDocumentReference"] for asked in carrier.asked] == [BILL] * 2
    assert {asked.headers["x-fabel-id"] for asked in carrier.asked} == {"clis"}
    assert Inquiry.objects.get().state == "active"
    # Its two calls a minute are used up.
    assert ask(intake).result.received == 0
    assert len(carrier.asked) == 2


def test_its_usual_address_is_the_tables(source: Source, shipment: Shipment, carrier: Carrier) -> None:
    assert LINE.url == "https://api.fabel.example/visibility/v2/events"


@pytest.mark.parametrize("profile", profiles.PROFILES.values(), ids=profiles.PROFILES)
def test_every_line_makes_sense(profile: profiles.Profile) -> None:
    assert profile.url == "" or profile.url.startswith("https://")
    assert len(profile.name) <= 40 and profile.title
    assert profile.auth.token in ("", "form", "basic", "json", "certificate")
    assert all(secret in ("api_key", "client_id", "client_secret") for _, secret in profile.auth.headers)
    assert all(kind in profiles.PARAMETERS for kinds in profile.required for kind in kinds)
    assert all(calls > 0 and seconds > 0 for calls, seconds in profile.rates)
    assert all(name == name.lower() for name in profile.next_page)
    assert all(len(code) == 4 and code.isupper() for code in profile.scacs)


@pytest.mark.parametrize("profile", [p for p in profiles.PROFILES.values() if not p.auth.token], ids=lambda p: p.name)
def test_every_line_with_plain_keys_sends_them(
    source: Source, shipment: Shipment, carrier: Carrier, profile: profiles.Profile
) -> None:
    """With every credential given, each header of the line is sent, and nothing else that is secret."""
    carrier.key = None
    intake = an_intake(source, carrier, profile.name, carriers=["*"])
    credentials = {"api_key": "k1", "client_id": "k2", "client_secret": "k3"}
    Intake.objects.update(sealed=seal(json.dumps(credentials)))
    if ("booking", "container") in profile.required:
        shipment.references.create(kind="booking", value="B1")
        shipment.references.create(kind="container", value="HDMU6546583")
    ask(intake)
    (asked,) = carrier.asked
    pairs = profile.auth.headers or (("X-Key", "api_key"),)
    assert {name: asked.headers[name.lower()] for name, _ in pairs} == {name: credentials[key] for name, key in pairs}
    assert asked.headers.get("api-version", "") == profile.version
    sent = {key for _, key in pairs}
    assert not any(value in str(asked) for name, value in credentials.items() if name not in sent)
