"""Everyone can use it: keyboard, screen reader, small screens, right-to-left, every colour scheme."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.page_driver import Talk

pytestmark = pytest.mark.e2e

WIDTHS = (320, 360, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
IN_DANGER = "I want to end my life tonight"
LOCALES = Path(__file__).parents[2] / "frontend" / "locales"
# Words that come from the gateway or are names, and so stay as they are in a pseudo-locale.
NOT_FROM_THE_CATALOG = (
    "noscript, .words, .notice, .chip, .contact, option, kbd, .brand, .keys dt, code, .exercise h2, #status, #alert"
)


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


@pytest.fixture(
    params=[(320, "light", "en"), (320, "dark", "ar"), (1280, "light", "ar"), (1280, "dark", "en")], ids=str
)
def anywhere(request: pytest.FixtureRequest, browser: Browser, base_url: str) -> Iterator[Talk]:
    """Widths, colour schemes and directions: each pair of them appears."""
    width, scheme, locale = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, locale=locale, reduced_motion="reduce"
    )
    yield Talk(context.new_page(), base_url).load()
    context.close()


def test_axe_finds_nothing_on_any_screen(anywhere: Talk) -> None:
    page = anywhere.page
    found = {"welcome": violations(page)}
    anywhere.begin("EG")
    anywhere.say("I failed my exam again")
    page.locator(".turn").last.locator(".reply-tools button").last.click()
    found["talk"] = violations(page)
    anywhere.say(IN_DANGER)
    found["card"] = violations(page)
    page.keyboard.press("F2")
    found["help"] = violations(page)
    page.keyboard.press("Escape")
    page.click("#menu-button")
    found["menu"] = violations(page)
    page.keyboard.press("Escape")
    for name in ["settings", "export", "delete", "new", "shortcuts"]:
        page.click("#menu-button")
        page.click(f"[data-action={name}]")
        expect(page.locator(f"#{name}-dialog")).to_be_visible()
        found[name] = violations(page)
        page.keyboard.press("Escape")
    assert {screen: faults for screen, faults in found.items() if faults} == {}


@pytest.mark.parametrize("name", ["help", "safety", "privacy", "404"])
def test_axe_finds_nothing_on_the_pages_to_read(browser: Browser, base_url: str, name: str) -> None:
    for width in (320, 1280):
        context = browser.new_context(viewport={"width": width, "height": 720}, color_scheme="dark")
        page = context.new_page()
        page.goto(f"{base_url}/{name}.html")
        assert violations(page) == []
        context.close()


def test_axe_finds_nothing_in_forced_colours(browser: Browser, base_url: str) -> None:
    context = browser.new_context(forced_colors="active", reduced_motion="reduce")
    talk = Talk(context.new_page(), base_url).load().begin()
    talk.say(IN_DANGER)
    assert violations(talk.page) == []
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_nothing_sticks_out_sideways(browser: Browser, base_url: str, tmp_path: Path, width: int, locale: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 720}, locale=locale, reduced_motion="reduce")
    talk = Talk(context.new_page(), base_url).load()

    def look(name: str) -> None:
        talk.page.screenshot(path=tmp_path / f"{name}-{width}-{locale}.png", full_page=True)
        assert talk.overflow() <= 0, name

    look("welcome")
    talk.begin("EG")
    talk.say("a-very-long-word-" * 12)
    look("talk")
    talk.say(IN_DANGER)
    look("card")
    talk.page.evaluate("document.documentElement.dataset.size = 'larger'")
    look("large")
    for path in ["help", "safety", "privacy"]:
        talk.page.goto(f"{base_url}/{path}.html")
        look(path)
    context.close()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_targets_are_large_enough(browser: Browser, base_url: str, locale: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 720}, locale=locale, reduced_motion="reduce")
    talk = Talk(context.new_page(), base_url).load().begin("EG")
    talk.say(IN_DANGER)
    small = talk.page.evaluate(
        """() => [...document.querySelectorAll("button, a, select, summary")]
          .filter((node) => node.checkVisibility() && !node.matches(".skip"))
          .map((node) => {
            const least = node.closest(".card") && node.matches(".call, select") ? 56 : 44;
            return [node.className || node.tagName, node.getBoundingClientRect().height, least];
          })
          .filter(([, height, least]) => height < least - 0.5)"""
    )
    assert small == []
    context.close()


def test_everything_works_by_keyboard(talk: Talk) -> None:
    page = talk.page

    def tab_to(selector: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none" or selector == "#message"
                return
        pytest.fail(f"Tab never reaches {selector}")

    tab_to("#consent-agree")
    page.keyboard.press("Space")
    tab_to("#consent-start")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_be_focused()
    page.keyboard.type("I feel lonely")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and don't know why")
    expect(page.locator("#message")).to_have_value("I feel lonely\nand don't know why")
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".theirs[data-status=done]")).to_be_visible(timeout=20_000)
    expect(page.locator("#message")).to_be_focused()
    page.keyboard.press("Control+/")
    expect(page.locator("#shortcuts-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#message")).to_be_focused()
    page.evaluate("document.activeElement.blur(); document.getElementById('help-now').focus()")
    page.keyboard.press("Enter")
    expect(page.locator("#help-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    tab_to("#menu-button")
    page.keyboard.press("Enter")
    tab_to("[data-action=delete]")
    page.keyboard.press("Enter")
    tab_to("[data-action=delete-now]")
    page.keyboard.press("Enter")
    expect(page.locator("#welcome")).to_be_visible()


def test_a_screen_reader_hears_each_reply_once(talk: Talk) -> None:
    talk.begin()
    expect(talk.page.locator("#log")).to_have_attribute("aria-live", "off")
    talk.listen()
    reply = talk.say("I feel lonely and don't know why").locator(".words").inner_text()
    heard = talk.heard["status"]
    assert sum(reply.strip() in said for said in heard) == 1
    assert len([said for said in heard if reply.strip() not in said]) <= 2
    assert talk.heard["alert"] == []


def test_the_feeling_is_a_word_and_can_be_hidden(talk: Talk) -> None:
    talk.begin()
    talk.say("I am so sad that I cannot stop crying")
    cue = talk.page.locator(".mine .cue").last
    expect(cue).to_be_visible()
    assert cue.inner_text().strip()
    talk.page.click("#menu-button")
    talk.page.click("[data-action=settings]")
    talk.page.uncheck("#settings input[name=cue]")
    expect(cue).to_be_hidden()


def test_arabic_is_whole_and_runs_from_the_right(browser: Browser, base_url: str) -> None:
    context = browser.new_context(locale="ar-EG", reduced_motion="reduce")
    talk = Talk(context.new_page(), base_url).load().begin()
    html = talk.page.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(html).to_have_attribute("lang", "ar")
    notice = talk.page.locator(".turn .notice").first
    assert notice.evaluate("node => getComputedStyle(node).direction") == "rtl"
    reply = talk.say("أشعر بالوحدة ولا أعرف لماذا").locator(".words")
    assert reply.evaluate("node => getComputedStyle(node).direction") == "rtl"
    expect(reply).to_have_attribute("lang", "ar")
    talk.say("and now in English")
    english = talk.page.locator(".mine .words").last
    assert english.evaluate("node => [node.dir, node.lang, node.matches(':dir(ltr)')]") == ["auto", "en", True]
    context.close()


def test_every_word_of_the_page_comes_from_the_catalog(page: Page, base_url: str) -> None:
    def pseudo(route: Route) -> None:
        catalog = json.loads((LOCALES / "en.json").read_text(encoding="utf-8"))
        wrap = {
            key: f"⟦{value}⟧" if isinstance(value, str) else {form: f"⟦{text}⟧" for form, text in value.items()}
            for key, value in catalog.items()
        }
        route.fulfill(json=wrap)

    page.route("**/locales/en.json", pseudo)
    talk = Talk(page, base_url).load().begin("EG")
    talk.say(IN_DANGER)
    page.locator(".turn").last.locator(".reply-tools button").last.click()
    plain = page.evaluate(
        """(except) => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          while (walker.nextNode()) {
            const { parentElement: parent, data } = walker.currentNode;
            if (!/\\p{Letter}/u.test(data) || parent.closest(except)) continue;
            const whole = parent.closest("a, button, p, summary, dt, dd, label, h1, h2, h3, span, legend");
            if (!/[⟦⟧]/.test(whole?.textContent ?? "")) found.push(data);
          }
          const named = [...document.querySelectorAll("[aria-label], [placeholder], [title]")]
            .filter((node) => !node.matches(".brand, .call"))
            .flatMap((node) => ["aria-label", "placeholder", "title"].map((name) => node.getAttribute(name)))
            .filter((value) => value && !value.includes("⟦"));
          return [...found, ...named];
        }""",
        NOT_FROM_THE_CATALOG,
    )
    assert plain == []
