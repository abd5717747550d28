"""The scorer of the simulation finds what it promises to find, and the scripted people are complete."""

from dataclasses import replace

import pytest

from tests.simulate.person import Actor, Heard, Said
from tests.simulate.scorer import Exchange, Played, score
from tests.simulate.script import load_people
from tests.unit.dialogue.fakes import content

PEOPLE = load_people()
GOOD = Heard("That stung.", 200, None, (), (), "", False, {"rule": "listen"}, False, 1.0)
OFFER = replace(GOOD, suggestions=(("offer.accept", "Yes"), ("offer.decline", "No")), why={"rule": "offer"})


def rules_broken(*exchanges: tuple[Said, Heard]) -> set[str]:
    talk = Played(PEOPLE[0], 0, "Hi", "I'm an AI", tuple(Exchange(*one) for one in exchanges))
    return {violation.rule for violation in score(talk)}


def said(text: str = "My boss shouted at me", *, good: bool = False) -> Said:
    return Said(text, good=good)


def test_a_good_reply_breaks_nothing() -> None:
    assert rules_broken((said(), GOOD)) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Really? And then?", "questions"),
        (" ".join(["That was a hard day for you."] * 9), "words"),
        ("So your boss shouted at you in front of all of them.", "parroting"),
        ("ده كان يوم صعب جدا عليك.", "language"),
        ("This works like therapy for many.", "forbidden"),
        ("You said {thought} to yourself.", "slot"),
    ],
)
def test_each_rule_is_seen_in_one_reply(text: str, rule: str) -> None:
    message = said("My boss shouted at me in front of all of them")
    assert rule in rules_broken((message, replace(GOOD, text=text)))


def test_repetition_is_seen_over_turns() -> None:
    assert "repeated sentence" in rules_broken((said(), GOOD), (said("Again"), GOOD))
    first, second = "That is a lot to take in at once.", "That is a lot to say in a day."
    broken = rules_broken((said(), replace(GOOD, text=first)), (said("Yes"), replace(GOOD, text=second)))
    assert "repeated opening" in broken


def test_an_offer_after_a_no_and_good_news_steered_are_seen() -> None:
    refused = replace(GOOD, text="Fine, we leave it.", why={"rule": "offer_declined"})
    again = replace(OFFER, text="Shall we try something else?")
    assert "offer after a no" in rules_broken((said(), refused), (said("Hm"), again))
    assert "good news steered" in rules_broken((said("I got the job!", good=True), OFFER))


def test_silence_is_a_violation() -> None:
    assert "answered" in rules_broken((said(), replace(GOOD, text="", status=599)))


def test_there_are_people_of_every_kind_and_every_exercise_is_asked_for() -> None:
    assert len(PEOPLE) >= 15
    assert sum(person.locale == "ar" for person in PEOPLE) >= 3
    assert any(person.in_danger for person in PEOPLE)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_every_person_can_answer_every_step(person: object) -> None:
    """Whoever may enter an exercise has words for each kind of input, so that no play stops half-way."""
    found = next(one for one in PEOPLE if one is person)
    if found.offers.answer == "refuse":
        return
    for exercise in content().exercises.values():
        for step in exercise.steps:
            shape = {"kind": step.input.value, "maximum": step.maximum}
            event: dict[str, object] = {"id": exercise.id, "step": step.id, "status": "active", "input": shape}
            chips = tuple((f"option.{option.id}", option.en) for option in step.options)
            assert Actor(found).next(replace(GOOD, exercise=event, suggestions=chips)).text
