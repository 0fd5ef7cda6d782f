"""``manage.py run``: one command starts everything, says where, and stops it all."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from cargo.management.commands import run
from cargo.management.commands.run import _answers, _demo_environment, _free_port, _only_one_here, _programs, _service
from clis.celery import DELIVERIES, WORK

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def listener(answer: bytes = b"") -> Iterator[int]:
    """A server on a free port of this machine that gives everyone the same answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1024)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_the_example_settings_say_how_many_threads_a_worker_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLIS_WORKER_CONCURRENCY", raising=False)
    monkeypatch.setattr(run, "_embedded", lambda: True)
    said = re.search(r"on SQLite its threads, (\d+) unless said here", (ROOT / "docker/.env.example").read_text())
    worker = _service("worker", "127.0.0.1", 8000)
    assert said is not None and worker[worker.index("--concurrency") + 1] == said[1]


def test_one_command_runs_everything_and_stops_it(tmp_path: Path) -> None:
    with listener() as taken:
        environment = os.environ | {"CLIS_VAR": str(tmp_path), "CLIS_DEBUG": "1", "CLIS_PORT": str(taken)}
        environment["CLIS_DATABASE_URL"] = f"sqlite:///{tmp_path}/clis.sqlite3"
        environment.pop("CLIS_BROKER_URL", None)
        environment.pop("CLIS_REDIS_URL", None)
        command = [sys.executable, "manage.py", "run"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line.rstrip())
            if line.endswith("Ctrl-C stops it\n"):
                break
        port = told[0].rpartition(" ")[2]
        noted = (tmp_path / "run.lock").read_text()
        answered = _answers("127.0.0.1", int(port), f"localhost:{port}")
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0].splitlines()

    assert told[0] == f"clis     | port {taken} is taken, using {port}"
    assert [line for line in told if line.endswith(" started")] == [
        f"clis     | {name} started" for name in ("web", "worker", "beat")
    ]
    assert f"clis     | CLIS is running at http://localhost:{port}" in told
    assert answered
    assert noted == f"{process.pid} http://localhost:{port}"
    assert process.returncode == 0
    assert rest[-1] == "clis     | stopped"
    assert not [line for line in rest if "killed" in line or "crashed" in line]
    assert (tmp_path / "run.lock").read_text() == ""


def test_a_taken_port_gives_the_next_free_one() -> None:
    with listener() as taken:
        assert _free_port("127.0.0.1", taken) > taken


@pytest.mark.parametrize(
    ("answer", "healthy"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nok", True),
        (b"HTTP/1.1 301 Moved Permanently\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
        (b"", False),
    ],
)
def test_health_is_a_good_answer_and_nothing_else(answer: bytes, healthy: bool) -> None:
    with listener(answer) as port:
        assert _answers("127.0.0.1", port, "localhost") is healthy
        with pytest.raises(SystemExit) as ended:
            call_command("run", "--healthy", port=port, bind="127.0.0.1")
    assert ended.value.code == (0 if healthy else 1)


def test_nobody_listening_is_not_healthy() -> None:
    with listener() as port:
        pass
    assert _answers("127.0.0.1", port, "localhost") is False


def test_the_second_one_is_told_where_the_first_is(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    with _only_one_here() as note:
        note("4711 http://localhost:8000")
        with pytest.raises(CommandError, match=r"already running .* at http://localhost:8000 \(process 4711\)"):
            call_command("run")


def test_the_demo_keeps_out_of_a_real_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    settings.DEMO = False
    monkeypatch.setattr(run, "_embedded", lambda: False)
    with pytest.raises(CommandError, match="would write into the database .*; CLIS_DEMO=1 allows it"):
        call_command("run", "--demo")
    assert list(tmp_path.iterdir()) == []


def test_the_demo_writes_to_its_own_sink_whatever_the_settings_say(tmp_path: Path) -> None:
    """Its addressees are invented: no provider may hear of them."""
    (tmp_path / ".env").write_text(
        "CLIS_EMAIL_BACKEND=postmark\n"
        'CLIS_ANYMAIL={"POSTMARK_SERVER_TOKEN": "token"}\n'
        "CLIS_EMAIL_URL=smtp://mail.example.com:25\n"
        "CLIS_SMS_PROVIDER=solapi\n"
        "CLIS_SMS_SECOND_PROVIDER=twilio\n"
    )
    demo = _demo_environment()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIS_")}
    environment = kept | {"CLIS_DEBUG": "1", "CLIS_VAR": str(tmp_path), "CLIS_ENV_FILE": str(tmp_path / ".env")} | demo
    script = "from clis.settings import *; print(EMAIL_BACKEND, EMAIL_PORT, SMS_PROVIDER, SMS_SECOND_PROVIDER, SMS_URL)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split(" ") == [
        "django.core.mail.backends.smtp.EmailBackend",
        demo["CLIS_DEMO_MAIL_PORT"],
        "generic",
        "",
        f"http://127.0.0.1:{demo['CLIS_DEMO_SMS_PORT']}/sms\n",
    ]


@pytest.mark.parametrize(
    ("embedded", "pool", "at_once", "processes"),
    [(True, "threads", "4", "1"), (False, "prefork", "2", "2")],
)
def test_the_database_decides_how_work_is_shared(
    monkeypatch: pytest.MonkeyPatch, embedded: bool, pool: str, at_once: str, processes: str
) -> None:
    monkeypatch.setattr(run, "_embedded", lambda: embedded)
    monkeypatch.delenv("CLIS_WEB_PROCESSES", raising=False)
    monkeypatch.delenv("CLIS_WORKER_CONCURRENCY", raising=False)
    web, worker = _service("web", "127.0.0.1", 8000), _service("worker", "127.0.0.1", 8000)
    assert web[web.index("--workers") + 1] == processes
    assert worker[worker.index("--pool") + 1] == pool
    assert worker[worker.index("--concurrency") + 1] == at_once


@pytest.mark.parametrize(
    ("embedded", "queues"),
    [(True, {"worker": "all"}), (False, {"worker": WORK, "sender": DELIVERIES})],
)
def test_each_queue_is_worked_off_by_somebody(
    monkeypatch: pytest.MonkeyPatch, embedded: bool, queues: dict[str, str]
) -> None:
    """On SQLite one process does it all: a second one would cost more than it gives."""
    monkeypatch.setattr(run, "_embedded", lambda: embedded)
    programs = _programs("127.0.0.1", 8000, "localhost:8000", demo=False)
    workers = {program.name: list(program.command) for program in programs if "worker" in program.command}
    assert [program.name for program in programs] == ["web", *queues, "beat"]
    assert {
        name: command[command.index("--queues") + 1] if "--queues" in command else "all"
        for name, command in workers.items()
    } == queues


def test_compose_runs_every_program() -> None:
    services = (ROOT / "docker/compose.yml").read_text()
    assert re.findall(r'"--only", "(\w+)"', services) == ["web", "worker", "sender", "beat"]


class Became(Exception):
    """Raised in place of the process turning into another program."""


def test_only_becomes_the_program_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def become(name: str, command: list[str]) -> None:
        raise Became(name, *command)

    monkeypatch.setattr(os, "execvp", become)
    with pytest.raises(Became) as became:
        call_command("run", "--only", "worker")
    assert became.value.args[:6] == (sys.executable, sys.executable, "-m", "celery", "--app", "clis.celery:app")
