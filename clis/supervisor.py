"""Runs several programs as one: ordered start, restart after a crash, ordered stop.

Plain Python without Django. Each program gets a session of its own, so that Ctrl-C reaches only the supervisor, which
then asks the *main* process of each program to end (a signal to a whole group would kill a worker's children in
mid-task), last started first, and kills what is left when its time is up. All times are seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
STEADY_AFTER = 60.0
TICK = 0.1
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """One program to keep alive.

    ``ready`` is asked until it says yes before the next program starts. A ``finite`` program may end with exit code 0.
    ``stop_within`` is how long it may take to end by itself once it is asked to.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] | None = None
    ready_within: float = 60.0
    stop_within: float = 3.0
    finite: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


class _Child:
    """A program's present process, and what is known of the ones before it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.restart_at: float | None = None
        self.failures = 0
        self.partial = b""

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


def _end_with_parent() -> None:
    """In the child, before its program: a killed supervisor must not leave workers behind (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts programs, forwards their output line by line with their name in front, and keeps them running."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        output: IO[str] | None = None,
        pauses: Sequence[float] = PAUSES,
        steady_after: float = STEADY_AFTER,
        stop_within: float = 9.0,
    ) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._output = output or sys.stdout
        self._pauses = pauses
        self._steady_after = steady_after
        self._stop_within = stop_within
        self._children: list[_Child] = []
        self._selector = selectors.DefaultSelector()
        self._signals = 0

    def run(self, programs: Sequence[Program], started: Callable[[], None] = lambda: None) -> int:
        """Run until told to stop (SIGINT, SIGTERM, SIGHUP). Returns 0, or 1 if a program could not be started."""
        self._children = [_Child(program) for program in programs]
        with self._handling_signals():
            try:
                if not all(self._start_and_wait(child) for child in self._children):
                    return 0 if self._signals else 1
                started()
                while not self._signals and any(child.alive or child.restart_at for child in self._children):
                    self._tick()
                return 0
            finally:
                self._stop()
                self.say("stopped")

    def step(self, name: str, command: Sequence[str]) -> bool:
        """Run one program to its end. True if it ended with exit code 0."""
        child = _Child(Program(name, command))
        self._children = [child]
        with self._handling_signals():
            self._start(child)
            try:
                while child.alive and not self._signals:
                    self._forward(TICK)
            finally:
                self._stop()
        return not self._signals and child.process is not None and child.process.returncode == 0

    def say(self, text: str) -> None:
        self._line("clis", text)

    def _line(self, name: str, text: str) -> None:
        prefix = f"{name:<8} | "
        try:
            # A program that names itself in front of its lines, for when it runs alone, is not named twice.
            self._output.write((prefix + text.removeprefix(prefix)).rstrip() + "\n")
            self._output.flush()
        except OSError:
            self._signals += 1  # Nobody reads any more (a closed pipe): stop as if told to.

    # --- start, watch, restart ---------------------------------------------------------------------

    def _start(self, child: _Child) -> None:
        child.restart_at = None
        child.started_at = time.monotonic()
        child.partial = b""
        child.process = subprocess.Popen(
            child.program.command,
            env=self._environment | dict(child.program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # Safe: this process never has a second thread.
        )
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _start_and_wait(self, child: _Child) -> bool:
        program = child.program
        self._start(child)
        self.say(f"{program.name} started")
        if program.ready is None:
            return not self._signals
        deadline = child.started_at + program.ready_within
        while not self._signals:
            self._forward(TICK)
            if not child.alive:
                self.say(f"{program.name} ended before it was ready ({self._ending(child)})")
                return False
            if program.ready():
                self.say(f"{program.name} ready after {time.monotonic() - child.started_at:.1f} s")
                return True
            if time.monotonic() > deadline:
                self.say(f"{program.name} was not ready within {program.ready_within:g} s")
                return False
        return False

    def _tick(self) -> None:
        self._forward(TICK)
        now = time.monotonic()
        for child in self._children:
            if child.restart_at is not None and now >= child.restart_at:
                self._start(child)
                self.say(f"{child.program.name} started again")
            elif child.restart_at is None and not child.alive:
                self._plan_restart(child, now)

    def _plan_restart(self, child: _Child, now: float) -> None:
        if child.process is None:
            return
        self._kill_group(child)
        self._close(child)
        ending, code = self._ending(child), child.process.returncode
        child.process = None
        if child.program.finite and code == 0:
            self.say(f"{child.program.name} finished")
            return
        if now - child.started_at >= self._steady_after:
            child.failures = 0
        pause = self._pauses[min(child.failures, len(self._pauses) - 1)]
        child.failures += 1
        child.restart_at = now + pause
        self.say(f"{child.program.name} crashed ({ending}), starts again in {pause:g} s")

    @staticmethod
    def _ending(child: _Child) -> str:
        code = child.process.returncode if child.process else 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    # --- output ------------------------------------------------------------------------------------

    def _forward(self, timeout: float) -> None:
        """Pass on what the programs have written, waiting at most ``timeout`` for something."""
        if not self._selector.get_map():
            time.sleep(timeout)
            return
        for key, _ in self._selector.select(timeout):
            self._read(key.data, key.fd)

    def _read(self, child: _Child, descriptor: int) -> None:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        if not data:
            self._close(child)
            return
        *lines, child.partial = (child.partial + data).split(b"\n")
        for line in lines:
            self._line(child.program.name, line.decode("utf-8", "replace").rstrip())

    def _close(self, child: _Child) -> None:
        """Pass on what is left in the pipe of an ended program and close it."""
        pipe = child.process.stdout if child.process else None
        if pipe is None or pipe.closed:
            return
        with contextlib.suppress(OSError, KeyError, ValueError):
            self._selector.unregister(pipe)
            rest = child.partial + (os.read(pipe.fileno(), 1 << 20) or b"")
            child.partial = b""
            for line in rest.splitlines():
                self._line(child.program.name, line.decode("utf-8", "replace").rstrip())
        pipe.close()

    # --- stop --------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Ask each program to end, last started first; kill what has not ended in its time, or in the time for all."""
        deadline = time.monotonic() + self._stop_within
        asked = self._signals
        for child in reversed(self._children):
            child.restart_at = None
            if child.process is None:
                continue
            if child.alive:
                self._end(child, min(time.monotonic() + child.program.stop_within, deadline), asked)
            self._kill_group(child)
            child.process.wait()
            self._close(child)

    def _end(self, child: _Child, until: float, asked: int) -> None:
        """Ask one program to end and wait for it; a second Ctrl-C ends the waiting."""
        assert child.process is not None
        began = time.monotonic()
        child.process.terminate()
        while child.alive and time.monotonic() < until and self._signals <= asked + 1:
            self._forward(TICK / 2)
        took = time.monotonic() - began
        # What it said last comes before the word that it stopped.
        self._forward(0)
        self.say(
            f"{child.program.name} "
            + ("did not stop in time and is killed" if child.alive else f"stopped after {took:.1f} s")
        )

    @staticmethod
    def _kill_group(child: _Child) -> None:
        """Kill what an ended or stuck program has left of its own session."""
        assert child.process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)

    @contextlib.contextmanager
    def _handling_signals(self) -> Iterator[None]:
        def handle(number: int, frame: FrameType | None) -> None:
            self._signals += 1

        before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
