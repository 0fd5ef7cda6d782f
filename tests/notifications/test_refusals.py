"""Why an address is not called, in the reader's language: every sentence of ours, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clis.egress import one_form
from notifications import endpoints
from notifications.subscribing import SubscribingError, connect_browser, connect_chat, in_words, refusals
from notifications.transports import chat, push
from tests.people import Person

KEYS = {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg"}  # fmt: skip
CASES: list[tuple[Callable[[str], object], str, str]] = [
    (one_form, "ftp://x.example/", "<only http and https URLs with a host are called>"),
    (one_form, "https://a:b@x.example/", "<a URL with a user name or password is not called>"),
    (one_form, "https://x.example:22/", "<port 22 is not called, only 80, 443>"),
    (one_form, "https://10.0.0.1/", "<10.0.0.1 is not a public address>"),
    (one_form, "https://tms/", "<tms is not a full host name>"),
    (chat.label_of, "slack please", "<not an address of a chat>"),
    (chat.label_of, "http://hooks.slack.com/", "<a chat's address begins with https:// and its service's host>"),
    (chat.label_of, "https://x.example/", "<only Slack, Teams, Telegram and Discord are connected>"),
    (push.read_target, "{}", "<not a browser's subscription>"),
]


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language in which every sentence stands in angle brackets."""
    monkeypatch.setattr(refusals, "_", lambda text: f"<{text}>")


@pytest.mark.parametrize(("asked", "address", "said"), CASES)
def test_what_is_refused_is_said_in_words(
    marked: None, asked: Callable[[str], object], address: str, said: str
) -> None:
    with pytest.raises(Exception) as caught:  # of several kinds
        asked(address)
    assert in_words(str(caught.value)) == said


def test_what_a_peer_or_a_system_says_stays_as_it_is(marked: None) -> None:
    assert in_words("[Errno 111] Connection refused") == "[Errno 111] Connection refused"
    assert in_words("hooks.example.com cannot be resolved") == "<hooks.example.com cannot be resolved>"
    late = "hooks.example.com could not be resolved in time"
    assert in_words(late) == f"<{late}>"
    crowded = f"{late}: too many names are being looked up"
    assert in_words(crowded) == f"<{crowded}>"
    assert in_words("100% sure") == "100% sure"


def test_the_sentence_around_it_has_it_in_words(marked: None, shipper: Person, settings: object) -> None:
    settings.PUSH_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"  # type: ignore[attr-defined]
    with pytest.raises(SubscribingError, match="cannot be called: <only http"):
        endpoints.normalize("ftp://x.example/")
    with pytest.raises(SubscribingError, match="Discord: <not an address of a chat>"):
        connect_chat(shipper.viewer, "slack please", "en")
    other = {"endpoint": "https://evil.example/x", "keys": KEYS}
    with pytest.raises(SubscribingError, match="notified: <not a push service that is known here>"):
        connect_browser(shipper.viewer, other, "en")
