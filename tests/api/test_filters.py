"""Query parameters: what they mean, and which are refused by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from cargo.api.filters import FeedFilters, NoFilters, QueryFilterSet, ShipmentFilters, TrackingRequestFilters


def params(query: str) -> dict[str, object]:
    return ShipmentFilters.read(QueryDict(query))


def test_what_was_sent_is_read() -> None:
    assert params("status=arrived,in_bond&hold=true&ready=unknown&port_of_loading=cnsha&limit=20") == {
        "status": ["arrived", "in_bond"],
        "hold": True,
        "ready": "unknown",
        "port_of_loading": "CNSHA",
        "limit": 20,
    }


def test_nothing_sent_is_nothing_asked() -> None:
    assert params("") == {}
    assert params("status=&hold=&search=&eta_after=") == {}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hold=false", {"hold": False}),
        ("hold=kr-kcs", {"hold": "KR-KCS"}),
        ("search=+KOSHA2603001+", {"search": "KOSHA2603001"}),
        ("eta_after=2026-03-14", {"eta_after": datetime(2026, 3, 14, tzinfo=UTC)}),
        ("eta_after=2026-03-14T09:00:00%2B09:00", {"eta_after": datetime(2026, 3, 14, tzinfo=UTC)}),
        # A plus sign that nobody escaped.
        ("eta_after=2026-03-14T09:00:00+09:00", {"eta_after": datetime(2026, 3, 14, tzinfo=UTC)}),
        ("updated_since=2026-03-14T00:00:00Z", {"updated_since": datetime(2026, 3, 14, tzinfo=UTC)}),
        ("limit=200", {"limit": 200}),
    ],
)
def test_values(query: str, expected: dict[str, object]) -> None:
    assert params(query) == expected


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("statsu=arrived", "statsu", "unknown"),
        ("status=parked", "status", "invalid"),
        ("status=arrived,parked", "status", "invalid"),
        ("status=arrived&status=in_bond", "status", "repeated"),
        ("milestone=teleported", "milestone", "invalid"),
        ("mode=zeppelin", "mode", "invalid"),
        ("hold=maybe%20not", "hold", "invalid"),
        ("ready=yes", "ready", "invalid_choice"),
        ("port_of_loading=Busan%20port", "port_of_loading", "invalid"),
        ("eta_after=soon", "eta_after", "invalid"),
        ("eta_after=2026-03-14T09:00:00", "eta_after", "invalid"),
        ("eta_after=2026-02-30", "eta_after", "invalid"),
        ("eta_after=0001-01-01T00:00:00%2B14:00", "eta_after", "invalid"),
        ("limit=0", "limit", "min_value"),
        ("limit=201", "limit", "max_value"),
        ("limit=1e2", "limit", "invalid"),
        ("limit=" + "9" * 5000, "limit", "invalid"),
        ("search=" + "x" * 65, "search", "max_length"),
        ("search=a%00b", "search", "null_characters_not_allowed"),
        ("a%00b=1", "a\x00b", "unknown"),
    ],
)
def test_what_is_wrong_is_named(query: str, name: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        params(query)
    assert {field: [error.code for error in errors] for field, errors in caught.value.detail.items()} == {name: [code]}


def test_every_wrong_parameter_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        params("status=parked&limit=0&colour=red")
    assert set(caught.value.detail) == {"status", "limit", "colour"}


@pytest.mark.parametrize(("declared", "query"), [(NoFilters, "as_of=2026-01-01"), (FeedFilters, "cursor=1")])
def test_an_address_takes_its_own_parameters_only(declared: type[QueryFilterSet], query: str) -> None:
    with pytest.raises(ValidationError) as caught:
        declared.read(QueryDict(query))
    assert list(caught.value.detail) == [query.partition("=")[0]]


def test_tracking_requests() -> None:
    assert TrackingRequestFilters.read(QueryDict("state=waiting&type=container")) == {
        "state": ["waiting"],
        "type": ["container"],
    }
