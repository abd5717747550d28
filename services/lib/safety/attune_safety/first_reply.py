"""The first words of a crisis, without any model: what each tier and kind must hear, in two short paragraphs.

The dialogue service speaks it as its first step; the gateway says it alone when everything else is down.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from attune_contracts.risk import CrisisContact, ResourceCard, RiskAssessment, RiskKind, RiskTier

from attune_safety.phrases import wording
from attune_safety.resources import card_for

Recipe = tuple[tuple[str, ...], ...]
ROUND_THE_CLOCK = "24/7"

_SELF: dict[RiskTier, Recipe] = {
    RiskTier.CHECK_IN: (("gentle_naming", "direct_question"),),
    RiskTier.ELEVATED: (("empathy", "line"), ("professional_and_trusted", "ask_plan")),
    RiskTier.IMMINENT: (("emergency_first", "line"), ("someone_with_you", "distance_from_means", "keep_talking")),
}
_MEDICAL: Recipe = (("medical_emergency",), ("medical_until_help",))

RECIPES: dict[RiskKind, dict[RiskTier, Recipe]] = {
    RiskKind.NONE: _SELF,
    RiskKind.SELF: _SELF,
    RiskKind.SELF_HARM: {
        **_SELF,
        RiskTier.ELEVATED: (("self_harm_now", "line"), ("professional_and_trusted", "direct_question")),
    },
    RiskKind.OTHER: {
        RiskTier.CHECK_IN: (("other_person", "other_ask"),),
        RiskTier.ELEVATED: (("other_person", "other_ask"), ("other_stay", "other_line", "other_tell")),
        RiskTier.IMMINENT: (("other_emergency", "other_stay"), ("other_line", "other_tell")),
    },
    RiskKind.HARM_BY_OTHER: {
        RiskTier.CHECK_IN: (("harm_by_other_named", "harm_by_other_triage"),),
        RiskTier.ELEVATED: (("harm_by_other_named", "harm_by_other_line"), ("harm_by_other_triage",)),
        RiskTier.IMMINENT: (("harm_by_other_emergency", "harm_by_other_line"), ("harm_by_other_triage",)),
    },
    RiskKind.MEDICAL: dict.fromkeys((RiskTier.CHECK_IN, RiskTier.ELEVATED, RiskTier.IMMINENT), _MEDICAL),
}
"""Paragraphs of elements. The order is that of the safety protocol: at imminent, the number comes before all else."""

_WITHOUT_COUNTRY = {
    "line": "line_unknown_country",
    "other_line": "other_line_unknown_country",
    "harm_by_other_line": "harm_by_other_line_unknown_country",
    "emergency_first": "emergency_unknown_country",
    "other_emergency": "other_emergency_unknown_country",
    "harm_by_other_emergency": "harm_by_other_emergency_unknown_country",
    "medical_emergency": "medical_unknown_country",
}


@dataclass(frozen=True, slots=True)
class Help:
    """Whom to name where the person is. `line` is a name with its number, `hours` its opening hours if known."""

    known_country: bool
    line: str | None
    round_the_clock: bool
    emergency: str
    directory: str


def help_for(country: str | None, language: str, kind: RiskKind = RiskKind.SELF) -> Help:
    """The one line, emergency number and directory to name in words. The card shows the rest.

    Prefers a line in the person's language, then one that always answers, then one that can be called.
    """
    card = card_for(country, kind)
    line = _preferred_line(card, language, kind)
    # The registry does not say which number is the police, so a threatened person gets all of them.
    numbers = card.emergency if kind is RiskKind.HARM_BY_OTHER else card.emergency[:1]
    return Help(
        known_country=card.country is not None,
        line=None if line is None else spoken(line, language),
        round_the_clock=line is not None and line.hours == ROUND_THE_CLOCK,
        emergency=" / ".join(numbers),
        directory=_host(card.directories[0]),
    )


def spoken(contact: CrisisContact, language: str) -> str:
    """A contact as a sentence names it: "Samaritans (116123)". A name in two scripts keeps the reader's."""
    halves = contact.name.split(" / ")
    arabic = [half for half in halves if any("\u0600" <= letter <= "\u06ff" for letter in half)]
    name = contact.name
    if arabic:
        name = arabic[0] if language == "ar" else next(half for half in halves if half not in arabic)
    way = contact.dial or (contact.sms and f"SMS {contact.sms}") or (contact.url and _host(contact))
    return f"{name} ({way})" if way and way not in name else name


def line_element(place: Help) -> str:
    """Which element names a crisis line there: it never claims hours that the registry does not state."""
    if not place.known_country:
        return "line_unknown_country"
    if place.line is None:
        return "line_none"
    return "line_24_7" if place.round_the_clock else "line_limited"


def required_elements(assessment: RiskAssessment, place: Help) -> Recipe:
    """The elements of the first reply, resolved for the place. Raises ValueError when there is no risk."""
    if assessment.tier is RiskTier.NONE:
        raise ValueError("a message without risk has no crisis reply")
    recipe = RECIPES[assessment.kind][assessment.tier]
    return tuple(tuple(_resolve(element, place) for element in paragraph) for paragraph in recipe)


def first_reply(assessment: RiskAssessment, country: str | None, language: str, pick: int) -> str:
    """Two short paragraphs at most, with at most three resources. Pure: the same `pick` gives the same words.

    Raises ValueError when the assessment holds no risk.
    """
    place = help_for(country, language, assessment.kind)
    paragraphs = required_elements(assessment, place)
    return "\n\n".join(" ".join(_sentences(paragraph, place, language, pick)) for paragraph in paragraphs)


def _resolve(element: str, place: Help) -> str:
    if not place.known_country:
        return _WITHOUT_COUNTRY.get(element, element)
    return line_element(place) if element == "line" else element


def _sentences(paragraph: tuple[str, ...], place: Help, language: str, pick: int) -> Iterator[str]:
    slots = {"line": place.line or place.directory, "emergency": place.emergency, "directory": place.directory}
    return (wording(element, language, pick, **slots) for element in paragraph)


def _preferred_line(card: ResourceCard, language: str, kind: RiskKind) -> CrisisContact | None:
    if kind is RiskKind.HARM_BY_OTHER:  # The card already puts violence lines first.
        return next(iter(card.contacts), None)

    def rank(contact: CrisisContact) -> tuple[bool, bool, bool]:
        return (language not in contact.languages, contact.hours != ROUND_THE_CLOCK, contact.dial is None)

    return min(card.contacts, key=rank, default=None)


def _host(contact: CrisisContact) -> str:
    return urlsplit(contact.url or "").netloc.removeprefix("www.")
