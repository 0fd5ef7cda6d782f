"""What every way of fetching shares: its settings as a table, a run under a lease, and what a run says at its end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise

from cargo.models import Intake
from clis.sealing import SealError, unseal

# A run keeps its lease alive by ``Run.keep``; what a killed worker held is free again after this time.
LEASE = timedelta(seconds=60)
# A run that has worked this long stops at the next file or page and goes on later, so that no other waits for ever.
SLICE = timedelta(minutes=4)


class IntakeError(Exception):
    """A run failed for a reason that people can act on; the text is shown to staff and holds no secret.

    ``retry_after``: not before that time has passed, however often it failed (a provider's own wish).
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LeaseLostError(Exception):
    """Another worker has taken the intake over: stop, and write nothing more."""


class Setting(NamedTuple):
    """One setting of a way, as the staff's form asks for it.

    ``kind``: ``text``, ``number`` (whole), ``flag``, ``lines`` (a list of texts, one a line) or ``long`` (a text of
    several lines). ``secret``: kept sealed in ``Intake.sealed``, and never shown again. ``check(value)`` raises
    Django's ``ValidationError``.
    """

    name: str
    kind: str
    label: str | Promise
    help: str | Promise = ""
    default: Any = ""
    required: bool = False
    secret: bool = False
    choices: tuple[tuple[str, str | Promise], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    check: Callable[[Any], None] | None = None


@dataclass
class Result:
    """What a run did. ``again_in``: sooner than the intake's own rhythm, since something was seen that is not ripe."""

    received: int = 0
    duplicates: int = 0
    failed: int = 0
    waiting: int = 0
    again_in: timedelta | None = None
    notes: list[str] = field(default_factory=list)

    def count(self, duplicate: bool) -> None:
        """One more message came in."""
        if duplicate:
            self.duplicates += 1
        else:
            self.received += 1


class Way(NamedTuple):
    """One way of fetching. ``fetch(run)`` ends in ``receive``; ``check(values)`` looks at settings together, a secret
    that was given before being ``True``; ``profiles``: the values and names to choose ``Intake.profile`` from.
    """

    fetch: Callable[[Run], Result]
    settings: tuple[Setting, ...]
    check: Callable[[Mapping[str, Any]], None] | None = None
    profiles: tuple[tuple[str, str], ...] = ()


class Run:
    """One run of an intake by the worker that holds its lease."""

    def __init__(self, intake: Intake, settings: tuple[Setting, ...], *, slice: timedelta = SLICE) -> None:
        self.intake = intake
        self._defaults = {setting.name: setting.default for setting in settings}
        self._secrets: dict[str, str] | None = None
        self._renewed = time.monotonic()
        self._ends = self._renewed + slice.total_seconds()

    def setting(self, name: str) -> Any:
        """The value that staff gave, or the default."""
        value = self.intake.settings.get(name)
        return self._defaults[name] if value in (None, "") else value

    def secret(self, name: str) -> str:
        """A credential, empty if none was given. Raises ``IntakeError`` if it cannot be opened."""
        if self._secrets is None:
            self._secrets = secrets_of(self.intake)
        return self._secrets.get(name, "")

    @property
    def over(self) -> bool:
        """Whether this run has had its time; what is left comes with the next one."""
        return time.monotonic() >= self._ends

    def keep(self) -> None:
        """Keeps the lease; to be called at least every few seconds. Raises ``LeaseLostError`` if it is another's."""
        if time.monotonic() - self._renewed < LEASE.total_seconds() / 4:
            return
        self._write(leased_until=timezone.now() + LEASE)
        self._renewed = time.monotonic()

    def advance(self, **fields: Any) -> None:
        """Writes how far the way was read (``cursor``, ``calls``), in the caller's transaction, with what was read."""
        self._write(**fields)
        for name, value in fields.items():
            setattr(self.intake, name, value)

    def _write(self, **fields: Any) -> None:
        ours = Intake.objects.filter(pk=self.intake.pk, lease_token=self.intake.lease_token)
        if not ours.update(**fields):
            raise LeaseLostError(str(self.intake.pk))


def secrets_of(intake: Intake) -> dict[str, str]:
    """An intake's credentials by name. Raises ``IntakeError`` if they cannot be opened."""
    if not intake.sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(unseal(intake.sealed))
    except SealError as error:
        raise IntakeError(str(error)) from None
    return opened
