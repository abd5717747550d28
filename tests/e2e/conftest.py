"""A real Chromium for the page's tests. `base_url`, the running stack, comes from tests/conftest.py."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.page_driver import Talk

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module. In CI a missing Chromium is a failure, elsewhere a reason to skip."""
    if not shutil.which(CHROMIUM) and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed, so the page cannot be tried in a browser")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh desktop page in English with animations off."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce", color_scheme="light"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def talk(page: Page, base_url: str) -> Talk:
    """The first screen, loaded and ready for a tap."""
    return Talk(page, base_url).load()
