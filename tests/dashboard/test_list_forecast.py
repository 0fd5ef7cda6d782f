"""The list's column of likely releases: the median's day and the range, by the stored forecast that stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cargo.dashboard import forecast_words, shipment_forecast
from cargo.models import Forecast, ForecastTurn, Shipment, ShipmentStatus
from cargo.selectors import forecasts
from cargo.selectors.forecasts import ARRIVAL, RELEASE, Row
from tests.notifications.conftest import a_shipment
from tests.people import Person

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Noon in Korea.
NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
OPEN: dict[str, Any] = {"released_at": None, "gated_out_at": None, "status": "in_bond"}
TOLD = Row(1, RELEASE, NOW - HOUR, None, NOW + DAY, NOW + 2 * DAY, NOW + 4 * DAY, [])


@pytest.mark.parametrize(
    ("low", "high", "english", "korean"),
    [
        (1, 4, "19 to 22 Mar", "3월 19일~22일"),
        (1, 20, "19 Mar to 7 Apr", "3월 19일~4월 7일"),
        (1, 300, "19 Mar to 12 Jan 2027", "3월 19일~2027년 1월 12일"),
        (0.1, 0.3, "14:24 to 19:12", "14:24~19:12"),
        (366, 368, "19 to 21 Mar 2027", "2027년 3월 19일~21일"),
    ],
)
def test_the_range_in_short(low: float, high: float, english: str, korean: str) -> None:
    ends = (NOW + low * DAY, NOW + high * DAY, "Asia/Seoul")
    assert forecast_words.short_span(*ends, "en", NOW) == english
    assert forecast_words.short_span(*ends, "ko", NOW) == korean


def test_the_median_and_the_range_of_what_is_under_way() -> None:
    found = shipment_forecast.listed(SimpleNamespace(**OPEN), TOLD, "Asia/Seoul", "en", NOW)
    assert found == (NOW + 2 * DAY, "19 to 22 Mar")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, None),
        ({"released_at": NOW}, TOLD),
        ({"gated_out_at": NOW}, TOLD),
        ({"status": "cancelled"}, TOLD),
        ({}, TOLD._replace(made_at=NOW - shipment_forecast.FRESH)),
        ({}, TOLD._replace(p90=NOW)),
    ],
)
def test_nothing_of_what_is_over_or_stale(row: dict[str, Any], told: Row | None) -> None:
    assert shipment_forecast.listed(SimpleNamespace(**{**OPEN, **row}), told, "Asia/Seoul", "en", NOW) is None


def foretold(shipment: Shipment, stage: str = RELEASE, made: datetime | None = None, **status: Any) -> None:
    """A forecast that stands; its release half done in two days."""
    now = timezone.now()
    made = made or now - HOUR
    ends = {"p10": now + DAY, "p50": now + 2 * DAY, "p90": now + 3 * DAY}
    Forecast.objects.create(shipment=shipment, stage=stage, made_at=made, **ends)
    ForecastTurn.objects.update_or_create(shipment=shipment, defaults={"made_at": made})
    fields = {"status": "in_bond", "port_of_discharge": "KRPUS", **status}
    ShipmentStatus.objects.update_or_create(shipment=shipment, defaults=fields)


def likely(client: Client) -> dict[int, str | None]:
    """What each row of the list says."""
    rows = client.get("/shipments/").context["rows"]
    return {row.id: row.likely and row.likely.range for row in rows}


def test_the_list_has_the_column_where_something_is_foretold(shipper: Person, shipper_client: Client) -> None:
    coming, bare = a_shipment(shipper.organization), a_shipment(shipper.organization)
    ShipmentStatus.objects.update_or_create(shipment=bare, defaults={"status": "in_transit"})
    assert "Likely release" not in shipper_client.get("/shipments/").content.decode()
    foretold(coming)
    foretold(bare, ARRIVAL)
    now = timezone.now()
    words = forecast_words.short_span(now + DAY, now + 3 * DAY, "Asia/Seoul", "en", now)
    assert likely(shipper_client) == {coming.pk: words, bare.pk: None}
    page = shipper_client.get("/shipments/").content.decode()
    assert "Likely release" in page and f'<span class="second nowrap">{words}</span>' in page


def test_a_newer_forecast_takes_the_place_and_a_release_ends_it(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    foretold(shipment, made=timezone.now() - 5 * HOUR)
    foretold(shipment)
    assert [bool(words) for words in likely(shipper_client).values()] == [True]
    mark = shipper_client.get("/shipments/").context["mark"]
    ShipmentStatus.objects.filter(shipment=shipment).update(released_at=timezone.now())
    assert likely(shipper_client) == {shipment.pk: None}
    assert shipper_client.get("/shipments/").context["mark"] != mark


def test_the_live_list_is_renewed_by_a_forecast_alone(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    ShipmentStatus.objects.update_or_create(shipment=shipment, defaults={"status": "in_bond"})
    mark = shipper_client.get("/shipments/").context["mark"]
    asked = {"headers": {"HX-Request": "true"}}
    assert shipper_client.get(f"/shipments/?v={mark}", **asked).status_code == 204
    foretold(shipment, port_of_discharge="")
    assert shipper_client.get(f"/shipments/?v={mark}", **asked).status_code == 200


def test_a_strangers_forecast_is_nobody_elses(shipper: Person, stranger: Person) -> None:
    shipment = a_shipment(shipper.organization)
    foretold(shipment)
    wanted = {"stage": [RELEASE], "shipments": [shipment.pk]}
    assert [row.shipment for row in forecasts.page(shipper.viewer, wanted, None, 50).rows] == [shipment.pk]
    assert forecasts.page(stranger.viewer, wanted, None, 50).rows == []
    assert forecasts.page(shipper.viewer, {**wanted, "shipments": []}, None, 50).rows == []
