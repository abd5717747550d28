"""Help is one tap away when everything else fails, and one can leave without a trace in the tab."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.page_driver import Talk

pytestmark = pytest.mark.e2e


def test_help_is_one_key_away_on_every_screen(talk: Talk) -> None:
    dialog = talk.page.locator("#help-dialog")
    talk.page.keyboard.press("F2")
    expect(dialog).to_be_visible()
    talk.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    talk.begin()
    talk.page.keyboard.press("F2")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("link", name="All countries")).to_have_attribute("href", "/help.html")


def test_help_works_without_scripts(browser: Browser, base_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url)
    page.click("#help-now")
    expect(page).to_have_url(re.compile(r"/help\.html$"))
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("a[href^='tel:']").count() > 20
    context.close()


def test_help_works_when_the_scripts_break(page: Page, base_url: str) -> None:
    page.route("**/js/main.js", lambda route: route.abort())
    page.goto(base_url)
    page.click("#help-now")
    expect(page).to_have_url(re.compile(r"/help\.html$"))


def test_help_works_without_a_network(talk: Talk) -> None:
    talk.page.evaluate("navigator.serviceWorker.ready")
    talk.page.wait_for_function("async () => Boolean(await caches.match('/help.html'))")
    talk.page.context.set_offline(True)
    talk.page.goto(f"{talk.base_url}/help.html")
    expect(talk.page.locator("h1")).to_be_visible()
    assert talk.page.locator("a[href^='tel:']").count() > 20


def test_a_lost_network_is_said_and_the_message_can_be_sent_again(talk: Talk) -> None:
    talk.begin()
    talk.page.context.set_offline(True)
    talk.page.fill("#message", "hello there")
    talk.page.press("#message", "Enter")
    failed = talk.page.locator(".theirs[data-status=failed]")
    expect(failed).to_contain_text("No connection")
    talk.page.context.set_offline(False)
    failed.get_by_role("button", name="Try again").click()
    expect(talk.page.locator(".turn").last.locator(".theirs[data-status=done]")).to_be_visible(timeout=20_000)
    expect(talk.page.locator(".mine")).to_have_count(1)


@pytest.mark.parametrize("way", ["button", "keys"])
def test_leaving_empties_the_page_and_replaces_it(talk: Talk, way: str) -> None:
    elsewhere: list[str] = []

    def answer(route: Route) -> None:
        elsewhere.append(route.request.url)
        assert "referer" not in route.request.headers
        route.fulfill(body="<title>Weather</title><p>Sunny", content_type="text/html")

    talk.page.route(re.compile(r"^https://"), answer)
    talk.begin()
    talk.say("please do not let anyone see this")
    if way == "button":
        talk.page.click("#leave")
    else:
        for _ in range(3):
            talk.page.keyboard.press("Shift")
    talk.page.wait_for_url(re.compile(r"^https://"))
    assert len(elsewhere) == 1
    assert talk.page.title() == "Weather"
    # The entry was replaced: going back does not lead to the talk, and coming back on purpose finds no talk.
    assert talk.page.evaluate("history.length") <= 2
    talk.load()
    expect(talk.page.locator("#welcome")).to_be_visible()
    expect(talk.page.locator("#log")).to_be_empty()


def test_shift_while_typing_does_not_leave(talk: Talk) -> None:
    talk.begin()
    talk.page.locator("#message").press_sequentially("ABC Def", delay=10)
    for letter in "HEY":
        talk.page.keyboard.press(f"Shift+{letter}")
    expect(talk.page.locator("#message")).to_be_visible()


def test_the_tab_title_says_nothing(talk: Talk) -> None:
    talk.begin()
    talk.say("I feel lonely and don't know why")
    assert talk.page.title() == "Attune"


def test_a_message_in_danger_carries_the_card_and_no_label_of_its_feeling(talk: Talk) -> None:
    talk.begin("GB")
    talk.say("The weekend was long and I feel so lonely")
    expect(talk.page.locator(".turn").last.locator(".cue")).to_have_count(1)
    talk.say("I want to kill myself")
    expect(talk.page.locator(".turn").last.locator(".card")).to_be_visible()
    expect(talk.page.locator(".turn").last.locator(".cue")).to_have_count(0)
