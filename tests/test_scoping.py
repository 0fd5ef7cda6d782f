"""Every route, asked by everybody who has no business there.

New routes are covered the moment they exist: one with a parameter and no sample fails here, and one that answers
somebody who is not signed in fails unless ``scoping_samples.PUBLIC`` says why it may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clis.accounts.models import ApiKey
from clis.accounts.permissions import HasScope, required_scope
from clis.accounts.scoping import SCOPED_APPS
from tests.people import Person
from tests.routes import Route, all_routes
from tests.scoping_samples import (
    BODIES,
    CANARY,
    CONTAINER,
    HOUSE_BILL,
    KEY_ONLY,
    NO_OBJECT,
    PERSONAL,
    PUBLIC,
    SAMPLES,
    STAFF_ONLY,
    Values,
    World,
    make_world,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUTES = all_routes()
SIGN_IN = ("/account/login/", "/admin/login/")
# How lists are searched: by numbers that both organizations have.
LOOKUPS: list[Values] = [{"q": HOUSE_BILL}, {"search": HOUSE_BILL}, {"reference": CONTAINER}, {"q": CONTAINER}]
WRITING = re.compile(rf"\b(INSERT|UPDATE|DELETE|MERGE|COPY)\b.*\b({'|'.join(SCOPED_APPS)})_", re.IGNORECASE | re.DOTALL)
# What changes by being used, whoever uses it.
USE = {("accounts", "User"): {"last_login"}, ("accounts", "ApiKey"): {"last_used_at"}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    cache.clear()
    return make_world()


def _values(route: Route, world: World) -> Values:
    """The parameters of one of Alice's objects (in the admin: of the table's first row)."""
    if not route.parameters:
        return {}
    if route.template in SAMPLES:
        return SAMPLES[route.template](world)
    suffix = "format"
    if suffix in route.parameters:
        plain = route.template.removesuffix("/").removesuffix(".{format}")
        known = next((SAMPLES[name] for name in (plain, plain + "/") if name in SAMPLES), None)
        if known is not None or route.parameters == (suffix,):
            return {**(known(world) if known else {}), suffix: "json"}
    model_admin = getattr(route.callback, "model_admin", None)
    if route.is_admin and "object_id" in route.parameters:
        model = model_admin.model if model_admin else apps.get_model(".".join(route.template.split("/")[1:3]))
        first = model._base_manager.order_by("pk").first()
        assert first is not None, f"no row of {model.__name__}: make one in scoping_samples.make_world"
        return {"object_id": first.pk}
    pytest.fail(f"no sample object for {route.template}: add it to scoping_samples.SAMPLES")


def _absent(values: Values) -> Values:
    """Parameters of the same kind that name nothing."""
    absent: dict[type, object] = {int: 2**31 - 1, UUID: UUID(int=1), str: "nosuchthing"}
    return {name: absent[type(value)] for name, value in values.items()}


def _ask(client: Client, method: str, route: Route, values: Values, body: Values | None = None) -> HttpResponse:
    extra: dict[str, Any] = {}
    if method != "GET" and (route.is_api or method != "POST"):
        extra["content_type"] = "application/json"
    data: Any = body or {}
    answer: HttpResponse = getattr(client, method.lower())(route.path(values), data, **extra)
    return answer


def _text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace") + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything in our tables, but for what being used changes."""
    rows = {}
    for label in SCOPED_APPS:
        for model in apps.get_app_config(label).get_models():
            unmoved = [
                field.attname
                for field in model._meta.concrete_fields
                if field.attname not in USE.get((label, model.__name__), ())
            ]
            found = model._base_manager.order_by("pk").values_list(*unmoved)
            rows[f"{label}.{model.__name__}"] = [
                tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in found
            ]
    return rows


def _key_client(key: ApiKey) -> Client:
    return Client(headers={"authorization": f"Bearer {key.text}"}, raise_request_exception=False)  # type: ignore[attr-defined]


def _browser(person: Person | None) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person.user)
    return client


STRANGERS: dict[str, Callable[[World], Client]] = {
    "nobody": lambda world: _browser(None),
    "the stranger": lambda world: _browser(world.charlie),
    "the stranger's key": lambda world: _key_client(world.charlie_key),
    "the stranger's key without scopes": lambda world: _key_client(world.charlie_bare_key),
}


def _refused(answer: HttpResponse, route: Route) -> bool:
    """Refused before anything was looked up."""
    if answer.status_code in (301, 302):
        # The admin redirects by the shape of an address alone, and within itself.
        return answer.headers["Location"].startswith((*SIGN_IN, *(["/admin/"] if route.is_admin else [])))
    return answer.status_code in (401, 403, 404, 405)


def _right_answer(who: str, route: Route, answer: HttpResponse, empty: bool) -> bool:
    """Whether that stranger may get that answer from that route; ``empty``: to an empty form."""
    if answer.status_code >= 500:
        return False
    if route.template in PUBLIC:
        return True
    session = who == "the stranger"
    if not session and (who == "nobody" or not route.is_api or who.endswith("without scopes")):
        return _refused(answer, route)
    if route.template in STAFF_ONLY or (route.is_admin and route.template not in PERSONAL):
        return _refused(answer, route)
    if not route.parameters or route.template in NO_OBJECT:
        return True
    if empty and route.template in BODIES and answer.status_code in (302, 400):
        return True
    return answer.status_code in ((401, 403, 404, 405) if route.template in KEY_ONLY else (404, 405))


@contextmanager
def _undone() -> Iterator[None]:
    """What one route does is taken back before the next is asked; throttles count from zero."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Watch:
    """Notices what was written, sent or enqueued meanwhile. Tables are compared only after a statement that writes."""

    def __init__(self, enqueued: Callable[..., Any]) -> None:
        self.before = _rows()
        self.enqueued = enqueued

    @contextmanager
    def silence(self, told: str, found: list[str]) -> Iterator[None]:
        """Adds to ``found`` what was not silent."""
        mail.outbox.clear()
        with CaptureQueriesContext(connection) as statements, self.enqueued() as callbacks:
            yield
        if any(WRITING.search(statement["sql"]) for statement in statements) and _rows() != self.before:
            found.append(f"{told} changed our tables")
        if mail.outbox:
            found.append(f"{told} had a mail sent")
        if callbacks:
            found.append(f"{told} had work enqueued")


@pytest.fixture
def watch(world: World, django_capture_on_commit_callbacks: Callable[..., Any]) -> Watch:
    return Watch(django_capture_on_commit_callbacks)


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_learns_nothing_and_changes_nothing(who: str, world: World, watch: Watch) -> None:
    found: list[str] = []
    for route in ROUTES:
        values = _values(route, world)
        named = [BODIES[route.template](world)] if route.template in BODIES else []
        searched: list[Values] = [{}] if route.parameters or route.is_admin else [{}, *LOOKUPS]
        with _undone():
            client = STRANGERS[who](world)
            for method in METHODS:
                for body in searched if method == "GET" else [{}, *named]:
                    told = f"{who}: {method} {route.template} {body or ''}"
                    with watch.silence(told, found):
                        answer = _ask(client, method, route, values, body)
                    if not _right_answer(who, route, answer, empty=method != "GET" and not body):
                        found.append(f"{told} gave {answer.status_code}")
                    if CANARY.lower() in _text(answer).lower():
                        found.append(f"{told} told what is Alice's")
    assert not found, "\n" + "\n".join(found)


def test_a_viewer_writes_nothing(world: World, watch: Watch) -> None:
    found: list[str] = []
    for route in ROUTES:
        if route.template in PUBLIC | PERSONAL:
            continue
        values = _values(route, world)
        body = BODIES[route.template](world) if route.template in BODIES else None
        with _undone():
            client = _browser(world.vera)
            for method in METHODS[1:]:
                told = f"{method} {route.template}"
                with watch.silence(told, found):
                    answer = _ask(client, method, route, values, body)
                if not _refused(answer, route):
                    found.append(f"{told} gave {answer.status_code}")
    assert not found, "\n" + "\n".join(found)


OBJECTS = [route for route in ROUTES if route.parameters and route.template not in PUBLIC]


def test_the_samples_are_there_for_whoever_may_see_them(world: World) -> None:
    """Else every 404 above would mean nothing."""
    unseen = {}
    for route in OBJECTS:
        if route.is_admin:
            continue
        statuses = []
        for client in (_browser(world.alice), _key_client(world.alice_key)):
            with _undone():
                values = _values(route, world)
                statuses += [_ask(client, method, route, values).status_code for method in METHODS]
        if not set(statuses) - {401, 403, 404, 405} or max(statuses) >= 500:
            unseen[route.template] = statuses
    assert unseen == {}


def test_the_admins_samples_are_there_for_staff(world: World) -> None:
    unseen = {}
    for route in OBJECTS:
        if route.parameters == ("object_id",):
            answer = _ask(_browser(world.staff), "GET", route, _values(route, world))
            # 403: a table that nobody deletes from or changes by hand.
            if answer.status_code not in (200, 302, 403):
                unseen[route.template] = answer.status_code
    assert unseen == {}


def test_what_is_anothers_and_what_does_not_exist_look_the_same(world: World) -> None:
    told_apart = []
    for route in OBJECTS:
        if route.is_admin or route.template in NO_OBJECT:
            continue
        values = _values(route, world)
        for client in (_browser(world.charlie), _key_client(world.charlie_key)):
            for method in ("GET", "POST"):
                with _undone():
                    pair = [_without(_ask(client, method, route, named), named) for named in (values, _absent(values))]
                if pair[0] != pair[1]:
                    told_apart.append(f"{method} {route.template}: {pair}")
    assert not told_apart, "\n" + "\n".join(told_apart)


def _without(answer: HttpResponse, values: Values) -> tuple[int, str]:
    """The answer without what differs by asking: the address asked for and the form tokens."""
    text = answer.content.decode("utf-8", "replace")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    for value in values.values():
        text = re.sub(rf"(?<=/){re.escape(str(value))}(?=[/\"&<]|$)", "…", text)
    return answer.status_code, text


API_VIEWS: dict[Any, Route] = {
    route.callback.cls: route
    for route in ROUTES
    if hasattr(getattr(route.callback, "cls", None), "permission_classes") and route.template not in PUBLIC
}


def test_every_view_of_the_api_declares_its_scopes() -> None:
    silent = []
    for view, route in API_VIEWS.items():
        methods = getattr(route.callback, "actions", None) or {
            method for method in view.http_method_names if hasattr(view, method) and method != "options"
        }
        open_to_all = HasScope not in view.permission_classes
        silent += [
            f"{method.upper()} {route.template}"
            for method in methods
            if open_to_all or not required_scope(view, method.upper())
        ]
    assert silent == []


def test_the_canary_sings_for_alice(world: World) -> None:
    """Else its silence would mean nothing."""
    client = world.alice.client()
    assert CANARY in _text(client.get("/account/profile/"))
    assert CANARY in _text(client.get("/account/keys/"))


def test_no_line_of_the_registry_is_left_over() -> None:
    templates = {route.template for route in ROUTES}
    named = {*SAMPLES, *BODIES, *PUBLIC, *PERSONAL, *KEY_ONLY, *STAFF_ONLY, *NO_OBJECT}
    assert named - templates == set()


def test_the_walk_finds_the_routes_that_we_know() -> None:
    templates = {route.template: route.parameters for route in ROUTES}
    assert templates["account/keys/{pk}/revoke/"] == ("pk",)
    assert templates["health/live"] == ()
    assert "admin/accounts/user/{object_id}/change/" in templates
    assert "account/password/reset/key/{uidb36}-{key}/" in templates
