"""What a family of sentences must come to, whatever the language. Used by the test_languages_* modules."""

from attune_contracts.risk import RiskKind, RiskTier
from attune_safety.screen import screen


def at_least(text: str, tier: RiskTier, language: str) -> None:
    """The message alone reaches the tier."""
    found = screen(text, (), language)
    assert found.tier.rank >= tier.rank, f"{found.tier.value} for {text!r}"


def at_most(text: str, tier: RiskTier, language: str) -> None:
    """The message alone does not pass the tier."""
    found = screen(text, (), language)
    rules = [evidence.rule for evidence in found.evidence]
    assert found.tier.rank <= tier.rank, f"{found.tier.value} for {text!r} by {rules}"


def is_kind(text: str, kind: RiskKind, language: str) -> None:
    """The message alone is about this kind of danger."""
    found = screen(text, (), language)
    assert found.kind is kind, f"{found.kind.value} for {text!r}"
