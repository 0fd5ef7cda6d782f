"""The programs of a running system and the other sides that they talk to, for a benchmark from door to door."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from django.conf import settings
from django.db import connection

from cargo.models import InboundMessage, ProjectionDue, TrackingUpdate
from notifications.models import Delivery
from tests.bench.latency_world import use_sinks

SINKS = ("mail", "hooks", "gateway")


class Programs:
    """Starts sinks, then worker, sender and beat, each as ``manage.py run --only`` becomes them; ends them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Programs:
        try:
            ports = {what: self._sink(what) for what in SINKS}
            use_sinks(ports["hooks"])
            environment = os.environ | self._settings(ports)
            names = ("worker", "sender", "beat") if connection.vendor == "postgresql" else ("worker", "beat")
            for name in names:
                command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run", "--only", name]
                self._running[name] = subprocess.Popen(command, env=environment, text=True, start_new_session=True)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def wait_until_nothing_is_owed(self, patience: float) -> bool:
        """Whether that came about in time. A delivery that waits for a later try counts as owed; none should."""
        until = time.monotonic() + patience
        while (owed := _owed()) and time.monotonic() < until:
            time.sleep(0.5)
        return not owed

    def noted(self) -> dict[str, float]:
        """Reference of a delivery -> when it was first handed over."""
        first: dict[str, float] = {}
        for what in SINKS:
            for line in (self._folder / what).read_text().splitlines():
                at, _, reference = line.partition(" ")
                first.setdefault(reference, float(at))
        return first

    def processor_seconds(self) -> dict[str, float]:
        """What each program and its children have used so far, and the database for those connected now."""
        used = {name: _of_session(process.pid) for name, process in self._running.items()}
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
                used["database"] = sum(_of_process(pid) for (pid,) in cursor.fetchall())
        return used

    def _sink(self, what: str) -> int:
        command = [sys.executable, "-m", "tests.bench.noting_sinks", what, str(self._folder / what)]
        process = self._running[what] = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert process.stdout
        return int(process.stdout.readline())

    def _settings(self, ports: dict[str, int]) -> dict[str, str]:
        return {
            "CLIS_DATABASE_URL": _same_database(),
            "CLIS_EMAIL_URL": f"smtp://127.0.0.1:{ports['mail']}",
            "CLIS_EMAIL_BACKEND": "",
            "CLIS_SMS_PROVIDER": "generic",
            "CLIS_SMS_URL": f"http://127.0.0.1:{ports['gateway']}/sms",
            "CLIS_SMS_DAILY_LIMIT": "0",
            "CLIS_SMS_NUMBER_LIMIT": "0",
            "CLIS_SMS_RANGE_LIMIT": "0",
            "CLIS_SMS_COUNTRY_LIMIT": "0",
            "CLIS_WEBHOOK_HTTP": "1",
            "CLIS_WEBHOOK_OWN_HOSTS": "127.0.0.1",
            "CLIS_LOG_LEVEL": "WARNING",
        }

    def _end(self) -> None:
        """Last started first; what it used is known once it was waited for."""
        for name in reversed(list(self._running)):
            process = self._running.pop(name)
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


def _same_database() -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    return os.environ["CLIS_DATABASE_URL"]


def _of_session(leader: int) -> float:
    """A program that was started as a session's leader stays in it with all its children."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return sum(_of_process(pid) for pid in pids if _stat(pid)[3:4] == [str(leader)])


def _of_process(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _stat(pid: int) -> list[str]:
    """proc(5), from the state on; empty if there is no such process here."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _owed() -> bool:
    return (
        InboundMessage.objects.filter(state="received").exists()
        or ProjectionDue.objects.exists()
        or TrackingUpdate.objects.filter(fanned_out_at__isnull=True).exists()
        or Delivery.objects.filter(state__in=("pending", "sending")).exists()
    )
