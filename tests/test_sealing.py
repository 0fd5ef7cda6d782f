"""Secrets at rest: opened with the key they were sealed with, or with nothing."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cargo.models import Intake, Source, SourceSecret
from clis.accounts.management.commands.reseal import sealing_models
from clis.sealing import SealError, reseal, seal, unseal

OLD, NEW = "the-old-key-" + "0" * 40, "the-new-key-" + "1" * 40


def test_what_is_sealed_opens_again() -> None:
    sealed = seal("whsec_비밀\n")
    assert unseal(sealed) == "whsec_비밀\n"
    assert sealed.isascii() and "whsec" not in sealed
    assert "whsec" not in base64.urlsafe_b64decode(sealed).decode("latin-1")
    assert seal("whsec_비밀\n") != sealed


@pytest.mark.parametrize("text", ["", "\x00", "x" * 100_000])
def test_any_text(text: str) -> None:
    assert unseal(seal(text)) == text


def test_another_key_opens_nothing(settings: Any) -> None:
    settings.SECRET_KEY = OLD
    sealed = seal("secret")
    settings.SECRET_KEY = NEW
    with pytest.raises(SealError, match="CLIS_SECRET_KEY_FALLBACKS") as refusal:
        unseal(sealed)
    assert "secret was sealed with another" in str(refusal.value)


def test_the_key_is_changed_without_a_gap(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    before = seal("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert unseal(before) == "secret"
    after, moved = seal("secret"), reseal(before)
    settings.SECRET_KEY_FALLBACKS = []
    assert (unseal(after), unseal(moved)) == ("secret", "secret")
    with pytest.raises(SealError):
        unseal(before)


@pytest.mark.parametrize("place", [0, 12, 30, -20, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    token = bytearray(base64.urlsafe_b64decode(seal("secret")))
    token[place] ^= 1
    with pytest.raises(SealError):
        unseal(base64.urlsafe_b64encode(token).decode())


@pytest.mark.parametrize("sealed", ["", "secret", "gAAAA", "비밀", seal("secret")[:-4]], ids=list("abcde"))
def test_what_was_never_sealed(sealed: str) -> None:
    with pytest.raises(SealError):
        unseal(sealed)


# --- manage.py reseal ---------------------------------------------------------------------------


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


def test_every_table_with_secrets_is_known() -> None:
    assert {SourceSecret, Intake} <= set(sealing_models())


def test_everything_is_sealed_under_the_new_key(source: Source, settings: Any, capsys: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    secret = SourceSecret.objects.create(source=source, sealed=seal("whsec_1"))
    intake = Intake.objects.create(source=source, way="sftp", sealed=seal('{"password":"x"}'))
    bare = Intake.objects.create(source=source, way="folder")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    call_command("reseal")
    settings.SECRET_KEY_FALLBACKS = []
    for row in (secret, intake, bare):
        row.refresh_from_db()
    assert (unseal(secret.sealed), unseal(intake.sealed), bare.sealed) == ("whsec_1", '{"password":"x"}', "")
    assert "cargo.SourceSecret: 1\n" in capsys.readouterr().out


def test_nothing_is_written_if_one_secret_does_not_open(source: Source, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    secret = SourceSecret.objects.create(source=source, sealed=seal("whsec_1"))
    lost = SourceSecret.objects.create(source=source, sealed="broken")
    sealed = secret.sealed
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    with pytest.raises(CommandError, match=f"cargo.SourceSecret {lost.pk}: this secret was sealed with another"):
        call_command("reseal")
    secret.refresh_from_db()
    assert secret.sealed == sealed
