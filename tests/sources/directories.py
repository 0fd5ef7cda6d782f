"""What folders and SFTP directories are tested with: files, time that passes, and what must be left at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cargo import sources
from cargo.models import InboundBody, InboundMessage, Intake
from cargo.sources import Outcome

MESSAGE = b'[{"eventType":"TRANSPORT"}]'
STABLE = 10


def run(intake: Intake) -> Outcome:
    """One run of this intake, as the worker makes it."""
    return sources.try_now(intake.pk, sources.SLICE)


def run_twice(intake: Intake, seconds: float = STABLE) -> Outcome:
    """One run sees the files, the next one, so much later, finds them unchanged."""
    run(intake)
    return run_later(intake, seconds)


def run_later(intake: Intake, seconds: float = STABLE) -> Outcome:
    """A run after so many seconds."""
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True):
        return run(intake)


def kept() -> list[tuple[str, bytes]]:
    """Name and bytes of every message, in the order they came."""
    rows = InboundMessage.objects.order_by("pk").values_list("name", "body__content")
    return [(name, bytes(content)) for name, content in rows]


def bodies() -> list[bytes]:
    """The bytes of every message."""
    return [bytes(content) for content in InboundBody.objects.order_by("pk").values_list("content", flat=True)]


def plain(names: Iterable[str]) -> list[str]:
    """File names without the stamp that taking gave them."""
    return sorted(name[26:] for name in names)


class Killed(BaseException):
    """As SIGKILL: nothing after it runs, and no handler of ours may catch it."""


class Failpoint:
    """Fails at the n-th step of a run, before the step or right after it; ``steps``: (object, name of its function)."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        steps: Iterable[tuple[Any, str]],
        at: int,
        after: bool,
        fail: Callable[[], None],
    ) -> None:
        self.left, self.after, self.fail, self.reached = at, after, fail, ""
        for owner, name in steps:
            patch.setattr(owner, name, self._around(name, getattr(owner, name)))

    def _around(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **words: Any) -> Any:
            self.left -= 1
            now = self.left == 0
            if now:
                self.reached = name
            if now and not self.after:
                self.fail()
            result = step(*args, **words)
            if now and self.after:
                self.fail()
            return result

        return stepped


def killed() -> None:
    """The end of the worker."""
    raise Killed


def tree(path: Path) -> list[str]:
    """Every file below, relative; stamps and the day left out."""
    found = []
    for file in path.rglob("*"):
        if not file.is_dir():
            parts = list(file.relative_to(path).parts)
            if parts[0] == "archive":
                parts.pop(1)
            if parts[0] in ("archive", "taken", "failed") and len(parts) > 1:
                parts[-1] = parts[-1][26:]
            found.append("/".join(parts))
    return sorted(found)
