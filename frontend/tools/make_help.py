# ruff: noqa: INP001 - a script that is run by path, not a package
"""Writes frontend/help.html from the registry of crisis lines: run `python frontend/tools/make_help.py` after a change.

With --check it writes nothing and fails when the page is not current. The page must work with everything else down,
so it is a file, not a route.
"""

import argparse
import sys
from html import escape
from itertools import groupby
from pathlib import Path

from attune_safety.resources import Contact, CountryEntry, Directory, Record, load_registry

FRONTEND = Path(__file__).resolve().parents[1]
TEMPLATE = FRONTEND / "tools" / "help.template.html"
PAGE = FRONTEND / "help.html"
UNCHECKED = "Not yet checked by a person"


def render() -> str:
    """The whole page. Raises pydantic.ValidationError for a broken registry."""
    registry = load_registry()
    countries = sorted(registry.countries, key=lambda entry: entry.name)
    slots = {
        "DIRECTORIES": [_directory(directory) for directory in registry.directories],
        "COMPILED": [registry.compiled_on.isoformat()],
        "INDEX": [f'<li><a href="#{entry.country_code}">{escape(entry.name)}</a></li>' for entry in countries],
        "COUNTRIES": [_country(entry) for entry in countries],
    }
    page = TEMPLATE.read_text(encoding="utf-8")
    for name, parts in slots.items():
        page = page.replace(f"@@{name}@@", "\n".join(parts))
    return page


def _country(entry: CountryEntry) -> str:
    heading = escape(entry.name)
    if entry.native_name and entry.native_name != entry.name:
        heading += f" · <bdi>{escape(entry.native_name)}</bdi>"
    calls = "".join(
        f'<li><a class="call first" href="tel:{number}">Emergency <bdi dir="ltr">{number}</bdi></a></li>'
        for number in entry.emergency
    )
    lines = "".join(_record(record) for record in entry.records if record.shown)
    known = f'<ul class="card-calls">{lines}</ul>'
    none = '<p>We have no line of this country. The <a href="#directories">directories</a> may know one.</p>'
    return (
        f'<section class="card country" id="{entry.country_code}" aria-labelledby="{entry.country_code}-name">'
        f'<h3 id="{entry.country_code}-name">{heading}</h3>'
        f'<ul class="card-calls emergency">{calls}</ul>'
        f"{_checked(entry.emergency_verified_at is not None)}"
        f"{known if lines else none}</section>"
    )


def _record(record: Record) -> str:
    topic = "Violence" if record.topic == "violence" else None
    return "".join(
        _line(name, list(contacts), topic, checked=record.verified_at is not None)
        for name, contacts in groupby(record.contacts, key=lambda contact: contact.name)
    )


def _directory(directory: Directory) -> str:
    contact = Contact(
        name=directory.name, dial=None, sms=None, url=directory.url, hours=None, languages=directory.languages
    )
    return _line(directory.name, [contact], None, checked=directory.verified_at is not None)


def _line(name: str, contacts: list[Contact], topic: str | None, *, checked: bool) -> str:
    facts = escape(" · ".join(filter(None, [topic, contacts[0].hours])))
    told = f'<span class="contact-facts">{facts}</span>' if facts else ""
    return (
        f'<li class="contact"><span class="contact-name" dir="auto">{escape(name)}</span>'
        f"{told}{_checked(checked)}"
        f'<span class="contact-ways">{_ways(name, contacts)}</span></li>'
    )


def _ways(name: str, contacts: list[Contact]) -> str:
    """Calls, then texts, then sites. Each label names its line, since links are also read as a list."""
    calls = [_number("tel", "Call", name, contact.dial) for contact in contacts if contact.dial]
    texts = [_number("sms", "Text", name, contact.sms) for contact in contacts if contact.sms]
    sites = [
        f'<a class="call other" href="{escape(contact.url)}" rel="noopener noreferrer"'
        f' aria-label="Website of {escape(name)}">Website</a>'
        for contact in contacts
        if contact.url
    ]
    return "".join((*calls, *texts, *sites))


def _number(scheme: str, verb: str, name: str, number: str) -> str:
    return (
        f'<a class="call other" href="{scheme}:{number}" aria-label="{verb} {escape(name)}, {number}">'
        f'{verb} <bdi dir="ltr">{number}</bdi></a>'
    )


def _checked(checked: bool) -> str:
    return "" if checked else f'<span class="unverified">{UNCHECKED}</span>'


def main() -> int:
    """Writes the page, or says whether it is current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when the page is not current")
    page = render()
    if not parser.parse_args().check:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.stderr.write("help.html is not current: run python frontend/tools/make_help.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
