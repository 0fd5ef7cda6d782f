"""Twenty thousand spoiled messages of all formats (``make fuzz`` takes a million): nothing but words, and no hang."""

from __future__ import annotations

import pytest

from cargo import formats
from tests.fuzz.mutating import samples
from tests.fuzz.running import Report, campaign

SEED = 7
BLOCKS, BLOCK = 10, 2000


@pytest.mark.parametrize("block", range(BLOCKS))
def test_spoiled_messages_end_in_words(block: int) -> None:
    report = Report()
    campaign(SEED, range(block * BLOCK, (block + 1) * BLOCK), report)
    assert report.messages == BLOCK
    # Most of what is spoiled a little is still read in part; a campaign that only meets refusals proves little.
    assert report.outcomes["Event"] > BLOCK / 4
    assert report.outcomes["refused"] > 0


def test_every_format_is_spoiled() -> None:
    assert {formats.detect(data) for _, data in samples()} == set(formats.FORMATS)
