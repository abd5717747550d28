"""What a person does on the page, as verbs. The page's tests speak through it."""

from typing import Any, Self

from playwright.sync_api import Locator, Page

SCREEN_READER = """() => {
  window.heard = { status: [], alert: [] };
  for (const name of ["status", "alert"]) {
    new MutationObserver(() => window.heard[name].push(document.getElementById(name).innerText))
      .observe(document.getElementById(name), { childList: true, subtree: true, characterData: true });
  }
}"""
ORDER_OF_APPEARANCE = """() => {
  window.appeared = [];
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      for (const each of [node, ...node.querySelectorAll("*")]) {
        if (each.matches(".card")) window.appeared.push("card");
        if (each.matches(".theirs .words")) window.appeared.push("words");
      }
    }
  }).observe(document.getElementById("log"), { childList: true, subtree: true });
}"""


class Talk:
    """One tab with the page in it."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url

    def load(self, path: str = "/") -> Self:
        """Opens the page and waits until its scripts have run."""
        self.page.goto(self.base_url + path)
        self.page.locator("body[data-ready]").wait_for()
        return self

    def begin(self, country: str | None = None) -> Self:
        """Agrees and starts, optionally with a country."""
        if country:
            self.page.select_option("#consent-country", country)
        self.page.check("#consent-agree")
        self.page.click("#consent-start")
        self.page.locator("#chat").wait_for()
        return self

    def say(self, text: str) -> Locator:
        """Sends a message and waits for its whole reply, which is returned."""
        turns = self.page.locator(".turn")
        before = turns.count()
        self.page.fill("#message", text)
        self.page.press("#message", "Enter")
        reply = turns.nth(before).locator(".theirs")
        self.page.wait_for_function(
            "at => document.querySelectorAll('.turn')[at]?.querySelector('.theirs[data-status=done]')", arg=before
        )
        return reply

    def listen(self) -> None:
        """From now on, everything that the live regions say is kept in `heard`."""
        self.page.evaluate(SCREEN_READER)

    @property
    def heard(self) -> dict[str, list[str]]:
        """What a screen reader was given, by region, in order."""
        heard: dict[str, list[str]] = self.page.evaluate("window.heard")
        return heard

    def watch_order(self) -> None:
        """From now on, the order in which cards and words of replies appear is kept in `appeared`."""
        self.page.evaluate(ORDER_OF_APPEARANCE)

    @property
    def appeared(self) -> list[str]:
        """ "card" and "words" in the order in which they came into the log."""
        order: list[str] = self.page.evaluate("window.appeared")
        return order

    def stored(self) -> dict[str, Any]:
        """Everything that the browser keeps for this tab and this site."""
        kept: dict[str, Any] = self.page.evaluate(
            "() => ({session: {...sessionStorage}, local: {...localStorage}, cookies: document.cookie})"
        )
        return kept

    def overflow(self) -> int:
        """How many pixels stick out sideways."""
        pixels: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return pixels
