"""Every exercise file keeps the house rules, can be finished, and never holds anybody."""

import re

import pytest
from attune_contracts.dialogue import ExerciseStatus, InputKind
from attune_dialogue.domain.exercise import Exercise, Spoken, Step
from attune_dialogue.domain.exercise_machine import Event
from attune_dialogue.domain.sentences import is_question, split
from attune_safety.reply_lint import lint_template

from tests.unit.dialogue.fakes import Talk, content

EXERCISES = list(content().exercises.values())
LANGUAGES = ("en", "ar")
ANSWERS = {InputKind.NONE: "ok then", InputKind.TEXT: "the bus was late", InputKind.LIST: "a cup, a lamp"}
EXPECTED = {
    "reframing",
    "thought_record",
    "socratic",
    "behavioural_activation",
    "grounding",
    "breathing",
    "worry_time",
    "problem_solving",
    "self_compassion",
    "sleep",
    "gratitude",
    "cards",
    "safety_plan",
}


def test_the_set_is_complete() -> None:
    assert set(content().exercises) == EXPECTED


def texts(exercise: Exercise, language: str) -> list[str]:
    spoken: list[Spoken] = [exercise.offer, exercise.close.done]
    spoken += [one for one in (exercise.close.lower, exercise.close.same, exercise.close.higher) if one]
    for step in exercise.steps:
        spoken += [one for one in (step.say, step.why, step.ack, step.hint, step.later) if one]
    return [text for one in spoken for text in one.variants(language)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_texts_are_short_ask_once_and_pass_the_wording_lint(exercise: Exercise, language: str) -> None:
    for text in texts(exercise, language):
        sentences = split(text)
        assert len(sentences) <= 3, text
        assert sum(is_question(sentence) for sentence in sentences) <= 1, text
        # Slots get a word, and the scale's end looks like a short phone number.
        plain = re.sub(r"\{[a-z_]+\}", "this" if language == "en" else "ده", text).replace("100", "10")
        assert lint_template(plain, language).ok, (lint_template(plain, language).reason, text)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_a_receipt_and_the_next_step_stay_within_three_sentences_and_one_question(exercise: Exercise) -> None:
    for step in exercise.steps:
        follower = exercise.after(step, None)
        if step.ack is None or follower == "end":
            continue
        following = exercise.step(follower)
        said = following.later or following.say
        for language in LANGUAGES:
            longest = max(step.ack.variants(language), key=len) + " " + max(said.variants(language), key=len)
            assert len(split(longest)) <= 4, longest
            assert sum(is_question(sentence) for sentence in split(longest)) <= 1, longest


def test_cards_have_at_most_eighty_words() -> None:
    cards = content().exercises["cards"]
    for option in cards.steps[0].options:
        for language in LANGUAGES:
            pair = [cards.step(option.id), cards.step(f"{option.id}_try")]
            words = sum(len(step.say.variants(language)[0].split()) for step in pair)
            assert words <= 80, (option.id, language, words)


def answer(step: Step, language: str = "en") -> str:
    if step.input is InputKind.SCALE:
        return str(step.maximum)
    if step.input is InputKind.CHOICE:
        return step.options[0].label(language)
    return ANSWERS[step.input]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_each_can_be_finished(exercise: Exercise, language: str) -> None:
    talk = Talk(locale=language)
    plan = talk.say("x", button=f"exercise.start.{exercise.id}", screened=False)
    for _ in range(3 * len(exercise.steps)):
        run = next(run for run in talk.session.runs if run.id == exercise.id)
        assert plan.exercise is not None
        assert "{" not in plan.lead
        if run.status is ExerciseStatus.COMPLETED:
            break
        if run.status is ExerciseStatus.PAUSED:
            plan = talk.say("continue", button="exercise.resume", screened=False)
            continue
        plan = talk.say(answer(exercise.step(run.step), language), screened=False)
    assert run.status is ExerciseStatus.COMPLETED


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_each_can_be_skipped_through(exercise: Exercise) -> None:
    talk = Talk()
    talk.say("x", button=f"exercise.start.{exercise.id}", screened=False)
    for _ in range(3 * len(exercise.steps)):
        run = next(run for run in talk.session.runs if run.id == exercise.id)
        if run.status is ExerciseStatus.COMPLETED:
            return
        word = "continue" if run.status is ExerciseStatus.PAUSED else "skip"
        talk.say(word, screened=False)
    raise AssertionError("skipping does not lead to the end")


def test_the_thought_stays_in_view_and_both_numbers_are_told() -> None:
    talk = Talk()
    talk.say("can we do a thought record?", screened=False)
    for text in ("My boss walked past without a word", "He is angry with me", "Anxious", "80"):
        plan = talk.say(text, screened=False)
    assert plan.exercise is not None
    assert plan.exercise.pinned == "He is angry with me"
    assert len(plan.exercise.input.options) == 11
    for text in ("Mind reading", "He did not look", "He had his phone at his ear", "He was busy, it was not about me"):
        plan = talk.say(text, screened=False)
        assert plan.exercise is not None
        assert plan.exercise.pinned == "He is angry with me"
    plan = talk.say("35/100", screened=False)
    assert "80" in plan.lead
    assert "35" in plan.lead
    assert talk.session.notes["thought_record.balanced"] == "He was busy, it was not about me"


def test_words_do_what_the_buttons_do() -> None:
    for word, event in (("skip this one", "skip"), ("go back", "back"), ("pause please", "pause"), ("stop", "leave")):
        by_word, by_button = Talk(), Talk()
        for talk in (by_word, by_button):
            talk.say("x", button="exercise.start.grounding", screened=False)
            talk.say("a cup", screened=False)
        by_word.say(word, screened=False)
        by_button.say("whatever", button=f"exercise.{event}", screened=False)
        assert by_word.session.runs == by_button.session.runs


def test_arabic_words_too() -> None:
    talk = Talk(locale="ar")
    talk.say("x", button="exercise.start.grounding", screened=False)
    talk.say("تخطي", screened=False)
    assert talk.session.runs[0].step == "touch"
    talk.say("كفاية", screened=False)
    assert talk.session.runs[0].status is ExerciseStatus.LEFT


def test_not_knowing_gets_a_hint_then_patience_then_a_way_past() -> None:
    talk = Talk()
    talk.say("x", button="exercise.start.reframing", screened=False)
    hints = [talk.say("I don't know", screened=False).lead for _ in range(3)]
    assert len(set(hints)) == 3
    assert talk.session.runs[0].step == "truth"


def test_every_event_has_a_button_or_a_word() -> None:
    assert {event.value for event in Event} == {"start", "answer", "skip", "back", "pause", "resume", "leave"}
