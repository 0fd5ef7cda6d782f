"""Every address alike: what does not exist, what it does not take, who may ask, and that the description is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rest_framework.views import APIView

from cargo import booking
from cargo.api import examples
from cargo.models import Shipment
from clis.accounts.models import KEY_SCOPES, ApiKey
from clis.api import version_1
from tests.api.conftest import problem
from tests.people import Person
from tests.routes import all_routes

V1 = "/api/v1/"
GETS = ["shipments/", "shipments/{pk}/", "shipments/{pk}/events/", "shipments/{pk}/mine/", "containers/"]
GETS += ["shipments/{pk}/evidence/"]
GETS += ["containers/HDMU6546583/", "tracking-requests/", "tracking-requests/{request}/", "events/"]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The OpenAPI description."""
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def filled(told: Shipment, shipper: Person) -> dict[str, Any]:
    """What the addresses of ``GETS`` are filled with."""
    booking.add_references(told, [("container", "HDMU6546583")])
    request = booking.track(shipper.viewer, [{"reference": "KOSHA2603001", "type": "house_bill"}]).accepted[0]
    return {"pk": told.pk, "request": request}


@pytest.mark.parametrize("path", ["", "v1/", "v1/nothing/", "v2/shipments/", "v1/shipments/abc/", "v1/shipments/-1/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_does_not_exist_is_a_problem(client: Client, path: str, method: str) -> None:
    assert problem(getattr(client, method)(f"/api/{path}")) == (404, "not_found")


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 400, "٣"])
def test_numbers_beyond_every_row(reader: Client, number: str) -> None:
    for path in ("shipments/{0}/", "shipments/{0}/events/", "shipments/{0}/mine/", "tracking-requests/{0}/"):
        assert problem(reader.get(V1 + path.format(number))) == (404, "not_found")


def test_an_address_without_its_last_slash(client: Client) -> None:
    response = client.post("/api/v1/messages?x=%2F&y=1")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/messages/?x=%2F&y=1")
    assert client.get("/api//example.org").status_code == 404


@pytest.mark.parametrize("path", GETS)
def test_without_a_key(client: Client, filled: dict[str, Any], path: str) -> None:
    response = client.get(V1 + path.format(**filled))
    assert problem(response) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="CLIS"'


@pytest.mark.parametrize("path", GETS)
def test_with_a_key_that_may_not_read(
    shipper: Person,
    filled: dict[str, Any],
    path: str,
    key_for: Callable[..., ApiKey],
    api_client: Callable[[ApiKey], Client],
) -> None:
    client = api_client(key_for(shipper.organization, "messages:write"))
    assert problem(client.get(V1 + path.format(**filled))) == (403, "not_allowed")


@pytest.mark.parametrize("path", GETS)
def test_what_an_address_does_not_take(reader: Client, filled: dict[str, Any], path: str) -> None:
    address = V1 + path.format(**filled)
    refused = reader.delete(address)
    assert problem(refused) == (405, "method_not_allowed")
    assert "GET" in refused["Allow"]
    assert problem(reader.get(address, headers={"accept": "text/csv"})) == (406, "not_acceptable")
    unknown = reader.get(address, {"as_if": "2026-01-01"})
    assert problem(unknown) == (400, "invalid")
    assert [(e["field"], e["code"]) for e in unknown.json()["errors"]] == [("as_if", "unknown")]


@pytest.mark.parametrize("path", GETS)
def test_answers_are_as_described(
    reader: Client, filled: dict[str, Any], path: str, description: dict[str, Any]
) -> None:
    response = reader.get(V1 + path.format(**filled))
    assert response.status_code == 200
    template = V1 + path.replace("HDMU6546583", "{number}").replace("{request}", "{request_id}")
    template = template.replace("{pk}", "{shipment_id}")
    operation = description["paths"][template]["get"]
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    conforms(description, reference, response.json())


def conforms(description: dict[str, Any], reference: str, value: Any) -> None:
    """Nothing is missing, nothing is of another type, and nothing is there that is not described."""
    schemas = {
        name: {**schema, "additionalProperties": False} if schema.get("type") == "object" else schema
        for name, schema in description["components"]["schemas"].items()
    }
    schema = {"$ref": reference, "components": {"schemas": schemas}}
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]
    assert errors == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Shipment", examples.SHIPMENT),
        ("ShipmentPage", examples.SHIPMENT_PAGE),
        ("EventPage", examples.EVENT_PAGE),
        ("Container", examples.CONTAINER),
        ("ContainerPage", examples.CONTAINER_PAGE),
        ("Track", examples.TRACK_ONE),
        ("Track", examples.TRACK_MANY),
        ("Verdicts", examples.VERDICTS),
        ("Feed", examples.FEED),
    ],
)
def test_the_examples_are_as_described(description: dict[str, Any], name: str, value: Any) -> None:
    conforms(description, f"#/components/schemas/{name}", value)


def test_problems_are_as_described(client: Client, description: dict[str, Any]) -> None:
    conforms(description, "#/components/schemas/Problem", client.get("/api/v1/shipments/").json())


def test_every_route_is_described(description: dict[str, Any]) -> None:
    routes = {f"/{route.template}" for route in all_routes() if route.template.startswith("api/v1/")}
    assert routes == set(description["paths"])
    assert version_1
    for operations in description["paths"].values():
        for operation in operations.values():
            assert {"401", "403", "503"} <= set(operation["responses"])
            assert operation["summary"]


def test_every_view_declares_its_scope() -> None:
    views = [route.callback.cls for route in all_routes() if hasattr(route.callback, "cls") and "v1" in route.template]
    assert views
    for view in views:
        assert issubclass(view, APIView)
        declared = view.required_scopes
        scopes = set(declared.values()) if isinstance(declared, dict) else {declared}
        assert scopes <= set(KEY_SCOPES), view


def test_the_description_and_its_page(client: Client) -> None:
    assert client.get(reverse("schema"), headers={"accept": "application/json"}).status_code == 200
    page = client.get(reverse("docs"))
    assert page.status_code == 200
    # The policy allows no inline script and no inline style.
    assert b"<style" not in page.content
    assert b"<script>" not in page.content
    script = client.get(reverse("docs") + "?script=")
    assert script["Content-Type"].startswith("application/javascript")


NAMES = ["status", "milestone", "customs_state", "hold", "ready", "mode", "carrier", "port_of_loading", "eta_after"]
NAMES += ["eta_before", "party", "reference", "search", "updated_since", "ordering", "cursor", "limit", "colour"]
VALUES = st.one_of(
    st.text(max_size=80),
    st.integers().map(str),
    st.datetimes().map(str),
    st.sampled_from(
        ["true", "false", "unknown", "arrived,in_bond", "KRPUS", "-id", "eta", "2026-03-14", "%", "\\", "'"]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_no_query_breaks_a_list(reader: Client, query: dict[str, str]) -> None:
    for path in ("shipments/", "containers/", "tracking-requests/", "events/"):
        response = reader.get(V1 + path, query)
        assert response.status_code in (200, 400)
        if response.status_code == 400:
            assert {error["field"] for error in response.json()["errors"]} <= set(query)
