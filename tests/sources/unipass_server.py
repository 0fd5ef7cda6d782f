"""UNI-PASS on a real socket, as public clients describe it: every answer is 200, keys go by service, ``tCnt`` misleads.

``cargoes`` is the truth: what customs knows, by cargo control number. ``faults`` are asked before each answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from django.utils import timezone

from tests.messages import unipass
from tests.sources.answering import Handler, Served

NOTHING = "<cargCsclPrgsInfoQryRtnVo><ntceInfo/><tCnt>0</tCnt></cargCsclPrgsInfoQryRtnVo>"
REFUSED = "<cargCsclPrgsInfoQryRtnVo><ntceInfo>{}</ntceInfo><tCnt>-1</tCnt></cargCsclPrgsInfoQryRtnVo>"
_SEVERAL = "[N00] 조회 결과가 다건입니다. 상세내역조회를 위해서는 화물관리번호(cargMtNo)로 조회하시기 바랍니다."
_SERVICES = {
    "cargCsclPrgsInfoQry/retrieveCargCsclPrgsInfo": "001",
    "expDclrNoPrExpFfmnBrkdQry/retrieveExpDclrNoPrExpFfmnBrkd": "002",
    "shedInfoQry/retrieveShedInfo": "005",
    "cntrQryBrkdQry/retrieveCntrQryBrkd": "020",
    "etprRprtQryBrkdQry/retrieveetprRprtQryBrkd": "021",
    "ioprRprtQry/retrieveIoprRprtBrkd": "024",
}


class Asked(NamedTuple):
    """One request: when, of which service, with which parameters (the key left out) and with which key."""

    at: float
    service: str
    parameters: dict[str, str]
    key: str


class Answer(NamedTuple):
    """What is sent. ``cut``: so many bytes only, although the whole length was announced."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = {"Content-Type": "application/xml;charset=UTF-8"}
    cut: int | None = None
    seconds: float = 0


class Cargo(NamedTuple):
    """One cargo of customs: its bills, the year of its arrival, its steps and its containers."""

    number: str
    master: str
    house: str
    year: str
    steps: list[dict[str, str]]
    boxes: tuple[str, ...] = ()


Fault = Callable[[Asked], Answer | None]


class Customs:
    """The API; close it at the end."""

    def __init__(self) -> None:
        self.cargoes: dict[str, Cargo] = {}
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.keys = {service: f"key-of-{service}" for service in _SERVICES.values()}
        self._server = Served(self._handler())
        self.port = self._server.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ext/rest"

    def close(self) -> None:
        self._server.close()

    def knows(self, number: str, *steps: dict[str, str], **words: Any) -> None:
        """Customs knows a cargo, with these steps from now on."""
        plain = {"master": "HDMUPUSR1234567", "house": "", "year": "2026"}
        self.cargoes[number] = Cargo(number, **(plain | words), steps=list(steps))

    def once(self, answer: Answer, times: int = 1) -> None:
        """So many answers like this one."""
        left = [times]

        def fault(asked: Asked) -> Answer | None:
            if left[0]:
                left[0] -= 1
                return answer
            return None

        self.faults.append(fault)

    def parameters(self, service: str = "001") -> list[dict[str, str]]:
        """What a service was asked, in order."""
        return [asked.parameters for asked in self.asked if asked.service == service]

    def answer(self, asked: Asked) -> Answer:
        """As the service answers, unless a fault has the word or the key is wrong."""
        for fault in self.faults:
            if (given := fault(asked)) is not None:
                return given
        if asked.key != self.keys.get(asked.service):
            return Answer(REFUSED.format("존재하지 않는 인증키입니다.").encode())
        answers = {
            "001": self._progress,
            "002": self._export,
            "005": self._shed,
            "020": self._boxes,
            "024": self._calls,
        }
        return Answer(answers[asked.service](asked.parameters).encode())

    def _progress(self, parameters: dict[str, str]) -> str:
        if "cargMtNo" in parameters:
            found = [cargo for cargo in self.cargoes.values() if cargo.number == parameters["cargMtNo"]]
        elif parameters.get("blYy") and ("mblNo" in parameters or "hblNo" in parameters):
            found = [
                cargo
                for cargo in self.cargoes.values()
                if parameters.get("mblNo") in (None, cargo.master)
                and parameters.get("hblNo") in (None, cargo.house)
                and parameters["blYy"] == cargo.year
            ]
        else:
            return REFUSED.format("[화물관리번호(cargMtNo)] 중 한가지는 필수입력입니다.")
        if len(found) > 1:
            rows = "".join(_row(cargo) for cargo in found)
            return (
                f"<cargCsclPrgsInfoQryRtnVo><ntceInfo>{_SEVERAL}</ntceInfo>{rows}"
                f"<tCnt>{len(found)}</tCnt></cargCsclPrgsInfoQryRtnVo>"
            )
        if not found:
            return NOTHING
        (cargo,) = found
        boxes = {"box": cargo.boxes[0], "cntrGcnt": str(len(cargo.boxes))} if cargo.boxes else {}
        return unipass(cargo.steps, cargo=cargo.number, bill=cargo.master, house=cargo.house, **boxes).decode()

    def _boxes(self, parameters: dict[str, str]) -> str:
        cargo = self.cargoes.get(parameters.get("cargMtNo", ""))
        rows = "".join(
            f"<cntrQryBrkdQryVo><cntrNo>{box}</cntrNo><cntrStszCd>45GP</cntrStszCd></cntrQryBrkdQryVo>"
            for box in (cargo.boxes if cargo else ())
        )
        count = len(cargo.boxes) if cargo else 0
        return f"<cntrQryBrkdQryRtnVo><ntceInfo/>{rows}<tCnt>{count}</tCnt></cntrQryBrkdQryRtnVo>"

    def _shed(self, parameters: dict[str, str]) -> str:
        return (
            "<shedInfoQryRtnVo><ntceInfo/><tCnt>1</tCnt><shedInfoQryRsltVo>"
            f"<snarSgn>{parameters['snarSgn']}</snarSgn><snarNm>가상창고</snarNm><pnltLvyTrgtYn>Y</pnltLvyTrgtYn>"
            "<adtxColtPridYn>N</adtxColtPridYn></shedInfoQryRsltVo></shedInfoQryRtnVo>"
        )

    def _export(self, parameters: dict[str, str]) -> str:
        return (
            "<expDclrNoPrExpFfmnBrkdQryRtnVo><ntceInfo/><tCnt>1</tCnt><expDclrNoPrExpFfmnBrkdBlNoQryRsltVo>"
            "<expDclrNo>1521026010005X</expDclrNo><shpmCmplYn>N</shpmCmplYn><acptDt>20260310</acptDt>"
            "</expDclrNoPrExpFfmnBrkdBlNoQryRsltVo></expDclrNoPrExpFfmnBrkdQryRtnVo>"
        )

    def _calls(self, parameters: dict[str, str]) -> str:
        return "<ioprRprtQryBrkdQryRtnVo><ntceInfo/><tCnt>0</tCnt></ioprRprtQryBrkdQryRtnVo>"

    def _handler(customs) -> type[Handler]:
        class Handling(Handler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                parameters = dict(parse_qsl(parts.query))
                key = parameters.pop("crkyCn", "")
                service = _SERVICES.get(parts.path.removeprefix("/ext/rest/"), "")
                asked = Asked(timezone.now().timestamp(), service, parameters, key)
                customs.asked.append(asked)
                self.send(customs.answer(asked) if service else Answer(b"not here", 404))

        return Handling


def _row(cargo: Cargo) -> str:
    """A cargo among several: only its numbers and its port."""
    fields = f"<cargMtNo>{cargo.number}</cargMtNo><mblNo>{cargo.master}</mblNo><hblNo>{cargo.house}</hblNo>"
    return f"<cargCsclPrgsInfoQryVo>{fields}<dsprCd>KRPUS</dsprCd><etprDt>20260314</etprDt></cargCsclPrgsInfoQryVo>"
