"""A Celery worker as ``manage.py run`` starts it, with short leases and small batches: more places to die in."""

from __future__ import annotations

import os
import sys
from datetime import timedelta

LEASE = timedelta(seconds=3)


def main() -> None:
    """Arguments of ``celery worker`` follow."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
    import django

    django.setup()
    from cargo.models import findings
    from cargo.pipeline import batch, project
    from clis.celery import app
    from notifications.deliver import claim, outcome

    for module in (batch, project, findings, claim, outcome):
        module.LEASE = LEASE  # type: ignore[attr-defined]
    batch.SIZES = (20, 6, 2, 1)
    app.worker_main(["--quiet", "--skip-checks", "worker", "--without-gossip", "--without-mingle", *sys.argv[1:]])


if __name__ == "__main__":
    main()
