"""System checks: mistakes in the settings that would be noticed too late."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.W001 to W004: the public address, debugging and the demo."""
    address = urlsplit(settings.BASE_URL)
    host = address.hostname or ""
    local = host in LOCAL_HOSTS or host.endswith(".localhost")
    problems: list[CheckMessage] = []
    if address.scheme not in ("http", "https") or not host:
        problems.append(
            Warning(f"CLIS_BASE_URL is not an address: {settings.BASE_URL!r}", hint=_ADDRESS, id="accounts.W004")
        )
    elif not local:
        problems += _public(address.scheme, host)
    return problems


_ADDRESS = "Write it as https://clis.example.com; links in mails begin with it."


def _public(scheme: str, host: str) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if scheme == "http" and not settings.DEBUG:
        problems.append(
            Warning(
                "CLIS_BASE_URL is http: passwords, session cookies and API keys would travel in the clear",
                hint=_ADDRESS,
                id="accounts.W001",
            )
        )
    if settings.DEBUG or settings.DEMO:
        name = "CLIS_DEBUG" if settings.DEBUG else "CLIS_DEMO"
        problems.append(
            Warning(
                f"{name} is on while CLIS_BASE_URL is public: error pages show settings, demo passwords are known",
                hint=f"Set {name}=0.",
                id="accounts.W002",
            )
        )
    if not any(_names(allowed, host) for allowed in settings.ALLOWED_HOSTS):
        problems.append(
            Warning(
                f"CLIS_ALLOWED_HOSTS does not name {host}, the host of CLIS_BASE_URL: every page would answer 400",
                hint=f"Add {host} to CLIS_ALLOWED_HOSTS.",
                id="accounts.W003",
            )
        )
    return problems


def _names(allowed: str, host: str) -> bool:
    return allowed in ("*", host) or (allowed.startswith(".") and f".{host}".endswith(allowed))
