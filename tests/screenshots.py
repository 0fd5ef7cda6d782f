"""Takes the README's pictures of a running demo: ``make screenshots``, with ``make demo`` running beside it.

Signs in as the first person of the demo's account list and photographs the list of shipments and one shipment, at a
desk and on a phone. ``python -m tests.screenshots /shipments/7/`` chooses the shipment.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "clis" / "static" / "readme"
CHROMIUM = os.environ.get("CLIS_CHROMIUM", "/usr/bin/chromium")
DESK = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=390, height=844)


def running_demo() -> str:
    """Its address, from the note that ``manage.py run`` leaves."""
    lock = ROOT / "var" / "run.lock"
    words = lock.read_text().split() if lock.exists() else []
    if len(words) != 2:
        raise SystemExit("screenshots: no running demo found; start `make demo` first")
    return words[1]


def first_account() -> tuple[str, str]:
    """E-mail address and password of the first person that the demo lists."""
    text = (ROOT / "var" / "demo" / "accounts.txt").read_text()
    found = re.search(r"(\S+@\S+)\s+(\S+)", text)
    if found is None:
        raise SystemExit("screenshots: var/demo/accounts.txt names nobody")
    return found[1], found[2]


def sign_in(page: Page, address: str) -> None:
    email, password = first_account()
    page.goto(f"{address}/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/shipments/"))


def first_held(page: Page, address: str) -> str:
    """The path of the first shipment that somebody holds."""
    page.goto(f"{address}/shipments/?view=held")
    links = page.locator("a[href^='/shipments/']").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    found = [link for link in links if re.fullmatch(r"/shipments/[0-9]+/", link)]
    if not found:
        raise SystemExit("screenshots: the demo has no held shipment at the moment; name one: /shipments/7/")
    return found[0]


def a_person_with(browser: Browser, address: str, size: ViewportSize) -> Page:
    """A signed-in page in English, in light colors."""
    page = browser.new_context(viewport=size, color_scheme="light", locale="en-US", device_scale_factor=1.5).new_page()
    sign_in(page, address)
    page.goto(f"{address}/shipments/")  # Again, without the greeting.
    return page


def main(arguments: list[str]) -> None:
    address, shipment = running_demo(), arguments[0] if arguments else None
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        desk, phone = (a_person_with(browser, address, size) for size in (DESK, PHONE))
        desk.screenshot(path=PICTURES / "list.png")
        path = shipment or first_held(desk, address)
        for page, name in ((desk, "shipment.png"), (phone, "phone.png")):
            page.goto(f"{address}{path}")
            page.screenshot(path=PICTURES / name)
        browser.close()
    sys.stdout.write(f"screenshots: {', '.join(sorted(path.name for path in PICTURES.glob('*.png')))} in {PICTURES}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
