"""What is likely to come: in the answer, on the journey, as a table with its reasons; now, in the past, and live."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from cargo.dashboard import forecast_words, shipment_forecast, wording
from cargo.models import Forecast, ForecastTurn, Shipment
from cargo.selectors.forecasts import ARRIVAL, GATE_OUT, RELEASE, Row
from tests.dashboard.conftest import answer, told
from tests.dashboard.test_pages import HTMX, text_of
from tests.people import Person

HOUR = timedelta(hours=1)
# Noon in Korea.
NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
ESTIMATED = "2026-03-24T00:00:00Z"
REASONS: list[dict[str, Any]] = [
    {"code": "history", "own": 42, "comparable": 512, "level": "client"},
    {"code": "inspection", "seconds": 50400},
]


def row(stage: str, low: int, high: int, made: datetime = NOW, **words: Any) -> Row:
    """So many hours from now."""
    middle = NOW + (low + high) * HOUR / 2
    return Row(1, stage, made, None, NOW + low * HOUR, middle, NOW + high * HOUR, words.get("reasons", []))


@pytest.mark.parametrize(
    ("reason", "english", "korean"),
    [
        (
            REASONS[0],
            "Learned from 42 cargoes of the same client and 512 comparable cargoes.",
            "같은 의뢰인의 화물 42건과 유사 화물 512건을 바탕으로 예측했습니다.",
        ),
        (
            {"code": "history", "own": 1, "comparable": 1512, "level": "port"},
            "Learned from 1,512 comparable cargoes at this port.",
            "같은 항구의 유사 화물 1,512건을 바탕으로 예측했습니다.",
        ),
        (
            {"code": "history", "own": 0, "comparable": 1, "level": "mode"},
            "Learned from 1 comparable cargo by this mode.",
            "같은 운송수단의 유사 화물 1건을 바탕으로 예측했습니다.",
        ),
        (
            {"code": "elapsed", "seconds": 200000, "longer_than": 0.8},
            "It has taken 2 days so far, longer than 80 of 100 do.",
            "지금까지 2일 걸렸으며, 100건 중 80건보다 깁니다.",
        ),
        (
            {"code": "elapsed", "seconds": 5400, "longer_than": 0.12},
            "It has taken 2 hours so far.",
            "지금까지 2시간 걸렸습니다.",
        ),
        (
            REASONS[1],
            "An inspection was ordered; that usually adds about 14 hours.",
            "검사 대상으로 지정되었습니다. 보통 약 14시간 더 걸립니다.",
        ),
        (
            {"code": "hold", "seconds": 20},
            "A hold is open; that usually changes little.",
            "해제되지 않은 보류가 있습니다. 보통 소요 시간에 큰 차이는 없습니다.",
        ),
        (
            {"code": "declared_ahead", "seconds": -3600},
            "It was declared before its entry into storage; that usually saves about 1 hour.",
            "보세구역 반입 전에 신고되었습니다. 보통 약 1시간 단축됩니다.",
        ),
        ({"code": "rest_days", "days": 1}, "1 rest day lies in between.", "그 사이에 휴무일이 1일 있습니다."),
        (
            {"code": "carrier", "seconds": 21600, "estimated_at": ESTIMATED},
            "The carrier estimates 24 Mar, 09:00 (Korean time); it has usually been about 6 hours later.",
            "운송사 예정은 3월 24일 09:00(한국 시각)이며, 보통 예정보다 약 6시간 늦었습니다.",
        ),
        (
            {"code": "carrier", "seconds": 600, "estimated_at": ESTIMATED},
            "The carrier estimates 24 Mar, 09:00 (Korean time); its estimates have been about right.",
            "운송사 예정은 3월 24일 09:00(한국 시각)이며, 지금까지 예정과 거의 같았습니다.",
        ),
        (
            {"code": "schedule", "planned_at": ESTIMATED},
            "The schedule says 24 Mar, 09:00 (Korean time).",
            "운항 일정은 3월 24일 09:00(한국 시각)입니다.",
        ),
        (
            {"code": "sea_distance", "miles": 5120, "planned_at": ESTIMATED},
            "5,120 nautical miles are to be sailed, by the usual speed until 24 Mar, 09:00 (Korean time).",
            "항해 거리는 5,120해리이며, 통상 속력이면 3월 24일 09:00(한국 시각) 도착입니다.",
        ),
        (
            {"code": "thin"},
            "Little comparable cargo is known, so the range is wide.",
            "유사 화물이 적어 예측 범위가 넓습니다.",
        ),
    ],
)
def test_every_reason_in_words(reason: dict[str, Any], english: str, korean: str) -> None:
    assert forecast_words.reasons([reason], "Asia/Seoul", "en", NOW) == [english]
    assert forecast_words.reasons([reason], "Asia/Seoul", "ko", NOW) == [korean]


def test_a_reason_that_is_not_known_is_left_out() -> None:
    assert forecast_words.reasons([{"code": "moon"}, {}], None, "en", NOW) == []


def test_a_range_is_told_by_the_days_of_the_place() -> None:
    low, high = datetime(2026, 3, 28, 16, tzinfo=UTC), datetime(2026, 4, 2, 1, tzinfo=UTC)
    assert forecast_words.span(low, high, "Asia/Seoul", "en", NOW) == "29 Mar to 2 Apr"
    assert forecast_words.span(low, high, "Asia/Seoul", "ko", NOW) == "3월 29일~4월 2일"
    assert forecast_words.span(low, low + 8 * HOUR, "Asia/Seoul", "en", NOW) == "29 Mar, 01:00 to 09:00"
    assert forecast_words.span(low, low + 8 * HOUR, "Asia/Seoul", "ko", NOW) == "3월 29일 01:00~09:00"


def under_way(**more: Any) -> dict[str, Any]:
    return {"status": "in_transit", "plan": {"port_of_discharge": "KRPUS"}, **more}


def sentence(rows: list[Row], document: dict[str, Any], language: str = "en") -> str:
    likely = shipment_forecast.likely(rows, document, NOW)
    return " ".join(wording.answer(document, language, NOW, None, likely).sentences)


def test_the_answer_says_when_it_will_likely_be_free() -> None:
    rows = [row(ARRIVAL, 5, 20), row(RELEASE, 48, 96), row(GATE_OUT, 72, 120)]
    assert sentence(rows, under_way()) == "Likely free to collect 20 Mar to 22 Mar."
    assert sentence(rows, under_way(), "ko") == "3월 20일에서 3월 22일 사이에 반출할 수 있을 것으로 예상됩니다."
    assert sentence([row(RELEASE, 1, 3)], under_way()) == "Likely free to collect today."
    assert sentence([row(RELEASE, 48, 50)], under_way(), "ko") == "3월 20일에 반출할 수 있을 것으로 예상됩니다."
    assert sentence([row(RELEASE, -24, 50)], under_way()) == "Likely free to collect by 20 Mar."
    assert sentence([row(RELEASE, -24, 50)], under_way(), "ko") == "3월 20일까지 반출할 수 있을 것으로 예상됩니다."


def test_where_no_customs_speaks_it_says_when_it_is_likely_collected() -> None:
    assert sentence([row(GATE_OUT, 72, 120)], under_way()) == "Likely collected 21 Mar to 23 Mar."
    assert (
        sentence([row(GATE_OUT, 72, 120)], under_way(), "ko")
        == "3월 21일에서 3월 23일 사이에 반출될 것으로 예상됩니다."
    )


def test_what_is_stale_released_gone_or_past_its_range_is_not_told() -> None:
    released = {"customs": {"state": "released", "releases": [{"released_at": "2026-03-17T00:00:00Z"}]}}
    gone = {"milestones": [{"milestone": "gate_out", "occurred_at": "2026-03-17T00:00:00Z"}]}
    rows = [row(RELEASE, 48, 96), row(GATE_OUT, 72, 120)]
    for document in (under_way(**released), under_way(**gone), under_way() | {"status": "cancelled"}):
        assert shipment_forecast.likely(rows, document, NOW) is None
    assert shipment_forecast.likely([row(RELEASE, 48, 96, NOW - 48 * HOUR)], under_way(), NOW) is None
    assert shipment_forecast.likely([row(RELEASE, -20, -1)], under_way(), NOW) is None
    assert shipment_forecast.likely([row(RELEASE, 48, 96, NOW - 47 * HOUR)], under_way(), NOW) is not None
    assert shipment_forecast.likely([], under_way(), NOW) is None


def test_what_has_happened_since_is_no_forecast() -> None:
    stage = "import_declared__customs_released"
    rows = [row(stage, 10, 20), row(RELEASE, 48, 96), row(GATE_OUT, 72, 120), row(ARRIVAL, 1, 2)]
    ended = {"stages": [{"stage": stage, "ended_at": "2026-03-18T00:00:00Z"}]}
    lines = shipment_forecast.lines(rows, under_way(**ended), "Asia/Seoul", "en", NOW)
    assert [line.name for line in lines] == ["Arrival", "Release by customs", "Collection"]
    assert [(line.left, line.width) for line in lines] == [("0.8", "1.0"), ("40.0", "40.0"), ("60.0", "40.0")]
    late = shipment_forecast.lines([row(ARRIVAL, -5, -1)], under_way(), None, "ko", NOW)
    assert (late[0].late, late[0].name) == (True, "입항")


def predict(shipment: Shipment, made: datetime, *rows: Row) -> None:
    Forecast.objects.bulk_create(
        Forecast(shipment=shipment, stage=one.stage, made_at=made, p10=one.p10, p50=one.p50, p90=one.p90,
                 reasons=one.reasons)
        for one in rows
    )  # fmt: skip
    ForecastTurn.objects.update_or_create(shipment=shipment, defaults={"made_at": made})


def body_of(client: Client, address: str) -> str:
    found = client.get(address)
    assert found.status_code == 200
    return unescape(found.content.decode())


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_page_tells_the_range_in_words_with_its_reasons(
    held: Shipment, shipper: Person, shipper_client: Client
) -> None:
    predict(held, NOW - 3 * HOUR, row(RELEASE, 48, 96, reasons=REASONS), row(GATE_OUT, 72, 120))
    body = body_of(shipper_client, f"/shipments/{held.pk}/")
    assert "Likely free to collect 20 Mar to 22 Mar." in body
    table = body.split('id="forecast-title"')[1].split("</table>")[0]
    assert [unescape(name) for name in re.findall(r'data-stage="(\w+)"', table)] == [RELEASE, GATE_OUT]
    for words in (
        "Release by customs",
        "20 Mar to 22 Mar",
        "An inspection was ordered; that usually adds about 14 hours.",
        'datetime="2026-03-21T12:00:00+09:00"',
    ):
        assert words in table
    assert "3 h ago" in body.split('id="forecast-title"')[1]
    journey = body.split('<ol class="journey"')[1].split("</ol>")[0]
    assert journey.count("journey-band") == journey.count("journey-likely") == 2
    assert "20 Mar to 22 Mar" in journey and "21 Mar to 23 Mar" in journey
    type(shipper.user).objects.filter(pk=shipper.user.pk).update(language="ko")
    page = text_of(shipper_client.get(f"/shipments/{held.pk}/"))
    assert "3월 20일에서 3월 22일 사이에 반출할 수 있을 것으로 예상됩니다." in page
    assert "검사 대상으로 지정되었습니다. 보통 약 14시간 더 걸립니다." in page


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_without_a_fresh_forecast_the_page_says_nothing_of_it(held: Shipment, shipper_client: Client) -> None:
    quiet = body_of(shipper_client, f"/shipments/{held.pk}/")
    predict(held, NOW - 49 * HOUR, row(RELEASE, 48, 96, NOW - 49 * HOUR))
    for body in (quiet, body_of(shipper_client, f"/shipments/{held.pk}/")):
        assert "Likely" not in body and "forecast-title" not in body and "journey-band" not in body


@pytest.mark.django_db
def test_the_past_shows_the_forecast_that_stood_then(held: Shipment, shipper_client: Client) -> None:
    earlier = NOW - 24 * HOUR
    with time_machine.travel(NOW + 100 * HOUR, tick=False):
        predict(held, earlier, row(RELEASE, 10, 20, earlier))
        predict(held, NOW, row(RELEASE, 48, 96))

        def at(moment: datetime) -> str:
            text = moment.isoformat().replace("+", "%2B")
            return body_of(shipper_client, f"/shipments/{held.pk}/?by=reported&as_of={text}")

        assert "forecast-title" not in at(earlier - HOUR)
        assert "18 Mar, 22:00 to 19 Mar" not in at(earlier)
        assert "Likely free to collect 18 Mar to 19 Mar." in at(earlier)
        assert "Likely free to collect 20 Mar to 22 Mar." in at(NOW + HOUR)
        assert "forecast-title" not in at(NOW + 60 * HOUR)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_live_part_tells_of_a_new_forecast_and_is_silent_otherwise(held: Shipment, shipper_client: Client) -> None:
    predict(held, NOW - 3 * HOUR, row(RELEASE, 48, 96))

    def again() -> Any:
        page = body_of(shipper_client, f"/shipments/{held.pk}/")
        found = re.search(r'hx-get="([^"]+)"', page)
        assert found
        return found[1]

    first = again()
    assert shipper_client.get(first, headers=HTMX).status_code == 204
    # The same ranges, made anew: the page says when.
    predict(held, NOW, row(RELEASE, 48, 96))
    news = shipper_client.get(first, headers=HTMX)
    assert "Likely free to collect 20 Mar to 22 Mar." in text_of(news)
    assert shipper_client.get(again(), headers=HTMX).status_code == 204
    told(answer())
    assert "Likely" not in body_of(shipper_client, f"/shipments/{held.pk}/")


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_stranger_is_told_nothing(held: Shipment, stranger_client: Client) -> None:
    predict(held, NOW, row(RELEASE, 48, 96))
    for address in (f"/shipments/{held.pk}/", f"/shipments/{held.pk}/live/"):
        response = stranger_client.get(address)
        assert response.status_code == 404
        assert "Likely" not in response.content.decode()
