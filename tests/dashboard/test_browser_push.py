"""Where a notification of the browser leads: to the page, where this browser is signed in, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.dashboard import test_browser

pytestmark = test_browser.pytestmark
browser = test_browser.browser

# The worker's own script, with what it would be told and what it would do put in place of the browser's.
CHOSEN = """async ([told, origin]) => {
  const script = await (await fetch('/push-worker.js')).text();
  const heard = {}, opened = [], waits = [];
  const self = {
    location: {origin},
    addEventListener: (name, does) => { heard[name] = does; },
    clients: {matchAll: async () => [], openWindow: url => opened.push(url)},
  };
  new Function('self', script)(self);
  const notification = {close: () => 0, data: told === null ? undefined : {url: told}};
  heard.notificationclick({notification, waitUntil: what => waits.push(what)});
  await Promise.all(waits);
  return opened;
}"""


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        ("https://clis.example/shipments/7/?a=b#c", "https://clis.example/shipments/7/?a=b#c"),
        ("https://track.example.com/notices/log/?channel=3", "https://clis.example/notices/log/?channel=3"),
        ("/notices/", "https://clis.example/notices/"),
        ("https://track.example.com//evil.example/x", "https://clis.example//evil.example/x"),
        (None, "https://clis.example/"),
    ],
)
def test_a_notification_opens_the_page_where_one_is_signed_in(
    browser: Browser, live_server: Any, told: str | None, opened: str
) -> None:
    context = browser.new_context(base_url=live_server.url, bypass_csp=True)
    page = context.new_page()
    page.goto("/account/login/")
    assert page.evaluate(CHOSEN, [told, "https://clis.example"]) == [opened]
    context.close()
