"""The pages in a real browser: accessible in both themes, at home on a phone, alive, and usable without JavaScript."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from cargo.models import Event, Maintenance, Shipment, ShipmentEvent, TargetTime
from tests.dashboard.conftest import HOUSE_BILL, answer, told
from tests.people import Person

CHROMIUM = os.environ.get("CLIS_CHROMIUM", "/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists() and not os.environ.get("CI"), reason="no Chromium here"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs a loop in this thread; Django would take every query beside it for a mistake.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def log_opened_for_the_flush(transactional_db: None) -> Iterator[None]:
    """The log refuses deletions; the flush after the test needs the door that erasure would open."""
    yield
    Maintenance.objects.create(name="erase", reason="the end of a test")
    with connection.cursor() as cursor:
        for model in (ShipmentEvent, Event):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
    Maintenance.objects.all().delete()


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def signed_in(context: BrowserContext, person: Person, address: str) -> None:
    client: Client = person.client()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what it complains of: a style or a script that the policy refuses would be among it."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_barrier_is_found(browser: Browser, live_server: Any, held: Shipment, staff: Person, theme: str) -> None:
    opened = browser.new_context(base_url=live_server.url, bypass_csp=True)
    opened.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    page = opened.new_page()
    found: dict[str, list[str]] = {}
    for number, address in enumerate(
        [
            "/account/login/",
            "/shipments/",
            f"/shipments/{held.pk}/",
            "/exceptions/",
            "/deadlines/",
            "/deadlines/?month=2026-03",
            "/style/",
            "/shipments/new/",
            "/search/?q=HDMU6546580",
        ]
    ):
        if number == 1:
            signed_in(opened, staff, live_server.url)
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


def test_the_page_changes_by_itself_and_keeps_what_was_unfolded(
    context: BrowserContext, live_server: Any, held: Shipment, shipper: Person
) -> None:
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    page.goto(f"/shipments/{held.pk}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Held by customs since")
    fold = page.locator("details.event-source").first
    name = fold.get_attribute("id")
    fold.locator("summary").click()
    told(answer())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Collected", timeout=15_000)
    expect(page.locator("#toasts")).to_contain_text("Collected")
    assert page.locator(f"details#{name}").get_attribute("open") is not None
    assert complaints == []


def test_filters_work_at_once_and_are_kept_in_the_address(
    context: BrowserContext, live_server: Any, held: Shipment, shipper: Person
) -> None:
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    page.goto("/shipments/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "finder"
    page.locator("#filter-search").fill("KOLOT")
    expect(page.locator("#list")).to_contain_text("Nothing fits these filters")
    assert "search=KOLOT" in page.url
    page.locator("#filter-search").fill("KOSHA")
    expect(page.locator("#list")).to_contain_text("PO-8841")
    page.reload()
    expect(page.locator("#filter-search")).to_have_value("KOSHA")
    assert complaints == []


def test_a_number_is_copied_whole(context: BrowserContext, live_server: Any, held: Shipment, shipper: Person) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    page.goto(f"/shipments/{held.pk}/")
    page.get_by_role("button", name=f"Copy {HOUSE_BILL}").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == HOUSE_BILL
    expect(page.locator("#toasts")).to_contain_text(f"Copied {HOUSE_BILL}")
    assert complaints == []


def test_everything_works_without_javascript(
    browser: Browser, live_server: Any, held: Shipment, shipper: Person
) -> None:
    opened = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    page.goto("/shipments/")
    page.locator("#filter-search").fill("KOSHA")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="PO-8841").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Held by customs")
    expect(page.locator(".copy").first).to_be_hidden()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("보류 중입니다")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="어둡게").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("searchbox").fill(HOUSE_BILL)
    page.get_by_role("searchbox").press("Enter")
    assert page.url.endswith(f"/shipments/{held.pk}/")
    opened.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("light", 390), ("dark", 1280)])
def test_no_barrier_is_found_where_lead_times_are_read(
    browser: Browser, live_server: Any, collected: Shipment, shipper: Person, theme: str, width: int
) -> None:
    stage = "import_declared__customs_released"
    target = TargetTime.objects.create(organization=shipper.organization, stage=stage, seconds=60)
    opened = browser.new_context(base_url=live_server.url, bypass_csp=True, viewport={"width": width, "height": 900})
    opened.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    found: dict[str, list[str]] = {}
    with time_machine.travel("2026-04-20T03:00:00Z", tick=True):
        for address in (
            "/lead-times/",
            "/lead-times/?group_by=port&mode=sea",
            f"/lead-times/shipments/?stage={stage}",
            "/lead-times/targets/",
            f"/lead-times/targets/{target.pk}/",
        ):
            page.goto(address)
            page.evaluate("document.querySelectorAll('details.fold').forEach(fold => { fold.open = true })")
            response = Axe().run(page, options={"runOnly": RULES}).response
            found[address] = [f"{item['id']}: {item['nodes'][0]['html'][:120]}" for item in response["violations"]]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[address].append("scrolls sideways")
            if address == "/lead-times/":
                expect(page.locator(".multiple-chart").first).to_be_visible()
    opened.close()
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_a_target_is_set_and_its_shipments_found_without_javascript(
    browser: Browser, live_server: Any, collected: Shipment, shipper: Person
) -> None:
    opened = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    page.goto("/lead-times/")
    page.get_by_role("link", name="Targets").click()
    page.locator("#target-stage").select_option("import_declared__customs_released")
    page.locator("#target-hours").fill("1")
    page.get_by_role("button", name="Set the target").click()
    expect(page.get_by_text("The target is set.")).to_be_visible()
    page.goto("/lead-times/")
    page.get_by_role("link", name="1 missed").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import declared to released")
    page.get_by_role("link", name="PO-8841").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Collected")
    opened.close()


STRANGE = "Kiste;Papier;Was;Wann;Wo\nHDMU6546583;KOSHA2603001;Gelöscht;03.04.2026 21:10;Hafen Busan\n"


def put_in(page: Page, text: str) -> None:
    """Pastes a table and goes to where its verdicts stand."""
    page.goto("/data/")
    page.locator("#data-text").fill(text)
    page.locator("form.form button.btn-primary").click()
    page.wait_for_url("**/data/trial/")


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("light", 390), ("dark", 1280)])
def test_no_barrier_is_found_where_data_is_put_in(
    browser: Browser, live_server: Any, held: Shipment, shipper: Person, theme: str, width: int
) -> None:
    opened = browser.new_context(base_url=live_server.url, bypass_csp=True, viewport={"width": width, "height": 900})
    opened.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    put_in(page, STRANGE)
    found: dict[str, list[str]] = {}
    for address in ("/data/trial/", "/data/", f"/shipments/{held.pk}/events/new/"):
        page.goto(address)
        response = Axe().run(page, options={"runOnly": RULES}).response
        found[address] = [f"{item['id']}: {item['nodes'][0]['html'][:120]}" for item in response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[address].append("scrolls sideways")
    opened.close()
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@contextmanager
def columns_answered(page: Page) -> Iterator[None]:
    """What is done here asks the server, and its answer has taken its place on the page."""
    with page.expect_response("**/data/columns/"):
        yield
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def test_columns_are_explained_and_their_rows_change_at_once(
    context: BrowserContext, live_server: Any, held: Shipment, shipper: Person
) -> None:
    signed_in(context, shipper, live_server.url)
    page, complaints = watched(context)
    put_in(page, STRANGE)
    expect(page.get_by_text("Take it in")).to_have_count(0)
    for number, field in enumerate(("container", "house_bill", "status", "occurred", "place"), start=1):
        with columns_answered(page):
            page.locator(f"#as-{number}").select_option(field)
    with columns_answered(page):
        page.locator("#order-day").check()
    with columns_answered(page):
        page.locator("#status-1").select_option("discharged")
    # Where the reader stood before all was replaced.
    expect(page.locator("#order-day")).to_be_focused()
    with columns_answered(page):
        page.locator("#place-1").fill("KRPUS")
        page.locator("#place-1").blur()
    expect(page.locator("#says")).to_contain_text("Goes to its shipment")
    page.get_by_role("button", name="Take it in").click()
    expect(page.locator("#upload")).to_contain_text("Waiting")
    assert complaints == []


def test_data_is_put_in_and_an_event_reported_without_javascript(
    browser: Browser, live_server: Any, held: Shipment, shipper: Person
) -> None:
    opened = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    signed_in(opened, shipper, live_server.url)
    page = opened.new_page()
    put_in(page, STRANGE)
    for number, field in enumerate(("container", "house_bill", "status", "occurred"), start=1):
        page.locator(f"#as-{number}").select_option(field)
    page.locator("#order-day").check()
    page.locator("#zone").select_option("Asia/Seoul")
    page.get_by_role("button", name="Try it so").click()
    page.locator("#status-1").select_option("discharged")
    page.get_by_role("button", name="Try it so").click()
    expect(page.locator("#says")).to_contain_text("Goes to its shipment")
    page.get_by_role("button", name="Take it in").click()
    expect(page.locator("#upload")).to_contain_text("Waiting")
    page.goto(f"/shipments/{held.pk}/")
    page.get_by_role("link", name="Add an event").click()
    page.locator("#report-milestone").select_option("gate_out")
    page.locator("#report-remark").fill("on our own truck")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your report was received.")).to_be_visible()
    opened.close()


def test_the_worker_shows_what_is_pushed(context: BrowserContext, live_server: Any) -> None:
    context.grant_permissions(["notifications"])
    page = context.new_page()
    page.goto("/account/login/")
    known: list[str] = []
    session = context.new_cdp_session(page)
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: known.extend(one["registrationId"] for one in told["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.evaluate(
        "navigator.serviceWorker.register('/push-worker.js', {scope: '/'})"
        ".then(() => navigator.serviceWorker.ready).then(() => true)"
    )
    while not known:
        page.wait_for_timeout(50)
    told = {"title": "Held by customs", "body": "HBL 1", "url": f"{live_server.url}/notices/", "tag": "d-1"}
    for data in (json.dumps(told), "not JSON"):
        push = {"origin": live_server.url, "registrationId": known[-1], "data": data}
        session.send("ServiceWorker.deliverPushMessage", push)
    page.wait_for_function(
        "navigator.serviceWorker.ready.then(one => one.getNotifications()).then(all => all.length == 2)"
    )
    shown = page.evaluate(
        "navigator.serviceWorker.ready.then(one => one.getNotifications())"
        ".then(all => all.map(one => [one.title, one.body, one.tag, one.data.url]))"
    )
    assert sorted(shown) == [["CLIS", "", "", "/"], ["Held by customs", "HBL 1", "d-1", f"{live_server.url}/notices/"]]
