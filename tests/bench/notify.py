"""Mails, webhooks and texts that are owed, sent until nothing is: ``python -m tests.bench notify``, on PostgreSQL.

The other sides (aiosmtpd, endpoints, an SMS gateway) run in processes of their own. In the same run, before and
after: the same mails by bare ``smtplib`` over one kept connection, and the same posts by a bare pooled client
(``httpx``, one client, connections kept), from as many threads as serves it best.

``CLIS_BENCH_NOTICES`` says how many notices there are (default 2,000; the full size is 100,000): half of them mails,
two fifths webhooks, a tenth texts. ``CLIS_BENCH_ENDPOINTS`` (default 40; the full size is 200): a tenth of them dead
(nobody listens, or nobody answers), a tenth slow (half a second).
"""

from __future__ import annotations

import json
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx
from django.db import connection
from django.db.models import Count
from django.test.utils import override_settings
from django.utils import timezone

from cargo.models import FeedHead, Party, Shipment, TrackingUpdate
from clis.accounts.models import Organization
from clis.sealing import seal
from notifications import fanout, render
from notifications.deliver import deliver
from notifications.deliver.claim import loaded
from notifications.models import Channel, Delivery, Endpoint, Subscription
from notifications.transports.email import compose
from notifications.transports.webhook import new_secret, signed
from tests.bench.timing import Figure, compare

NOTICES = int(os.environ.get("CLIS_BENCH_NOTICES", "2000"))
ENDPOINTS = int(os.environ.get("CLIS_BENCH_ENDPOINTS", "40"))
FLOOR = 0.5
OF_SHIPMENT = 10


def run() -> list[Figure]:
    """Prints what was measured and gives the ratios that have a floor."""
    with _sink("mail") as mail, _sink("hooks") as hooks, _sink("slow") as slow, _sink("gateway") as gateway:
        settings = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": mail,
            "EMAIL_USE_TLS": False,
            "EMAIL_USE_SSL": False,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "SMS_PROVIDER": "generic",
            "SMS_URL": f"http://127.0.0.1:{gateway}/sms",
            "SMS_DAILY_LIMIT": 0,
            "SMS_NUMBER_LIMIT": 0,
            "SMS_RANGE_LIMIT": 0,
            "SMS_COUNTRY_LIMIT": 0,
            "WEBHOOK_OWN_HOSTS": ["127.0.0.1"],
            "WEBHOOK_RATE": 10_000.0,
            "WEBHOOK_TIMEOUT": 2.0,
        }
        with override_settings(**settings):
            return _measured(mail, hooks, slow)


def _measured(mail: int, hooks: int, slow: int) -> list[Figure]:
    world = _World()
    mails, posts, texts = NOTICES // 2, NOTICES * 2 // 5, NOTICES // 10
    good = world.endpoints(hooks, ENDPOINTS - ENDPOINTS // 5)
    _warm(world, good)
    bare_mail = [_bare_mail(mail, min(mails, 2000))]
    bare_post = [_bare_posts(hooks, min(posts, 4000))]
    world.owe_mails(mails)
    our_mail = _drained("mails", mails)
    bare_mail.append(_bare_mail(mail, min(mails, 2000)))
    world.owe_posts(good, posts)
    our_post = _drained("webhooks to good endpoints", posts)
    bare_post.append(_bare_posts(hooks, min(posts, 4000)))
    lame, dead = world.endpoints(slow, ENDPOINTS // 10), world.dead(ENDPOINTS // 10)
    each = max(1, posts // ENDPOINTS)
    alone = _everything(world, "everything, all endpoints good", good, each, mails, texts)
    among = _everything(world, "the same with the bad ones", [*good, *lame, *dead], each, mails, texts, good)
    return [
        compare("mails, against smtplib on one connection", [our_mail], bare_mail, FLOOR, "mails/s"),
        compare("webhooks, against a pooled httpx client", [our_post], bare_post, FLOOR, "posts/s"),
        compare("good endpoints' p95 without the bad ones, over that with them", [alone], [among], 0.5, "s"),
    ]


def _warm(world: _World, good: Sequence[int]) -> None:
    """What a process does once is not measured: imports, templates, connections."""
    world.owe_mails(50)
    world.owe_posts(good, 2 * len(good))
    deliver(_asked_and_stands, fanout.open_deadlines, fanout.place_names)


def _everything(
    world: _World, what: str, called: Sequence[int], each: int, mails: int, texts: int, good: Sequence[int] = ()
) -> float:
    """So many webhooks to each endpoint, with all mails and texts; the good endpoints' p95."""
    world.forget()
    world.owe_posts(called, each * len(called))
    world.owe_mails(mails)
    world.owe_texts(texts)
    _drained(what, each * len(called) + mails + texts)
    p95 = _p95(good or called)
    rows = Delivery.objects.order_by("kind", "state").values_list("kind", "state").annotate(Count("pk"))
    ended = ", ".join(f"{kind} {state} {number:,}" for kind, state, number in rows)
    print(f"  good endpoints' p95 from owed to accepted {p95:.2f} s; {ended}")
    return p95


def _drained(what: str, number: int) -> float:
    """Sends until nothing more is sent at once; gives the rate of tries."""
    began, cpu = time.perf_counter(), time.process_time()
    tries = deliver(_asked_and_stands, fanout.open_deadlines, fanout.place_names)
    seconds = time.perf_counter() - began
    used = (time.process_time() - cpu) / max(1, tries) * 1e6
    print(
        f"{what}: {number:,} owed, {tries:,} tries in {seconds:.1f} s, {tries / seconds:,.0f}/s, "
        f"{used:,.0f} us of processor time each",
        flush=True,
    )
    return tries / seconds


def _asked_and_stands(updates: Iterable[int]) -> set[int]:
    """What a look at the shipments' state costs is paid; these have none, so that nothing would stand."""
    wanted = set(updates)
    fanout.still_true(wanted)
    return wanted


def _p95(channels: Sequence[int]) -> float:
    """Seconds from when a delivery was owed to when its endpoint had accepted it."""
    rows = Delivery.objects.filter(channel__in=channels, state="sent").values_list("created_at", "finished_at")
    waits = sorted((finished - created).total_seconds() for created, finished in rows if finished)
    return waits[int(len(waits) * 0.95)]


def _bare_mail(port: int, number: int) -> float:
    """Mails a second: one of ours, composed once, over one connection."""
    (ours,) = loaded([Delivery.objects.filter(kind="email").values_list("pk", flat=True)[0]])
    data = compose(render.message(ours, True)).message().as_bytes(linesep="\r\n")
    with smtplib.SMTP("127.0.0.1", port) as connection:
        began = time.perf_counter()
        for _ in range(number):
            connection.sendmail("clis@example.com", ["a@example.com"], data)
        return number / (time.perf_counter() - began)


def _bare_posts(port: int, number: int) -> float:
    """Posts a second of a signed body by the best of three numbers of threads."""
    body = json.dumps({"text": _WORDS}).encode()
    secret = (new_secret(),)
    with httpx.Client(limits=httpx.Limits(max_connections=64, max_keepalive_connections=64)) as client:

        def post(n: int) -> None:
            headers = signed(f"d-{n}", int(time.time()), body, secret)
            client.post(f"http://127.0.0.1:{port}/{n % 50}", headers=headers, content=body).raise_for_status()

        def with_threads(threads: int) -> float:
            began = time.perf_counter()
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(post, range(number)))
            return number / (time.perf_counter() - began)

        return max(with_threads(threads) for threads in (1, 4, 16))


_WORDS = "The cargo was released by customs and may be collected.\n" * 12


class _World:
    """One organization, its shipments and updates, and its channels."""

    def __init__(self) -> None:
        self._organization = Organization.objects.create(name="Bench", slug="bench-notices")
        FeedHead.objects.get_or_create(id=1)
        number = NOTICES // OF_SHIPMENT + 1
        self._shipments = Shipment.objects.bulk_create(
            [Shipment(organization=self._organization) for _ in range(number)]
        )
        Party.objects.bulk_create([Party(shipment=row, organization=self._organization) for row in self._shipments])
        data = '{"milestone": "customs_released", "source": "bench", "authority": "KR-KCS", "container": "HDMU6546583"}'
        now = timezone.now()
        self._updates = TrackingUpdate.objects.bulk_create(
            [
                TrackingUpdate(
                    shipment=self._shipments[n // OF_SHIPMENT],
                    kind="customs.released",
                    key=str(n),
                    data=data,
                    occurred_at=now,
                    feed_no=n + 1,
                    fanned_out_at=now,
                )
                for n in range(NOTICES)
            ],
            batch_size=1000,
        )

    def endpoints(self, port: int, number: int) -> list[int]:
        """That many at this port, by path."""
        return [self._endpoint(f"http://127.0.0.1:{port}/{n}") for n in range(number)]

    def dead(self, number: int) -> list[int]:
        """Half of them refuse, half take the connection and say nothing."""
        self._silent = socket.create_server(("127.0.0.1", 0), backlog=1024)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            closed = probe.getsockname()[1]
        ports = (closed, self._silent.getsockname()[1])
        return [self._endpoint(f"http://127.0.0.1:{ports[n % 2]}/dead/{n}") for n in range(number)]

    def owe_posts(self, channels: Sequence[int], number: int) -> None:
        """One update after the other, to one endpoint after the other."""
        self._owe("webhook", [channels[n % len(channels)] for n in range(number)])

    def owe_mails(self, number: int) -> None:
        """To fifty mailboxes."""
        self._owe(
            "email", [self._channel("email", f"m{n}@example.com") for n in range(50)] * (number // 50 + 1), number
        )

    def owe_texts(self, number: int) -> None:
        """To fifty telephones."""
        self._owe("sms", [self._channel("sms", f"+8210900000{n:02}") for n in range(50)] * (number // 50 + 1), number)

    def forget(self) -> None:
        """Nothing was ever owed; the channels stay."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM notifications_attempt")
            cursor.execute("DELETE FROM notifications_delivery")

    def _owe(self, kind: str, channels: Sequence[int], number: int | None = None) -> None:
        rows = list(channels)[:number]
        now = timezone.now()
        Delivery.objects.bulk_create(
            [
                Delivery(
                    update=self._updates[n % NOTICES],
                    channel_id=channel,
                    kind=kind,
                    notice="customs.released",
                    recipient=f"{kind}{n}",
                    created_at=now,
                    next_attempt_at=now,
                )
                for n, channel in enumerate(rows)
            ],
            batch_size=1000,
            ignore_conflicts=True,
        )

    def _endpoint(self, url: str) -> int:
        channel = self._channel("webhook", url)
        Endpoint.objects.get_or_create(channel_id=channel, defaults={"sealed": seal(new_secret())})
        return channel

    def _channel(self, kind: str, address: str) -> int:
        channel, made = Channel.objects.get_or_create(
            organization=self._organization, kind=kind, address=address, defaults={"verified_at": timezone.now()}
        )
        if made:
            Subscription.objects.create(channel=channel, created_at=timezone.now() - timedelta(hours=1))
        return channel.pk


@contextmanager
def _sink(what: str) -> Iterator[int]:
    """A process that takes everything; its port."""
    command = [sys.executable, "-m", "tests.bench.sinks", what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
