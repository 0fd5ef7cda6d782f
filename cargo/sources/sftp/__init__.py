"""An SFTP directory of a partner or of the operator, read as a watched folder is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cargo.sources import _directory
from cargo.sources._directory import collect
from cargo.sources.base import IntakeError, Result, Run, Setting, Way


def fetch(run: Run) -> Result:
    """Takes the directory's files. Raises ``IntakeError``."""
    # Half a second and 22 MB, which a process that calls no SFTP server does not pay.
    from cargo.sources.sftp.client import Account, connected

    account = Account(
        run.setting("host"),
        run.setting("port"),
        run.setting("user"),
        run.setting("host_keys"),
        password=run.secret("password"),
        private_key=run.secret("private_key"),
        passphrase=run.secret("passphrase"),
    )
    if not account.pinned:
        raise IntakeError("no host key is pinned: without one any machine could pass for the partner's")
    with connected(account, run.setting("path")) as remote:
        return collect(run, remote)


def _check_host_keys(value: Any) -> None:
    from cargo.sources.sftp.client import public_key

    for line in value:
        if line.startswith("SHA256:") and len(line) == 50:
            continue
        try:
            public_key(line)
        except ValueError:
            raise ValidationError(
                _("%(line)s… is neither a public key of OpenSSH nor a fingerprint."), params={"line": line[:30]}
            ) from None


def _check_private_key(value: Any) -> None:
    if "PRIVATE KEY-----" not in str(value):
        raise ValidationError(_("A private key as ssh-keygen writes it, from its first line to its last."))


def check(values: Mapping[str, Any]) -> None:
    """The partner must be able to know us by something."""
    if not values.get("password") and not values.get("private_key"):
        raise ValidationError(_("Give a password or a private key."))


WAY = Way(
    fetch,
    (
        Setting("host", "text", _("Host"), required=True),
        Setting("port", "number", _("Port"), default=22, minimum=1, maximum=65535),
        Setting("user", "text", _("User"), required=True),
        Setting("password", "text", _("Password"), secret=True),
        Setting("private_key", "long", _("Private key"), secret=True, check=_check_private_key),
        Setting("passphrase", "text", _("Passphrase of the key"), secret=True),
        Setting(
            "host_keys",
            "lines",
            _("Host keys"),
            _("What the server must show: its public key, as ssh-keyscan prints it, or its SHA256: fingerprint; one a "
              "line. Ask the partner for it."),
            default=[],
            required=True,
            check=_check_host_keys,
        ),
        Setting("path", "text", _("Directory"), default="."),
        *_directory.SETTINGS,
    ),
    check,
)  # fmt: skip
