"""The static help page: current, complete, and free of anything that needs a script."""

import re
import runpy
from html.parser import HTMLParser
from pathlib import Path

from attune_safety.resources import load_registry

FRONTEND = Path(__file__).parents[3] / "frontend"
HELP = (FRONTEND / "help.html").read_text(encoding="utf-8")
VOID = {"meta", "link", "img", "br", "hr", "input"}


def test_the_page_is_current() -> None:
    tool = runpy.run_path(str(FRONTEND / "tools" / "make_help.py"))
    assert tool["render"]() == HELP, "run python frontend/tools/make_help.py"


def test_every_country_and_every_shown_number_is_on_it() -> None:
    for country in load_registry().countries:
        assert f'id="{country.country_code}"' in HELP
        assert f'href="#{country.country_code}"' in HELP
        assert all(f"tel:{number}" in HELP for number in country.emergency)
        for record in country.records:
            for contact in record.contacts if record.shown else ():
                assert contact.dial is None or f"tel:{contact.dial}" in HELP
                assert contact.sms is None or f"sms:{contact.sms}" in HELP


def test_links_hold_digits_and_say_the_same_digits() -> None:
    links = re.findall(r'href="(?:tel|sms):([^"]+)".*?<bdi dir="ltr">([^<]+)</bdi>', HELP)
    assert len(links) > 200
    assert all(re.fullmatch(r"\+?\d+", href) and href == shown for href, shown in links)


def test_no_number_outside_the_registry_is_shown() -> None:
    registry = load_registry()
    known = {number for country in registry.countries for number in country.emergency}
    for country in registry.countries:
        for record in country.records:
            if record.shown:
                known |= {number for contact in record.contacts for number in (contact.dial, contact.sms) if number}
    assert set(re.findall(r'href="(?:tel|sms):([^"]+)"', HELP)) == known


def test_ids_are_unique_and_tags_are_closed() -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.ids: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.ids += [value for name, value in attrs if name == "id" and value]
            if tag not in VOID:
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    for name in ("help", "safety", "privacy", "index"):
        reader = Reader()
        html = (FRONTEND / f"{name}.html").read_text(encoding="utf-8")
        reader.feed(re.sub(r"<(path|rect)[^>]*/>", "", html))
        assert reader.open == []
        assert len(reader.ids) == len(set(reader.ids))


def test_the_help_link_stands_first_and_in_the_same_place_on_every_page() -> None:
    for name in ("help", "safety", "privacy", "index"):
        html = (FRONTEND / f"{name}.html").read_text(encoding="utf-8")
        bar = html[html.index('<div class="bar-actions">') :]
        assert bar.index('id="help-now" href="/help.html"') < bar.index('id="leave"')
