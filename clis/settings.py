"""All settings, read from the environment (and ``.env``). A wrong value stops the start.

One database is the store of record: PostgreSQL in production, SQLite in WAL mode as the embedded
default. The broker carries wake-ups only and may be emptied at any moment. What notices go by is in
``settings_notices``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from clis.environment import BASE_DIR, DEBUG, VAR_DIR, env, flag, rate, whole
from clis.settings_notices import *  # noqa: F403  (one module of them is what Django takes)
from clis.settings_notices import EMAIL_PROVIDER

SECRET_KEY = env.str("CLIS_SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("CLIS_SECRET_KEY is not set (CLIS_DEBUG=1 allows a throw-away key)")
    SECRET_KEY = "only-for-development-" + "0" * 40
# Older keys: sessions, links and sealed secrets made under them stay good until they are taken out.
SECRET_KEY_FALLBACKS = env.list("CLIS_SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("CLIS_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
BASE_URL = env.str("CLIS_BASE_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "clis.accounts",
    "cargo",
    "notifications",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "lucide",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "cargo.api.detail.QuickDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clis.accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "clis.urls"
WSGI_APPLICATION = "clis.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clis.accounts.context.person",
            ],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    url = env.str("CLIS_DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'clis.sqlite3'}")
    try:
        known = url.startswith(("postgres://", "postgresql://", "sqlite://"))
        config: dict[str, Any] = env.db_url_config(url) if known else {}
    except ValueError:
        config = {}
    if not config:
        raise ImproperlyConfigured("CLIS_DATABASE_URL is postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:///PATH")
    if "sqlite" in config["ENGINE"]:
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA busy_timeout=30000; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY;"
            ),
        }
        # The default in-memory test database cannot be seen by a second process, and the worker tests start one.
        config["TEST"] = {"NAME": str(Path(config["NAME"]).with_suffix(".test.sqlite3"))}
    else:
        config["CONN_MAX_AGE"] = whole("CLIS_CONN_MAX_AGE", 600)
        config["CONN_HEALTH_CHECKS"] = True
        # Batches carry blocks of bytes: bound by the server they go as they are, not as hexadecimal text in the SQL.
        config.setdefault("OPTIONS", {})["server_side_binding"] = True
        # Statements that come back are planned once. 0 turns it off, for poolers that share server connections.
        config["OPTIONS"]["prepare_threshold"] = whole("CLIS_PREPARE_THRESHOLD", 5) or None
    config["ATOMIC_REQUESTS"] = False
    return config


DATABASES = {"default": _database()}
# An index with further columns is an ordinary one on SQLite, which is all right there.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Broker, cache ------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CLIS_BROKER_URL", default="filesystem://localhost/")
if CELERY_BROKER_URL.startswith("filesystem"):
    _broker = VAR_DIR / "broker"
    for _name in ("in", "control"):
        (_broker / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(_broker / "in"),
        "data_folder_out": str(_broker / "in"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.3,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 60,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        # A wake-up that finds no broker gives up at once; else each push would wait six seconds for it.
        "max_retries": 1,
        "interval_start": 0,
    }

REDIS_URL = env.str("CLIS_REDIS_URL", default="")
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "clis_cache"}
}

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "clis.accounts.adapter.ClosedSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# --- Language, time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "clis" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# Whose hours hold for quiet hours and digests of an address that is no person's and says nothing itself.
OPERATOR_TIME_ZONE = env.str("CLIS_OPERATOR_TIME_ZONE", default="Asia/Seoul")
if OPERATOR_TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured("CLIS_OPERATOR_TIME_ZONE is no IANA time zone, as Asia/Seoul")

# --- Static -------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "clis" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG and "test" not in sys.argv[0]
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- API ----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clis.accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clis.accounts.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["cargo.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cargo.api.rendering.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cargo.api.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["clis.accounts.throttling.ViewerRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"tracking": "120/min", "verify": "10/hour", "webhook_test": "30/hour"},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CLIS",
    "DESCRIPTION": "Where cargo stands, what holds it at customs, when it will be free, and what to do by when.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "CustomsState": "cargo.domain.codes.CUSTOMS_STATES",
        "LightState": "cargo.domain.readiness.LIGHT_STATES",
        "TrackingState": "cargo.api.tracking_shapes.TRACK_STATES",
        "ChannelKind": "notifications.api.serializers.CHANNEL_KINDS",
        "NewChannelKind": "notifications.api.serializers.NEW_CHANNEL_KINDS",
        "ChannelState": "notifications.api.serializers.CHANNEL_STATES",
        "EndpointState": "notifications.api.endpoints.STATES",
        "NewsKind": "notifications.api.serializers.LOGGED",
        "NoticeTemplate": "notifications.api.previews.TEMPLATES",
        "WrittenChannelKind": "notifications.api.previews.CHANNEL_KINDS",
        "ToldKind": "notifications.api.serializers.TOLD_KINDS",
        "MoneyKind": "cargo.domain.deadline_rules.MONEY_KINDS",
        "ForecastVerdict": "cargo.domain.forecast_scores.VERDICTS",
        "ShipmentStatus": "cargo.domain.codes.STATUSES",
        "StageCode": "cargo.domain.stages.STAGES",
        "ReferenceType": "cargo.domain.codes.REFERENCE_TYPES",
        "DeliveryState": "notifications.models.Delivery.State",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "cargo.api.schema.describe"],
}
# HTTP bodies of pushed messages; larger files enter by folder, SFTP or ``ingest``.
MESSAGE_MAX_BYTES = 20 * 1024 * 1024
FILE_MAX_BYTES = 256 * 1024 * 1024
# Where messages above MESSAGE_MAX_BYTES lie, by digest; web and workers must see the same folder.
BODIES_DIR = Path(env.str("CLIS_BODIES", default=str(VAR_DIR / "bodies")))
DATA_UPLOAD_MAX_MEMORY_SIZE = MESSAGE_MAX_BYTES + 64 * 1024

# --- Ways in ------------------------------------------------------------------------------------

# Watched folders lie below this one, and no others are looked into.
FOLDER_ROOT = Path(env.str("CLIS_FOLDER_ROOT", default=str(VAR_DIR / "folders")))
# How many intakes run at the same time on the whole installation: a slow partner must not take every worker.
INTAKES_AT_ONCE = whole("CLIS_INTAKES_AT_ONCE", 1, least=1)
# What one source may push: messages a second over time, and how many at once. 0 a second: no limit.
PUSH_RATE = rate("CLIS_PUSH_RATE", 500.0)
PUSH_BURST = whole("CLIS_PUSH_BURST", 10_000, least=1)

# --- Mail, SMS, webhooks ------------------------------------------------------------------------

if EMAIL_PROVIDER:
    INSTALLED_APPS.append("anymail")

# --- Security -----------------------------------------------------------------------------------

SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE and flag("CLIS_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = whole("CLIS_HSTS_SECONDS", 31_536_000 if SECURE else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if flag("CLIS_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Logs ---------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("CLIS_LOG_LEVEL", default="INFO")},
    "filters": {"without_refusals": {"()": "clis.logs.WithoutRefusals"}},
    "loggers": {
        "django.request": {"filters": ["without_refusals"]},
        "httpx": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
        "paramiko": {"level": "WARNING"},
    },
}
