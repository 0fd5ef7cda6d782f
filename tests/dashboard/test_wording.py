"""The answer first: a table of documents and what a reader is told of them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cargo.dashboard import wording
from cargo.domain.codes import CUSTOMS_STATES, STATUSES

# A Thursday, noon in Korea.
NOW = datetime(2026, 3, 26, 3, 0, tzinfo=UTC)
LIGHTS = ("customs", "agencies", "carrier", "terminal", "documents", "payment")


def document(status: str, state: str = "none", **parts: Any) -> dict[str, Any]:
    """A neutral document from Shanghai to Busan in one state."""
    return {
        "id": 7,
        "references": [{"type": "house_bill", "value": "KOSHA2603001"}],
        "status": status,
        "milestone": parts.pop("milestone", "arrived"),
        "mode": parts.pop("mode", "vessel"),
        "plan": {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"},
        "customs": {"state": state, "holds": parts.pop("holds", []), "releases": parts.pop("releases", [])},
        "release": {"ready": None, "lights": [], "blocking": [], **parts.pop("release", {})},
        "eta": None,
        "deadlines": [],
        "milestones": [],
        "containers": [],
        "timeline": [],
        "freshness": [],
        **parts,
    }


def hold(kind: str, agency: str = "KR-KCS", placed: str = "2026-03-24T09:30:00+09:00", **facts: Any) -> dict[str, Any]:
    return {"agency": agency, "name": None, "kind": kind, "placed_at": placed, "cleared_at": None, **facts}


def happened(milestone: str, at: str) -> list[dict[str, Any]]:
    return [{"milestone": milestone, "classifier": "actual", "occurred_at": at}]


def blocked(light: str, responsible: str, action: str, deadline: str | None = None, state: str = "blocked") -> Any:
    return {
        "light": light,
        "state": state,
        "responsible": responsible,
        "next_action": action,
        "since": "2026-03-24T09:30:00+09:00",
        "deadline": deadline,
    }


RELEASED = [{"released_at": "2026-03-25T10:00:00+09:00", "revoked_at": None}]
REVOKED = [{"released_at": "2026-03-23T10:00:00+09:00", "revoked_at": "2026-03-25T16:00:00+09:00"}]
DOCUMENTS = [blocked("customs", "broker", "submit_documents", "2026-03-28")]

CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "documents requested": (
        document("in_bond", "held", holds=[hold("documents")], release={"ready": False, "blocking": DOCUMENTS}),
        "bad",
        "Held by customs since Tuesday. | Documents were requested on 24 Mar, 09:30 (Korean time). "
        "Your broker must submit the documents that customs asked for by 28 Mar.",
        "화요일부터 세관에서 보류 중입니다. | 3월 24일 09:30(한국 시각)에 보완 서류 제출이 요구되었습니다. "
        "관세사가 3월 28일까지 세관이 요구한 보완서류를 제출해야 합니다.",
    ),
    "held by an agency whose move it is": (
        document(
            "in_bond",
            "held",
            holds=[hold("agency", "KR-QIA", "2026-03-17T12:00:00+09:00")],
            release={"ready": False, "blocking": [blocked("agencies", "agency", "wait_for_agency")]},
        ),
        "warn",
        "Held by the Animal and Plant Quarantine Agency since 17 Mar. | The hold was placed on 17 Mar, 12:00 "
        "(Korean time). The agency is still to finish its inspection.",
        "3월 17일부터 농림축산검역본부에서 보류 중입니다. | 3월 17일 12:00(한국 시각)에 보류되었습니다. "
        "요건확인기관의 검사·검역 처리를 기다리고 있습니다.",
    ),
    "two holds": (
        document(
            "in_bond",
            "held",
            holds=[hold("inspection"), hold("payment", placed="2026-03-25T14:00:00+09:00")],
            release={"ready": False, "blocking": [blocked("payment", "importer", "pay_duty")]},
        ),
        "bad",
        "Held by customs since yesterday. | Payment was required on 25 Mar, 14:00 (Korean time). "
        "1 more hold is open. You must pay duties and taxes.",
        "어제부터 세관에서 보류 중입니다. | 3월 25일 14:00(한국 시각)에 관세·제세 납부가 요구되었습니다. "
        "이 밖에 해제되지 않은 보류가 1건 있습니다. 귀사가 관세와 제세를 납부해야 합니다.",
    ),
    "a release taken back": (
        document("in_bond", "revoked", releases=REVOKED),
        "bad",
        "Release taken back yesterday. | Customs withdrew its release on 25 Mar, 16:00 (Korean time); the cargo must "
        "not leave until it is released again.",
        "어제 수입신고 수리가 취소되었습니다. | 세관이 3월 25일 16:00(한국 시각)에 수리를 취소했습니다. "
        "다시 수리될 때까지 화물을 반출할 수 없습니다.",
    ),
    "rejected": (
        document("arrived", "rejected", milestones=happened("declaration_rejected", "2026-03-26T09:00:00+09:00")),
        "bad",
        "Declaration rejected today. | The declaration has to be corrected and lodged again before customs can release "
        "the goods.",
        "오늘 수입신고가 각하되었습니다. | 신고 내용을 바로잡아 다시 신고해야 수리됩니다.",
    ),
    "ready": (
        document("available", "released", releases=RELEASED, release={"ready": True}),
        "good",
        "Ready to collect. | Customs released it on 25 Mar, 10:00 (Korean time).",
        "지금 반출할 수 있습니다. | 3월 25일 10:00(한국 시각)에 수입신고가 수리되었습니다.",
    ),
    "released, charges open": (
        document(
            "in_bond",
            "released",
            releases=RELEASED,
            release={"ready": False, "blocking": [blocked("carrier", "importer", "settle_charges")]},
        ),
        "bad",
        "Released by customs yesterday, not yet free to collect. | You must settle the carrier's charges.",
        "어제 수입신고가 수리되었으나 아직 반출할 수 없습니다. | 귀사가 운임과 부대비용을 정산해야 합니다.",
    ),
    "released, nothing heard of the carrier": (
        document(
            "in_bond",
            "released",
            releases=RELEASED,
            release={"lights": [{"light": "carrier", "state": "unknown"}, {"light": "terminal", "state": "unknown"}]},
        ),
        "good",
        "Released by customs yesterday. | Whether it can be collected is not known: nothing is heard of the carrier or "
        "the terminal.",
        "어제 수입신고가 수리되었습니다. | 운송사·터미널 자료가 아직 없어 반출 가능 여부는 알 수 없습니다.",
    ),
    "part of the containers released": (
        document(
            "in_bond",
            "under_review",
            milestones=happened("customs_review", "2026-03-25T09:00:00+09:00"),
            containers=[{"number": "HDMU6546583", "released": True}, {"number": "TCNU4885210", "released": False}],
        ),
        "info",
        "Under customs review since yesterday. | 1 of 2 containers are released.",
        "어제부터 세관 심사가 진행 중입니다. | 컨테이너 2대 가운데 1대가 수리되었습니다.",
    ),
    "landed with a deadline": (
        document(
            "in_bond",
            milestones=happened("bonded_storage_in", "2026-03-20T09:00:00+09:00"),
            deadlines=[
                {"kind": "storage_limit", "due_at": "2026-05-20T23:59:59+09:00", "met_at": None},
                {"kind": "import_declaration", "due_at": "2026-04-20T23:59:59+09:00", "met_at": None},
            ],
        ),
        "info",
        "Arrived in Busan on Friday, not declared yet. | Declare by: 20 Apr (25 days left).",
        "금요일에 부산에 입항했으며, 아직 수입신고 전입니다. | 수입신고 기한은 4월 20일입니다(25일 남음).",
    ),
    "landed by air": (
        document("arrived", mode="air", milestones=happened("arrived", "2026-03-25T09:00:00+09:00")),
        "info",
        "Arrived in Busan yesterday, not declared yet.",
        "어제 부산에 도착했으며, 아직 수입신고 전입니다.",
    ),
    "on the way, later than first estimated": (
        document(
            "in_transit",
            eta={"at": "2026-03-29T08:00:00+09:00", "first_at": "2026-03-27T08:00:00+09:00", "classifier": "estimated"},
        ),
        "info",
        "On the way to Busan. | Arrival in Busan is estimated for 29 Mar, 08:00 (Korean time), 2 days later than first "
        "estimated.",
        "부산으로 운송 중입니다. | 부산 입항 예정은 3월 29일 08:00(한국 시각)입니다. 처음 예정보다 2일 늦어졌습니다.",
    ),
    "due, not confirmed": (
        document("in_transit", eta={"at": "2026-03-24T08:00:00+09:00", "first_at": None, "classifier": "estimated"}),
        "info",
        "On the way to Busan. | It was due in Busan on 24 Mar, 08:00 (Korean time); its arrival has not been "
        "confirmed.",
        "부산으로 운송 중입니다. | 부산 입항 예정 시각은 3월 24일 08:00(한국 시각)이었으나 "
        "아직 입항이 확인되지 않았습니다.",
    ),
    "collected": (
        document(
            "delivered_out",
            "released",
            releases=RELEASED,
            milestones=happened("gate_out", "2026-03-26T08:00:00+09:00"),
            deadlines=[{"kind": "removal", "due_at": "2026-04-09T23:59:59+09:00", "met_at": None}],
        ),
        "good",
        "Collected today.",
        "오늘 반출되었습니다.",
    ),
    "silent": (
        document("expected", milestone=""),
        "still",
        "Waiting for the first news. | The number is registered; nothing has been received about it so far. It appears "
        "here as soon as it is.",
        "첫 소식을 기다리고 있습니다. | 번호는 등록되었으나 아직 받은 소식이 없습니다. "
        "소식이 들어오는 대로 여기에 나타납니다.",
    ),
}


def said(answer: wording.Answer) -> str:
    return " | ".join(filter(None, (answer.headline, " ".join(answer.sentences))))


@pytest.mark.parametrize("name", CASES)
def test_what_the_reader_is_told(name: str) -> None:
    given, tone, english, korean = CASES[name]
    in_english = wording.answer(given, "en", NOW, "importer")
    assert said(in_english) == english
    assert said(wording.answer(given, "ko", NOW, "importer")) == korean
    assert in_english.tone == tone


def test_the_broker_reads_you_where_the_importer_reads_your_broker() -> None:
    given = CASES["documents requested"][0]
    told = said(wording.answer(given, "en", NOW, "broker"))
    assert told.endswith("You must submit the documents that customs asked for by 28 Mar.")
    told = said(wording.answer(given, "en", NOW))
    assert told.endswith("The customs broker must submit the documents that customs asked for by 28 Mar.")


def test_a_hold_that_the_release_ended_is_not_told() -> None:
    given = document(
        "in_bond",
        "released",
        releases=RELEASED,
        holds=[hold("inspection", cleared_at="2026-03-25T10:00:00+09:00", cleared_by="release")],
    )
    assert wording.answer(given, "en", NOW).headline == "Released by customs yesterday."


def test_the_day_is_that_of_the_place_not_of_the_reader() -> None:
    """23:30 in Korea on the 25th is the 25th, though the 26th has not begun in UTC either."""
    given = document("in_bond", "revoked", releases=[{"released_at": None, "revoked_at": "2026-03-25T14:30:00Z"}])
    late = datetime(2026, 3, 25, 15, 30, tzinfo=UTC)
    assert wording.answer(given, "en", late).headline == "Release taken back yesterday."


@pytest.mark.parametrize("state", CUSTOMS_STATES)
@pytest.mark.parametrize("status", STATUSES)
def test_every_state_has_a_sentence_even_with_nothing_else_known(status: str, state: str) -> None:
    bare = {"status": status, "customs": {"state": state}}
    for language in ("en", "ko"):
        headline = wording.answer(bare, language, NOW).headline
        assert headline.endswith(".")
        assert "None" not in headline
