"""Crisis lines by country, from `resources.json`. Nothing else in the product may print a phone number.

Callers: both services build the card of a risk event here, and the reply lint asks which numbers it may let through.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from urllib.parse import urlsplit

from attune_contracts.base import Input
from attune_contracts.risk import CrisisContact, ResourceCard, RiskKind
from pydantic import Field

STALE_AFTER_DAYS = 180
"""A release needs every record checked by a person within this time (safety protocol, promise C15)."""

Dial = Annotated[str, Field(pattern=r"^\+?\d{2,15}$")]
Digits = Annotated[str, Field(pattern=r"^\d{2,15}$")]
HttpsUrl = Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(/\S*)?$")]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Sources = Annotated[tuple[str, ...], Field(min_length=1)]
Status = Literal["listed", "unconfirmed", "withheld"]
"""`listed`: sources agree. `unconfirmed`: shown, one source. `withheld`: kept for the record, never shown."""


class Contact(Input):
    """One way to reach a line. `dial` is what a tel link holds; a star code has none and is told in the name."""

    name: str = Field(min_length=1)
    dial: Dial | None
    sms: Digits | None
    url: HttpsUrl | None
    hours: str | None
    languages: tuple[LanguageCode, ...]


class Record(Input):
    """One organisation. Confidence A: two or more sources agree; B: one data set; C: weak or conflicting."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    topic: Literal["crisis", "violence"]
    status: Status
    confidence: Literal["A", "B", "C"]
    verified_at: date | None
    sources: Sources
    note: str | None
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1)]

    @property
    def shown(self) -> bool:
        """Whether a person may see it."""
        return self.status != "withheld"


class Directory(Input):
    """A worldwide list of lines, for a country without one of its own or an unknown country."""

    id: str
    name: str
    url: HttpsUrl
    languages: tuple[LanguageCode, ...]
    sources: Sources
    status: Status
    verified_at: date | None


class CountryEntry(Input):
    """A country. `records` may be empty: then the emergency numbers and the directories stand alone."""

    country_code: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    native_name: str | None
    emergency: Annotated[tuple[Digits, ...], Field(min_length=1)]
    emergency_sources: Sources
    emergency_verified_at: date | None
    records: tuple[Record, ...]


class Registry(Input):
    """The whole file."""

    format: Literal["attune-resources/1"] = Field(alias="schema")
    compiled_on: date
    directories: Annotated[tuple[Directory, ...], Field(min_length=1)]
    countries: tuple[CountryEntry, ...]

    def country(self, code: str | None) -> CountryEntry | None:
        """The entry of an ISO 3166 alpha-2 code in any case, else None."""
        wanted = (code or "").strip().upper()
        return next((entry for entry in self.countries if entry.country_code == wanted), None)


@cache
def load_registry() -> Registry:
    """Reads and validates the packaged file, once. Raises pydantic.ValidationError for a broken file."""
    text = files("attune_safety").joinpath("resources.json").read_text(encoding="utf-8")
    return Registry.model_validate_json(text)


def countries() -> tuple[tuple[str, str], ...]:
    """(code, English name) of every country in the registry, by name."""
    return tuple(sorted(((entry.country_code, entry.name) for entry in load_registry().countries), key=lambda c: c[1]))


def card_for(country: str | None, kind: RiskKind = RiskKind.SELF, today: date | None = None) -> ResourceCard:
    """The card of a country. An unknown country gets directories only: no number is ever assumed.

    Harm by another person puts violence lines first. With `today`, a check older than 180 days no longer counts.
    """
    registry = load_registry()
    entry = registry.country(country)
    directories = tuple(_directory(directory, today) for directory in registry.directories)
    if entry is None:
        return ResourceCard(country=None, country_name=None, emergency=(), contacts=(), directories=directories)
    return ResourceCard(
        country=entry.country_code,
        country_name=entry.name,
        emergency=entry.emergency,
        contacts=tuple(_contacts(entry, kind, today)),
        directories=directories,
    )


def contacts_allowed() -> frozenset[str]:
    """Every number (digits only) and host (lower case, without www) that a reply may name."""
    return _allowed(load_registry().countries)


def contacts_allowed_in(country: str | None) -> frozenset[str]:
    """As `contacts_allowed`, for one country: a reply to a person there may name these and no other's.

    An unknown country allows the directories' hosts alone.
    """
    entry = load_registry().country(country)
    return _allowed(() if entry is None else (entry,))


def is_stale(record: Record | Directory, today: date) -> bool:
    """Whether no person has checked it, or not within the last 180 days."""
    return is_stale_check(record.verified_at, today)


def is_stale_check(verified_at: date | None, today: date) -> bool:
    """As `is_stale`, for a bare date such as that of a country's emergency numbers."""
    return verified_at is None or today - verified_at > timedelta(days=STALE_AFTER_DAYS)


def _contacts(entry: CountryEntry, kind: RiskKind, today: date | None) -> Iterator[CrisisContact]:
    topics = ("violence", "crisis") if kind is RiskKind.HARM_BY_OTHER else ("crisis",)
    for topic in topics:
        for record in entry.records:
            if record.topic == topic and record.shown:
                verified = _verified(record.verified_at, today)
                yield from (CrisisContact(**contact.model_dump(), verified=verified) for contact in record.contacts)


def _directory(directory: Directory, today: date | None) -> CrisisContact:
    return CrisisContact(
        name=directory.name,
        dial=None,
        sms=None,
        url=directory.url,
        hours=None,
        languages=directory.languages,
        verified=_verified(directory.verified_at, today),
    )


def _verified(verified_at: date | None, today: date | None) -> bool:
    return verified_at is not None and (today is None or not is_stale_check(verified_at, today))


@cache
def _allowed(entries: tuple[CountryEntry, ...]) -> frozenset[str]:
    numbers = {number for entry in entries for number in entry.emergency}
    urls = [directory.url for directory in load_registry().directories]
    for contact in _shown_contacts(entries):
        numbers |= {number.lstrip("+") for number in (contact.dial, contact.sms) if number}
        urls += [contact.url] if contact.url else []
    return frozenset(numbers | {urlsplit(url).netloc.lower().removeprefix("www.") for url in urls})


def _shown_contacts(entries: Iterable[CountryEntry]) -> Iterator[Contact]:
    for entry in entries:
        for record in entry.records:
            if record.shown:
                yield from record.contacts
