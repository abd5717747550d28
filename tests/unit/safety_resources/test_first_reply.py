"""The first crisis reply says what its tier and kind must say, briefly, in every language and place."""

import itertools
import re
from urllib.parse import urlsplit

import pytest
from attune_contracts.risk import NO_RISK, RiskAssessment, RiskKind, RiskTier
from attune_safety.first_reply import first_reply, help_for, required_elements
from attune_safety.phrases import LANGUAGES, load_phrases
from attune_safety.resources import card_for, contacts_allowed_in, countries

KINDS = [kind for kind in RiskKind if kind is not RiskKind.NONE]
TIERS = [RiskTier.CHECK_IN, RiskTier.ELEVATED, RiskTier.IMMINENT]
PLACES = (None, "ZZ", "EG", "US", "GB", "TR", "JO", "LB", "JP", "CL", "IN", "MX")
PICKS = range(6)
CASES = list(itertools.product(KINDS, TIERS, LANGUAGES))
WORDS_MAX = 100

# Safety protocol, tiers: what a first reply may not leave out. Alternatives stand for the place.
LINE = {"line_24_7", "line_limited", "line_none", "line_unknown_country"}
EMERGENCY = {"emergency_first", "emergency_unknown_country"}
MEDICAL = [{"medical_emergency", "medical_unknown_country"}, {"medical_until_help"}]
IMMINENT = [EMERGENCY, LINE, {"someone_with_you"}, {"distance_from_means"}, {"keep_talking"}]
ASKED = [{"gentle_naming"}, {"direct_question"}]
OTHER_LINE = {"other_line", "other_line_unknown_country"}
HARM_LINE = {"harm_by_other_line", "harm_by_other_line_unknown_country"}
REQUIRED = {
    (RiskKind.SELF, RiskTier.CHECK_IN): ASKED,
    (RiskKind.SELF, RiskTier.ELEVATED): [{"empathy"}, LINE, {"professional_and_trusted"}, {"ask_plan"}],
    (RiskKind.SELF, RiskTier.IMMINENT): IMMINENT,
    (RiskKind.SELF_HARM, RiskTier.CHECK_IN): ASKED,
    (RiskKind.SELF_HARM, RiskTier.ELEVATED): [
        {"self_harm_now"}, LINE, {"professional_and_trusted"}, {"direct_question"},
    ],
    (RiskKind.SELF_HARM, RiskTier.IMMINENT): IMMINENT,
    (RiskKind.OTHER, RiskTier.CHECK_IN): [{"other_person"}, {"other_ask"}],
    (RiskKind.OTHER, RiskTier.ELEVATED): [
        {"other_person"}, {"other_ask"}, {"other_stay"}, OTHER_LINE, {"other_tell"},
    ],
    (RiskKind.OTHER, RiskTier.IMMINENT): [
        {"other_emergency", "other_emergency_unknown_country"}, {"other_stay"}, OTHER_LINE, {"other_tell"},
    ],
    (RiskKind.HARM_BY_OTHER, RiskTier.CHECK_IN): [{"harm_by_other_named"}, {"harm_by_other_triage"}],
    (RiskKind.HARM_BY_OTHER, RiskTier.ELEVATED): [
        {"harm_by_other_named"}, HARM_LINE, {"harm_by_other_triage"},
    ],
    (RiskKind.HARM_BY_OTHER, RiskTier.IMMINENT): [
        {"harm_by_other_emergency", "harm_by_other_emergency_unknown_country"}, HARM_LINE, {"harm_by_other_triage"},
    ],
    **{(RiskKind.MEDICAL, tier): MEDICAL for tier in TIERS},
}  # fmt: skip


def assessment(kind: RiskKind, tier: RiskTier) -> RiskAssessment:
    return RiskAssessment(tier=tier, kind=kind, evidence=())


def pattern(text: str) -> str:
    """A wording as an expression: its slots may hold anything short."""
    return re.sub(r"\\\{\w+\\\}", "[^\\\\n]{1,120}?", re.escape(text))


def says(reply: str, element: str, language: str) -> bool:
    return any(re.search(pattern(text), reply) for text in load_phrases(language)[element])


@pytest.mark.parametrize(("kind", "tier", "language"), CASES)
def test_nothing_required_is_left_out(kind: RiskKind, tier: RiskTier, language: str) -> None:
    for country, pick in itertools.product(PLACES, PICKS):
        reply = first_reply(assessment(kind, tier), country, language, pick)
        for alternatives in REQUIRED[kind, tier]:
            assert any(says(reply, element, language) for element in alternatives), (country, pick, alternatives)


@pytest.mark.parametrize(("kind", "tier", "language"), CASES)
def test_it_is_short_and_names_few_resources(kind: RiskKind, tier: RiskTier, language: str) -> None:
    for country, pick in itertools.product(PLACES, PICKS):
        reply = first_reply(assessment(kind, tier), country, language, pick)
        assert reply.count("\n\n") <= 1
        assert len(reply.split()) <= WORDS_MAX, (len(reply.split()), country, pick)
        assert "{" not in reply
        resources = set(re.findall(r"\+?\d{3,}", reply)) | set(re.findall(r"[a-z0-9-]+\.(?:com|org|info)\b", reply))
        assert len(resources) <= 3, resources


@pytest.mark.parametrize("country", [None, "ZZ", *(code for code, _ in countries())])
def test_every_number_belongs_to_the_country(country: str | None) -> None:
    allowed = contacts_allowed_in(country)
    names = "".join(contact.name for contact in card_for(country, RiskKind.HARM_BY_OTHER).contacts)
    for kind, tier, language in CASES:
        for number in re.findall(r"\d{2,}", first_reply(assessment(kind, tier), country, language, 1)):
            assert number in allowed or number in names, (country, number)


@pytest.mark.parametrize(("kind", "tier", "language"), CASES)
def test_an_unknown_country_hears_no_number(kind: RiskKind, tier: RiskTier, language: str) -> None:
    for pick in PICKS:
        reply = first_reply(assessment(kind, tier), None, language, pick)
        assert not re.search(r"\d{2,}", reply)


def test_imminent_puts_the_number_before_all_else() -> None:
    for pick in PICKS:
        reply = first_reply(assessment(RiskKind.SELF, RiskTier.IMMINENT), "EG", "ar", pick)
        assert reply.index("123") < reply.index("08008880700")
        assert reply.split("\n\n")[0].count("123") >= 1


def test_hours_are_claimed_only_where_the_registry_states_them() -> None:
    risk = assessment(RiskKind.SELF, RiskTier.ELEVATED)
    assert "line_24_7" in required_elements(risk, help_for("GB", "en"))[0]
    assert "line_limited" in required_elements(risk, help_for("DK", "en"))[0]
    assert "line_none" in required_elements(risk, help_for("TR", "en"))[0]
    assert "line_unknown_country" in required_elements(risk, help_for(None, "en"))[0]


def test_the_line_speaks_the_persons_language_where_one_does() -> None:
    english = help_for("JP", "en").line
    assert english is not None
    assert english.startswith("TELL")
    arabic = help_for("EG", "ar").line
    assert arabic == "الخط الساخن للصحة النفسية (08008880700)"
    latin = help_for("EG", "en").line
    assert latin == "Ministry of Health mental health hotline (08008880700)"
    told_in_the_name = help_for("US", "en").line
    assert told_in_the_name == "988 Suicide & Crisis Lifeline"


def test_a_threatened_person_gets_the_violence_line_and_every_emergency_number() -> None:
    place = help_for("GB", "en", RiskKind.HARM_BY_OTHER)
    assert place.line == "National Domestic Abuse Helpline (08082000247)"
    assert place.emergency == "999 / 112"


def test_a_directory_is_named_by_its_host() -> None:
    place = help_for(None, "en")
    assert place.directory == urlsplit(card_for(None).directories[0].url or "").netloc


def test_counting_up_changes_the_words() -> None:
    risk = assessment(RiskKind.SELF, RiskTier.ELEVATED)
    said = [first_reply(risk, "GB", "en", pick) for pick in range(5)]
    assert len(set(said)) == 5
    assert first_reply(risk, "GB", "en", 3) == said[3]


def test_a_message_without_risk_has_no_crisis_reply() -> None:
    with pytest.raises(ValueError, match="without risk"):
        first_reply(NO_RISK, "GB", "en", 0)
