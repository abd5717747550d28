"""Risk vocabulary: tiers, kinds and the assessment that the crisis screen returns.

Tiers follow the levels of the Columbia-Suicide Severity Rating Scale in our own wording (safety note in
README). They order a reply; they are never shown to a person as a score.
"""

from enum import StrEnum

from attune_contracts.base import Output


class RiskTier(StrEnum):
    """How urgent a message is, from lowest to highest. Compare with `rank`."""

    NONE = "none"
    CHECK_IN = "check_in"
    ELEVATED = "elevated"
    IMMINENT = "imminent"

    @property
    def rank(self) -> int:
        """0 (none) to 3 (imminent)."""
        return list(RiskTier).index(self)


class RiskKind(StrEnum):
    """Who is in danger and from what."""

    NONE = "none"
    SELF = "self"
    SELF_HARM = "self_harm"
    OTHER = "other"
    HARM_BY_OTHER = "harm_by_other"
    MEDICAL = "medical"


class Evidence(Output):
    """One rule that fired. Offsets are characters of the original text; the text itself is never repeated."""

    rule: str
    language: str
    tier: RiskTier
    start: int
    end: int


class RiskAssessment(Output):
    """What the screen thinks of one message in the light of the turns before it."""

    tier: RiskTier
    kind: RiskKind
    evidence: tuple[Evidence, ...]


NO_RISK = RiskAssessment(tier=RiskTier.NONE, kind=RiskKind.NONE, evidence=())


class RiskReading(Output):
    """The semantic second reader's vote: it can raise a tier, never lower one."""

    probability: float
    tier: RiskTier


class CrisisContact(Output):
    """One crisis line. `dial` holds digits only (and a leading +), `verified` is false until a person checked it."""

    name: str
    dial: str | None
    sms: str | None
    url: str | None
    hours: str | None
    languages: tuple[str, ...]
    verified: bool


class ResourceCard(Output):
    """What the page shows in a crisis. `country` is null when it is unknown and must be asked for, never assumed."""

    country: str | None
    country_name: str | None
    emergency: tuple[str, ...]
    contacts: tuple[CrisisContact, ...]
    directories: tuple[CrisisContact, ...]
