"""Whose history may stand behind whose forecast, and how much of it there is.

What one organization's cargo did must not be read off another's forecast. So the name of a port or a carrier stands for
everybody's cargo there only if at least ``LEAST_ORGANIZATIONS`` organizations and ``LEAST_CARGOES`` ended stages are
behind it (the rule of the benchmarks). Any other name is private: it stands for the organization's own cargo there, and
what it lacks comes from the level above, in the end from the mode, where everybody's cargo is pooled. Each stage is
counted by itself, ports and carriers each by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import NamedTuple, Protocol

LEAST_ORGANIZATIONS, LEAST_CARGOES = 5, 30
# Of one stage and mode: with fewer nothing is told, rather than something made up.
LEAST_ENDED = 5
CLIENT, PORT, MODE = "client", "port", "mode"


class Ended(Protocol):
    """What is counted of an ended stage."""

    @property
    def organization(self) -> str: ...

    @property
    def mode(self) -> str: ...

    @property
    def port(self) -> str: ...


class Names:
    """The names that are pooled, of all that occur in ``told``: pairs of a name and an organization, one a cargo."""

    def __init__(self, told: Iterable[tuple[str, str]]) -> None:
        pairs = Counter(told)
        cargoes: Counter[str] = Counter()
        organizations: Counter[str] = Counter()
        for (name, _), count in pairs.items():
            cargoes[name] += count
            organizations[name] += 1
        self._pooled = frozenset(
            name
            for name, count in cargoes.items()
            if count >= LEAST_CARGOES and organizations[name] >= LEAST_ORGANIZATIONS
        )

    def of(self, name: str, organization: str) -> str:
        """The name where it is pooled; otherwise one that is the organization's own."""
        return name if name in self._pooled else f"{name} of {organization}"

    def is_pooled(self, name: str) -> bool:
        """Whether everybody's cargo stands behind the name."""
        return name in self._pooled


class Behind(NamedTuple):
    """How much history a forecast rests on: the client's own, and all that is comparable at ``level``."""

    own: int
    comparable: int
    level: str


class Counts:
    """How many stages of one kind ended, by mode, port and client."""

    def __init__(self, ended: Iterable[Ended]) -> None:
        kept = [(row.mode, row.port, row.organization) for row in ended]
        self._ports = Names((port, client) for _, port, client in kept)
        self._counts: Counter[Hashable] = Counter()
        for (mode, port, client), count in Counter(kept).items():
            self._counts[mode] += count
            self._counts[mode, self._ports.of(port, client)] += count
            self._counts[mode, port, client] += count

    def of(self, mode: str) -> int:
        """How many ended in that mode."""
        return self._counts[mode]

    def behind(self, organization: str, mode: str, port: str) -> Behind:
        """What stands behind a forecast for that cargo. The level is the narrowest with ``LEAST_CARGOES``.

        ``comparable`` never counts others' cargo at a port whose name is not pooled.
        """
        own = self._counts[mode, port, organization]
        here = self._counts[mode, self._ports.of(port, organization)]
        if own >= LEAST_CARGOES:
            return Behind(own, here, CLIENT)
        if here >= LEAST_CARGOES:
            return Behind(own, here, PORT)
        return Behind(own, self._counts[mode], MODE)
