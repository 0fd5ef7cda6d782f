"""The environment of a test run, set before the settings are read.

pytest imports this module first (``-p tests.environment`` in ``pyproject.toml``). A developer's ``.env`` and the
state in ``./var`` never reach a test; what a caller sets on purpose (the database, the broker, the corpus) stays.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("CLIS_ENV_FILE", os.devnull)
os.environ.setdefault("CLIS_DEBUG", "1")
os.environ.setdefault("CLIS_VAR", str(ROOT / "var" / "test"))
# WhiteNoise warns, once a test, of a folder that is not there.
(Path(os.environ["CLIS_VAR"]) / "static").mkdir(parents=True, exist_ok=True)
