"""Files written slowly into a folder or an SFTP directory while the worker that takes them is killed again and again.

Nothing may be lost, nothing doubled, and no file read before it was whole.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from cargo import tasks
from cargo.models import InboundMessage, Intake
from clis.sealing import seal
from tests.faults.campaign import Campaign, Outcome
from tests.faults.world import World
from tests.sources.sftp_server import PASSWORD, USER, SftpServer

# A writer pauses at most half as long as a file must lie still.
STABLE = 2
WRITERS = 10


@dataclass
class Files(Campaign):
    """``messages`` files, each taking about ``pace`` seconds to write; a kill every ``every`` seconds of work.

    Every fifth has one of a few ``names``, and is written once the one before it was taken.
    """

    way: str = "folder"
    repeats: float = 0.1
    every: float = 3.0
    pace: float = 1.0
    names: int = 50
    missing: int = 0
    surplus: int = 0
    left: list[str] = field(default_factory=list)

    def run(self) -> Outcome:
        """As every campaign; a file that is not in the inbox is lost, bytes that nobody wrote are double."""
        outcome = super().run()
        outcome.messages = self.messages
        outcome.lost += self.missing + len(self.left)
        outcome.double_events += self.surplus
        return outcome

    def _suffer(self, world: World) -> list[int]:
        folder = Path(settings.FOLDER_ROOT, f"{self.way}-{self.seed}")
        folder.mkdir(parents=True)
        with self._watched(world, folder):
            writers = self._writers(world, folder)
            self._start()
            for _ in range(self.kills):
                self._until_it_takes(world)
                self._work_for(self.every)
                self._kill()
                self._start()
            while any(writer.is_alive() for writer in writers):
                self._work_for(1.0)
            deadline = time.monotonic() + self.patience
            while _lying(folder) and time.monotonic() < deadline:
                self._work_for(1.0)
        return self._compare(world, folder)

    @contextmanager
    def _watched(self, world: World, folder: Path) -> Iterator[None]:
        row = {"source": world.carrier, "way": self.way, "every": timedelta(seconds=5)}
        if self.way == "folder":
            Intake.objects.create(**row, settings={"path": folder.name, "stable_seconds": STABLE})
            yield
            return
        with SftpServer(folder.parent) as server:
            values = {"host": "127.0.0.1", "port": server.port, "user": USER, "host_keys": [server.pin]}
            values |= {"path": folder.name, "stable_seconds": STABLE}
            Intake.objects.create(**row, settings=values, sealed=seal(json.dumps({"password": PASSWORD})))
            yield

    def _writers(self, world: World, folder: Path) -> list[threading.Thread]:
        work = [list(enumerate(world.bodies))[first::WRITERS] for first in range(WRITERS)]
        threads = [
            threading.Thread(target=self._write, args=(folder, files, random.Random(self.seed + number)), daemon=True)
            for number, files in enumerate(work)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _write(self, folder: Path, files: list[tuple[int, bytes]], chance: random.Random) -> None:
        """In three parts: under the last name, under it with an old time, or under another one and then renamed."""
        for number, body in files:
            path = folder / (f"status-{number % self.names}.json" if number % 5 == 0 else f"{number}.json")
            while path.exists():
                time.sleep(0.1)
            style = chance.choice(("growing", "backdated", "renamed"))
            place = folder / f"{number}.json.part" if style == "renamed" else path
            third = len(body) // 3 + 1
            for start in range(0, len(body), third):
                with place.open("ab") as file:
                    file.write(body[start : start + third])
                if style == "backdated":
                    os.utime(place, (1e9, 1e9))
                time.sleep(min(STABLE / 2, self.pace / 3 * chance.uniform(0.5, 1.5)))
            if style == "renamed":
                place.rename(path)

    def _until_it_takes(self, world: World) -> None:
        """A kill must come while the worker works, and not while it starts."""
        before = self._count(world)
        deadline = time.monotonic() + 15
        while self._count(world) == before and time.monotonic() < deadline:
            self._work_for(1.0)

    def _count(self, world: World) -> int:
        close_old_connections()
        return InboundMessage.objects.filter(source=world.carrier).count()

    def _work_for(self, seconds: float) -> None:
        """What beat does meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            Intake.objects.filter(leased_until=None).update(next_at=timezone.now())
            # Not every sweep each time: a broker of files hands out a few wake-ups a second, and no more.
            tasks.wake("cargo.tasks.drain_intakes")
            time.sleep(min(1.0, max(0.0, end - time.monotonic())))

    def _compare(self, world: World, folder: Path) -> list[int]:
        wanted = {sha256(body).hexdigest() for body in world.bodies}
        rows = list(InboundMessage.objects.filter(source=world.carrier).values_list("digest", "pk"))
        self.missing = len(wanted - {digest for digest, _ in rows})
        self.surplus = len(rows) - len(wanted & {digest for digest, _ in rows})
        archived = sum(path.is_file() for path in (folder / "archive").rglob("*"))
        self.left = _lying(folder) + [f"{len(world.bodies) - archived} files are not in the archive"] * (
            archived != len(world.bodies)
        )
        Intake.objects.filter(source=world.carrier).update(active=False)
        return [pk for _, pk in rows]


def _lying(folder: Path) -> list[str]:
    """What was not taken, not read, or set aside."""
    found = [path for path in folder.iterdir() if path.is_file()]
    for name in ("taken", "failed"):
        found += (folder / name).iterdir() if (folder / name).is_dir() else []
    return [path.name for path in found]
