"""The pages of notices in a real browser: no barriers in both themes and on a phone, and by keyboard alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect

from cargo.models import Shipment
from clis.accounts.models import User
from clis.sealing import seal
from notifications import render
from notifications.models import Attempt, Channel, Endpoint, Subscription, Suppression
from tests.dashboard import test_browser
from tests.dashboard.test_browser import RULES, signed_in, watched
from tests.notifications.conftest import a_channel, a_delivery, a_subscription, an_update
from tests.notifications.test_push import SENDER, a_subscription_of
from tests.people import Person, a_person

pytestmark = test_browser.pytestmark
browser, context = test_browser.browser, test_browser.context
log_opened_for_the_flush = test_browser.log_opened_for_the_flush


def addresses(person: Person, shipment: Shipment) -> list[str]:
    """Every page, with something of everything on it."""
    mail, text = a_channel(person), a_channel(person, "sms", name="Phone")
    a_channel(person, "email", "desk@example.com", user=None, verified_at=None)
    Suppression.objects.create(kind="sms", recipient=text.recipient, address=text.address, reason="stop")
    outside = a_channel(person, "email", "bob@outside.example", user=None, follower=True)
    a_subscription(outside, shipment)
    subscription = a_subscription(mail, matrix={"departed": "off"})
    assert person.organization
    colleagues = a_subscription(a_channel(a_person("Eve", person.organization)))
    over = a_subscription(a_channel(person, "email", f"{'long' * 16}@example.com"), ended_at=timezone.now())
    hook = a_channel(person, "webhook", "https://hooks.example.com/clis", user=None)
    Endpoint.objects.create(channel=hook, sealed=seal("whsec_" + "A" * 44), failures=3, failing_since=timezone.now())
    failed = a_delivery(an_update(shipment), hook, state="failed", reason="HTTP 500", next_attempt_at=None)
    Attempt.objects.create(delivery=failed, outcome="temporary", status=500, request="{}", answer="no")
    return [
        "/notices/",
        f"/notices/channels/{mail.pk}/",
        f"/notices/channels/{mail.pk}/remove/",
        f"/notices/subscriptions/{colleagues.pk}/",
        f"/notices/subscriptions/{over.pk}/",
        "/notices/preview/",
        f"/notices/subscriptions/{subscription.pk}/",
        f"/notices/choose/?shipment={shipment.pk}&hold=true",
        f"/notices/shipments/{shipment.pk}/",
        "/notices/log/",
        f"/notices/log/{failed.pk}/",
        "/notices/webhooks/",
        f"/notices/webhooks/{hook.pk}/",
        f"/notices/following/{render.following_token(outside.pk)}/",
        "/shipments/",
    ]


def test_a_wrong_address_is_in_sight(context: BrowserContext, live_server: Any, shipper: Person) -> None:
    """Beside its field, where the page opens; and it is first on the page and in its title."""
    for number in range(8):
        a_channel(shipper, "email", f"desk{number}@example.com", user=None)
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    page.goto("/notices/")
    page.get_by_label("Address or number").fill("nonsense")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page).to_have_title("Error: Notices · CLIS")
    expect(page.get_by_label("Address or number")).to_be_focused()
    expect(page.locator("#id_address_error")).to_be_in_viewport()
    page.get_by_role("alert").get_by_role("link", name="Address or number").click()
    expect(page.get_by_label("Address or number")).to_be_focused()
    page.goto(page.url.partition("#")[0])
    expect(page).to_have_title("Notices · CLIS")
    assert (page.url, Channel.objects.count()) == (f"{live_server.url}/notices/", 8)
    assert [one for one in complaints if "400" not in one] == []


def test_an_address_is_removed_after_a_question(browser: Browser, live_server: Any, shipper: Person) -> None:
    opened = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    a_subscription(a_channel(shipper))
    page.goto("/notices/")
    page.get_by_role("link", name="Remove alice@example.com").click()
    page.get_by_role("link", name="Cancel").click()
    assert Channel.objects.count() == 1
    page.get_by_role("link", name="Remove alice@example.com").click()
    expect(page.get_by_text("that it is told of all shipments")).to_be_visible()
    page.get_by_role("button", name="Remove alice@example.com").click()
    expect(page.get_by_text("Removed.")).to_be_visible()
    opened.close()
    assert Channel.objects.count() == 0


# A visible label that its accessible name lacks is not found by who speaks it (WCAG 2.5.3).
UNSPOKEN = """
    [...document.querySelectorAll("main :is(a, button)[aria-label]")]
      .filter((one) => !one.getAttribute("aria-label").includes(one.innerText.trim()))
      .map((one) => one.getAttribute("aria-label"))
"""


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_read_on_a_button_can_be_said(
    browser: Browser, live_server: Any, held: Shipment, shipper: Person, language: str
) -> None:
    User.objects.filter(pk=shipper.user.pk).update(language=language)
    opened = browser.new_context(base_url=live_server.url, bypass_csp=True, locale=language)
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    found = {}
    for address in addresses(shipper, held)[:8]:
        page.goto(address)
        assert page.evaluate("document.documentElement.lang") == language
        if unspoken := page.evaluate(UNSPOKEN):
            found[address] = unspoken
    opened.close()
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_barrier_is_found(browser: Browser, live_server: Any, held: Shipment, shipper: Person, theme: str) -> None:
    opened = browser.new_context(base_url=live_server.url, bypass_csp=True)
    opened.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    found: dict[str, list[str]] = {}
    for address in addresses(shipper, held):
        for width in (1280, 390) if theme == "light" else (1280,):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address)
            response = Axe().run(page, options={"runOnly": RULES}).response
            for violation in response["violations"]:
                found.setdefault(f"{address} {width}", []).append(
                    f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
                )
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.setdefault(f"{address} {width}", []).append("scrolls sideways")
    opened.close()
    assert found == {}


def test_an_address_in_the_log_is_broken_nowhere_inside_a_word(
    context: BrowserContext, live_server: Any, held: Shipment, shipper: Person
) -> None:
    """Whatever is said beside it."""
    desk = a_channel(person=shipper, address="import.desk@alice.example.com", user=None)
    long = a_subscription(desk, label="All that is held in Busan, Incheon or Pyeongtaek", filter={"hold": "true"})
    a_delivery(an_update(held), desk, state="skipped", reason="restored", subscription=long, next_attempt_at=None)
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    page.set_viewport_size({"width": 1280, "height": 900})
    for language in ("en", "ko"):
        shipper.user.language = language
        shipper.user.save()
        page.goto("/notices/log/")
        address = page.locator(".told .to span")
        expect(address).to_contain_text("import.desk@alice.example.com")
        box = address.bounding_box()
        assert box is not None and box["height"] < 30  # One line.
    assert complaints == []


def test_ticked_and_told_by_keyboard(
    context: BrowserContext, live_server: Any, held: Shipment, shipper: Person
) -> None:
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    page.goto("/shipments/")
    box = page.get_by_role("checkbox", name="Tick KOSHA2603001")
    box.focus()
    page.keyboard.press("Space")
    shown = "getComputedStyle(document.querySelector('.picked'), '::before').content"
    assert box.is_checked() and page.evaluate(shown) == 'counter(picked) " "'
    # The list is renewed under the reader: what was ticked stays ticked.
    Shipment.objects.filter(pk=held.pk).update(own_reference="PO-9999")
    page.evaluate("htmx.trigger('#list', 'clis:again')")
    expect(page.get_by_role("link", name="PO-9999")).to_be_visible()
    expect(box).to_be_checked()
    page.get_by_role("button", name="Tell me of these").press("Enter")
    expect(page.get_by_role("radio", name="The 1 that you ticked")).to_be_checked()
    page.get_by_role("button", name="Tell me", exact=True).press("Enter")
    expect(page.get_by_text("Told from now on of 1 shipment.")).to_be_visible()
    assert Subscription.objects.get().shipment_id == held.pk
    assert complaints == []


def test_all_of_it_without_scripts(browser: Browser, live_server: Any, held: Shipment, shipper: Person) -> None:
    opened = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    page.goto("/shipments/")
    page.get_by_role("checkbox", name="Tick KOSHA2603001").check()
    page.get_by_role("button", name="Tell me of these").click()
    page.get_by_role("button", name="Tell me", exact=True).click()
    page.goto(f"/notices/shipments/{held.pk}/")
    page.get_by_role("link", name="What is told: alice@example.com").click()
    page.get_by_role("radio", name="Held by customs: not").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("radio", name="Held by customs: not")).to_be_checked()
    opened.close()
    assert Subscription.objects.get().matrix == {"customs.held": "off"}
    assert Channel.objects.get().address == "alice@example.com"


# A browser that holds a subscription made with an older key of the server's, as the Push API says that it behaves.
OLD_KEY = """
    Notification.requestPermission = async () => "granted";
    let held = true;
    const manager = {
      getSubscription: async () => held ? {unsubscribe: async () => { held = false; }} : null,
      subscribe: async () => {
        if (held) throw new DOMException("another applicationServerKey", "InvalidStateError");
        return SUBSCRIPTION;
      },
    };
    const worker = {register: async () => ({}), ready: Promise.resolve({pushManager: manager})};
    Object.defineProperty(navigator, "serviceWorker", {value: worker});
"""


def test_a_browser_with_an_older_key_is_connected_anew(
    context: BrowserContext, live_server: Any, shipper: Person, settings: Any
) -> None:
    settings.PUSH_KEY, settings.PUSH_CONTACT = SENDER, "mailto:operator@clis.example"
    signed_in(context, shipper, live_server.url)
    context.add_init_script(OLD_KEY.replace("SUBSCRIPTION", json.dumps(a_subscription_of())))
    page, complaints = watched(context)
    page.goto("/notices/")
    page.locator("[data-push] button").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert (Channel.objects.get().kind, complaints) == ("push", [])
