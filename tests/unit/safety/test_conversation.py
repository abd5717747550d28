"""A message is read in the light of the turns before it."""

import pytest
from attune_contracts.chat import Message
from attune_contracts.risk import RiskTier
from attune_safety import screen

NONE, CHECK_IN, ELEVATED, IMMINENT = RiskTier.NONE, RiskTier.CHECK_IN, RiskTier.ELEVATED, RiskTier.IMMINENT
IDEATION = "Are you having thoughts of killing yourself?"


def talk(*turns: str) -> list[Message]:
    """Turns of user and assistant by turns, ending with the assistant."""
    first = len(turns) % 2
    return [
        Message(role="assistant" if (index + first) % 2 else "user", content=content)
        for index, content in enumerate(turns)
    ]


@pytest.mark.parametrize(
    ("question", "answer", "tier"),
    [
        (IDEATION, "yes, every night", ELEVATED),
        (IDEATION, "sometimes", ELEVATED),
        (IDEATION, "I don't know, maybe", ELEVATED),
        (IDEATION, "no", CHECK_IN),
        ("Do you have a plan for how you would do it?", "yes", ELEVATED),
        ("Do you have the pills with you right now?", "yeah", CHECK_IN),
        ("Have you taken anything already?", "already did", IMMINENT),
        ("Are you safe right now?", "no", ELEVATED),
        ("هل تفكر في الانتحار؟", "نعم", ELEVATED),
        ("هل تفكر في الانتحار؟", "ايوه", ELEVATED),
        ("¿Estás pensando en suicidarte?", "sí, a veces", ELEVATED),
        ("Est-ce que tu penses à te suicider ?", "oui", ELEVATED),
        ("Kya aap marne ke bare mein soch rahe hain?", "haan", ELEVATED),
    ],
)
def test_short_answers(question: str, answer: str, tier: RiskTier) -> None:
    assert screen(answer, talk("I feel low", question)).tier is tier


@pytest.mark.parametrize("answer", ["yes", "no", "every night", "maybe"])
def test_a_short_answer_to_small_talk_is_nothing(answer: str) -> None:
    assert screen(answer, talk("I slept badly", "Do you drink coffee in the evening?")).tier is NONE


def test_veiled_cues_build_up() -> None:
    history = talk(
        "I feel like a burden to everyone", "That sounds heavy.", "nobody would notice if I was gone", "I hear you."
    )
    assert screen("I can't see a future for myself").tier is CHECK_IN
    assert screen("I can't see a future for myself", history).tier.rank >= ELEVATED.rank


def test_means_named_earlier_meet_a_wish_now() -> None:
    history = talk("I still have the pills here", "Thank you for telling me.")
    assert screen("I want to die", history).tier is IMMINENT


def test_a_day_in_small_talk_dates_nothing() -> None:
    history = talk("they'd be better off without me", "That sounds lonely.")
    assert screen("my sister visits this weekend", history).tier is NONE


def test_taking_it_back_is_asked_about() -> None:
    history = talk("I want to kill myself", "I'm glad you told me.")
    assert screen("forget it, I was joking", history).tier is CHECK_IN


def test_old_turns_alone_are_no_new_alarm() -> None:
    history = talk("I want to kill myself", "I'm glad you told me.")
    assert screen("the weather is nice", history).tier is NONE
