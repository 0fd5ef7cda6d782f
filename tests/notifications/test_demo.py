"""The demo's sink as a process, and its pages: there in the demo, 404 everywhere else."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from clis.egress import Client as HttpClient
from tests.notifications.conftest import free_port

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
PATHS = ["/demo/mail/", "/demo/mail/x-1/", "/demo/mail/x-1/html/", "/demo/sms/", "/demo/sms/x-1/"]
HOSTILE = '<head></head><h1>Hi</h1><script>alert(1)</script><img src="http://evil.example/x.png">'


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Path:
    """The demo with one mail and one text in it."""
    settings.DEMO, settings.DEMO_OUTBOX = True, tmp_path
    mail = {
        "received_at": "2026-03-24T00:30:00+00:00",
        "from": "CLIS",
        "to": "alice@example.com",
        "subject": "<b>One</b>",
    }
    mail |= {"headers": [["X-Kept", "yes"]], "text": "plain words", "html": HOSTILE}
    text = {
        "received_at": "2026-03-24T00:30:00+00:00",
        "from": "CLIS",
        "to": "+8210",
        "text": "수리",
        "reference": "d-1",
    }
    for kind, content in (("mail", mail), ("sms", text)):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "x-1.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_the_mails_and_one_mail(db: None, client: Client, outbox: Path) -> None:
    page = client.get("/demo/mail/").content.decode()
    assert "&lt;b&gt;One&lt;/b&gt;" in page and 'href="/demo/mail/x-1/"' in page
    assert "<html" not in client.get("/demo/mail/", headers={"HX-Request": "true"}).content.decode()
    one = client.get("/demo/mail/x-1/").content.decode()
    assert "plain words" in one and "X-Kept: yes" in one
    assert re_sandbox(one) == "allow-popups allow-popups-to-escape-sandbox"
    assert "<script>alert" not in one


def re_sandbox(page: str) -> str:
    return page.split('sandbox="')[1].split('"')[0]


def test_the_html_of_a_mail_has_no_rights(db: None, client: Client, outbox: Path) -> None:
    answer = client.get("/demo/mail/x-1/html/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'none'" in policy and "img-src 'none'" in policy
    assert "sandbox allow-popups" in policy and "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_blank">' in answer.content.decode()


def test_the_texts(db: None, client: Client, outbox: Path) -> None:
    assert "수리" in client.get("/demo/sms/").content.decode()
    assert "d-1" in client.get("/demo/sms/x-1/").content.decode()


def test_what_is_not_there_is_404(db: None, client: Client, outbox: Path) -> None:
    (outbox / "secret.json").write_text("{}")
    for path in ("/demo/mail/none/", "/demo/mail/..%2Fsecret/", "/demo/sms/x-2/", "/demo/mail/../secret/"):
        assert client.get(path).status_code == 404
    assert client.post("/demo/mail/").status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_outside_the_demo_there_is_no_such_page(
    db: None, client: Client, outbox: Path, settings: Any, path: str
) -> None:
    settings.DEMO = False
    assert client.get(path).status_code == 404


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """The sink as its own process, and its two ports."""
    ports = free_port(), free_port()
    process = subprocess.Popen(
        [sys.executable, str(MANAGE), "demo_sink", "--mail-port", str(ports[0]), "--sms-port", str(ports[1])],
        env={**os.environ, "CLIS_VAR": str(tmp_path), "CLIS_DATABASE_URL": "sqlite:///:memory:"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("mail on 127.0.0.1")
    yield process, *ports
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()


def test_the_sink_writes_what_it_gets_and_ends_cleanly(
    sink: tuple[subprocess.Popen[str], int, int], tmp_path: Path
) -> None:
    process, mail_port, sms_port = sink
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "clis@example.com", "alice@example.com", "수입신고 수리"
    mail.set_content("본문")
    mail.add_alternative("<p>본문</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", mail_port) as smtp:
        smtp.send_message(mail)
    body = {"to": "+821012345678", "from": "CLIS", "text": "수리", "reference": "d-1"}
    with HttpClient(operator=True) as http:
        url = f"http://127.0.0.1:{sms_port}/sms"
        taken = http.request("POST", url, content=json.dumps(body).encode())
        refused = [http.request("POST", url, content=bad).status for bad in (b"{", b"[]", b"{}", b'"x"')]
    (mailed,) = [json.loads(file.read_text()) for file in (tmp_path / "demo" / "mail").iterdir()]
    (texted,) = (tmp_path / "demo" / "sms").iterdir()
    assert (mailed["subject"], mailed["text"].strip(), mailed["html"].strip()) == (
        "수입신고 수리", "본문", "<p>본문</p>",
    )  # fmt: skip
    assert (taken.status, taken.json(), refused) == (201, {"id": texted.stem}, [400] * 4)
    assert {**json.loads(texted.read_text()), "received_at": ""} == {**body, "received_at": ""}
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_taken_port_is_one_clear_line(sink: tuple[subprocess.Popen[str], int, int], tmp_path: Path) -> None:
    _process, mail_port, _sms_port = sink
    second = subprocess.run(
        [sys.executable, str(MANAGE), "demo_sink", "--mail-port", str(mail_port), "--sms-port", str(free_port())],
        env={**os.environ, "CLIS_VAR": str(tmp_path), "CLIS_DATABASE_URL": "sqlite:///:memory:"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.startswith(f"CommandError: the mail server cannot listen on 127.0.0.1:{mail_port}")
    assert "Traceback" not in second.stderr
