"""``manage.py forecast``: judge forecasts on a synthetic history, learn from what ended, forecast what is under way."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

_LEAST, _MOST = 1_000, 200_000


class Command(BaseCommand):
    """``--judge`` prints pinball loss, coverage and what is gained on each simpler forecast, and needs no database.

    ``--learn`` and ``--refresh`` do at once what workers do by night and all day, and print how much and how long.
    """

    help = "Judge forecasts on a synthetic history, learn from what ended, or forecast what is under way."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, on which histories."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--judge", action="store_true", help="print the scores")
        what.add_argument("--learn", action="store_true", help="choose settings and learn, from the ended stages")
        what.add_argument("--refresh", action="store_true", help="forecast every shipment whose turn it is")
        parser.add_argument("--all", action="store_true", help="with --refresh: everything under way, due or not")
        parser.add_argument("--seed", type=int, action="append", metavar="S", help="may be repeated (default: 1)")
        parser.add_argument("--cargoes", type=int, default=30_000, metavar="N")
        parser.add_argument("--timed", type=int, default=100_000, metavar="N", help="forecasts whose rate is measured")
        parser.add_argument("--json", action="store_true", help="one JSON object a seed, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the three."""
        if options["all"] and not options["refresh"]:
            raise CommandError("--all: only with --refresh")
        if options["learn"]:
            self._learn()
        elif options["refresh"]:
            self._refresh(everything=options["all"])
        else:
            self._judge(**options)

    def _learn(self) -> None:
        from cargo.models import forecast_history
        from cargo.pipeline import learning

        if not forecast_history.is_enough(learning.LEAST_HISTORY):
            raise CommandError(f"fewer than {learning.LEAST_HISTORY} stages have ended: there is nothing to learn from")
        begun = monotonic()
        model = learning.learn()
        if model is None:
            raise CommandError("another process is learning")
        self.stdout.write(
            f"forecast | learned from {model.stages:,} stages and {model.arrivals:,} estimates of arrivals, "
            f"{len(model.settings['stages'])} kinds of stages, in {monotonic() - begun:.1f} s"
        )

    def _refresh(self, *, everything: bool) -> None:
        from django.utils import timezone

        from cargo import tasks
        from cargo.models import forecast_history, forecasts

        if forecast_history.latest() is None:
            raise CommandError("nothing is learned yet: manage.py forecast --learn")
        if everything:
            due = forecasts.make_all_due(timezone.now())
            self.stdout.write(f"forecast | {due:,} shipments under way made due")
        begun = monotonic()
        told = tasks.drain_forecasts()
        self.stdout.write(f"forecast | {told:,} shipments forecast in {monotonic() - begun:.1f} s")

    def _judge(self, **options: Any) -> None:
        # Imported here: nothing else that manage.py does needs NumPy.
        from cargo.domain.forecast import judge

        if not _LEAST <= options["cargoes"] <= _MOST:
            raise CommandError(f"--cargoes: {options['cargoes']} is not between {_LEAST} and {_MOST}")

        if options["timed"] < 1:
            raise CommandError(f"--timed: {options['timed']} is less than 1")

        def tell(verdict: judge.Verdict) -> None:
            if options["json"]:
                self.stdout.write(json.dumps(asdict(verdict)))
                return
            self.stdout.write(f"forecast | seed {verdict.seed}, {verdict.cargoes} cargoes")
            self.stdout.write(_HEADINGS)
            for score in verdict.scores:
                self.stdout.write(_row(score, *judge.GOALS))
            for what, rate in verdict.rates.items():
                self.stdout.write(f"forecast | {rate:,.0f} {what} a second (100,000 in {100_000 / rate:.1f} s)")
            self.stdout.write(f"forecast | judged in {verdict.seconds:.0f} s")

        judge.run(options["seed"] or [1], options["cargoes"], options["timed"], tell)


_HEADINGS = (
    "Less loss than the port's mean, the carrier's estimate (or the schedule where it tells none), the port's table of"
    " quantiles that outlast\nthe time since the start; in brackets at p50 alone. Settings were chosen on the"
    " validation period, never on the test period.\n"
    f"{'period':<11}{'what':<38}{'n':>7}  {'pinball loss, hours':^24}{'p10-p90':>8}"
    f"{'port mean':>16}{'carrier':>16}{'port table':>16}\n{'':<58}{'p10':>8}{'p50':>8}{'p90':>8}{'holds':>8}"
)


def _row(score: Any, *baselines: str) -> str:
    losses = "".join(f"{loss:8.2f}" for loss in score.loss)
    gains = "".join(
        f"{score.gains[name]:8.1%} ({score.median_gains[name]:5.1%})" if name in score.gains else f"{'-':>16}"
        for name in baselines
    )
    goals = "meets the goals" if score.meets_goals() else "misses a goal"
    return f"{score.period:<11}{score.what:<38}{score.count:>7}  {losses}{score.covered:>8.1%}{gains}  {goals}"
