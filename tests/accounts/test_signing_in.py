"""Signing in by address and password, throttled; nobody signs up."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from clis.accounts.models import User
from tests.people import Person

PASSWORD = "correct-horse-battery"


@pytest.fixture
def alice(shipper: Person) -> User:
    cache.clear()
    shipper.user.set_password(PASSWORD)
    shipper.user.save()
    return shipper.user


def _sign_in(client: Client, email: str, password: str, **extra: str) -> int:
    return client.post("/account/login/", {"login": email, "password": password}, **extra).status_code  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["alice@example.com", "Alice@Example.com", " alice@example.com "])
def test_by_address_however_it_is_typed(typed: str, alice: User) -> None:
    client = Client()
    assert _sign_in(client, typed, PASSWORD) == 302
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.parametrize(
    ("email", "password"), [("alice@example.com", "wrong-horse"), ("nobody@example.com", PASSWORD), ("alice", PASSWORD)]
)
def test_a_wrong_pair_signs_nobody_in(email: str, password: str, alice: User) -> None:
    client = Client()
    assert _sign_in(client, email, password) == 200
    assert "_auth_user_id" not in client.session


def test_who_is_not_active_is_not_let_in(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client = Client()
    _sign_in(client, "alice@example.com", PASSWORD)
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_the_right_one_must_wait(alice: User) -> None:
    client = Client()
    for number in range(5):
        # A forwarded address is the caller's to write: it must not buy more guesses.
        assert _sign_in(client, alice.email, "wrong-horse", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}") == 200
    _sign_in(client, alice.email, PASSWORD, HTTP_X_FORWARDED_FOR="192.0.2.99")
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_nobody_signs_up() -> None:
    client = Client()
    form = {"email": "mallory@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get("/account/signup/").status_code == 200
    client.post("/account/signup/", form)
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()
    assert mail.outbox == []


def test_signing_out_takes_a_form(shipper_client: Client) -> None:
    shipper_client.get("/account/logout/")
    assert "_auth_user_id" in shipper_client.session
    assert shipper_client.post("/account/logout/").status_code == 302
    assert "_auth_user_id" not in shipper_client.session


def test_the_admin_signs_in_at_the_same_door(staff: Person, stranger_client: Client) -> None:
    answer = Client().get("/admin/")
    assert answer.status_code == 302
    answer = Client().get(answer.headers["Location"])
    assert answer.headers["Location"].startswith("/account/login/?next=")
    assert stranger_client.get("/admin/login/").status_code == 403


@pytest.mark.django_db
def test_the_first_of_the_staff_is_made_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("createsuperuser", email="Root@Example.com", interactive=False, verbosity=0)
    root = User.objects.get()
    assert (root.email, root.is_staff, root.is_superuser) == ("root@example.com", True, True)
    assert not root.has_usable_password()
    assert User.objects.get_by_natural_key("ROOT@example.com") == root
    with pytest.raises(CommandError):
        call_command("createsuperuser", email="no address", interactive=False, verbosity=0)
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_person_needs_an_address() -> None:
    with pytest.raises(ValueError, match="a person needs an e-mail address"):
        User.objects.create_user("")


def test_a_person_without_a_password_sets_one_by_mail(shipper: Person) -> None:
    cache.clear()
    client = Client()
    client.post("/account/password/reset/", {"email": "alice@example.com"})
    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    link = next(word for word in str(message.body).split() if "/account/password/reset/key/" in word)
    page = client.get(link, follow=True)
    form = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(page.redirect_chain[-1][0], form)
    assert _sign_in(Client(), "alice@example.com", PASSWORD) == 302
