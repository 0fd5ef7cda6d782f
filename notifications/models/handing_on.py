"""What one channel is owed and may not be told any more, another of the same address may be told (``fanout.heirs``).

Who ends such a delivery, or its channel, does not know fan-out; the app brings the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

# Why a delivery ended that are reasons of its channel alone: its address may still be told by another.
OF_THE_CHANNEL = frozenset({"channel_off", "no_access", "unsubscribed"})

# Kinds of channels of which several may have one address.
SHARED = ("email", "sms")

HandOn = Callable[[Collection[int]], object]
_known: list[HandOn] = []


def register(hand_on: HandOn) -> None:
    """Who is to be told of it; the last one that said so."""
    _known[:] = [hand_on]


def hand_on(deliveries: Collection[int]) -> None:
    """Says that these were skipped for a reason of their channels, in the transaction in which they were."""
    for told in _known if deliveries else ():
        told(deliveries)
