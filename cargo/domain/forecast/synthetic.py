"""A made-up history with a fixed seed, to judge forecasts by. Pure: equal arguments give equal histories.

The noise, none of which has the forecaster's form (it knows bins, weights and a working clock of 9 to 18):

- **Sizes**: 12 ports in 6 countries and 40 clients with Zipf sizes (1, 1/2, 1/3 …), 8 carriers; one in six goes by air.
- **Arrival**: planned transit plus a delay: carrier's habit + port congestion + gamma(1.5) hours, more by sea.
  Estimates are told at several lead times: truth and schedule mixed (the nearer, the more truth), less the carrier's
  optimism, which drifts as a sine and steps once, with Student's t noise growing by the root of the lead time; one in
  twenty tells none.
- **Unloading**: Weibull hours around the clock, times the port's congestion of that week.
- **Into storage**: lorries by day and night at some ports, in office hours (8:30 to 17:30 local) at others; gamma.
- **Declaration**: some clients declare ahead (their stage lasts 0), the others in office hours by lognormal delay,
  and a fifth of theirs waits for documents by an exponential of days.
- **Customs**: fast lane by the client's standing (minutes to two hours, also at night); ordinary Erlang office hours;
  an inspection ordered late (exponential hours after the declaration) adds a Weibull tail of working hours;
  4 % are held, for a Pareto number of days.
- **Removal**: a client collects daily, or on two fixed weekdays; then gamma hours.
- **Regimes**: each port's speed is redrawn at three dates, one of them after the split for a third of the ports.
- **Strikes and holidays**: each port stands still for 3 to 8 days twice; public holidays from ``working_days``.
- **Missing**: 7 % of stages are not told; of every tenth cargo everything after a random stage is missing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from math import sin, sqrt

from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.history import Span
from cargo.domain.working_days import is_working

HOUR, DAY = 3600, 86_400
# Monday 2024-01-01; the last third of these days is the test period.
BEGIN = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
DAYS = 660
CHAIN = (
    "arrived__discharged",
    "discharge_approved__bonded_storage_in",
    "bonded_storage_in__import_declared",
    "import_declared__customs_released",
    "customs_released__gate_out",
)
_PLACES = (("KR", "Asia/Seoul", 9), ("US", "America/Los_Angeles", -8), ("DE", "Europe/Berlin", 1))
_MORE_PLACES = (("NL", "Europe/Amsterdam", 1), ("JP", "Asia/Tokyo", 9), ("GB", "Europe/London", 0))


@dataclass
class _Port:
    name: str
    country: str
    zone: str
    offset: int
    round_the_clock: bool
    inspected: float
    regimes: list[tuple[int, float]]
    strikes: list[tuple[int, int]]

    def speed(self, at: float) -> float:
        return [factor for since, factor in self.regimes if since <= at][-1]

    def resumed(self, at: float) -> float:
        for first, last in self.strikes:
            if first <= at < last:
                return last
        return at


@dataclass
class _Client:
    name: str
    ahead: float
    fast: float
    slow: float
    collects: frozenset[int]


@dataclass
class _Carrier:
    name: str
    optimism: float
    swing: float
    phase: float
    step_at: int
    step: float
    late: float


@dataclass(slots=True)
class Cargo:
    """One cargo: what was told of its arrival, and its stages in the order they happened, as far as they were told."""

    estimates: list[Estimate] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    released_at: int = 0
    gate_out_at: int = 0


def history(cargoes: int, seed: int) -> list[Cargo]:
    """That many cargoes over ``DAYS`` days from ``BEGIN``."""
    world = _World(random.Random(f"forecast {seed}"))
    return [world.cargo() for _ in range(cargoes)]


class _World:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ports = [self._port(number) for number in range(12)]
        self._clients = [self._client(number) for number in range(40)]
        self._carriers = [self._carrier(number) for number in range(8)]

    def cargo(self) -> Cargo:
        chance = self._chance
        port = chance.choices(self._ports, [1 / (rank + 1) for rank in range(12)])[0]
        client = chance.choices(self._clients, [1 / (rank + 1) for rank in range(40)])[0]
        carrier = chance.choice(self._carriers)
        air = chance.random() < 1 / 6
        departed = BEGIN + chance.random() * DAYS * DAY
        found = Cargo()
        arrived = self._voyage(found, port, carrier, air, departed)
        self._clear(found, port, client, carrier, air, arrived)
        self._lose(found)
        return found

    def _voyage(self, found: Cargo, port: _Port, carrier: _Carrier, air: bool, departed: float) -> float:
        chance = self._chance
        transit = (0.4 + chance.random()) * DAY if air else (8 + 20 * chance.random()) * DAY
        planned = departed + transit
        scale = 0.15 if air else 1.0
        delay = scale * (carrier.late + 10 * (port.speed(planned) - 1) + chance.gammavariate(1.5, 14) - 8) * HOUR
        arrived = max(planned + delay, departed + 0.7 * transit)
        leads = (0.8, 0.4, 0.1) if air else (20.0, 12.0, 7.0, 4.0, 2.0, 1.0, 0.4)
        for lead in leads:
            asked = planned - lead * DAY * chance.uniform(0.8, 1.2)
            if asked < departed or asked >= arrived:
                continue
            truth = 1 - min(0.9, lead / (1.2 if air else 15))
            rosy = carrier.optimism + carrier.swing * sin(asked / (40 * DAY) + carrier.phase)
            rosy += carrier.step if asked >= carrier.step_at else 0.0
            noise = chance.gauss(0, 1) / sqrt(chance.gammavariate(2, 0.5)) * 3 * sqrt(lead)
            estimated = planned + truth * (arrived - planned) + scale * (noise - rosy * min(1.0, lead / 3)) * HOUR
            told = None if chance.random() < 0.05 else max(int(estimated), int(asked))
            mode = "air" if air else "sea"
            found.estimates.append(
                Estimate(int(asked), int(planned), told, int(arrived), mode, carrier.name, port.name)
            )
        return arrived

    def _clear(self, found: Cargo, port: _Port, client: _Client, carrier: _Carrier, air: bool, at: float) -> None:
        chance = self._chance
        ahead = chance.random() < client.ahead
        speed = port.speed(at)
        about = {
            "organization": client.name, "mode": "air" if air else "sea", "port": port.name, "carrier": carrier.name,
            "country": port.country, "zone": port.zone, "declared_ahead": ahead,
        }  # fmt: skip

        def stage(name: str, start: float, end: float, **known: int | None) -> float:
            found.spans.append(Span(name, int(start), max(int(end), int(start)), **about, **known))  # type: ignore[arg-type]
            return max(end, start)

        hours = chance.weibullvariate(4 if air else 26, 1.6) * speed
        landed = stage(CHAIN[0], at, port.resumed(at) + hours * HOUR)
        moving = chance.gammavariate(2, 2 if air else 5) * speed
        carted = landed + moving * HOUR if port.round_the_clock else _worked(port, landed, moving / 2)
        stored = stage(CHAIN[1], landed, port.resumed(carted))
        declared = stored if ahead else _worked(port, stored, chance.lognormvariate(1.0, 0.8) * client.slow)
        if not ahead and chance.random() < 0.2:
            declared = _worked(port, declared + chance.expovariate(1 / 3.5) * DAY, 0.5)
        declared = stage(CHAIN[2], stored, declared)
        released, known = self._customs(port, client, declared)
        found.released_at = int(stage(CHAIN[3], declared, released, **known))
        out = found.released_at + chance.gammavariate(1.5, 3) * HOUR
        while (datetime.fromtimestamp(out, UTC).weekday() not in client.collects) and chance.random() < 0.9:
            out += DAY
        out = _worked(port, port.resumed(out), chance.gammavariate(1.5, 2) * speed)
        found.gate_out_at = int(stage(CHAIN[4], found.released_at, out))

    def _customs(self, port: _Port, client: _Client, declared: float) -> tuple[float, dict[str, int | None]]:
        chance = self._chance
        known: dict[str, int | None] = {}
        if chance.random() < client.fast:
            return declared + chance.uniform(0.05, 2) * HOUR, known
        released = _worked(port, port.resumed(declared), chance.gammavariate(2, 1.8) * port.speed(declared))
        if chance.random() < port.inspected:
            ordered = declared + chance.expovariate(1 / 5) * HOUR
            known["inspection_at"] = int(ordered)
            released = _worked(port, max(ordered, released), chance.weibullvariate(15, 0.9) * port.speed(ordered))
        if chance.random() < 0.04:
            held = declared + chance.uniform(0.2, 10) * HOUR
            free = held + min(chance.paretovariate(1.3), 40) * DAY
            known |= {"hold_from": int(held), "hold_until": int(free)}
            released = max(released, _worked(port, free, 1))
        return released, known

    def _lose(self, found: Cargo) -> None:
        chance = self._chance
        upto = chance.randrange(len(CHAIN)) if chance.random() < 0.1 else len(CHAIN)
        found.spans = [span for at, span in enumerate(found.spans) if at <= upto and chance.random() >= 0.07]

    def _port(self, number: int) -> _Port:
        chance = self._chance
        country, zone, offset = (_PLACES + _MORE_PLACES)[number % 6]
        last = 0.72 if number % 3 == 0 else 0.5
        dates = [0.0, chance.uniform(0.1, 0.3), chance.uniform(0.35, 0.5), chance.uniform(last, last + 0.15)]
        regimes = [(int(BEGIN + share * DAYS * DAY), chance.uniform(0.6, 1.9)) for share in dates]
        regimes[0] = (0, regimes[0][1])
        begins = [int(BEGIN + chance.random() * DAYS * DAY) for _ in range(2)]
        strikes = [(begin, begin + int(chance.uniform(3, 8) * DAY)) for begin in sorted(begins)]
        steady, inspected = chance.random() < 0.4, chance.uniform(0.04, 0.3)
        return _Port(f"port {number}", country, zone, offset, steady, inspected, regimes, strikes)

    def _client(self, number: int) -> _Client:
        chance = self._chance
        days = frozenset(range(7)) if chance.random() < 0.6 else frozenset(chance.sample(range(5), 2))
        ahead, fast = chance.choice((0.05, 0.5, 0.9)), chance.choice((0.05, 0.3, 0.8))
        return _Client(f"client {number}", ahead, fast, chance.lognormvariate(0, 0.6), days)

    def _carrier(self, number: int) -> _Carrier:
        chance = self._chance
        step_at = BEGIN + int(chance.uniform(0.2, 0.95) * DAYS * DAY)
        habits = (chance.uniform(0, 14), chance.uniform(0, 6), chance.uniform(0, 6), step_at, chance.uniform(-8, 10))
        return _Carrier(f"carrier {number}", *habits, chance.uniform(-4, 16))


def _worked(port: _Port, at: float, hours: float) -> float:
    """When that many office hours (8:30 to 17:30 local) have passed."""
    left = hours * HOUR
    local = at + port.offset * HOUR
    day = int(local // DAY)
    while True:
        opens, closes = day * DAY + 8.5 * HOUR, day * DAY + 17.5 * HOUR
        if local < closes and _works(day, port.country):
            begun = max(local, opens)
            if closes - begun >= left:
                return begun + left - port.offset * HOUR
            left -= closes - begun
        day += 1
        local = max(local, day * DAY)


@lru_cache(maxsize=65_536)
def _works(day: int, country: str) -> bool:
    return is_working(date.fromordinal(day + date(1970, 1, 1).toordinal()), country)
