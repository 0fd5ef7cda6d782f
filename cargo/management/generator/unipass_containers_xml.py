"""Customs' dialect: UNI-PASS Open API 020, the containers of one cargo with size type and seals.

The answer names neither its cargo nor a time; the cargo stands in the message's name, as asked for.
"""

from __future__ import annotations

from cargo.management.generator.story import Cargo, Fact

MEDIA_TYPE = "application/xml"
FORMAT = "unipass.api020"
EXTENSION = "xml"
PRECISION = 1


def render(cargo: Cargo, facts: list[Fact]) -> bytes:
    """The answer for this cargo; ``facts`` adds nothing to it."""
    box = cargo.box
    size = "45GP" if box.number % 2 else "22GP"
    rows = "".join(
        f"<cntrQryBrkdQryVo>\n<cntrNo>{container}</cntrNo>\n<cntrStszCd>{size}</cntrStszCd>\n"
        f"<cntrSelgNo1>{seal(container)}</cntrSelgNo1>\n<cntrSelgNo2/>\n<cntrSelgNo3/>\n</cntrQryBrkdQryVo>\n"
        for container in box.containers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cntrQryBrkdQryRtnVo>\n<ntceInfo/>\n'
        f"{rows}<tCnt>{len(box.containers)}</tCnt>\n</cntrQryBrkdQryRtnVo>\n"
    ).encode()


def seal(container: str) -> str:
    """The seal on a container of this world."""
    return f"KR{int(container[4:10]) * 7 % 10**6:06d}"
