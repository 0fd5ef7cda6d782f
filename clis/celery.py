"""The Celery app and its beat table. Celery only wakes workers up: the tables say what is owed."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")

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
    beat_schedule={
        "sweep-inbox": {"task": "cargo.tasks.drain_inbox", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-projections": {"task": "cargo.tasks.drain_projections", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-inspections": {"task": "cargo.tasks.drain_inspections", "schedule": 15.0, "options": {"expires": 30}},
        "sweep-rule-changes": {"task": "cargo.tasks.apply_rule_changes", "schedule": 60.0, "options": {"expires": 120}},
        "sweep-unmatched": {"task": "cargo.tasks.match_again", "schedule": 30.0, "options": {"expires": 60}},
        "sweep-acknowledgments": {
            "task": "cargo.tasks.make_acknowledgments",
            "schedule": 15.0,
            "options": {"expires": 30},
        },
        "sweep-intakes": {"task": "cargo.tasks.drain_intakes", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-updates": {"task": "notifications.tasks.drain_updates", "schedule": 5.0, "options": {"expires": 10}},
        "sweep-deliveries": {
            "task": "notifications.tasks.drain_deliveries",
            "schedule": 5.0,
            "options": {"expires": 10},
        },
    },
)
app.autodiscover_tasks(["cargo", "notifications"])
