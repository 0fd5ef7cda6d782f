"""What a filter of the list may say where somebody keeps it or hands it over."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cargo.domain.codes import MILESTONES
from cargo.selectors import listing
from cargo.selectors.saved_filters import FilterError, check
from tests.people import Person


def test_the_lists_own_spelling() -> None:
    asked = {"port_of_discharge": "kr pus", "status": "ARRIVED,in_bond", "hold": "kr-kcs", "mode": ["Sea"]}
    assert check(asked) == {
        "port_of_discharge": "KRPUS",
        "status": "arrived,in_bond",
        "hold": "KR-KCS",
        "mode": ["sea"],
    }


# Every way in which ISO 8601 writes a day and a time on it.
@pytest.mark.parametrize(
    "text", ["2026-03-16", "20260316", "2026-W12-1", "2026W12", "2026-03-16T10:00:00+09:00", "2026W12T10:00"]
)
def test_a_day_is_one_that_the_list_can_be_asked_for(text: str, shipper: Person) -> None:
    params = check({"eta_after": text})
    assert params == {"eta_after": "2026-03-16"}
    assert listing.read(shipper.viewer, params, None, 5) == ([], None)


def test_the_page_of_a_choice_answers_any_day(shipper: Person, shipper_client: Client) -> None:
    assert shipper_client.get("/notices/choose/", {"eta_after": "2026W12T10:00"}).status_code == 200
    assert shipper_client.get("/notices/choose/", {"eta_after": "2026W54"}).status_code == 400


@pytest.mark.parametrize(
    "params",
    [
        {"shipment": "1"},
        {"eta_after": "soon"},
        {"search": " "},
        {"carrier": "\t"},
        {"search": "x" * 201},
        {"search": "a\x00"},
        {"status": []},
        {"status": "held"},
        {"port_of_loading": "BUSAN1"},
        # The list asks for fifty words at most, and would leave out the others without a word.
        {"milestone": sorted(MILESTONES)[:51]},
        {"status": ",".join(["arrived"] * 51)},
    ],
)
def test_what_the_list_does_not_find_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        check(params)


def test_fifty_words_are_taken() -> None:
    fifty = sorted(MILESTONES)[:50]
    assert check({"milestone": fifty}) == {"milestone": fifty}
