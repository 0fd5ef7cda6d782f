"""What happens to a person's account and moves what other apps keep: they listen, accounts does not know them."""

from __future__ import annotations

from django.dispatch import Signal

# Sent with ``person`` after another zone was written for them, in the same transaction.
time_zone_changed = Signal()
