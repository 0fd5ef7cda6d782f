"""What the demo has not told yet, and telling it as if it happened now.

The world is made again from its seed, and ``told.jsonl`` says which of its messages were told when: so a stopped feed
goes on where it was. A message's new facts get the time at which it is told; what was told before keeps the time it
was told with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cargo.management.generator import telling, world
from cargo.management.generator.casting import RECENT_DAYS
from cargo.management.generator.message import Message
from cargo.management.generator.story import Fact

# What a watcher should see first; each is taken from the cargo that is nearest to it.
_OPENING = (
    "customs_released",
    "inspection_ordered",
    "gate_out",
    "customs_release_cancelled",
    "customs_hold",
    "transshipment_discharged",
    "gate_out",
    "discharged",
    "customs_released",
    "gate_out",
    "documents_submitted",
    "loaded",
)
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """Which world the demo shows. ``now``: the instant it was made for, seconds since 1970; ``days``: of its past."""

    shipments: int
    seed: int
    now: int
    days: int = RECENT_DAYS

    def save(self, folder: Path) -> None:
        """Begin anew: a plan of another world makes what was told of the old one meaningless."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "told.jsonl").unlink(missing_ok=True)
        text = json.dumps(asdict(self))
        (folder / "plan.json").write_text(text + "\n")

    @classmethod
    def load(cls, folder: Path) -> Plan | None:
        """The saved plan, or ``None``."""
        path = folder / "plan.json"
        return cls(**json.loads(path.read_text())) if path.exists() else None


class Feed:
    """The held-back messages of a plan."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.world = world.build(plan.shipments, plan.seed, plan.now, days=plan.days)
        self.messages = telling.messages(self.world)
        self._journal = folder / "told.jsonl"
        self._settled: set[int] = set()
        self._told: set[int] = set()
        if self._journal.exists():
            for line in self._journal.read_text().splitlines():
                row = json.loads(line)
                self._settle(self.messages[row["message"]], row["at"])
                self._told.add(row["message"])

    def history(self) -> list[Message]:
        """What had been sent when the plan was made."""
        return [message for message in self.messages if message.sent_at <= self.plan.now]

    def remaining(self) -> Iterator[int]:
        """The positions of the messages still to tell: the opening first, then in the order of their own times.

        Cargo that waits for files pushed by hand is left alone.
        """
        queues: dict[str, list[int]] = {}
        for position, message in enumerate(self.messages):
            kept = any(cargo.scene.push for cargo in message.box.cargoes)
            if message.sent_at > self.plan.now and position not in self._told and not kept:
                queues.setdefault(message.subject, []).append(position)
        if not self._told:
            yield from self._opening(queues)
        yield from sorted(position for queue in queues.values() for position in queue)

    def _opening(self, queues: dict[str, list[int]]) -> Iterator[int]:
        for wish in _OPENING:
            nearest: tuple[int, str] | None = None
            for subject, queue in queues.items():
                for depth, position in enumerate(queue[:_NEAR]):
                    if any(
                        fact.milestone == wish and fact.classifier == "actual" for fact in self.messages[position].news
                    ):
                        nearest = min(nearest or (depth, subject), (depth, subject))
                        break
            if nearest is None:
                continue
            depth, subject = nearest
            yield from queues[subject][: depth + 1]
            queues[subject] = queues[subject][depth + 1 :]

    def tell(self, position: int, at: int) -> bytes:
        """The message's bytes with its news happening at ``at``; remembered before they are handed out."""
        message = self.messages[position]
        with self._journal.open("a") as journal:
            journal.write(json.dumps({"message": position, "at": at}) + "\n")
        self._settle(message, at)
        self._told.add(position)
        return message.body()

    def _settle(self, message: Message, at: int) -> None:
        """Give every fact of the message that has no lasting time yet one that ends at ``at``, in their order."""
        fresh = [fact for fact in message.facts if self._unsettled(fact)]
        fresh.sort(key=lambda fact: (fact.known, fact.at))
        for order, fact in enumerate(reversed(fresh)):
            self._settled.add(id(fact))
            moment = at - 2 * order
            if fact.until:
                fact.until += moment - fact.known
            if fact.classifier == "actual":
                fact.at = moment if fact.at > self.plan.now else fact.at
            else:
                fact.at += moment - fact.known
            fact.known = moment

    def _unsettled(self, fact: Fact) -> bool:
        return fact.known > self.plan.now and id(fact) not in self._settled
