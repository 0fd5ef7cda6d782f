"""UNI-PASS cargo progress to canonical events, against bare parsing of the same bytes by the standard library.

Each message is another cargo with twelve steps, as customs answers it: every field is there, most of the header's are
empty. No two share a number or a time, so nothing is found in a cache that a first answer would not find there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.etree import ElementTree

FORMAT = "unipass.api001"
FLOOR = 0.3
EVENTS = 12

_HEADER = (
    "csclPrgsStts", "vydf", "rlseDtyPridPassTpcd", "prnm", "ldprCd", "shipNat", "blPt", "dsprNm", "etprDt", "prgsStCd",
    "msrm", "wghtUt", "dsprCd", "cntrGcnt", "cargTp", "shcoFlcoSgn", "pckGcnt", "etprCstm", "shipNm", "hblNo",
    "prcsDttm", "frwrSgn", "spcnCargCd", "ttwg", "ldprNm", "frwrEntsConm", "dclrDelyAdtxYn", "mtTrgtCargYnNm",
    "cargMtNo", "cntrNo", "mblNo", "blPtNm", "lodCntyCd", "prgsStts", "shcoFlco", "pckUt", "shipNatNm", "agnc",
)  # fmt: skip
_EVENT = (
    "shedNm", "prcsDttm", "dclrNo", "rlbrDttm", "wght", "rlbrBssNo", "bfhnGdncCn", "wghtUt", "pckGcnt",
    "cargTrcnRelaBsopTpcd", "pckUt", "rlbrCn", "shedSgn",
)  # fmt: skip
# Process, content of an entry or removal, whether it names the declaration.
_STEPS = (
    ("입항적재화물목록 제출", "", False),
    ("입항적재화물목록 심사완료", "", False),
    ("입항보고 수리", "", False),
    ("하선신고 수리", "", False),
    ("반입신고", "입항 반입", False),
    ("보세운송 신고 접수", "", True),
    ("보세운송 신고 수리", "", True),
    ("반출신고", "보세운송 반출", True),
    ("반입신고", "보세운송 반입", True),
    ("수입신고", "", True),
    ("수입신고수리", "", True),
    ("반출신고", "수입신고 수리후 반출", True),
)


def messages(count: int) -> list[bytes]:
    """That many answers of Open API 001."""
    return [_message(number) for number in range(count)]


def baseline(data: bytes) -> object:
    """Parsing, and nothing else."""
    return ElementTree.fromstring(data)


def _message(number: int) -> bytes:
    mrn = f"26HD{number % 10_000_000:06d}I"[:11].ljust(11, "I")
    header = {
        "csclPrgsStts": "수입신고수리", "vydf": f"{number % 1000:03d}E", "prnm": "MACHINE PARTS", "ldprCd": "CNSHA",
        "dsprNm": "부산항", "etprDt": "20260310", "wghtUt": "KG", "dsprCd": "KRPUS", "cargTp": "수입 일반화물",
        "shcoFlcoSgn": "HDMU", "pckGcnt": str(100 + number % 900), "etprCstm": "부산세관", "shipNm": "HMM ALGECIRAS",
        "hblNo": f"KOSHA{number:08d}", "ttwg": f"{10000 + number}.5", "ldprNm": "Shanghai",
        "cargMtNo": f"{mrn}00150031", "cntrNo": "HDMU6546583",
        "mblNo": f"HDMUPUS{number:08d}", "blPtNm": "Consol", "blPt": "C", "pckUt": "CT",
        "prgsStts": "반출완료", "shcoFlco": "에이치엠엠(주)", "mtTrgtCargYnNm": "N", "dclrDelyAdtxYn": "N",
    }  # fmt: skip
    parts = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cargCsclPrgsInfoQryRtnVo><ntceInfo></ntceInfo>']
    parts.append(_element("cargCsclPrgsInfoQryVo", _HEADER, header))
    begun = datetime(2026, 3, 9) + timedelta(seconds=number * 7919)
    for index, step in reversed(list(enumerate(_STEPS))):
        parts.append(_element("cargCsclPrgsInfoDtlQryVo", _EVENT, _step(number, begun, index, *step)))
    parts.append(f"<tCnt>{EVENTS}</tCnt></cargCsclPrgsInfoQryRtnVo>")
    return "".join(parts).encode()


def _step(number: int, begun: datetime, index: int, process: str, content: str, declared: bool) -> dict[str, str]:
    at = begun + timedelta(hours=5 * index, seconds=index)
    declaration = f"42918{26:02d}{number % 1_000_000:06d}M" if declared else ""
    return {
        "shedNm": "(주)가상보세창고", "prcsDttm": at.strftime("%Y%m%d%H%M%S"), "dclrNo": "" if content else declaration,
        "rlbrDttm": (at - timedelta(minutes=3)).strftime("%Y-%m-%d %H:%M:%S") if content else "",
        "wght": f"{10000 + number}.5", "rlbrBssNo": declaration if content else "", "wghtUt": "KG",
        "pckGcnt": str(100 + number % 900), "cargTrcnRelaBsopTpcd": process, "pckUt": "CT", "rlbrCn": content,
        "shedSgn": f"0301{number % 9999:04d}",
    }  # fmt: skip


def _element(name: str, tags: tuple[str, ...], texts: dict[str, str]) -> str:
    inner = "".join(f"<{tag}>{texts.get(tag, '')}</{tag}>" for tag in tags)
    return f"<{name}>{inner}</{name}>"
