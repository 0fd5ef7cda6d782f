"""Why an address is not called, in the reader's language: egress and the transports say it in English."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# As ``clis.egress``, ``transports.chat`` and ``transports.push`` say it, with a name for what differs.
_SENTENCES = (
    gettext_noop("only http and https URLs with a host are called"),
    gettext_noop("a URL with a user name or password is not called"),
    gettext_noop("port %(port)s is not called, only %(ports)s"),
    gettext_noop("%(address)s is not a public address"),
    gettext_noop("%(host)s is not a full host name"),
    gettext_noop("not a URL: %(why)s"),
    gettext_noop("%(host)s cannot be resolved"),
    gettext_noop("%(host)s could not be resolved in time"),
    gettext_noop("%(host)s could not be resolved in time: too many names are being looked up"),
    gettext_noop("no TLS: %(why)s"),
    gettext_noop("the time for the whole exchange is up"),
    gettext_noop("this service is switched off here"),
    gettext_noop("not an address of a chat"),
    gettext_noop("a chat's address begins with https:// and its service's host"),
    gettext_noop("only Slack, Teams, Telegram and Discord are connected"),
    gettext_noop("not a browser's subscription"),
    gettext_noop("not an address of a push service"),
    gettext_noop("not a push service that is known here"),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(sentence)), re.DOTALL)


_PATTERNS = tuple((_pattern(sentence), sentence) for sentence in _SENTENCES)


def in_words(said: str) -> str:
    """The same in the language that is active; what is not known here (the words of a system or of a peer) as it is."""
    for pattern, sentence in _PATTERNS:
        if found := pattern.fullmatch(said):
            return _(sentence) % found.groupdict()
    return said
