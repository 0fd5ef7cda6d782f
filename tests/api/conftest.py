"""A carrier that pushes, and the address it pushes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cargo.models import Source, SourceKey
from clis.accounts.models import ApiKey, Organization

MESSAGES = "/api/v1/messages/"


@pytest.fixture
def source(db: None) -> Source:
    """A carrier under the operator's contract."""
    return Source.objects.create(slug="hmm", name="HMM")


@pytest.fixture
def operator(db: None) -> Organization:
    """Who runs the system and has the contract with the carrier."""
    return Organization.objects.create(name="Operator", slug="operator", kind="operator")


@pytest.fixture
def push_key(source: Source, operator: Organization, key_for: Callable[..., ApiKey]) -> ApiKey:
    """The key that belongs to the carrier's source."""
    key = key_for(operator, "messages:write")
    SourceKey.objects.create(key=key, source=source)
    return key
