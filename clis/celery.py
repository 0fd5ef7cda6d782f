"""The Celery app and its beat table. Celery only wakes workers up: the tables say what is owed."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import task_prerun, worker_shutting_down
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

# Telling has a queue of its own: fan-out does not wait behind an inbox, and what waits for slow endpoints holds up no
# worker. A worker that is not told which queues it is for takes them all.
WORK, DELIVERIES = "celery", "deliveries"

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
# kombu's own hands out half-written messages; every filesystem:// of every program goes by ours.
TRANSPORT_ALIASES["filesystem"] = "clis.file_broker:Transport"

app = Celery("clis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    task_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in (WORK, DELIVERIES)],
    task_default_queue=WORK,
    task_routes={"notifications.tasks.*": {"queue": DELIVERIES}},
    beat_schedule={
        "sweep-inbox": {"task": "cargo.tasks.drain_inbox", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-projections": {"task": "cargo.tasks.drain_projections", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-inspections": {"task": "cargo.tasks.drain_inspections", "schedule": 15.0, "options": {"expires": 30}},
        "sweep-rule-changes": {"task": "cargo.tasks.apply_rule_changes", "schedule": 60.0, "options": {"expires": 120}},
        "sweep-scores": {"task": "cargo.tasks.score_forecasts", "schedule": 600.0, "options": {"expires": 600}},
        "sweep-forecasts": {"task": "cargo.tasks.drain_forecasts", "schedule": 60.0, "options": {"expires": 120}},
        # At 17:30 UTC, the small hours of Korea; what a night missed is caught up with by the next one.
        "learn-forecasts": {
            "task": "cargo.tasks.learn_forecasts",
            "schedule": crontab(hour="17", minute="30"),
            "options": {"expires": 3600},
        },
        "sweep-unmatched": {"task": "cargo.tasks.match_again", "schedule": 30.0, "options": {"expires": 60}},
        "sweep-acknowledgments": {
            "task": "cargo.tasks.make_acknowledgments",
            "schedule": 15.0,
            "options": {"expires": 30},
        },
        "refresh-lead-times": {
            "task": "cargo.tasks.refresh_lead_times",
            "schedule": 600.0,
            "options": {"expires": 600},
        },
        "sweep-intakes": {"task": "cargo.tasks.drain_intakes", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-updates": {"task": "notifications.tasks.drain_updates", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-deliveries": {
            "task": "notifications.tasks.drain_deliveries",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
        "sweep-letters": {"task": "notifications.tasks.drain_letters", "schedule": 15.0, "options": {"expires": 30}},
        "sweep-texts": {"task": "notifications.tasks.ask_about_texts", "schedule": 60.0, "options": {"expires": 120}},
        "sweep-notice-retention": {
            "task": "notifications.tasks.forget_old",
            "schedule": 600.0,
            "options": {"expires": 600},
        },
    },
)
app.autodiscover_tasks(["cargo", "notifications"])


@task_prerun.connect
def _begins(task: Any, **_: object) -> None:
    from clis.waking import begun

    begun(task.name)


@worker_shutting_down.connect
def _takes_no_more(**_: object) -> None:
    from clis.file_broker import Transport

    Transport.stopping = True
