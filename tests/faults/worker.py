"""A Celery worker as ``manage.py run`` starts it, with short leases and small batches: more places to die in."""

from __future__ import annotations

import os
import pkgutil
import sys
from datetime import timedelta
from importlib import import_module

LEASE = timedelta(seconds=float(os.environ.get("CLIS_FAULTS_LEASE", "3")))
LEASED = ("cargo.models.findings", "cargo.pipeline.batch", "cargo.pipeline.project", "cargo.sources.base")


def main() -> None:
    """Arguments of ``celery worker`` follow."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
    import django

    django.setup()
    from cargo.pipeline import batch
    from clis.celery import app
    from notifications import deliver

    senders = [module.name for module in pkgutil.iter_modules(deliver.__path__, "notifications.deliver.")]
    for module in map(import_module, (*LEASED, *senders)):
        if hasattr(module, "LEASE"):
            module.LEASE = LEASE
    batch.SIZES = (20, 6, 2, 1)
    app.worker_main(["--quiet", "--skip-checks", "worker", "--without-gossip", "--without-mingle", *sys.argv[1:]])


if __name__ == "__main__":
    main()
