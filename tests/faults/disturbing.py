"""What else may happen to a broker: emptied in the middle, or not there at all."""

from __future__ import annotations

import shutil
import time

from django.conf import settings

from cargo import tasks
from cargo.pipeline.receive import receive
from notifications import tasks as telling
from tests.faults.campaign import Campaign, owed
from tests.faults.world import World


def empty_the_broker() -> None:
    """Every wake-up is gone. Only the database or the folder that the settings name is touched."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("redis"):
        import redis

        client = redis.Redis.from_url(url)
        client.flushdb()
        client.close()
        return
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]
    for path in settings.BASE_DIR.joinpath(folder).iterdir():
        if path.is_file():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)


class Unplugged(Campaign):
    """No broker answers: every wake-up fails, and the sweeps do all of the work."""

    def _suffer(self, world: World) -> list[int]:
        acknowledged = []
        for body in world.bodies:
            acknowledged.append(receive(world.carrier.pk, body).id)
            if len(acknowledged) % 100 == 0:
                tasks.wake_inbox()
        return acknowledged

    def _finish(self) -> None:
        deadline = time.monotonic() + self.patience
        while owed() and time.monotonic() < deadline:
            tasks.drain_inbox()
            tasks.match_again()
            tasks.drain_projections()
            telling.drain_updates()
            telling.drain_deliveries()
