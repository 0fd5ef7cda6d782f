"""What is told how where nobody said: the tables by channel, by role, and what a matrix changes."""

from __future__ import annotations

import pytest

from notifications import kinds
from notifications.kinds import DIGEST, NEWS, NOW, OFF

CLEARANCE = {"customs.held", "customs.hold_cleared", "customs.released", "customs.release_revoked"}
RUNNING_OUT = {"deadline.near", "deadline.exceeded"}
DEADLINES = RUNNING_OUT | {"deadline.changed"}


def told(channel: str, mode: str, *roles: str) -> set[str]:
    return {kind for kind in NEWS if kinds.default_mode(kind, channel, roles) == mode}


def test_an_importer_hears_by_mail_what_he_must_act_on_and_the_rest_in_the_digest() -> None:
    assert told("email", NOW, "consignee") == CLEARANCE | DEADLINES | {"gate_out", "eta.changed"}
    assert told("email", DIGEST, "consignee") == set(NEWS) - CLEARANCE - DEADLINES - {"gate_out", "eta.changed"}
    assert told("email", OFF, "consignee") == set()


DEFAULTS = [
    # channel, role, at once
    ("email", "forwarder", CLEARANCE | DEADLINES | {"gate_out", "eta.changed"}),
    ("email", "broker", CLEARANCE | DEADLINES),
    ("email", "carrier", CLEARANCE),
    ("email", "shipper", CLEARANCE),
    ("email", "warehouse", {"customs.released", "customs.release_revoked", "gate_out"}),
    ("email", "operator", {"customs.release_revoked"}),
    ("sms", "consignee", CLEARANCE | RUNNING_OUT),
    ("sms", "broker", CLEARANCE | RUNNING_OUT),
    ("sms", "warehouse", {"customs.released", "customs.release_revoked"}),
    ("chat", "consignee", CLEARANCE | DEADLINES | {"gate_out", "eta.changed"}),
    ("push", "warehouse", {"customs.released", "customs.release_revoked", "gate_out"}),
]


@pytest.mark.parametrize(("channel", "role", "now"), DEFAULTS)
def test_what_each_role_hears_at_once(channel: str, role: str, now: set[str]) -> None:
    assert told(channel, NOW, role) == now
    if channel != "email":
        assert told(channel, DIGEST, role) == set()


@pytest.mark.parametrize("role", ["consignee", "forwarder", "notify", "broker"])
def test_a_deadline_that_is_set_waits_for_the_digest(role: str) -> None:
    assert kinds.default_mode("deadline.set", "email", {role}) == DIGEST


@pytest.mark.parametrize("role", ["shipper", "carrier", "warehouse", "operator"])
def test_a_deadline_that_moved_is_not_told_to_whom_deadlines_are_no_work(role: str) -> None:
    assert [kinds.default_mode(kind, "email", {role}) for kind in ("deadline.set", "deadline.changed")] == [OFF, OFF]


def test_a_warehouse_hears_nothing_else_at_all() -> None:
    assert told("email", DIGEST, "warehouse") == set()


def test_who_has_two_parts_hears_by_the_one_that_hears_more() -> None:
    assert told("email", NOW, "warehouse", "broker") == CLEARANCE | DEADLINES | {"gate_out"}


def test_a_webhook_is_told_every_update_of_the_feed() -> None:
    assert set(kinds.FEED) == CLEARANCE | {
        "deadline.near", "deadline.exceeded", "deadline.set", "deadline.changed", "gate_out",
        "exception.opened", "exception.closed", "milestone", "estimate",
    }  # fmt: skip
    assert {kinds.default_mode(kind, "webhook") for kind in kinds.FEED} == {NOW}
    assert kinds.default_mode("departed", "webhook") == OFF


def test_critical_is_what_cannot_wait_for_the_morning() -> None:
    assert {"customs.held", "customs.release_revoked", "deadline.near", "deadline.exceeded"} == kinds.CRITICAL


MATRIX = [
    # kind, channel, matrix, mode
    ("gate_out", "email", {}, NOW),
    ("gate_out", "email", {"gate_out": "digest"}, DIGEST),
    ("gate_out", "email", {"gate_out": "off"}, OFF),
    ("gate_out", "email", {"gate_out": "whenever"}, NOW),
    ("departed", "email", {"departed": "now"}, NOW),
    ("departed", "sms", {"departed": "now"}, NOW),
    ("departed", "chat", {"departed": "digest"}, NOW),
    # Who trusts a release must hear that it was taken back.
    ("customs.release_revoked", "email", {"customs.release_revoked": "off"}, NOW),
    ("customs.release_revoked", "email", {"customs.release_revoked": "off", "customs.released": "digest"}, DIGEST),
    ("customs.release_revoked", "email", {"customs.release_revoked": "off", "customs.released": "off"}, OFF),
]


@pytest.mark.parametrize(("kind", "channel", "matrix", "mode"), MATRIX)
def test_what_a_matrix_says(kind: str, channel: str, matrix: dict[str, str], mode: str) -> None:
    assert kinds.mode(kind, channel, matrix) == mode


UPDATES = [
    ("customs.released", {}, "customs.released"),
    ("milestone", {"milestone": "departed"}, "departed"),
    ("milestone", {"milestone": "available_for_pickup"}, "available"),
    ("milestone", {"milestone": "transshipment_departed"}, None),
    ("estimate", {"milestone": "arrived"}, "eta.changed"),
    ("estimate", {"milestone": "departed"}, None),
    ("exception.opened", {"exception": "rolled"}, "exception.opened"),
    ("exception.opened", {"exception": "held"}, None),
    ("exception.closed", {"exception": "deadline_near"}, None),
    ("something.else", {}, None),
]


@pytest.mark.parametrize(("kind", "data", "news"), UPDATES)
def test_what_an_update_is_to_people(kind: str, data: dict[str, str], news: str | None) -> None:
    assert kinds.of_update(kind, data) == news


def test_the_registrant_is_what_its_organization_is() -> None:
    assert kinds.roles_of({"registrant"}, "importer") == {"consignee"}
    assert kinds.roles_of({"registrant", "consignee"}, "forwarder") == {"forwarder", "consignee"}


def test_a_plain_choice_names_every_kind_and_those_to_come() -> None:
    assert kinds.only([]) == {}
    assert kinds.only(["gate_out"]) == {**dict.fromkeys(NEWS, OFF), "gate_out": NOW, "*": OFF}
    assert kinds.only(["departed"], "webhook") == {**dict.fromkeys(kinds.FEED, OFF), "departed": NOW, "*": OFF}
