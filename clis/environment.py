"""The environment (and ``.env``) as the settings read it, and what several of them go by."""

from __future__ import annotations

import base64
import binascii
import json
import math
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

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


def whole(name: str, default: int, least: int = 0) -> int:
    """A whole number of ``least`` or more; anything else stops the start."""
    text = env.str(name, default=str(default))
    try:
        found = int(text)
    except ValueError:
        found = least - 1
    if found < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of {least} or more, not {text!r}")
    return found


def positive(name: str, default: float) -> float:
    """A number above 0, which may have a fraction; anything else stops the start."""
    found = rate(name, default)
    if not found:
        raise ImproperlyConfigured(f"{name} must be above 0")
    return found


def rate(name: str, default: float) -> float:
    """A number of 0 or more, which may have a fraction; anything else stops the start."""
    text = env.str(name, default=str(default))
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise ImproperlyConfigured(f"{name} must be a number of 0 or more, not {text!r}")
    return found


def pairs(name: str) -> dict[str, str]:
    """``name=value`` with commas between; anything else stops the start."""
    found = {}
    for text in env.list(name, default=[]):
        key, equals, value = text.partition("=")
        if not (key.strip() and equals):
            raise ImproperlyConfigured(f"{name}: {text!r} is not name=value")
        found[key.strip()] = value.strip()
    return found


def facts(name: str) -> dict[str, Any]:
    """A JSON object, which may hold secrets and is not shown; anything else stops the start."""
    try:
        found = json.loads(env.str(name, default="") or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object")
    return found


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
