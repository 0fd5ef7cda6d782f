"""Staff set up how messages come in: signing secrets, intakes with their credentials, a run at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cargo import tasks
from cargo.models import Acknowledgment, InboundMessage, Inquiry, Intake, Source, SourceSecret
from cargo.pipeline.receive import receive
from cargo.sources import base
from clis.sealing import seal, unseal
from tests.people import Person, a_person, a_staff_member

PASSWORD = "kept secret 비밀"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken() -> Iterator[mock.MagicMock]:
    """Nobody is woken; what would have been is noted."""
    cache.clear()
    with mock.patch.object(tasks, "wake") as wake:
        yield wake


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FOLDER_ROOT = tmp_path
    path = tmp_path / "hmm"
    path.mkdir()
    return path


@pytest.fixture
def intake(source: Source, folder: Path) -> Intake:
    return Intake.objects.create(source=source, way="folder", settings={"path": "hmm"})


@pytest.fixture
def sftp(source: Source) -> Intake:
    return Intake.objects.create(source=source, way="sftp", active=False)


def url(name: str, row: Any = None) -> str:
    return reverse(f"admin:cargo_{name}", args=[row.pk] if row is not None else [])


def texts(answer: Any) -> list[str]:
    return [str(line) for line in answer.context["messages"]]


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: [str(line) for line in lines] for name, lines in answer.context["adminform"].form.errors.items()}


# --- Signing secrets ----------------------------------------------------------------------------


def issue(client: Client, source: Source, **fields: str) -> Any:
    return client.post(url("source_issue_secret", source), {"scheme": "hmac", "older": "24", **fields})


def test_a_secret_is_made_shown_once_and_works(staff_client: Client, source: Source) -> None:
    answer = issue(staff_client, source, label="their gateway")
    text = answer.context["issued"]
    row = SourceSecret.objects.get()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert (row.source, row.scheme, row.label, row.expires_at) == (source, "hmac", "their gateway", None)
    assert text.startswith("whsec_") and len(base64.b64decode(text[6:])) == 32
    assert unseal(row.sealed) == text and text not in row.sealed
    assert answer.content.decode().count(text) == 1
    assert answer.context["address"] == "http://localhost:8000/api/v1/sources/hmm/messages/"
    for page in (url("source_change", source), url("sourcesecret_change", row), url("sourcesecret_changelist")):
        shown = staff_client.get(page).content.decode()
        assert "their gateway" in shown and text not in shown and row.sealed not in shown
    at = str(int(timezone.now().timestamp()))
    mac = hmac.new(base64.b64decode(text[6:]), f"{at}.[]".encode(), hashlib.sha256).hexdigest()
    headers = {"X-CLIS-Signature": f"t={at},v1={mac}"}
    address = answer.context["address"].removeprefix("http://localhost:8000")
    assert Client().post(address, b"[]", content_type="application/json", headers=headers).status_code == 202


def test_a_carriers_secret_is_as_dcsa_asks(staff_client: Client, source: Source) -> None:
    answer = issue(staff_client, source, scheme="dcsa", subscription="b1a2")
    row = SourceSecret.objects.get()
    assert (row.scheme, row.subscription) == ("dcsa", "b1a2")
    assert 32 <= len(base64.b64decode(answer.context["issued"], validate=True)) <= 64
    assert answer.context["address"] == "http://localhost:8000/callbacks/dcsa/hmm"


def test_a_secret_of_the_partner_is_not_shown_back(staff_client: Client, source: Source) -> None:
    answer = issue(staff_client, source, given="a word of theirs")
    assert unseal(SourceSecret.objects.get().sealed) == "a word of theirs"
    assert "a word of theirs" not in answer.content.decode()


@pytest.mark.parametrize(
    ("scheme", "given"),
    [("hmac", "short"), ("hmac", "whsec_!!!"), ("dcsa", "31 bytes are not enough for it."), ("dcsa", "x" * 65)],
)
def test_a_secret_of_another_length_is_refused(staff_client: Client, source: Source, scheme: str, given: str) -> None:
    answer = issue(staff_client, source, scheme=scheme, given=given)
    assert answer.status_code == 422
    assert not SourceSecret.objects.exists()
    assert given not in answer.content.decode()


@pytest.mark.parametrize(("older", "hours"), [("24", 24), ("168", 168), ("0", 0), ("", None)])
def test_two_are_valid_at_a_time(staff_client: Client, source: Source, older: str, hours: int | None) -> None:
    for label in ("first", "second", "third"):
        issue(staff_client, source, label=label, older=older if label == "third" else "")
    now = timezone.now()
    first, second, third = (SourceSecret.objects.get(label=label) for label in ("first", "second", "third"))
    assert first.expires_at is not None and first.expires_at <= now
    assert third.expires_at is None
    if hours is None:
        assert second.expires_at is None
    else:
        assert second.expires_at is not None
        assert abs(second.expires_at - now - timedelta(hours=hours)) < timedelta(minutes=1)


def test_another_scheme_and_another_source_are_left_alone(staff_client: Client, source: Source) -> None:
    one = Source.objects.create(slug="one", name="ONE")
    issue(staff_client, one)
    issue(staff_client, source, scheme="dcsa")
    issue(staff_client, source, older="0")
    assert not SourceSecret.objects.exclude(expires_at=None).exists()


def test_a_secret_is_ended_by_hand(staff_client: Client, source: Source) -> None:
    row = SourceSecret.objects.create(source=source, sealed=seal("x" * 20))
    over = SourceSecret.objects.create(source=source, sealed=seal("y"), expires_at=timezone.now() - timedelta(days=1))
    form = {"action": "end", "_selected_action": [row.pk, over.pk]}
    answer = staff_client.post(url("sourcesecret_changelist"), form, follow=True)
    assert texts(answer) == ["1 secret has ended."]
    row.refresh_from_db()
    assert row.expires_at is not None and row.expires_at <= timezone.now()


# --- Setting up an intake -----------------------------------------------------------------------


def test_an_intake_has_its_way_first_and_then_its_settings(staff_client: Client, source: Source, folder: Path) -> None:
    form = {"source": source.pk, "way": "folder", "every": "00:05:00"}
    answer = staff_client.post(url("intake_add"), form, follow=True)
    made = Intake.objects.get()
    assert (made.source, made.way, made.every, made.active) == (source, "folder", timedelta(minutes=5), False)
    assert answer.request["PATH_INFO"] == url("intake_change", made)
    names = [name for name in answer.context["adminform"].form.fields if name.startswith("setting_")]
    assert names == ["setting_path", "setting_stable_seconds", "setting_pattern", "setting_after", "setting_answers"]
    form = {"every": "00:01:00", "active": "on", "setting_path": "hmm", "setting_stable_seconds": "10"}
    form |= {"setting_pattern": "*.edi", "setting_after": "archive", "setting_answers": "on"}
    assert staff_client.post(url("intake_change", made), form).status_code == 302
    made.refresh_from_db()
    assert (made.settings, made.active, made.sealed) == ({"path": "hmm", "pattern": "*.edi"}, True, "")
    assert made.every == timedelta(minutes=1)


def test_from_a_sources_page(staff_client: Client, source: Source, intake: Intake) -> None:
    page = staff_client.get(url("source_change", source)).content.decode()
    assert f"{url('intake_add')}?source={source.pk}" in page
    assert url("intake_change", intake) in page
    assert url("source_issue_secret", source) in page
    added = staff_client.get(f"{url('intake_add')}?source={source.pk}")
    assert str(added.context["adminform"].form.initial["source"]) == str(source.pk)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("setting_path", "", "This field is required."),
        ("setting_path", "../etc", "A path below the folder root"),
        ("setting_path", "/etc", "A path below the folder root"),
        ("setting_path", "elsewhere", "is not there, or this program may not write to it."),
        ("setting_stable_seconds", "-1", "greater than or equal to 0"),
        ("setting_stable_seconds", "ten", "Enter a whole number."),
        ("setting_after", "burn", "Select a valid choice."),
        ("every", "often", "Enter a valid duration."),
    ],
)
def test_settings_that_are_refused(staff_client: Client, intake: Intake, field: str, value: str, error: str) -> None:
    form = {"every": "00:01:00", "setting_path": "hmm", "setting_stable_seconds": "5", "setting_after": "archive"}
    found = errors(staff_client.post(url("intake_change", intake), {**form, field: value}))
    assert error in " ".join(line for lines in found.values() for line in lines)
    intake.refresh_from_db()
    assert intake.settings == {"path": "hmm"}


SFTP = {
    "every": "00:05:00",
    "active": "on",
    "setting_host": "sftp.partner.com",
    "setting_port": "22",
    "setting_user": "clis",
    "setting_host_keys": "SHA256:" + "A" * 43 + "\r\n\r\n",
    "setting_path": "out",
    "setting_stable_seconds": "10",
    "setting_after": "delete",
    "setting_password": PASSWORD,
}


def test_credentials_are_sealed_and_never_shown(staff_client: Client, sftp: Intake) -> None:
    assert staff_client.post(url("intake_change", sftp), SFTP).status_code == 302
    sftp.refresh_from_db()
    assert json.loads(unseal(sftp.sealed)) == {"password": PASSWORD}
    assert sftp.settings == {
        "host": "sftp.partner.com",
        "user": "clis",
        "host_keys": ["SHA256:" + "A" * 43],
        "path": "out",
        "after": "delete",
        "answers": False,
    }
    assert PASSWORD not in json.dumps(sftp.settings, ensure_ascii=False)
    page = staff_client.get(url("intake_change", sftp)).content.decode()
    assert PASSWORD not in page and sftp.sealed not in page
    assert "Kept, and never shown." in page


def test_an_empty_password_keeps_the_one_that_is_there(staff_client: Client, sftp: Intake) -> None:
    staff_client.post(url("intake_change", sftp), SFTP)
    assert staff_client.post(url("intake_change", sftp), SFTP | {"setting_password": ""}).status_code == 302
    sftp.refresh_from_db()
    assert json.loads(unseal(sftp.sealed)) == {"password": PASSWORD}
    staff_client.post(url("intake_change", sftp), SFTP | {"setting_password": "another"})
    sftp.refresh_from_db()
    assert json.loads(unseal(sftp.sealed)) == {"password": "another"}


def test_a_secret_is_forgotten_when_another_stands_in_for_it(staff_client: Client, sftp: Intake) -> None:
    staff_client.post(url("intake_change", sftp), SFTP)
    forgotten = SFTP | {"setting_password": "", "forget_password": "on"}
    assert "Give a password or a private key." in str(errors(staff_client.post(url("intake_change", sftp), forgotten)))
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\r\nx\r\n-----END OPENSSH PRIVATE KEY-----"
    staff_client.post(url("intake_change", sftp), forgotten | {"setting_private_key": key})
    sftp.refresh_from_db()
    assert json.loads(unseal(sftp.sealed)) == {"private_key": key}


def test_secrets_sealed_under_a_key_that_is_gone_are_entered_again(
    staff_client: Client, sftp: Intake, settings: Any
) -> None:
    Intake.objects.filter(pk=sftp.pk).update(sealed="of another installation")
    refused = staff_client.post(url("intake_change", sftp), SFTP | {"setting_password": ""})
    assert "Give a password or a private key." in str(errors(refused))
    assert staff_client.post(url("intake_change", sftp), SFTP).status_code == 302
    sftp.refresh_from_db()
    assert json.loads(unseal(sftp.sealed)) == {"password": PASSWORD}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("setting_host_keys", "", "This field is required."),
        ("setting_host_keys", "sftp.partner.com", "is neither a public key of OpenSSH nor a fingerprint."),
        ("setting_host_keys", "SHA256:short", "is neither a public key of OpenSSH nor a fingerprint."),
        ("setting_port", "70000", "less than or equal to 65535"),
        ("setting_private_key", "no key", "A private key as ssh-keygen writes it"),
    ],
)
def test_sftp_settings_that_are_refused(staff_client: Client, sftp: Intake, field: str, value: str, error: str) -> None:
    found = errors(staff_client.post(url("intake_change", sftp), {**SFTP, field: value}))
    assert error in found[field][0]
    sftp.refresh_from_db()
    assert (sftp.settings, sftp.sealed) == ({}, "")


IMAP = {
    "every": "00:05:00",
    "setting_host": "mail.example.com",
    "setting_port": "993",
    "setting_security": "tls",
    "setting_user": "clis",
    "setting_password": PASSWORD,
    "setting_folder": "INBOX",
    "setting_taken": "CLIS-read",
    "setting_aside": "CLIS-aside",
    "setting_senders": "@partner.com\nx@y.z",
}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("setting_senders", "", "This field is required."),
        ("setting_senders", "partner.com", "is neither an address nor @ and a domain."),
        ("setting_password", "", "This field is required."),
        ("setting_taken", "INBOX", "must differ"),
        ("setting_folder", "받은편지함", "plain ASCII"),
        ("setting_authority", "no certificate", "A certificate in PEM form"),
    ],
)
def test_imap_settings_that_are_refused(
    staff_client: Client, source: Source, field: str, value: str, error: str
) -> None:
    intake = Intake.objects.create(source=source, way="imap")
    found = errors(staff_client.post(url("intake_change", intake), {**IMAP, field: value}))
    assert error in str(found)
    assert staff_client.post(url("intake_change", intake), IMAP).status_code == 302


def test_saving_gives_a_failed_intake_its_turn_at_once(staff_client: Client, sftp: Intake) -> None:
    later = timezone.now() + timedelta(hours=6)
    Intake.objects.update(failures=7, next_at=later)
    staff_client.post(url("intake_change", sftp), SFTP)
    sftp.refresh_from_db()
    assert (sftp.failures, sftp.next_at < later) == (0, True)


# --- Trying it ----------------------------------------------------------------------------------


def attempt(client: Client, intake: Intake) -> list[str]:
    return texts(client.post(url("intake_try", intake), follow=True))


def test_a_run_at_once_says_what_happened(
    staff_client: Client, intake: Intake, folder: Path, woken: mock.MagicMock
) -> None:
    Intake.objects.update(active=False, settings={"path": "hmm", "stable_seconds": 0})
    assert "One run, at once" in staff_client.get(url("intake_try", intake)).content.decode()
    assert not InboundMessage.objects.exists()
    (folder / "a.json").write_bytes(b"[1]")
    (folder / "empty.json").write_bytes(b"")
    assert attempt(staff_client, intake) == [
        "It worked. New messages: 1; known already: 0; set aside: 1; not complete yet: 0. empty.json: it is empty"
    ]
    assert InboundMessage.objects.get().source == intake.source
    woken.assert_called_once_with("cargo.tasks.drain_inbox")
    assert attempt(staff_client, intake) == [
        "It worked. New messages: 0; known already: 0; set aside: 0; not complete yet: 0."
    ]


def test_a_run_that_fails_says_why(staff_client: Client, intake: Intake, folder: Path) -> None:
    folder.rmdir()
    assert attempt(staff_client, intake) == [
        f"It failed: the folder {folder} cannot be opened: No such file or directory"
    ]
    assert "cannot be opened" in staff_client.get(url("intake_changelist")).content.decode()


def test_a_run_that_a_worker_is_at(staff_client: Client, intake: Intake) -> None:
    Intake.objects.update(lease_token="theirs", leased_until=timezone.now() + base.LEASE)
    assert attempt(staff_client, intake) == ["A worker is running it at this moment; look again in a minute."]


def test_the_workers_are_asked_to_run_it_soon(staff_client: Client, intake: Intake, sftp: Intake) -> None:
    later = timezone.now() + timedelta(hours=6)
    Intake.objects.update(next_at=later)
    form = {"action": "run_soon", "_selected_action": [intake.pk, sftp.pk]}
    assert texts(staff_client.post(url("intake_changelist"), form, follow=True)) == ["1 intake runs soon."]
    assert list(Intake.objects.filter(next_at__lt=later)) == [intake]


# --- Inquiries and acknowledgments --------------------------------------------------------------


def test_an_inquiry_is_asked_again(staff_client: Client, intake: Intake) -> None:
    row = Inquiry.objects.create(intake=intake, subject="HDMU6546583", state="refused", reason="404", failures=3)
    assert "HDMU6546583" in staff_client.get(url("inquiry_changelist")).content.decode()
    assert staff_client.get(url("inquiry_change", row)).status_code == 200
    form = {"action": "ask_soon", "_selected_action": [row.pk]}
    assert texts(staff_client.post(url("inquiry_changelist"), form, follow=True)) == ["1 inquiry is asked soon."]
    row.refresh_from_db()
    assert (row.state, row.failures, row.reason) == ("active", 0, "")


def test_an_acknowledgment_is_shown_downloaded_and_handed_over_again(staff_client: Client, source: Source) -> None:
    message = receive(source.pk, b"ISA*00*")
    row = Acknowledgment.objects.create(
        message_id=message.id, source=source, kind="997", content=b"ISA*<b>~", taken_at=timezone.now()
    )
    assert "X12 997" in staff_client.get(url("acknowledgment_changelist")).content.decode()
    assert "ISA*&lt;b&gt;~" in staff_client.get(url("acknowledgment_change", row)).content.decode()
    file = staff_client.get(url("acknowledgment_content", row))
    assert (file.content, file["Content-Disposition"]) == (b"ISA*<b>~", f'attachment; filename="997-{message.id}.edi"')
    form = {"action": "again", "_selected_action": [row.pk]}
    answer = staff_client.post(url("acknowledgment_changelist"), form, follow=True)
    assert texts(answer) == ["1 acknowledgment is handed over again."]
    row.refresh_from_db()
    assert row.taken_at is None


# --- Who may ------------------------------------------------------------------------------------


def pages(source: Source, intake: Intake) -> list[str]:
    return [
        url("source_issue_secret", source),
        url("intake_changelist"),
        url("intake_change", intake),
        url("intake_try", intake),
        url("sourcesecret_changelist"),
        url("inquiry_changelist"),
        url("acknowledgment_changelist"),
    ]


def test_nobody_but_staff(source: Source, intake: Intake) -> None:
    client = a_person("Alice", "Alice Imports", "admin").client()
    for page in pages(source, intake):
        for answer in (client.get(page), client.post(page, SFTP)):
            assert answer.status_code == 302
            assert answer["Location"].startswith(("/admin/login/", "/account/login/"))
    assert not SourceSecret.objects.exists()


def test_staff_who_may_only_look(source: Source, intake: Intake, folder: Path) -> None:
    looking = a_staff_member("Lee")
    looking.user.is_superuser = False
    looking.user.save()
    rights = Permission.objects.filter(content_type__app_label="cargo", codename__startswith="view_")
    looking.user.user_permissions.set(rights)
    client = looking.client()
    (folder / "a.json").write_bytes(b"[1]")
    Intake.objects.update(settings={"path": "hmm", "stable_seconds": 0})
    page = client.get(url("intake_change", intake))
    assert page.status_code == 200
    assert url("intake_try", intake) not in page.content.decode()
    for denied in (url("source_issue_secret", source), url("intake_try", intake), url("intake_change", intake)):
        assert client.post(denied, SFTP).status_code == 403
    assert not SourceSecret.objects.exists()
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_opens_in_both_languages(
    source: Source, intake: Intake, sftp: Intake, staff: Person, language: str
) -> None:
    imap = Intake.objects.create(source=source, way="imap")
    client = staff.client()
    client.cookies["django_language"] = language
    for page in [*pages(source, intake), url("intake_add"), url("intake_change", sftp), url("intake_change", imap)]:
        assert client.get(page).status_code == 200, page
