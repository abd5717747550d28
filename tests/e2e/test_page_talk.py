"""A person talks, stops, needs help, takes the talk along, deletes it: the real stack in a real browser."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.page_driver import Talk

pytestmark = pytest.mark.e2e

ORDINARY = "I failed my exam again and I feel like such an idiot"
IN_DANGER = "I want to end my life tonight"
PHONE_LINK = re.compile(r"^tel:\+?\d+$")


def test_nothing_begins_without_consent(talk: Talk) -> None:
    calls: list[str] = []
    talk.page.on("request", lambda request: calls.append(f"{request.method} {urlsplit(request.url).path}"))
    talk.page.click("#consent-start")
    expect(talk.page.locator("#consent-error")).to_contain_text("tick the box")
    expect(talk.page.locator("#consent-agree")).to_be_focused()
    assert "POST /v1/sessions" not in calls


def test_a_first_message_is_answered(talk: Talk) -> None:
    talk.begin()
    expect(talk.page.locator("#message")).to_be_focused()
    notice = talk.page.locator(".turn .notice").first
    expect(notice).to_be_visible()
    size, weight = notice.evaluate("n => [parseFloat(getComputedStyle(n).fontSize), getComputedStyle(n).fontWeight]")
    assert size >= 16
    assert int(weight) >= 700

    reply = talk.say(ORDINARY)
    assert len(reply.locator(".words").inner_text()) > 10
    expect(talk.page.locator(".mine .words").last).to_have_text(ORDINARY)
    expect(talk.page.locator("#message")).to_be_focused()
    expect(talk.page.locator("#message")).to_have_value("")

    reply.get_by_role("button", name="Why this reply?").click()
    expect(reply.locator(".why")).to_contain_text("Where the words come from")


def test_stop_ends_a_reply_and_another_try_works(talk: Talk) -> None:
    talk.begin()
    talk.page.fill("#message", ORDINARY)
    # Both keys in one task, so that no reply is quick enough to be complete before the second.
    talk.page.evaluate(
        """() => {
          const press = (key) => document.getElementById("message")
            .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          press("Enter");
          press("Escape");
        }"""
    )
    stopped = talk.page.locator(".theirs[data-status=stopped]")
    expect(stopped).to_contain_text("Stopped.")
    expect(talk.page.locator("#send")).to_be_visible()
    stopped.get_by_role("button", name="Try again").click()
    expect(talk.page.locator(".turn").last.locator(".theirs[data-status=done]")).to_be_visible(timeout=20_000)


def test_in_danger_the_card_comes_before_any_word(talk: Talk) -> None:
    talk.begin()
    talk.watch_order()
    talk.listen()
    talk.say(IN_DANGER)
    assert talk.appeared[0] == "card"
    assert "words" in talk.appeared
    card = talk.page.locator(".turn").last.locator("section.card")
    expect(card).to_be_visible()
    assert card.evaluate("n => n.getAnimations({ subtree: true }).length") == 0
    assert any("F2" in said for said in talk.heard["alert"])
    expect(talk.page.locator("#message")).to_be_focused()

    # The country is unknown, so no number is shown until the person says where they are.
    expect(card.locator("a[href^='tel:']")).to_have_count(0)
    card.locator("select").select_option("EG")
    first = talk.page.locator(".turn").last.locator(".card a[href^='tel:']").first
    expect(first).to_have_attribute("href", PHONE_LINK)
    height = first.bounding_box()
    assert height is not None
    assert height["height"] >= 56
    expect(talk.page.locator(".turn").last.locator(".card")).to_contain_text("Egypt")


def test_a_refresh_keeps_the_talk_and_the_browser_keeps_no_word(talk: Talk) -> None:
    talk.begin()
    reply = talk.say(ORDINARY).locator(".words").inner_text()
    talk.load()
    expect(talk.page.locator(".mine .words")).to_have_text(ORDINARY)
    expect(talk.page.locator(".turn").last.locator(".theirs .words")).to_have_text(reply)
    stored = talk.stored()
    assert set(json.loads(stored["session"]["attune.session"])) == {"id", "token"}
    assert stored["cookies"] == ""
    assert "exam" not in json.dumps(stored)
    caches = talk.page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => "
        "(await (await caches.open(name)).keys()).map(({url}) => url)))).flat()"
    )
    assert not [url for url in caches if "/v1/" in url]


def test_the_talk_can_be_taken_along(talk: Talk, tmp_path: Path) -> None:
    talk.begin()
    talk.say(ORDINARY)
    for button, name in [("json", "talk.json"), ("markdown", "talk.md")]:
        talk.page.click("#menu-button")
        talk.page.click("[data-action=export]")
        with talk.page.expect_download() as download:
            talk.page.click(f"[data-export={button}]")
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
        assert ORDINARY in (tmp_path / name).read_text(encoding="utf-8")
        expect(talk.page.locator("#export-dialog")).to_be_hidden()
    assert json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))["schema_version"]


def test_deleting_needs_a_second_tap_and_is_real(talk: Talk) -> None:
    talk.begin()
    talk.say(ORDINARY)
    kept = json.loads(talk.stored()["session"]["attune.session"])
    talk.page.click("#menu-button")
    talk.page.click("[data-action=delete]")
    talk.page.get_by_role("button", name="Cancel").click()
    expect(talk.page.locator("#chat")).to_be_visible()
    talk.page.click("#menu-button")
    talk.page.click("[data-action=delete]")
    talk.page.click("[data-action=delete-now]")
    expect(talk.page.locator("#welcome")).to_contain_text("Everything from that talk is deleted.")
    expect(talk.page.locator("#log")).to_be_empty()
    assert talk.stored()["session"] == {}
    status = talk.page.evaluate(
        """async ({ id, token }) =>
          (await fetch(`/v1/sessions/${id}`, { headers: { Authorization: `Bearer ${token}` } })).status""",
        kept,
    )
    assert status == 404


def test_an_exercise_can_be_walked_with_its_own_buttons(talk: Talk) -> None:
    talk.begin()
    talk.say("Can we do a paced breathing exercise?")
    panel = talk.page.locator("#exercise")
    if panel.get_by_text("You can say no").count() or not panel.is_visible():
        talk.page.locator("#suggestions button").first.click()
        talk.page.wait_for_function(
            "() => !document.querySelector('.theirs[data-status=waiting], .theirs[data-status=writing]')"
        )
    expect(panel).to_contain_text("Step 1 of")
    panel.get_by_role("button", name="Pause").click()
    expect(panel).to_contain_text("Paused")
    panel.get_by_role("button", name="Go on").click()
    expect(panel).to_contain_text("Step 1 of")


def test_another_site_is_never_asked(page: Page, base_url: str) -> None:
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    talk = Talk(page, base_url).load().begin("EG")
    talk.say(ORDINARY)
    page.keyboard.press("F2")
    expect(page.locator("#help-dialog")).to_be_visible()
    for path in ["/help.html", "/safety.html", "/privacy.html"]:
        page.goto(base_url + path)
    assert hosts == {urlsplit(base_url).netloc}
    assert complaints == []


def test_the_first_load_is_small(page: Page, base_url: str) -> None:
    sizes: dict[str, int] = {}
    page.on("requestfinished", lambda request: sizes.__setitem__(request.url, request.sizes()["responseBodySize"]))
    Talk(page, base_url).load()
    page.wait_for_load_state("networkidle")
    shell = {
        url: size
        for url, size in sizes.items()
        if urlsplit(url).path not in ("/sw.js", "/help.html", "/safety.html", "/privacy.html")
    }
    assert sum(shell.values()) < 150_000, sorted(shell.items(), key=lambda pair: -pair[1])[:5]
