"""Mistakes in the settings are said at the start."""

from __future__ import annotations

import pytest
from django.test import override_settings

from clis.accounts.checks import check_settings


@pytest.mark.parametrize(
    ("base_url", "debug", "demo", "hosts", "expected"),
    [
        ("https://clis.example.com", False, False, ["clis.example.com"], []),
        ("https://clis.example.com", False, False, [".example.com"], []),
        ("https://clis.example.com", False, False, ["*"], []),
        ("http://localhost:8000", False, True, ["localhost"], []),
        ("http://127.0.0.1:8000", True, False, [], []),
        ("http://[::1]:8000", False, False, [], []),
        ("http://clis.example.com", False, False, ["clis.example.com"], ["accounts.W001"]),
        ("http://clis.example.com", True, False, ["clis.example.com"], ["accounts.W002"]),
        ("https://clis.example.com", False, True, ["clis.example.com"], ["accounts.W002"]),
        ("https://clis.example.com", False, False, ["localhost", ".example.org"], ["accounts.W003"]),
        ("http://localhost.example.com", False, False, ["localhost"], ["accounts.W001", "accounts.W003"]),
        ("clis.example.com", False, False, ["*"], ["accounts.W004"]),
        ("https://", False, False, ["*"], ["accounts.W004"]),
    ],
)
def test_the_public_address(base_url: str, debug: bool, demo: bool, hosts: list[str], expected: list[str]) -> None:
    with override_settings(BASE_URL=base_url, DEBUG=debug, DEMO=demo, ALLOWED_HOSTS=hosts):
        assert [problem.id for problem in check_settings(None)] == expected
