"""``manage.py run``: the whole of CLIS on one machine, under one supervisor.

Checks, migrates and collects the static files, then keeps web, worker, sender and scheduler running until Ctrl-C; on
SQLite the worker sends as well. ``--demo`` adds the demo's data, its mail and SMS sink and its message feed. ``--only
NAME`` becomes that one program instead, for a container or a service manager that does the supervising itself, and
``--healthy`` is that container's health check.

What ``--demo`` needs of others: ``demo --prepare`` loads the data once and writes the people and their passwords, a
line each, to ``DEMO_OUTBOX/accounts.txt``; ``demo --feed`` sends messages slowly and may end; ``demo_sink`` listens on
the demo's mail and SMS ports.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clis.celery import DELIVERIES, WORK
from clis.supervisor import Program, Supervisor

PORTS_TO_TRY = 50
# Celery warns root because of pickled tasks, and CLIS accepts only JSON.
QUIET_AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}


class Command(BaseCommand):
    help = "Run web, worker, sender and scheduler together until Ctrl-C."
    requires_system_checks: list[str] = []  # The first step does it, where its output is shown.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with demo data, its mail and SMS sink and its feed")
        parser.add_argument(
            "--only", choices=["web", "worker", "sender", "beat"], help="become this program, unsupervised"
        )
        parser.add_argument("--healthy", action="store_true", help="exit 0 if the web program here answers, else 1")
        parser.add_argument("--bind", default=os.environ.get("CLIS_BIND", "127.0.0.1"), help="address to listen on")
        parser.add_argument("--port", type=int, default=os.environ.get("CLIS_PORT", "8000"), help="port to listen on")

    def handle(self, *args: Any, **options: Any) -> None:
        bind, port = options["bind"], options["port"]
        if options["healthy"]:
            sys.exit(0 if _answers(bind, port, urlsplit(settings.BASE_URL).netloc) else 1)
        if options["only"]:
            command = _service(options["only"], bind, port)
            os.execvp(command[0], command)
        if options["demo"] and not (settings.DEMO or _embedded()):
            name = settings.DATABASES["default"]["NAME"]
            raise CommandError(f"the demo would write into the database {name}; CLIS_DEMO=1 allows it")
        with _only_one_here() as note:
            code = _run(bind, port, options["demo"], note)
        if code:
            sys.exit(code)


def _run(bind: str, wanted: int, demo: bool, note: Callable[[str], None]) -> int:
    port = _free_port(bind, wanted)
    local = f"http://{'localhost' if bind in ('127.0.0.1', '0.0.0.0') else bind}:{port}"
    environment = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}
    environment.setdefault("CLIS_BASE_URL", local)
    environment.setdefault("CLIS_LOG_LEVEL", "WARNING")
    if demo:
        environment |= _demo_environment()
    supervisor = Supervisor(environment)
    if port != wanted:
        supervisor.say(f"port {wanted} is taken, using {port}")
    for name, text, command in _steps(demo):
        supervisor.say(text)
        if not supervisor.step(name, command):
            return 1
    address = environment["CLIS_BASE_URL"]
    note(f"{os.getpid()} {address}")
    programs = _programs(bind, port, urlsplit(address).netloc, demo)
    return supervisor.run(programs, started=lambda: _welcome(supervisor, address, local, demo))


def _demo_environment() -> dict[str, str]:
    """Mails and SMS to the demo's own sink, whatever ``.env`` says: its addressees are invented."""
    mail = _free_port("127.0.0.1", 8025)
    sms = _free_port("127.0.0.1", mail + 1)
    return {
        "CLIS_DEMO": "1",
        "CLIS_DEMO_MAIL_PORT": str(mail),
        "CLIS_DEMO_SMS_PORT": str(sms),
        "CLIS_EMAIL_URL": f"smtp://127.0.0.1:{mail}",
        "CLIS_EMAIL_BACKEND": "",
        "CLIS_SMS_PROVIDER": "generic",
        "CLIS_SMS_SECOND_PROVIDER": "",
        "CLIS_SMS_URL": f"http://127.0.0.1:{sms}/sms",
    }


def _embedded() -> bool:
    return "sqlite" in settings.DATABASES["default"]["ENGINE"]


def _manage(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def _steps(demo: bool) -> list[tuple[str, str, list[str]]]:
    """What must be done before the first request: the name in front of its output, its announcement, its command."""
    steps = [
        ("setup", "checking the settings", _manage("check", "--fail-level", "ERROR")),
        ("setup", "bringing the database up to date", _manage("migrate", "--verbosity", "0")),
        ("setup", "making the cache table", _manage("createcachetable")),
        ("setup", "collecting static files", _manage("collectstatic", "--no-input", "--verbosity", "0")),
    ]
    if demo:
        steps.append(("demo", "putting the demo's messages through the front door", _manage("demo", "--prepare")))
    return steps


def _programs(bind: str, port: int, host: str, demo: bool) -> list[Program]:
    """In the order of their start; they are stopped the other way round."""
    web = Program("web", _service("web", bind, port), ready=lambda: _answers(bind, port, host), stop_within=3)
    workers = ["worker"] if _embedded() else ["worker", "sender"]
    work = [
        web,
        *(Program(name, _service(name, bind, port), stop_within=6, environment=QUIET_AS_ROOT) for name in workers),
        Program("beat", _service("beat", bind, port), stop_within=2),
    ]
    if not demo:
        return work
    return [
        Program("sink", _manage("demo_sink"), stop_within=2),
        *work,
        Program("feed", _manage("demo", "--feed"), stop_within=2, finite=True),
    ]


def _service(name: str, bind: str, port: int) -> list[str]:
    """The command of one service. SQLite has one writer, so there a worker's threads and one web process do best."""
    if name == "web":
        processes = os.environ.get("CLIS_WEB_PROCESSES", "1" if _embedded() else "2")
        gunicorn = [sys.executable, "-m", "gunicorn", "clis.wsgi:application", "--bind", f"{bind}:{port}"]
        gunicorn += ["--worker-class", "gthread", "--workers", processes, "--threads", "8", "--timeout", "60"]
        return [*gunicorn, "--graceful-timeout", "2", "--log-level", "warning", "--no-control-socket"]
    celery = [sys.executable, "-m", "celery", "--app", "clis.celery:app", "--quiet", "--skip-checks"]
    log_level = ["--loglevel", os.environ.get("CLIS_LOG_LEVEL", "WARNING")]
    if name == "beat":
        schedule = settings.VAR_DIR / "beat-schedule"
        return [*celery, "beat", "--schedule", str(schedule), "--pidfile=", *log_level]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*celery, "worker", *_pool(name), *alone, *log_level]


def _pool(name: str) -> list[str]:
    """Which queues a worker takes, and with how many at once.

    A sender talks to many at once, so one thread sends; another fans out, a third mails letters, and one takes the
    wake-ups meanwhile. They spend their time waiting, for which threads do as well as processes.
    """
    if name == "sender":
        return ["--hostname", "sender@%h", "--queues", DELIVERIES, "--pool", "threads", "--concurrency", "4"]
    if _embedded():
        return ["--pool", "threads", "--concurrency", os.environ.get("CLIS_WORKER_CONCURRENCY", "4")]
    return ["--queues", WORK, "--pool", "prefork", "--concurrency", os.environ.get("CLIS_WORKER_CONCURRENCY", "2")]


def _free_port(bind: str, wanted: int) -> int:
    """``wanted``, or the next port above it that nobody listens on."""
    for port in range(wanted, wanted + PORTS_TO_TRY):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((bind, port))
            except OSError:
                continue
            return port
    raise CommandError(f"no free port on {bind} from {wanted} to {wanted + PORTS_TO_TRY - 1}")


def _answers(bind: str, port: int, host: str) -> bool:
    """Whether ``/health/live`` answers; a redirect to HTTPS is an answer as well."""
    address = "127.0.0.1" if bind == "0.0.0.0" else bind
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=2) as connection:
        connection.sendall(f"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = connection.recv(64).split(b" ", 2)
        return len(status) > 1 and status[1] in (b"200", b"301")
    return False


@contextlib.contextmanager
def _only_one_here() -> Iterator[Callable[[str], None]]:
    """Hold this directory's lock; whoever comes second is told where the first one is."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            process, _, address = lock.read().strip().partition(" ")
            where = f" at {address} (process {process}); Ctrl-C there stops it" if address else ", it is just starting"
            raise CommandError(f"CLIS is already running from this directory{where}") from error

        def note(text: str) -> None:
            lock.seek(0)
            lock.truncate()
            lock.write(text)
            lock.flush()

        note("")
        try:
            yield note
        finally:
            note("")


def _welcome(supervisor: Supervisor, address: str, local: str, demo: bool) -> None:
    accounts = settings.DEMO_OUTBOX / "accounts.txt"
    supervisor.say("")
    supervisor.say(f"CLIS is running at {address}" + (f" (listening at {local})" if address != local else ""))
    if demo and accounts.exists():
        for line in accounts.read_text().splitlines():
            supervisor.say(f"  {line}")
    supervisor.say("Ctrl-C stops it")
    supervisor.say("")
