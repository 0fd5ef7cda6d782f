"""The settings of what leaves the building: mail, texts, chats, browser notifications, webhooks, and how long what came
of it is kept. A part of ``settings``.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from clis.environment import DEBUG, DEMO, VAR_DIR, amount, decoded, env, facts, flag, pairs, positive, whole

# --- Mail, SMS ----------------------------------------------------------------------------------

# The demo's own mail server and SMS gateway (``manage.py demo_sink``), which write what they get to DEMO_OUTBOX.
DEMO_MAIL_PORT = whole("CLIS_DEMO_MAIL_PORT", 8025)
DEMO_SMS_PORT = whole("CLIS_DEMO_SMS_PORT", 8026)
EMAIL_URL = env.str("CLIS_EMAIL_URL", default=f"smtp://127.0.0.1:{DEMO_MAIL_PORT}" if DEMO else "consolemail://")
try:
    vars().update(env.email_url_config(EMAIL_URL))
except (ImproperlyConfigured, ValueError):
    # Its text may hold the password.
    raise ImproperlyConfigured(
        "CLIS_EMAIL_URL is no address of a mail server, as smtp+tls://USER:PASSWORD@HOST:587"
    ) from None
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("CLIS_EMAIL_FROM", default="CLIS <clis@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_REPLY_TO = env.str("CLIS_EMAIL_REPLY_TO", default="")
# Instead of SMTP a provider of django-anymail by its name (sendgrid, postmark …), with its settings as JSON:
# {"POSTMARK_SERVER_TOKEN": "…", "WEBHOOK_SECRET": "name:password"}; without a WEBHOOK_SECRET it cannot tell of bounces.
EMAIL_PROVIDERS = (
    "brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark", "resend", "sendgrid",
    "sparkpost", "unisender_go",
)  # fmt: skip
ANYMAIL: dict[str, Any] = facts("CLIS_ANYMAIL")
EMAIL_PROVIDER = env.str("CLIS_EMAIL_BACKEND", default="")
if EMAIL_PROVIDER:
    if EMAIL_PROVIDER not in EMAIL_PROVIDERS:
        raise ImproperlyConfigured(f"CLIS_EMAIL_BACKEND must be empty or one of {', '.join(EMAIL_PROVIDERS)}")
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
    if not ANYMAIL:
        raise ImproperlyConfigured(f"CLIS_ANYMAIL must hold the settings of {EMAIL_PROVIDER} as JSON")
    ANYMAIL = {"REQUESTS_TIMEOUT": (5, EMAIL_TIMEOUT), **ANYMAIL}
# What gateways of one's own sign by that tell of bounces (POST /callbacks/mail/); several while one is changed.
MAIL_CALLBACK_SECRETS = env.list("CLIS_MAIL_CALLBACK_SECRETS", default=[])
if any(len(secret) < 16 for secret in MAIL_CALLBACK_SECRETS):
    raise ImproperlyConfigured("CLIS_MAIL_CALLBACK_SECRETS: a secret has at least 16 characters")
# SMS: "" (off), "generic" (POST JSON to CLIS_SMS_URL), "twilio", "solapi" or "folder" (files in CLIS_SMS_FOLDER); and
# another of them, which is tried where the first definitely refused.
SMS_PROVIDERS = ("generic", "twilio", "solapi", "folder")
SMS_PROVIDER = env.str("CLIS_SMS_PROVIDER", default="generic" if DEMO else "")
SMS_SECOND_PROVIDER = env.str("CLIS_SMS_SECOND_PROVIDER", default="")
for _name, _value in (("CLIS_SMS_PROVIDER", SMS_PROVIDER), ("CLIS_SMS_SECOND_PROVIDER", SMS_SECOND_PROVIDER)):
    if _value and _value not in SMS_PROVIDERS:
        raise ImproperlyConfigured(f"{_name} must be empty or one of {', '.join(SMS_PROVIDERS)}, not {_value!r}")
if SMS_SECOND_PROVIDER and SMS_PROVIDER in ("", SMS_SECOND_PROVIDER):
    raise ImproperlyConfigured("CLIS_SMS_SECOND_PROVIDER is another one than CLIS_SMS_PROVIDER")
SMS_URL = env.str("CLIS_SMS_URL", default=f"http://127.0.0.1:{DEMO_SMS_PORT}/sms" if DEMO else "")
SMS_TOKEN = env.str("CLIS_SMS_TOKEN", default="")
SMS_FROM = env.str("CLIS_SMS_FROM", default="CLIS")
SMS_TIMEOUT = positive("CLIS_SMS_TIMEOUT", 15.0)
# Texts cost money: the countries that are texted at all, how a bare number is read, and one organization's day.
SMS_COUNTRIES = [name.strip() for name in env.list("CLIS_SMS_COUNTRIES", default=["KR"])]
SMS_REGION = env.str("CLIS_SMS_REGION", default="KR")
if any(not re.fullmatch("[A-Z]{2}", _country) for _country in (*SMS_COUNTRIES, SMS_REGION)):
    raise ImproperlyConfigured("CLIS_SMS_COUNTRIES and CLIS_SMS_REGION are countries of two capitals (ISO 3166), as KR")
# Whether the gateway answers GET with a reference, for texts whose outcome is unknown; and what signs its callbacks.
SMS_LOOK_UP = flag("CLIS_SMS_LOOK_UP", False)
SMS_CALLBACK_SECRET = env.str("CLIS_SMS_CALLBACK_SECRET", default="")
if SMS_CALLBACK_SECRET and not decoded(SMS_CALLBACK_SECRET.removeprefix("whsec_")):
    raise ImproperlyConfigured("CLIS_SMS_CALLBACK_SECRET is whsec_ and base64")
SMS_FOLDER = env.str("CLIS_SMS_FOLDER", default=str(VAR_DIR / "texts"))
if not SMS_FOLDER and "folder" in (SMS_PROVIDER, SMS_SECOND_PROVIDER):
    raise ImproperlyConfigured("CLIS_SMS_FOLDER is a folder's path")
# A day's texts: of one organization, to one number, to one range of 10,000 numbers, to one country in all. 0: no limit.
SMS_DAILY_LIMIT = whole("CLIS_SMS_DAILY_LIMIT", 200)
SMS_NUMBER_LIMIT = whole("CLIS_SMS_NUMBER_LIMIT", 0 if DEMO else 5)
SMS_RANGE_LIMIT = whole("CLIS_SMS_RANGE_LIMIT", 0 if DEMO else 50)
SMS_COUNTRY_LIMIT = whole("CLIS_SMS_COUNTRY_LIMIT", 5_000)
# What a segment costs by calling code, a whole message by code and form (82/lms, 82/alimtalk), or * for any other
# country; and what one organization may spend a day. 0: no limit.
SMS_CURRENCY = env.str("CLIS_SMS_CURRENCY", default="KRW")
SMS_PRICES = {name: amount("CLIS_SMS_PRICES", text) for name, text in pairs("CLIS_SMS_PRICES").items()}
SMS_MONEY_LIMIT = amount("CLIS_SMS_MONEY_LIMIT", env.str("CLIS_SMS_MONEY_LIMIT", default="0"))
if SMS_MONEY_LIMIT and "*" not in SMS_PRICES:
    # Its tables take a tenth of a second to load, which only such a start needs.
    from phonenumbers import country_code_for_region

    _codes = {country: str(country_code_for_region(country)) for country in SMS_COUNTRIES}
    # Solapi alone is paid by the message: what it sends is one form or the other.
    _forms = ("/sms", "/lms") if {SMS_PROVIDER, SMS_SECOND_PROVIDER} <= {"solapi", ""} else ("",)
    _unpriced = [
        f"{country} ({code})"
        for country, code in _codes.items()
        if code not in SMS_PRICES and not all(f"{code}{form}" in SMS_PRICES for form in _forms)
    ]
    if _unpriced:
        raise ImproperlyConfigured(
            f"CLIS_SMS_MONEY_LIMIT: CLIS_SMS_PRICES has no price for {', '.join(_unpriced)}, nor one for *: "
            "what has no price costs nothing, and no limit stops it"
        )
# Who is mailed when a limit stops texts; empty: everybody of the operator's staff.
ALERT_MAIL = env.list("CLIS_ALERT_MAIL", default=[])
TWILIO_ACCOUNT_SID = env.str("CLIS_TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("CLIS_TWILIO_AUTH_TOKEN", default="")
TWILIO_BASE_URL = env.str("CLIS_TWILIO_BASE_URL", default="https://api.twilio.com")
TWILIO_FROM = env.str("CLIS_TWILIO_FROM", default="")
SOLAPI_API_KEY = env.str("CLIS_SOLAPI_API_KEY", default="")
SOLAPI_API_SECRET = env.str("CLIS_SOLAPI_API_SECRET", default="")
SOLAPI_BASE_URL = env.str("CLIS_SOLAPI_BASE_URL", default="https://api.solapi.com")
SOLAPI_FROM = env.str("CLIS_SOLAPI_FROM", default="")
SOLAPI_WEBHOOK_SECRET = env.str("CLIS_SOLAPI_WEBHOOK_SECRET", default="")
# AlimTalk: the channel, and templates by kind of news and language (customs.held.ko=KA01TP…).
SOLAPI_PF_ID = env.str("CLIS_SOLAPI_PF_ID", default="")
SOLAPI_TEMPLATES = pairs("CLIS_SOLAPI_TEMPLATES")
# Chats that people may connect, each at its maker's own hosts; and the key pair of browser notifications (VAPID: the
# private key as 32 bytes in base64url, and whom push services may write to). Empty: switched off.
CHAT_SERVICES = env.list("CLIS_CHAT_SERVICES", default=["slack", "teams", "telegram", "discord"])
if _unknown := sorted(set(CHAT_SERVICES) - {"slack", "teams", "telegram", "discord"}):
    raise ImproperlyConfigured(f"CLIS_CHAT_SERVICES has no {', '.join(_unknown)}")
PUSH_KEY = env.str("CLIS_PUSH_KEY", default="")
PUSH_CONTACT = env.str("CLIS_PUSH_CONTACT", default="")
# A private key of P-256 is a number from 1 up to the order of its group (SP 800-186, 3.2.1.3), in 32 bytes.
_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_key = decoded(PUSH_KEY + "=" * (-len(PUSH_KEY) % 4), b"-_")
if PUSH_KEY and (len(_key) != 32 or not 0 < int.from_bytes(_key, "big") < _P256):
    raise ImproperlyConfigured("CLIS_PUSH_KEY is a private key of P-256: 32 bytes in base64url")
if PUSH_KEY and not PUSH_CONTACT.startswith(("mailto:", "https://")):
    raise ImproperlyConfigured("CLIS_PUSH_CONTACT is mailto:… or https://…")
DEMO_OUTBOX = VAR_DIR / "demo"

# --- Webhooks and what leaves the building -------------------------------------------------------

# An HTTP proxy (CONNECT) through which every URL that a client typed is called; while it is out of reach, none is.
EGRESS_PROXY = env.str("CLIS_EGRESS_PROXY", default="")
if EGRESS_PROXY and not EGRESS_PROXY.startswith("http://"):
    raise ImproperlyConfigured("CLIS_EGRESS_PROXY is http://[user:password@]host:port")
# Ports that are called for a client.
_ports = env.list("CLIS_EGRESS_PORTS", default=["80", "443"])
if any(not re.fullmatch("[0-9]{1,5}", _port) or not 0 < int(_port) < 65_536 for _port in _ports):
    raise ImproperlyConfigured("CLIS_EGRESS_PORTS are numbers from 1 to 65535")
EGRESS_PORTS = frozenset(map(int, _ports))
# Webhooks without TLS; hosts in the operator's own network that may be called all the same, as host or host:port.
WEBHOOK_HTTP = flag("CLIS_WEBHOOK_HTTP", DEBUG or DEMO)
WEBHOOK_OWN_HOSTS = env.list("CLIS_WEBHOOK_OWN_HOSTS", default=["127.0.0.1"] if DEMO else [])
WEBHOOK_TIMEOUT = positive("CLIS_WEBHOOK_TIMEOUT", 15.0)
# Requests a second to one endpoint, and how many endpoints an organization may have.
WEBHOOK_RATE = positive("CLIS_WEBHOOK_RATE", 10.0)
WEBHOOK_ENDPOINTS = whole("CLIS_WEBHOOK_ENDPOINTS", 20)

# --- How long it is kept -------------------------------------------------------------------------

# Days: what providers called back, which is known by it when it comes again, and letters of the system itself; what was
# sent to endpoints and answered, and which arrivals people were told.
KEEP_CALLBACKS_DAYS = whole("CLIS_KEEP_CALLBACKS_DAYS", 30, least=7)
KEEP_ANSWERS_DAYS = whole("CLIS_KEEP_ANSWERS_DAYS", 90, least=7)
