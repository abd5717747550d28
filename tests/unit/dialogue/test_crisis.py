"""The crisis conversation as a person meets it: what must be said is said, in order, and nothing ends too soon."""

import re
from itertools import pairwise

import pytest
from attune_contracts.risk import Evidence, RiskAssessment, RiskKind, RiskTier
from attune_dialogue.domain.country import country_stated
from attune_dialogue.domain.crisis import turned
from attune_dialogue.domain.crisis_scripts import AT_LAST, SCRIPTS, SUPPORT, SUPPORTS
from attune_dialogue.domain.risk import QUOTED, SEMANTIC_RULE, screened_history
from attune_dialogue.domain.sentences import is_question, split
from attune_dialogue.domain.yes_no import read_yes_no
from attune_safety.phrases import elements
from attune_safety.resources import contacts_allowed_in
from attune_safety.rolling import Answer

from tests.unit.dialogue.fakes import Talk, content, reply_of

THOUGHTS = "I think about killing myself"
TONIGHT = "I want to kill myself tonight"
ALL_BEATS = [
    beat for beats in (*SCRIPTS.values(), SUPPORT, *SUPPORTS.values(), tuple(AT_LAST.values())) for beat in beats
]


def test_every_element_exists_in_words() -> None:
    known = {*elements(), "line"}
    for beat in ALL_BEATS:
        for element in (name for paragraph in beat for name in paragraph):
            if element.startswith("crisis."):
                assert len(content().wording["en"][element]) >= 5
                assert len(content().wording["ar"][element]) >= 5
            else:
                assert element in known


def test_no_two_beats_in_a_row_name_the_same_help() -> None:
    helpful = {"line", "emergency_first", "other_line", "other_emergency", "harm_by_other_line", "medical_emergency"}
    for script in SCRIPTS.values():
        named = [frozenset(e for paragraph in beat for e in paragraph) & helpful for beat in script]
        for first, second in pairwise(named):
            assert not first or first != second


def walk(talk: Talk, answers: list[str]) -> list[str]:
    return [talk.say(answer).lead for answer in answers]


@pytest.mark.parametrize(("locale", "country"), [("en", "GB"), ("en", None), ("ar", "EG")])
def test_thoughts_lead_through_everything_that_must_be_asked(locale: str, country: str | None) -> None:
    talk = Talk(locale=locale, country=country)
    no = "no" if locale == "en" else "لا"
    walk(talk, [THOUGHTS if locale == "en" else "بفكر في الانتحار", *[no] * 9])
    told = talk.session.crisis.told if talk.session.crisis else {}
    for element in ("ask_plan", "ask_intent", "ask_means", "professional_and_trusted", "willingness", "barriers"):
        assert told.get(element), element
    assert any(name.startswith("line") for name in told)
    assert told["offer_safety_plan"] == 1
    assert told["recheck_question"]


def test_each_reply_is_short_asks_once_and_names_only_this_countrys_help() -> None:
    allowed = contacts_allowed_in("GB")
    for first in (THOUGHTS, TONIGHT, "My friend says she wants to kill herself", "I cut myself again last night"):
        talk = Talk(country="GB")
        for reply in walk(talk, [first, "yes", "no", "maybe", "I don't want to", "no", "what now", "ok", "no", "no"]):
            assert len(reply.split("\n\n")) <= 2
            assert sum(is_question(sentence) for sentence in split(QUOTED.sub("", reply))) <= 1
            numbers = re.findall(r"\b\d{3,}\b", reply)
            assert len(set(numbers)) <= 3
            assert set(numbers) <= allowed


def test_wordings_do_not_repeat_within_a_conversation() -> None:
    talk = Talk(country="GB")
    replies = walk(talk, [TONIGHT, *["I don't know"] * 9])
    paragraphs = [paragraph for reply in replies for paragraph in reply.split("\n\n")]
    assert len(set(paragraphs)) == len(paragraphs)


def test_imminent_begins_with_the_number_and_ends_nothing() -> None:
    talk = Talk(country="GB")
    first = talk.say(TONIGHT).lead
    assert "999" in first or "112" in first
    assert first.index("9") < first.index("116123")
    for _ in range(20):
        assert talk.say("no").lead


def test_an_unknown_country_is_asked_for_and_never_assumed() -> None:
    talk = Talk()
    first = talk.say(THOUGHTS).lead
    assert "countr" in first
    assert not re.search(r"\b\d{3,}\b", first)
    second = talk.say("I'm in Egypt").lead
    assert talk.session.country == "EG"
    assert "08008880700" in second


@pytest.mark.parametrize(
    ("text", "asked", "code"),
    [
        ("Egypt", True, "EG"),
        ("مصر", True, "EG"),
        ("the UK", True, None),
        ("uk", True, "GB"),
        ("I live in Germany now", False, "DE"),
        ("I'm from France", False, "FR"),
        ("no", True, None),
        ("us", False, None),
        ("in it", True, None),
        ("I am in pain", True, None),
        ("My friend moved to Spain and I miss everything that we had there so much", True, None),
    ],
)
def test_only_plain_statements_of_a_country_count(text: str, asked: bool, code: str | None) -> None:
    assert country_stated(text, asked=asked) == code


def test_one_denial_does_not_end_it() -> None:
    talk = Talk(country="GB")
    talk.say(THOUGHTS)
    for text in ("I was just joking", "I'm fine really", "forget it"):
        talk.say(text)
        assert talk.session.crisis is not None
        assert talk.session.crisis.in_crisis


def test_the_way_out_is_the_recheck() -> None:
    talk = Talk(country="GB")
    talk.say(THOUGHTS)
    for _ in range(20):
        state = talk.session.crisis
        assert state is not None
        if not state.in_crisis:
            break
        talk.say("yes I'm safe" if state.awaiting == "recheck_safety_now" else "no")
    assert talk.plans[-1].rule == "crisis.all_clear"
    assert talk.plans[-2].rule == "crisis.recheck_safe"
    assert talk.session.crisis is not None
    assert talk.session.crisis.tier is RiskTier.CHECK_IN
    assert not talk.say("Can we talk about my job instead").rule.startswith("crisis")


def test_possible_risk_is_one_gentle_question() -> None:
    talk = Talk()
    talk.say("I had a long day at the office")
    assert talk.say("I ruin everything").rule == "crisis.check_in"
    assert talk.say("no").rule == "crisis.denied"
    assert talk.say("I ruin everything, again and again").rule != "crisis.check_in"


def test_a_yes_to_the_gentle_question_is_taken_seriously() -> None:
    talk = Talk()
    talk.say("I ruin everything")
    assert talk.say("yes sometimes").rule == "crisis.first"


def test_meaning_it_with_a_plan_is_imminent() -> None:
    talk = Talk(country="GB")
    talk.say(THOUGHTS)
    talk.say("yes")
    talk.say("yes")
    assert talk.session.crisis is not None
    assert talk.session.crisis.tier is RiskTier.IMMINENT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("My friend wants to kill himself", RiskKind.OTHER),
        ("My husband hits me and I'm scared", RiskKind.HARM_BY_OTHER),
        ("I took too many pills", RiskKind.MEDICAL),
        ("I cut myself again last night", RiskKind.SELF_HARM),
    ],
)
def test_each_kind_has_its_own_path(text: str, kind: RiskKind) -> None:
    talk = Talk(country="US")
    talk.say(text)
    assert talk.session.crisis is not None
    assert talk.session.crisis.kind is kind
    assert talk.session.crisis.script in SCRIPTS
    assert talk.say("I don't know").rule.startswith("crisis.")


def test_threatened_people_can_tap_where_they_stand() -> None:
    plan = Talk(country="US").say("My husband hits me and I'm scared")
    assert [button.id for button in plan.suggestions] == ["triage.danger", "triage.afraid", "triage.planning"]


def test_the_safety_plan_is_offered_filled_in_and_kept() -> None:
    talk = Talk(country="GB")
    talk.say(THOUGHTS)
    while not talk.plans[-1].suggestions:
        talk.say("no")
    plan = talk.say("yes", button="offer.accept")
    assert plan.exercise is not None
    assert plan.exercise.id == "safety_plan"
    talk.say("I stop answering and everyone seems better off without me")
    assert talk.session.active_run is not None
    assert "safety_plan.warning_signs" in talk.session.notes
    assert talk.say("I'm going to kill myself now").rule.startswith("crisis.")
    assert talk.session.active_run is None
    assert talk.session.paused_run is not None


def test_a_crisis_pauses_an_exercise_and_a_denied_worry_gives_it_back() -> None:
    talk = Talk(country="GB")
    talk.say("x", button="exercise.start.reframing")
    talk.say("I ruin everything")
    plan = talk.say("no")
    assert plan.exercise is not None
    assert plan.exercise.step == "thought"
    talk.say(THOUGHTS)
    assert talk.session.active_run is None


def test_it_says_what_it_is_in_a_crisis_too() -> None:
    talk = Talk(country="GB")
    talk.say(THOUGHTS)
    assert "AI" in talk.say("are you even human?").lead


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", Answer.YES),
        ("Yes, I'm safe", Answer.YES),
        ("no", Answer.NO),
        ("not anymore", Answer.NO),
        ("No, but sometimes", Answer.UNCLEAR),
        ("maybe", Answer.UNCLEAR),
        ("why do you ask", Answer.UNCLEAR),
        ("لا", Answer.NO),
        ("أيوه", Answer.YES),
        ("لا بس ساعات يمكن", Answer.UNCLEAR),
        ("sí", Answer.YES),
        ("non", Answer.NO),
        ("nahi", Answer.NO),
    ],
)
def test_only_plain_answers_count(text: str, answer: Answer) -> None:
    assert read_yes_no(text) is answer


@pytest.mark.parametrize("country", ["CA", "US"])
def test_the_name_of_a_line_is_no_question_about_suicide(country: str) -> None:
    talk = Talk(country=country)
    walk(talk, ["I cut myself again last night", "no, I don't want to die"])
    while talk.session.crisis is None or talk.session.crisis.awaiting != "willingness":
        assert len(talk.plans) < 8
        talk.say("it is in my drawer")
    assert "Suicide" in talk.plans[-1].lead
    assert "suicide" not in screened_history(talk.session)[-1].content.lower()
    before = len(talk.tiers)
    talk.say("maybe my friend Lou, she knows I used to")
    assert RiskTier.IMMINENT not in talk.tiers[before:]


def test_a_vote_of_the_second_reader_turns_no_self_harm_into_a_wish_to_die() -> None:
    talk = Talk(country="CA")
    talk.say("I cut myself again last night")
    state = talk.session.crisis
    assert state is not None
    vote = Evidence(rule=SEMANTIC_RULE, language="", tier=RiskTier.ELEVATED, start=0, end=0)
    denied = Evidence(rule="en.self.die:denied", language="en", tier=RiskTier.CHECK_IN, start=0, end=0)
    voted = RiskAssessment(tier=RiskTier.ELEVATED, kind=RiskKind.SELF, evidence=(denied, vote))
    assert turned(state, voted).kind is RiskKind.SELF_HARM
    said = Evidence(rule="en.self.intent", language="en", tier=RiskTier.ELEVATED, start=0, end=0)
    assert turned(state, RiskAssessment(tier=RiskTier.ELEVATED, kind=RiskKind.SELF, evidence=(said,))).kind is (
        RiskKind.SELF
    )


def test_a_crisis_stays_in_the_language_that_the_person_writes() -> None:
    talk = Talk(country="MX")
    english = {"the", "you", "is", "and", "of"}
    for text in (
        "a veces pienso que estarían mejor sin mí",
        "sí, pienso en matarme",
        "no tengo un plan",
        "no, no creo",
    ):
        assert not english & set(reply_of(talk.say(text)).lower().split()), text
    assert english & set(reply_of(talk.say("I do not want to talk about it and I am not going to")).lower().split())
