"""User, Organization, Membership, ApiKey."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.scoping import STAFF, Viewer
from clis.accounts.signals import time_zone_changed


@cache
def time_zone_names() -> tuple[str, ...]:
    """The IANA names a person may choose, sorted: places and UTC, not abbreviations like ``EST5EDT``."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def validate_time_zone(name: str) -> None:
    """An IANA name, as ``Asia/Seoul``."""
    if name not in time_zone_names():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """People sign in with their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person; the address is stored in lower case, since people type it either way."""
        if not email:
            raise ValueError("a person needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Operator's staff with every right."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        """By address, however it was typed."""
        return self.get(email=(email or "").strip().lower())


class User(AbstractUser):
    """A person. ``is_staff`` means the operator's people and nobody else."""

    scope = STAFF
    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(
        _("language"), max_length=5, choices=[("en", "English"), ("ko", "한국어")], default="en"
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul", validators=[validate_time_zone])

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        """Addresses are kept in lower case, so that one person has one account."""
        super().clean()
        self.email = self.email.strip().lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever waits by the person's clock hears, in the same transaction, that it was set otherwise."""
        written = kwargs.get("update_fields")
        if self._state.adding or (written is not None and "time_zone" not in written):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            was = User.objects.filter(pk=self.pk).values_list("time_zone", flat=True).first()
            super().save(*args, **kwargs)
            if was != self.time_zone:
                time_zone_changed.send(User, person=self)


class Organization(models.Model):
    """A firm that waits for cargo or works on it."""

    scope = "id"

    class Kind(models.TextChoices):
        IMPORTER = "importer", _("Importer")
        FORWARDER = "forwarder", _("Forwarder")
        BROKER = "broker", _("Customs broker")
        CARRIER = "carrier", _("Carrier")
        WAREHOUSE = "warehouse", _("Warehouse")
        OPERATOR = "operator", _("Operator")

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.IMPORTER)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's place in an organization."""

    scope = "organization"

    class Role(models.TextChoices):
        ADMIN = "admin", _("Organization admin")
        MEMBER = "member", _("Member")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="memberships", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=("user", "organization"), name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization}"


# Shown to people who make a key; a view asks for one of them.
KEY_SCOPES = {
    "messages:write": _("push messages"),
    "shipments:read": _("read shipments"),
    "shipments:write": _("register shipments, report events"),
    "subscriptions:write": _("manage subscriptions"),
}


def digest_of(secret: str) -> str:
    """SHA-256 of a key. The secret has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKey(models.Model):
    """A program's key: ``clis_<prefix>_<secret>``. Only the prefix and a hash are stored."""

    scope = "organization"

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="api_keys", verbose_name=_("organization")
    )
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} (clis_{self.prefix}_…)"

    @classmethod
    def issue(cls, organization: Organization, name: str, scopes: list[str], **fields: Any) -> tuple[ApiKey, str]:
        """A new key and its full text, which is shown once and never stored."""
        prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        text = f"clis_{prefix}_{secret}"
        key = cls.objects.create(
            organization=organization, name=name, prefix=prefix, digest=digest_of(text), scopes=scopes, **fields
        )
        return key, text

    def is_live(self, now: datetime) -> bool:
        """Neither revoked nor expired at that instant."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    @property
    def scope_words(self) -> list[str]:
        """What the key may do, in words for people."""
        return [str(KEY_SCOPES.get(scope, scope)) for scope in self.scopes]

    @property
    def viewer(self) -> Viewer:
        """A key sees what its organization sees, within its scopes."""
        return Viewer(organization_id=self.organization_id, scopes=frozenset(self.scopes), key_id=self.pk)
