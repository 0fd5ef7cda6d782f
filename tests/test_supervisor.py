"""The supervisor: ordered start, output with names, restart after a crash, ordered stop that leaves nothing behind."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from clis.supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20.0


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", textwrap.dedent(code)]


FOREVER = """
    import signal, sys, time
    def end(*_):
        print("ending"); sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("up")
    time.sleep(600)
"""


class Story(io.StringIO):
    """Collects the supervisor's lines and calls ``on_line`` for each of them."""

    def __init__(self, on_line: Callable[[str], None] = lambda line: None) -> None:
        super().__init__()
        self.on_line = on_line

    def write(self, text: str) -> int:
        result = super().write(text)
        self.on_line(text.rstrip())
        return result

    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()


def stop_on(wanted: str, times: int = 1) -> Callable[[str], None]:
    """Ask for a stop, as Ctrl-C would, when ``wanted`` was seen so many times."""
    left = [times]

    def on_line(line: str) -> None:
        if line == wanted:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGTERM)

    return on_line


def without_times(story: Story) -> list[str]:
    return [re.sub(r" after [0-9.]+ s$", "", line) for line in story.lines]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def wait_until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_starts_in_order_and_stops_in_reverse_order() -> None:
    story = Story(stop_on("second   | up"))
    first_is_up = lambda: "first    | up" in story.lines  # noqa: E731
    programs = [Program("first", python(FOREVER), ready=first_is_up), Program("second", python(FOREVER))]

    assert Supervisor(output=story).run(programs) == 0

    assert without_times(story) == [
        "clis     | first started",
        "first    | up",
        "clis     | first ready",
        "clis     | second started",
        "second   | up",
        "second   | ending",
        "clis     | second stopped",
        "first    | ending",
        "clis     | first stopped",
        "clis     | stopped",
    ]


def test_a_crash_is_followed_by_a_new_start_with_longer_pauses() -> None:
    story = Story(stop_on("clis     | broken started again", times=2))
    crashing = Program("broken", python("import os; os._exit(3)"))
    healthy = Program("steady", python(FOREVER))

    assert Supervisor(output=story, pauses=(0.1, 0.2)).run([healthy, crashing]) == 0

    told = [line.partition("| ")[2] for line in story.lines if "broken" in line]
    assert told[:5] == [
        "broken started",
        "broken crashed (exit code 3), starts again in 0.1 s",
        "broken started again",
        "broken crashed (exit code 3), starts again in 0.2 s",
        "broken started again",
    ]
    assert story.lines.count("steady   | up") == 1


def test_a_killed_program_is_named_with_its_signal() -> None:
    story = Story(stop_on("clis     | victim started again"))
    victim = Program("victim", python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))

    assert Supervisor(output=story, pauses=(0.1,)).run([victim]) == 0

    assert "clis     | victim crashed (signal SIGKILL), starts again in 0.1 s" in story.lines


def test_a_finite_program_may_end_and_is_not_started_again() -> None:
    story = Story(stop_on("clis     | feed finished"))
    programs = [Program("web", python(FOREVER)), Program("feed", python("print('fed')"), finite=True)]

    assert Supervisor(output=story, pauses=(0.1,)).run(programs) == 0

    assert story.lines.count("feed     | fed") == 1
    assert not [line for line in story.lines if "started again" in line]


def test_a_program_that_ends_before_it_is_ready_stops_everything() -> None:
    story = Story()
    broken = Program("web", python("import sys; print('no database'); sys.exit(2)"), ready=lambda: False)
    never = Program("worker", python(FOREVER))

    assert Supervisor(output=story).run([Program("sink", python(FOREVER)), broken, never]) == 1

    assert "web      | no database" in story.lines
    assert "clis     | web ended before it was ready (exit code 2)" in story.lines
    assert "clis     | worker started" not in story.lines


def test_a_program_that_is_never_ready_stops_everything() -> None:
    story = Story()
    web = Program("web", python(FOREVER), ready=lambda: False, ready_within=0.5)

    assert Supervisor(output=story).run([web]) == 1

    assert "clis     | web was not ready within 0.5 s" in story.lines


def test_a_program_that_ignores_the_request_is_killed_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    stubborn = f"""
        import os, pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path({str(note)!r}).write_text(f"{{os.getpid()}} {{grandchild.pid}}")
        print("up")
        time.sleep(600)
    """
    story = Story(stop_on("stubborn | up"))

    assert Supervisor(output=story).run([Program("stubborn", python(stubborn), stop_within=0.5)]) == 0

    assert "clis     | stubborn did not stop in time and is killed" in story.lines
    assert all(wait_until(lambda pid=pid: gone(int(pid))) for pid in note.read_text().split())  # type: ignore[misc]


def test_a_stop_does_not_reach_a_programs_children_directly() -> None:
    """A worker's main process decides when its children end; a signal to the group would kill them in mid-task."""
    parent = """
        import signal, subprocess, sys
        child = subprocess.Popen([sys.executable, "-u", "-c", '''
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("the child was told"))
        print("up"); time.sleep(1); print("the task is done")
        '''.replace("        ", "")])
        signal.signal(signal.SIGTERM, lambda *_: None)
        sys.exit(child.wait())
    """
    story = Story(stop_on("worker   | up"))

    assert Supervisor(output=story).run([Program("worker", python(parent), stop_within=8)]) == 0

    assert without_times(story)[-3:] == [
        "worker   | the task is done",
        "clis     | worker stopped",
        "clis     | stopped",
    ]


def test_a_step_runs_to_its_end_and_tells_whether_it_succeeded() -> None:
    story = Story()
    supervisor = Supervisor({"GREETING": "안녕"}, output=story)

    assert supervisor.step("setup", python("import os; print(os.environ['GREETING'])")) is True
    assert supervisor.step("setup", python("raise SystemExit('no such table')")) is False
    assert story.lines == ["setup    | 안녕", "setup    | no such table"]


def test_a_program_that_names_itself_is_not_named_twice() -> None:
    story = Story()
    Supervisor(output=story).step("demo", python("print('demo     | 60 shipments'); print('and more')"))
    assert story.lines == ["demo     | 60 shipments", "demo     | and more"]


def test_killing_the_supervisor_leaves_no_program_running(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    code = f"from clis.supervisor import *; Supervisor().run([Program('web', [{sys.executable!r}, '-c', {program!r}])])"
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: note.exists() and note.read_text() != "")

    supervisor.kill()
    supervisor.wait()

    assert wait_until(lambda: gone(int(note.read_text())))
