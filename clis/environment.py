"""The environment (and ``.env``) as the settings read it, and what several of them go by."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal, InvalidOperation
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env.path("CLIS_ENV_FILE", default=str(BASE_DIR / ".env"))())


def flag(name: str, default: bool) -> bool:
    """A boolean that is spelled ``1``/``0`` or ``true``/``false``; anything else stops the start."""
    raw = env.str(name, default="1" if default else "0").strip().lower()
    if raw in ("1", "true", "yes", "on"):
        return True
    if raw in ("0", "false", "no", "off", ""):
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}")


def amount(name: str, text: str) -> Decimal:
    """A sum of money that is not negative; anything else stops the start."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        raise ImproperlyConfigured(f"{name}: {text!r} is not an amount")
    return found


def decoded(text: str, others: bytes = b"+/") -> bytes:
    """What a text is base64 of, with these for its last two digits; nothing if it is none."""
    try:
        return base64.b64decode(text, others, validate=True)
    except (binascii.Error, ValueError):
        return b""


DEBUG = flag("CLIS_DEBUG", False)
DEMO = flag("CLIS_DEMO", False)
VAR_DIR = Path(env.str("CLIS_VAR", default=str(BASE_DIR / "var")))
