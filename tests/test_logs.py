"""What the logs leave out: the way to a refusal, and nothing else."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from tests.notifications.receivers import an_endpoint
from tests.people import Person, a_person


def test_what_a_user_may_not_do_is_one_line(shipper: Person, caplog: pytest.LogCaptureFixture) -> None:
    assert shipper.organization
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    eve: Client = a_person("Eve", shipper.organization).client()
    path = f"/notices/webhooks/{endpoint.pk}/pause/"
    with caplog.at_level(logging.WARNING, "django.request"):
        assert eve.post(path).status_code == 403
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert record.getMessage() == f"Forbidden (Permission denied): {path}"
    assert (record.exc_info, record.exc_text) == (None, None) and "Traceback" not in caplog.text


def test_a_fault_of_ours_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise RuntimeError("a fault")
    except RuntimeError:
        with caplog.at_level(logging.ERROR, "django.request"):
            logging.getLogger("django.request").exception("Internal Server Error")
    assert "RuntimeError: a fault" in caplog.text
