"""``manage.py demo``: a system to look at, with messages that keep coming.

It stands in this app, since the demo's people subscribe, and cargo knows nothing of subscriptions.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cargo import tasks
from cargo.management.demonstration import loading, people
from cargo.management.demonstration.feed import Feed, Plan
from cargo.management.generator.firms import PEOPLE, Person
from cargo.management.generator.message import DIALECTS, Message, file_name
from cargo.models import Source
from cargo.pipeline.receive import receive
from clis.accounts.models import Membership, Organization, User
from clis.accounts.scoping import Viewer
from notifications import fanout, subscribing
from notifications.models import Channel

_OPENING = 20
_CALM = 3
# A file pushed within seconds of its making must not speak of the future, nor of what was before the subscriptions.
_PUSH_AFTER = 5


class Command(BaseCommand):
    """One of ``--prepare``, ``--feed`` and ``--info``."""

    help = "Demo data through the front door, and messages that keep coming while you watch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and how much of it."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--prepare", action="store_true", help="people, cargo and history; done once")
        what.add_argument("--feed", action="store_true", help="tell what was held back, until SIGTERM")
        what.add_argument("--info", action="store_true", help="who signs in, and what to push, with fresh times")
        # Enough that lead times have a spread and forecasts something to learn from. Not quite a year: dates that are
        # told without one are read as the last such day.
        parser.add_argument("--shipments", type=int, default=240, metavar="N")
        parser.add_argument("--days", type=int, default=340, metavar="N", help="over how long a past")
        parser.add_argument("--seed", type=int, default=7, metavar="S")
        parser.add_argument("--every", type=float, default=8.0, metavar="SECONDS", help="between two messages")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; the demo's files lie in ``var/demo``."""
        if not settings.DEMO:
            raise CommandError("the demo's people have known passwords, staff included: only CLIS_DEMO=1 allows it")
        self.folder: Path = settings.DEMO_OUTBOX
        if options["prepare"]:
            if options["shipments"] < 1:
                raise CommandError(f"--shipments: {options['shipments']} is not a number above 0")
            self._prepare(Plan(options["shipments"], options["seed"], int(time.time()), options["days"]))
        elif options["feed"]:
            self._feed(max(0.1, options["every"]))
        else:
            self._info()

    def _say(self, text: str, name: str = "demo") -> None:
        self.stdout.write(f"{name:8} | {text}")
        self.stdout.flush()

    def _step(self, work: Callable[[], str]) -> None:
        """Do a long step, and say what it did and how long it took."""
        started = time.monotonic()
        text = work()
        self._say(f"{text} ({time.monotonic() - started:.1f} s)")

    # --- prepare ---

    def _prepare(self, plan: Plan) -> None:
        organizations: dict[str, Organization] = {}
        feeds: dict[str, Source] = {}

        def who() -> str:
            organizations.update(people.make_organizations())
            feeds.update(people.make_sources(plan.seed))
            users = people.make_people(organizations)
            subscriptions = sum(_subscribe(users[person.email], organizations, person) for person in PEOPLE)
            people.make_keys(self._keys, organizations, feeds)
            return f"{len(organizations)} organizations, {len(users)} people, {subscriptions} subscriptions"

        self._step(who)
        known = loading.registered(organizations)
        if known:
            self._say(f"{known} shipments are there already: nothing to load")
        else:
            self._load(plan, organizations, feeds)
        self._info()

    def _load(self, plan: Plan, organizations: dict[str, Organization], feeds: dict[str, Source]) -> None:
        plan.save(self._feed_folder)
        feed = Feed(plan, self._feed_folder)
        history = feed.history()

        def hand_in() -> str:
            received, twice = loading.hand_in(history, feeds)
            return f"{received} messages handed in, {twice} of them for the second time"

        def work() -> str:
            worked = tasks.process_everything()
            return f"{worked.messages} messages read, {worked.shipments} shipments worked out"

        def told() -> str:
            count = 0
            while number := fanout.fan_out():
                count += number
            return f"{count} updates for the feed, none of them news"

        self._step(lambda: f"{loading.register(feed.world, organizations)} shipments registered")
        self._step(hand_in)
        self._step(work)
        self._step(told)

    # --- info ---

    def _info(self) -> None:
        """Who signs in and what to push: printed, and kept for whoever prints it later."""
        lines = [f"{person.email:22} {people.PASSWORD}   {_describe(person)}" for person in PEOPLE]
        plan = Plan.load(self._feed_folder)
        if plan is not None:
            lines += self._pushing(Feed(plan, self._feed_folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "accounts.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._say(settings.BASE_URL)
        for line in lines:
            self._say(line)

    def _pushing(self, feed: Feed) -> list[str]:
        folder = self.folder / "push"
        count = loading.write_pushes(feed.world, int(time.time()) + _PUSH_AFTER, folder)
        cargo = loading.example(feed.world, PEOPLE[0].organization)
        if cargo is None:
            return []
        key = json.loads(self._keys.read_text())["unipass"] if self._keys.exists() else "KEY"
        file = _short(folder / f"{cargo.house_bill}.xml")
        return [
            f"{count} files to push in {_short(folder)}; this one releases {cargo.house_bill}:",
            f"curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/xml'"
            f" --data-binary @{file} {settings.BASE_URL}/api/v1/messages/",
        ]

    @property
    def _keys(self) -> Path:
        return self.folder / "keys.json"

    @property
    def _feed_folder(self) -> Path:
        return self.folder / "feed"

    # --- feed ---

    def _feed(self, every: float) -> None:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        plan = Plan.load(self._feed_folder)
        if plan is None:
            self._say("nothing to tell: the demo was not prepared from here", "feed")
            return
        feed = Feed(plan, self._feed_folder)
        sources = dict(Source.objects.values_list("slug", "pk"))
        for count, position in enumerate(feed.remaining()):
            if stop.wait(every if count < _OPENING else every * _CALM):
                return
            message = feed.messages[position]
            body = feed.tell(position, int(time.time()))
            media_type = DIALECTS[message.dialect].MEDIA_TYPE
            receive(sources[message.source], body, media_type=media_type, name=file_name(message, position))
            tasks.wake_inbox()
            self._say(_headline(message), "feed")
        self._say("all is told", "feed")


def _subscribe(user: User, organizations: dict[str, Organization], person: Person) -> int:
    """E-mail, and SMS where there is a number and a gateway, for all cargo of the person's organization."""
    if person.is_staff:
        return 0
    organization = organizations[person.organization]
    viewer = Viewer(user_id=user.pk, organization_id=organization.pk, role=person.role)
    channels = [subscribing.own_email_channel(viewer)]
    if person.phone and settings.SMS_PROVIDER:
        channels.append(subscribing.add_channel(viewer, Channel.Kind.SMS, person.phone, person.language))
        # Invented numbers: nobody could read a code out.
        Channel.objects.filter(pk=channels[-1].pk, verified_at=None).update(verified_at=timezone.now())
    for channel in channels:
        subscribing.subscribe(viewer, channel.pk)
    return len(channels)


def _describe(person: Person) -> str:
    if person.is_staff:
        return "the operator's staff"
    role = dict(Membership.Role.choices)[person.role]
    return f"{person.organization}, {role}, {person.language}"


def _short(path: Path) -> str:
    """Relative to where ``manage.py`` stands, if it lies below."""
    return str(path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path)


def _headline(message: Message) -> str:
    news = ", ".join(dict.fromkeys(fact.milestone.replace("_", " ") for fact in message.news)) or "nothing new"
    who = message.cargo.key if message.cargo is not None else message.box.master_bill
    return f"{message.source}: {who}: {news}"
