"""A shared carrier, customs, and what the pipeline made of their messages."""

from __future__ import annotations

import pytest

from cargo.models import Source
from tests.factories import SourceFactory


@pytest.fixture
def carrier(db: None) -> Source:
    """The operator's contract with a carrier: a shared source."""
    return SourceFactory.create(slug="hmm", kind=Source.Kind.CARRIER)


@pytest.fixture
def customs(db: None) -> Source:
    """Korean customs; believed before carriers."""
    return SourceFactory.create(slug="unipass", kind=Source.Kind.CUSTOMS, rank=10)
