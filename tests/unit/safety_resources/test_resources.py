"""The crisis lines: dialable, sourced, one country's never shown for another, closed ones gone."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from importlib.resources import files
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from attune_contracts.risk import RiskKind
from attune_safety import resources
from attune_safety.release_check import main, unchecked
from attune_safety.resources import (
    STALE_AFTER_DAYS,
    Registry,
    card_for,
    contacts_allowed,
    contacts_allowed_in,
    is_stale,
    load_registry,
)

REGISTRY = load_registry()
CODES = [entry.country_code for entry in REGISTRY.countries]
TODAY = date(2026, 12, 1)
CLOSED_CAIRO_LINE = ("7621602", "7622381")
RAW = json.loads(files("attune_safety").joinpath("resources.json").read_text(encoding="utf-8"))
SCHEMA = json.loads(files("attune_safety").joinpath("resources.schema.json").read_text(encoding="utf-8"))


def checked_on(day: date) -> Registry:
    """The registry as if a person had checked everything on that day."""
    raw = json.loads(json.dumps(RAW))
    for directory in raw["directories"]:
        directory["verified_at"] = day.isoformat()
    for entry in raw["countries"]:
        entry["emergency_verified_at"] = day.isoformat()
        for record in entry["records"]:
            record["verified_at"] = day.isoformat()
    return Registry.model_validate_json(json.dumps(raw))


def test_the_schema_file_is_that_of_the_model_and_accepts_the_data() -> None:
    assert Registry.model_json_schema() == SCHEMA
    jsonschema_rs.validator_for(SCHEMA).validate(RAW)


def test_the_schema_refuses_a_dial_that_is_not_digits() -> None:
    broken = json.loads(json.dumps(RAW))
    entry = next(entry for entry in broken["countries"] if entry["records"])
    entry["records"][0]["contacts"][0]["dial"] = "*4141"
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(broken)


def test_countries_are_unique_and_enough() -> None:
    assert len(set(CODES)) == len(CODES)
    assert len(CODES) >= 110
    assert sum(bool(entry.records) for entry in REGISTRY.countries) >= 54
    ids = [record.id for entry in REGISTRY.countries for record in entry.records]
    assert len(set(ids)) == len(ids)
    assert ("EG", "Egypt") in resources.countries()


@pytest.mark.parametrize("code", CODES)
def test_a_card_is_reachable_and_free_of_duplicates(code: str) -> None:
    card = card_for(code)
    assert card.country == code
    assert card.emergency
    assert card.directories
    assert len(card.contacts) <= 3
    ways = [way for contact in card.contacts for way in (contact.dial, contact.sms and f"sms:{contact.sms}") if way]
    assert max(Counter(ways).values(), default=0) <= 1
    for contact in card.contacts:
        assert contact.dial is None or re.fullmatch(r"tel:\+?\d{2,15}", f"tel:{contact.dial}")
        assert contact.dial or contact.sms or contact.url
        assert contact.verified is False


@pytest.mark.parametrize("code", CODES)
def test_every_record_has_sources(code: str) -> None:
    entry = REGISTRY.country(code)
    assert entry is not None
    assert all(entry.emergency_sources)
    for record in entry.records:
        assert record.sources
        assert all(source.strip() for source in record.sources)


@pytest.mark.parametrize("country", [None, "", "ZZ", "XX", "QQ", "e1"])
def test_an_unknown_country_gets_directories_and_no_number(country: str | None) -> None:
    card = card_for(country)
    assert card.country is None
    assert card.emergency == ()
    assert card.contacts == ()
    assert len(card.directories) >= 2
    assert all(directory.dial is None and directory.sms is None for directory in card.directories)
    assert not any(allowed.isdigit() for allowed in contacts_allowed_in(country))


def test_a_number_of_one_country_is_never_shown_for_another() -> None:
    shared = {"988": {"US", "CA"}, "116123": {"GB", "IE", "DE", "NO", "PL"}}
    owners: dict[str, set[str]] = {}
    for code in CODES:
        for contact in card_for(code, RiskKind.HARM_BY_OTHER).contacts:
            for way in (contact.dial, contact.sms):
                if way:
                    owners.setdefault(way, set()).add(code)
    # Short codes repeat by chance in the numbering plans, so only long numbers and 988 must have one owner.
    for way, codes in owners.items():
        if way in shared:
            assert codes <= shared[way], way
        elif len(way) > 5:
            assert len(codes) == 1, way


def test_lower_case_codes_are_the_same_country() -> None:
    assert card_for("eg") == card_for("EG")


def test_lines_marked_never_ship_are_absent() -> None:
    text = json.dumps(RAW)
    assert not any(number in re.sub(r"[\s-]", "", text) for number in CLOSED_CAIRO_LINE)
    turkey = card_for("TR")
    assert turkey.contacts == ()
    assert turkey.emergency == ("112",)


def test_withheld_lines_are_neither_shown_nor_allowed() -> None:
    withheld = [(e.country_code, r) for e in REGISTRY.countries for r in e.records if not r.shown]
    assert withheld
    for code, record in withheld:
        names = {contact.name for contact in card_for(code).contacts}
        for contact in record.contacts:
            assert contact.name not in names
            assert (contact.dial or "").lstrip("+") not in contacts_allowed()


def test_harm_by_another_puts_the_violence_line_first() -> None:
    first = card_for("GB", RiskKind.HARM_BY_OTHER).contacts[0]
    assert "Domestic Abuse" in first.name
    assert all("Domestic" not in contact.name for contact in card_for("GB").contacts)


def test_what_a_card_shows_is_what_a_reply_may_name() -> None:
    for code in CODES:
        card = card_for(code, RiskKind.HARM_BY_OTHER)
        allowed = contacts_allowed_in(code)
        assert allowed <= contacts_allowed()
        assert set(card.emergency) <= allowed
        for contact in (*card.contacts, *card.directories):
            shown = [(contact.dial or "").lstrip("+"), contact.sms or ""]
            shown += [urlsplit(contact.url).netloc.removeprefix("www.")] if contact.url else []
            assert {way for way in shown if way} <= allowed


def test_a_check_counts_for_180_days() -> None:
    record = next(record for entry in checked_on(TODAY).countries for record in entry.records)
    assert not is_stale(record, TODAY + timedelta(days=STALE_AFTER_DAYS))
    assert is_stale(record, TODAY + timedelta(days=STALE_AFTER_DAYS + 1))
    assert all(is_stale(directory, TODAY) for directory in REGISTRY.directories)


def test_the_release_check_fails_on_the_packaged_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(REGISTRY, TODAY) == 1
    printed = capsys.readouterr().out
    assert "eg-emergency-numbers: never checked by a person" in printed
    assert "us-988-suicide-crisis-lifeline: never checked by a person" in printed
    assert "umang" not in printed


def test_the_release_check_passes_once_a_person_has_checked_all(capsys: pytest.CaptureFixture[str]) -> None:
    registry = checked_on(TODAY)
    assert main(registry, TODAY) == 0
    assert capsys.readouterr().out == ""
    late = TODAY + timedelta(days=STALE_AFTER_DAYS + 1)
    assert len(list(unchecked(registry, late))) == len(list(unchecked(REGISTRY, TODAY)))
    assert f"last checked {TODAY}" in next(unchecked(registry, late))
