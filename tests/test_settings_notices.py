"""Settings of notices that are wrong stop the start, with one line that names them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"


def start(**settings: str) -> str:
    """What the last line of a start says; "" if it is well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLIS_")}
    environment |= {"CLIS_DEBUG": "1", "CLIS_ENV_FILE": os.devnull, "CLIS_VAR": os.environ["CLIS_VAR"], **settings}
    command = [sys.executable, "-c", "import clis.settings_notices"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return told.stderr.strip().rpartition("\n")[2] if told.returncode else ""


WRONG = [
    ({"CLIS_PUSH_KEY": "not base64!", "CLIS_PUSH_CONTACT": "mailto:a@b.example"}, "CLIS_PUSH_KEY"),
    ({"CLIS_PUSH_KEY": "AAAA", "CLIS_PUSH_CONTACT": "mailto:a@b.example"}, "CLIS_PUSH_KEY"),
    ({"CLIS_PUSH_KEY": "A" * 43, "CLIS_PUSH_CONTACT": "mailto:a@b.example"}, "CLIS_PUSH_KEY"),
    ({"CLIS_PUSH_KEY": "_" * 42 + "8", "CLIS_PUSH_CONTACT": "mailto:a@b.example"}, "CLIS_PUSH_KEY"),
    ({"CLIS_SMS_CALLBACK_SECRET": "whsec_no base64"}, "CLIS_SMS_CALLBACK_SECRET"),
    ({"CLIS_SMS_CALLBACK_SECRET": "whsec_"}, "CLIS_SMS_CALLBACK_SECRET"),
    ({"CLIS_SMS_PROVIDER": "folder", "CLIS_SMS_FOLDER": ""}, "CLIS_SMS_FOLDER"),
    ({"CLIS_SMS_MONEY_LIMIT": "1000"}, "no price for KR (82), nor one for *"),
    ({"CLIS_SMS_MONEY_LIMIT": "1000", "CLIS_SMS_COUNTRIES": "KR,US,CA,JP", "CLIS_SMS_PRICES": "82=18,1=0.5"},
     "no price for JP (81), nor one for *"),
    # By the form alone only Solapi is paid.
    ({"CLIS_SMS_MONEY_LIMIT": "1000", "CLIS_SMS_PROVIDER": "twilio", "CLIS_SMS_PRICES": "82/sms=18,82/lms=45"},
     "no price for KR (82), nor one for *"),
    ({"CLIS_SMS_MONEY_LIMIT": "1000", "CLIS_SMS_PROVIDER": "solapi", "CLIS_SMS_PRICES": "82/sms=18"},
     "no price for KR (82), nor one for *"),
    ({"CLIS_EMAIL_BACKEND": "amazon_ses", "CLIS_ANYMAIL": '{"X": 1}'},
     "one of brevo, mailersend, mailgun, mailjet, mailtrap, mandrill, postal, postmark, resend, sendgrid, sparkpost, "
     "unisender_go"),
    ({"CLIS_EMAIL_BACKEND": "postmark", "CLIS_ANYMAIL": "{"}, "CLIS_ANYMAIL must be a JSON object"),
    ({"CLIS_ANYMAIL": '["POSTMARK_SERVER_TOKEN"]'}, "CLIS_ANYMAIL must be a JSON object"),
    ({"CLIS_EMAIL_URL": "smtp://user:secret@mail.example.org:port"}, "CLIS_EMAIL_URL is no address of a mail server"),
    ({"CLIS_SMS_DAILY_LIMIT": "-1"}, "CLIS_SMS_DAILY_LIMIT must be a whole number of 0 or more, not '-1'"),
    ({"CLIS_SMS_TIMEOUT": "0"}, "CLIS_SMS_TIMEOUT must be above 0"),
    ({"CLIS_SMS_PRICES": "18"}, "CLIS_SMS_PRICES: '18' is not name=value"),
    ({"CLIS_SMS_COUNTRIES": "KR,kr"}, "countries of two capitals"),
    ({"CLIS_SMS_REGION": "Korea"}, "countries of two capitals"),
    ({"CLIS_EGRESS_PORTS": "443,https"}, "CLIS_EGRESS_PORTS are numbers from 1 to 65535"),
    ({"CLIS_EGRESS_PORTS": "65536"}, "CLIS_EGRESS_PORTS are numbers from 1 to 65535"),
    ({"CLIS_WEBHOOK_RATE": "fast"}, "CLIS_WEBHOOK_RATE must be a number of 0 or more, not 'fast'"),
    ({"CLIS_WEBHOOK_RATE": "0"}, "CLIS_WEBHOOK_RATE must be above 0"),
    ({"CLIS_KEEP_ANSWERS_DAYS": "6"}, "CLIS_KEEP_ANSWERS_DAYS must be a whole number of 7 or more, not '6'"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "said"), WRONG)
def test_a_wrong_value_stops_the_start(settings: dict[str, str], said: str) -> None:
    told = start(**settings)
    assert "ImproperlyConfigured" in told and said in told
    assert "secret@" not in told


def test_right_values_do_not() -> None:
    well = {
        "CLIS_PUSH_KEY": KEY,
        "CLIS_PUSH_CONTACT": "mailto:a@b.example",
        "CLIS_SMS_CALLBACK_SECRET": "whsec_" + "A" * 44,
        "CLIS_SMS_FOLDER": "",
        "CLIS_SMS_COUNTRIES": "KR, JP",
        "CLIS_SMS_PRICES": "82=18, 82/lms=45",
        "CLIS_EMAIL_BACKEND": "postmark",
        "CLIS_ANYMAIL": '{"POSTMARK_SERVER_TOKEN": "x"}',
    }
    assert start(**well) == start(CLIS_SMS_PROVIDER="folder") == start() == ""


@pytest.mark.parametrize(
    "prices",
    [
        {"CLIS_SMS_COUNTRIES": "KR,US,CA", "CLIS_SMS_PRICES": "82=18,1=0.5"},
        {"CLIS_SMS_COUNTRIES": "KR,US,JP", "CLIS_SMS_PRICES": "82=18,*=90"},
        {"CLIS_SMS_PROVIDER": "solapi", "CLIS_SMS_PRICES": "82/sms=18,82/lms=45"},
    ],
)
def test_a_limit_of_money_starts_where_every_country_has_its_price(prices: dict[str, str]) -> None:
    assert start(CLIS_SMS_MONEY_LIMIT="1000", **prices) == ""
