"""The places and means of transport that a status or an order names: what of it is the plan, and what is a call.

A LOC that follows a TDT belongs to that leg, a DTM that follows a LOC to that place. An arrival or a departure at a
place of the journey is an event of its own, beside the status: planned, estimated or actual by its qualifier.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from cargo.domain.event import Place, Transport
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact.values import Leg, Location, Moment

_NO_LEG = -1
# A journey has some ten: more is no journey, and each is compared with the others.
_MOST_STOPS = 300
_PLANNED_FIRST = ("9", "76")
_PLANNED_LAST = ("11", "12", "65", "170")


class Stop(msgspec.Struct, frozen=True, gc=False):
    """A place of the journey: the leg it belongs to (``-1`` for none), its function and its segment (from 0)."""

    leg: int
    function: str
    place: Place
    segment: int


class Call(NamedTuple):
    """An arrival at or a departure from a place of the journey; ``segment`` is its DTM (from 0)."""

    milestone: str
    classifier: str
    stop: Stop
    moment: Moment
    transport: Transport | None
    segment: int


class Journey(msgspec.Struct):
    """What the LOC, TDT and DTM of one status say, in their order."""

    places: dict[str, Place] = {}
    stops: list[Stop] = []
    legs: list[Leg] = []
    dates: list[tuple[int, int, Moment, int]] = []

    def visit(self, location: Location, index: int) -> None:
        """A LOC."""
        function, place = location
        if place is None or len(self.stops) >= _MOST_STOPS:
            return
        self.places.setdefault(function, place)
        self.stops.append(Stop(len(self.legs) - 1, function, place, index))

    def date(self, moment: Moment, index: int) -> bool:
        """A DTM of an arrival or a departure: whether it belongs to a place or a leg of the journey."""
        if not self.stops and not self.legs:
            return False
        if len(self.dates) >= _MOST_STOPS:
            return True
        stop = len(self.stops) - 1
        if stop >= 0 and self.stops[stop].function in q.ACTIVITY and self.stops[stop].leg == len(self.legs) - 1:
            return False
        if self.legs and (stop < 0 or self.stops[stop].leg < len(self.legs) - 1):
            stop = _NO_LEG  # It follows the TDT itself: the leg's own place is not known yet.
        self.dates.append((stop, len(self.legs) - 1, moment, index))
        return True

    def _main(self, leg: int) -> bool:
        return leg == _NO_LEG or len(self.legs) == 1 or self.legs[leg].stage in q.MAIN_STAGES

    def plan(self) -> dict[str, str] | None:
        """The ports of loading and discharge of the main carriage, by UN/LOCODE or airport."""
        found: dict[str, str] = {}
        for stop in self.stops:
            code = stop.place.code
            if not code or stop.place.scheme not in ("unlocode", "iata") or not self._main(stop.leg):
                continue
            if stop.function in _PLANNED_FIRST:
                found.setdefault("port_of_loading", code)
            elif stop.function in _PLANNED_LAST:
                found["port_of_discharge"] = code
        for key, functions in (("port_of_loading", _PLANNED_FIRST), ("port_of_discharge", _PLANNED_LAST)):
            if key not in found and not self.stops:
                place = next((self.places[name] for name in functions if name in self.places), None)
                if place is not None and place.code:
                    found[key] = place.code
        return found or None

    def leg_at(self, place: Place | None) -> Leg | None:
        """The leg that a status at ``place`` is about: the one that begins or ends there, the main one, the first."""
        if len(self.legs) <= 1:
            return self.legs[0] if self.legs else None
        if place is not None:
            for stop in self.stops:
                if stop.leg != _NO_LEG and stop.place.code == place.code and stop.function in ("9", "11", "5", "8"):
                    return self.legs[stop.leg]
        return next((leg for leg in self.legs if leg.stage in q.MAIN_STAGES), self.legs[0])

    def calls(self) -> list[Call]:
        """The arrivals and departures that are told of places of the journey."""
        found: list[Call] = []
        for stop_index, leg_index, moment, index in self.dates:
            classifier, kind = q.TIMES[moment.qualifier]
            stop = self.stops[stop_index] if stop_index >= 0 else self._end_of(leg_index, kind)
            if stop is None or moment.local is None:
                continue
            meanings = q.CALLS.get((stop.function, kind))
            if meanings is None:
                continue
            leg = self.legs[stop.leg] if stop.leg != _NO_LEG else None
            inland = leg is not None and leg.transport.mode in q.INLAND
            # A lone inland leg beside a port of loading and of discharge: these are the voyage's.
            voyage = inland and len(self.legs) == 1 and leg is not None and leg.stage not in q.MAIN_STAGES
            milestone = meanings[1] if inland and not (voyage and meanings[0]) else meanings[0]
            if milestone:
                of_leg = leg is not None and (not voyage or milestone.startswith("inland"))
                transport = leg.transport if leg is not None and of_leg else None
                found.append(Call(milestone, classifier, stop, moment, transport, index))
        return found

    def _end_of(self, leg: int, kind: str) -> Stop | None:
        """Where a leg that is dated itself begins or ends."""
        wanted = q.LOADING if kind == q.DEPARTURE else q.DISCHARGE
        return next((stop for stop in self.stops if stop.leg == leg and stop.function in wanted), None)
