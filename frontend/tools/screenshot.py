# ruff: noqa: INP001 - a script that is run by path, not a package
"""Takes the README's picture from a running Attune: `python frontend/tools/screenshot.py URL docs/page.png`."""

import shutil
import sys

from playwright.sync_api import sync_playwright

MESSAGES = ("I feel lonely and don't know why", "Let's try reframing", "Nobody would notice if I stayed home")


def take(url: str, target: str) -> None:
    """Talks for three messages and saves what a person sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="en-GB", reduced_motion="reduce")
        page.goto(url)
        page.check("#consent-agree")
        page.click("#consent-start")
        for message in MESSAGES:
            turns = page.locator(".theirs[data-status=done]").count()
            page.fill("#message", message)
            page.press("#message", "Enter")
            page.wait_for_function("n => document.querySelectorAll('.theirs[data-status=done]').length > n", arg=turns)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    take(*sys.argv[1:3])
