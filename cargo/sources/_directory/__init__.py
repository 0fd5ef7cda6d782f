"""What a watched folder and an SFTP directory have in common: which files are ripe, and how each is taken once.

``NAME`` → ``taken/STAMP-NAME`` → bytes committed → ``archive/DAY/STAMP-NAME`` (or gone, by setting). Each arrow
is one rename or one commit, and each may be the last thing that a worker does: whatever lies in ``taken`` is handed
over again by the next run, and ``receive`` knows the bytes that it has. The stamp makes every taking a file of its own,
so the same name may be sent again at any time, and nothing is ever written over.

A file is ripe when its size and its time of change have been the same for ``stable_seconds``, by our own clock; 0 says
that the sender renames its files when they are complete. What has a temporary name is never looked at. What cannot be
read goes to ``failed`` with the reason beside it.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.pipeline import acknowledge
from cargo.sources._directory.files import Directory, Found, UnreadableError, is_stamped
from cargo.sources._directory.ripeness import ripe
from cargo.sources._directory.taking import TAKEN, hand_over, take
from cargo.sources.base import Result, Run, Setting

__all__ = ["SETTINGS", "Directory", "Found", "UnreadableError", "collect"]

OUT = b"out"
_ANSWERS = 500

SETTINGS = (
    Setting(
        "stable_seconds",
        "number",
        _("Complete after (seconds)"),
        _("A file is read once its size and time have not changed for so long. 0: the sender renames finished files."),
        default=10,
        minimum=0,
        maximum=3600,
    ),
    Setting("pattern", "text", _("Names"), _("Only files whose name fits, as *.edi; empty: all."), default="*"),
    Setting(
        "after",
        "text",
        _("When read"),
        default="archive",
        choices=(("archive", _("move to the folder archive")), ("delete", _("delete"))),
    ),
    Setting(
        "answers",
        "flag",
        _("Acknowledgments into the folder out"),
        _("Only if the source acknowledges. Off: the partner fetches them by the API."),
        default=True,
    ),
)


def collect(run: Run, directory: Directory) -> Result:
    """Takes what is ripe; first what an earlier run had taken and not handed over."""
    result = Result()
    directory.make(TAKEN)
    for name in sorted(found.name for found in directory.files(TAKEN) if is_stamped(found.name)):
        if not _go_on(run, result):
            return result
        hand_over(run, directory, name, result)
    for found in ripe(run, directory, result):
        if not _go_on(run, result):
            return result
        take(run, directory, found, result)
    if run.setting("answers"):
        _hand_back(run, directory)
    return result


def _hand_back(run: Run, directory: Directory) -> None:
    """What the partner is sent back. A crash may write a file again: under the same name, with the same bytes."""
    for answer in acknowledge.waiting(run.intake.source_id, _ANSWERS):
        run.keep()
        directory.make(OUT)
        directory.write(OUT + b"/" + answer.name.encode(), answer.content)
        acknowledge.taken([answer.id], timezone.now())


def _go_on(run: Run, result: Result) -> bool:
    run.keep()
    if run.over:
        result.again_in = timedelta(0)
    return not run.over
