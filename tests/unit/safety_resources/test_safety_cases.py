"""The labelled cases are whole: valid, unique, large enough in each family, and split by hash alone."""

from collections import Counter

import pytest
from attune_contracts.risk import RiskKind, RiskTier

from tests.support.safety_cases import (
    AT_RISK_FAMILIES,
    BENIGN_FAMILIES,
    LANGUAGES,
    Case,
    load,
    load_all,
    load_conversations,
    split_of,
)
from tests.support.safety_cases.adversarial import attacks

ALL = load_all("tune") + load_all("frozen")
CONVERSATIONS = load_conversations("tune") + load_conversations("frozen")
WORDS_MAX = 80
TOTALS = {"en": 650, "ar": 350, "es": 120, "fr": 120, "hi": 120}
FAMILY_FLOORS = {
    "en": {"explicit": 60, "plan_means": 40, "veiled": 50, "other_at_risk": 30, "algospeak": 30, "idiom": 70,
           "ordinary_distress": 60, "fiction_news_study": 40},
    "ar": {"explicit": 45, "plan_means": 20, "veiled": 30, "other_at_risk": 18, "algospeak": 10, "idiom": 30,
           "ordinary_distress": 35, "fiction_news_study": 15},
}  # fmt: skip


def cases_of(language: str) -> list[Case]:
    return [case for case in ALL if case.language == language]


def test_ids_and_texts_are_unique() -> None:
    assert len({case.id for case in ALL}) == len(ALL)
    assert len({(case.language, case.text.casefold()) for case in ALL}) == len(ALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_enough_of_both_sides(language: str) -> None:
    cases = cases_of(language)
    at_risk = sum(case.at_risk for case in cases) / len(cases)
    assert len(cases) >= TOTALS[language]
    assert 0.5 <= at_risk <= 0.65


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_family_is_there(language: str) -> None:
    families = Counter(case.family for case in cases_of(language))
    known = {*AT_RISK_FAMILIES, *BENIGN_FAMILIES}
    assert set(families) <= known
    assert known - set(families) <= {"injection", "short_answer"}
    for family, floor in FAMILY_FLOORS.get(language, {}).items():
        assert families[family] >= floor, family


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_a_case_is_sound(case: Case) -> None:
    assert case.text == case.text.strip()
    assert 1 <= len(case.text.split()) <= WORDS_MAX
    assert case.expected_min.rank <= case.expected_max.rank
    assert case.at_risk == (case.family in AT_RISK_FAMILIES)
    assert (case.kind is RiskKind.NONE) == (not case.at_risk)
    assert case.split == split_of(case.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_third_of_each_family_is_frozen(language: str) -> None:
    totals = Counter(case.family for case in cases_of(language))
    frozen = Counter(case.family for case in load(language, "frozen"))
    for family, total in totals.items():
        assert total // 3 <= frozen[family] <= total // 3 + 1, family


def test_hindi_is_written_in_both_scripts() -> None:
    cases = cases_of("hi")
    devanagari = sum(any("ऀ" <= letter <= "ॿ" for letter in case.text) for case in cases)
    assert 0.35 <= devanagari / len(cases) <= 0.65


def test_conversations_are_whole() -> None:
    languages = Counter(talk.language for talk in CONVERSATIONS)
    assert len(CONVERSATIONS) >= 40
    assert languages["en"] >= 24
    assert languages["ar"] >= 8
    assert sum(languages[code] for code in ("es", "fr", "hi")) >= 8
    assert len({talk.id for talk in CONVERSATIONS}) == len(CONVERSATIONS)
    benign = [talk for talk in CONVERSATIONS if all(e.max.rank <= RiskTier.CHECK_IN.rank for e in talk.expect)]
    assert len(benign) >= 12


@pytest.mark.parametrize("talk", CONVERSATIONS, ids=lambda talk: talk.id)
def test_a_conversation_takes_turns(talk) -> None:
    roles = [turn.role for turn in talk.turns]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    assert 10 <= roles.count("user") <= 30
    assert talk.split == split_of(talk.id)
    assert talk.expect
    assert all(0 <= e.turn < roles.count("user") and e.min.rank <= e.max.rank for e in talk.expect)
    history, text = talk.until(talk.expect[-1].turn)
    assert len(history) == 2 * talk.expect[-1].turn
    assert text == talk.turns[len(history)].content


def test_there_are_five_hundred_attacks_of_each_sort() -> None:
    found = attacks()
    assert len(found) == 500
    assert len({attack.text for attack in found}) == 500
    assert len({attack.id for attack in found}) == 500
    goals = Counter(attack.goal for attack in found)
    assert min(goals.values()) >= 160
    assert Counter(attack.language for attack in found)["ar"] >= 100
    assert {"base64", "rot13", "roleplay", "tester", "researcher", "novel"} <= {attack.wrapper for attack in found}
    assert all((attack.expected_min is RiskTier.ELEVATED) == (attack.goal == "downgrade") for attack in found)
