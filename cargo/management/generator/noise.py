"""The noise model, written down: how long things take here, and how reports of them go wrong.

Durations are mixtures of log-normal distributions (weight, median in hours, sigma of the logarithm), so that a mean
says little and tails are long: most inspections take hours and some take weeks. Nothing here is fitted to data; the
medians are of the size that the customs service and terminals publish. On top of the mixtures:

- **Regime change.** At Busan the yard is full of late: for cargo under way, and for stories that ended in the last ten
  days, berthing, entry, bonded transport and collection take 1.8 times as long as before.
- **Voyages** run late by a mixture: 70 % a few hours either way, 22 % one to three days, 8 % four to ten days. The
  carrier's estimates approach the truth with each notice. Four in ten of the voyages of six days or more change ships
  at a hub.
- **Declarations**: 42 % before arrival, 25 % between arrival and warehouse, 33 % after it (some of these much later).
- **Inspections** are ordered during the review, and in a scene of their own only after it was completed.
- **What the carrier fails to say**: 3 % of its reports never come.
- **Late**: 12 % of the carrier's messages are held up for hours and 3 % for days, which also puts them out of order;
  4 % of the customs snapshots overtake the one before.
- **Corrected**: 4 % of the gate-in, loading, discharge and empty-return reports give a wrong time first (10 minutes
  to 9 hours off); the right one follows within two days under the same ``eventID`` (where the carrier has ids) and a
  later ``eventCreatedDateTime``.
- **Doubled**: 3 % of all messages come twice, byte for byte; 12 % of the carrier's messages repeat the two events
  before.
- **Others beside**: terminals, warehouses and truckers tell what they saw within the hour and without mistakes; a
  forwarder's sheet follows its carrier by 1 to 14 hours; customs learns of an export's sailing after 6 to 40.
- **Customs wording**: three cargoes of ten come in the older words (적하목록), one in five with other spaces.

Seconds everywhere; every draw comes from the cargo's own random stream, so one cargo's story does not depend on how
many others there are, unless they share a box.
"""

from __future__ import annotations

import random
from math import exp

HOUR = 3600
DAY = 24 * HOUR

DURATIONS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "booking_answer": ((0.85, 5, 0.7), (0.15, 30, 0.5)),
    "berthing": ((0.85, 5, 0.5), (0.15, 20, 0.6)),
    "entry": ((0.8, 7, 0.5), (0.2, 26, 0.5)),
    "bonded_wait": ((0.8, 16, 0.4), (0.2, 60, 0.4)),
    "bonded_drive": ((1.0, 3.5, 0.4),),
    "declare": ((0.7, 9, 0.8), (0.3, 96, 0.6)),
    "review": ((0.75, 1.4, 0.7), (0.25, 18, 0.4)),
    "approval": ((0.8, 0.7, 0.6), (0.2, 15, 0.4)),
    "inspection_wait": ((0.7, 6, 0.6), (0.3, 40, 0.5)),
    "inspection": ((0.75, 5, 0.6), (0.25, 60, 0.7)),
    "documents": ((0.7, 8, 0.7), (0.3, 70, 0.5)),
    "hold": ((0.7, 40, 0.6), (0.3, 190, 0.5)),
    "agency": ((0.8, 30, 0.4), (0.2, 90, 0.4)),
    "revocation": ((0.7, 3, 0.5), (0.3, 14, 0.4)),
    "renewal": ((0.7, 9, 0.6), (0.3, 48, 0.4)),
    "collect": ((0.75, 12, 0.7), (0.25, 70, 0.5)),
    "next_removal": ((1.0, 9, 0.6),),
    "empty_return": ((0.8, 40, 0.5), (0.2, 130, 0.4)),
    "air_entry": ((0.9, 2.6, 0.4), (0.1, 12, 0.4)),
    "list_review": ((0.85, 4, 0.6), (0.15, 40, 0.5)),
}
CONGESTION = 1.8
CONGESTED_DAYS = 10


def seconds(rng: random.Random, name: str, factor: float = 1.0) -> int:
    """One draw of a duration, at least two minutes."""
    mixture = DURATIONS[name]
    _, median, sigma = rng.choices(mixture, [weight for weight, _, _ in mixture])[0]
    return max(120, int(median * HOUR * factor * exp(rng.gauss(0, sigma))))


def voyage_delay(rng: random.Random) -> int:
    """By how much the ship comes later than planned; negative is early."""
    pick = rng.random()
    if pick < 0.70:
        return int(rng.gauss(2, 4) * HOUR)
    if pick < 0.92:
        return int(rng.uniform(1, 3) * DAY)
    return int(rng.uniform(4, 10) * DAY)


def between(rng: random.Random, low: float, high: float) -> int:
    """An even draw between two numbers of hours."""
    return int(rng.uniform(low, high) * HOUR)


def chance(rng: random.Random, probability: float) -> bool:
    """A weighted coin."""
    return rng.random() < probability
