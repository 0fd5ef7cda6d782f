"""A shipper, her forwarder, a stranger and the operator's staff; cargo's fixtures follow below them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation

from cargo.models import FeedHead, Maintenance
from clis.accounts.models import ApiKey, Membership, Organization
from notifications.render import branding
from tests.factories import ApiKeyFactory
from tests.people import Person, a_person, a_staff_member


def pytest_configure() -> None:
    """A password is made slow to hash on purpose; who hashes hundreds in a run need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# Run once, on SQLite (Makefile).
WITHOUT_DATABASE = ("tests/domain/", "tests/formats/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who asks a database is asked to move to where both are tested."""
    for item in items:
        if item.nodeid.startswith(WITHOUT_DATABASE):
            asked = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
            if asked or item.get_closest_marker("django_db"):
                raise pytest.UsageError(f"{item.nodeid} asks a database: it would be tested on SQLite alone")


@pytest.fixture(autouse=True)
def plain_language() -> Iterator[None]:
    """A request leaves the language of its reader active in its thread: the next one sets its own, a test does not."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def plain_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left of another test's branding, nor does any look it up; who sets one calls ``branding.forget``."""
    monkeypatch.setattr(branding, "_kept", (time.monotonic(), branding.Brand()))


@pytest.fixture
def shipper(db: None) -> Person:
    """Alice, admin of the importer whose cargo it is."""
    return a_person("Alice", "Alice Imports", Membership.Role.ADMIN)


@pytest.fixture
def forwarder(db: None) -> Person:
    """Bob, a member of Alice's forwarder."""
    return a_person("Bob", "Bob Forwarding", Membership.Role.MEMBER)


@pytest.fixture
def stranger(db: None) -> Person:
    """Charlie, admin of an organization that has nothing to do with Alice."""
    return a_person("Charlie", "Charlie Trading", Membership.Role.ADMIN)


@pytest.fixture
def staff(db: None) -> Person:
    """Dana, of the operator."""
    return a_staff_member("Dana")


@pytest.fixture
def shipper_client(shipper: Person) -> Client:
    """Alice's browser."""
    return shipper.client()


@pytest.fixture
def forwarder_client(forwarder: Person) -> Client:
    """Bob's browser."""
    return forwarder.client()


@pytest.fixture
def stranger_client(stranger: Person) -> Client:
    """Charlie's browser."""
    return stranger.client()


@pytest.fixture
def staff_client(staff: Person) -> Client:
    """Dana's browser."""
    return staff.client()


@pytest.fixture
def key_for(db: None) -> Callable[..., ApiKey]:
    """``key_for(organization, "shipments:read", …)``: a key with these scopes, or with all; its text is ``.text``."""

    def make(organization: Organization | None, *scopes: str, **fields: object) -> ApiKey:
        return ApiKeyFactory.create(organization=organization, **({"scopes": list(scopes)} if scopes else {}), **fields)

    return make


@pytest.fixture
def api_client() -> Callable[[ApiKey], Client]:
    """``api_client(key)``: a program that sends the key with every request."""

    def make(key: ApiKey) -> Client:
        return Client(headers={"authorization": f"Bearer {key.text}"})  # type: ignore[attr-defined]

    return make


@pytest.fixture(scope="session", autouse=True)
def _a_cache_of_its_own() -> Iterator[None]:
    """Processes of one run share a Redis, and so do runs within a minute: their people have the same numbers, and would
    use up each other's requests. Clearing it means one's own keys, too: Django's flushes the database for everybody."""
    prefix = f"test-{os.getpid()}"
    # Of caches to come, in other threads; and of this thread's, which may be there already.
    settings.CACHES["default"]["KEY_PREFIX"] = caches["default"].key_prefix = prefix
    flush = RedisCache.clear

    def clear(backend: RedisCache) -> bool:
        client = backend._cache.get_client(write=True)
        keys = list(client.scan_iter(f"{prefix}:*", count=1000))
        return bool(keys and client.delete(*keys))

    RedisCache.clear = clear  # type: ignore[method-assign]
    yield
    RedisCache.clear = flush  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _flushed_as_migrated() -> Iterator[None]:
    """Tests that commit empty the tables afterwards: the log opens for that, and what migrations wrote comes back."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        Maintenance.objects.get_or_create(name="erase", defaults={"reason": "the end of a test"})
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cargo_event")
        flush(case)
        FeedHead.objects.get_or_create(id=1)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = flush  # type: ignore[method-assign]
