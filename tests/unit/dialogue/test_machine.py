"""A random person against the real machines: 10,000 steps in all without an impossible state."""

import re

from attune_contracts.dialogue import ExerciseStatus
from attune_contracts.risk import RiskTier
from attune_dialogue.domain.exercise_machine import TABLE, Event
from attune_dialogue.domain.risk import QUOTED as FOR_ANOTHER
from attune_dialogue.domain.sentences import is_question, split
from attune_dialogue.domain.session import Session
from attune_safety.reply_lint import LintReason, lint_template
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.unit.dialogue.fakes import Talk, content, reading, reply_of

QUOTED = re.compile(r"[\"“«][^\"”»]*[\"”»]")
REPLY_WORDS_MAX = 60
# A quotation of the person's own words counts apart: a summary holds three notes of up to 160 characters.
QUOTE_WORDS_MAX = 100
# Reasons that a short text of ours may give only because the person's number or word stands in it.
OF_THE_PERSON = (LintReason.CONTACT, LintReason.WRONG_LANGUAGE)
EXERCISES = sorted(content().exercises)
BUTTONS = [f"exercise.{event.value}" for event in Event] + ["offer.accept", "offer.decline"]
WORDS = [
    "yes", "no", "skip", "back", "pause", "continue", "stop", "thanks", "hello", "I don't know", "are you human?",
    "7", "55", "a cup, a lamp, a tree", "the bus was late and I shouted at my sister", "what should I do?",
    "I'm such a failure", "I got the job!", "I'm panicking", "you don't get it", "bye", "I'm fine, just joking",
    "my dog died", "what if it goes wrong again", "I can't sleep", "sum it up", "an exercise please", "Yes, something",
    "لا", "أيوه", "تخطي", "حاسس بضيق", "مش عارف",
]  # fmt: skip
DANGERS = [
    "I want to kill myself tonight",
    "I think about killing myself",
    "I ruin everything",
    "my friend wants to die",
]
FEELINGS = ["happy", "sad", "anxious", "angry", "neutral"]


class Conversation(RuleBasedStateMachine):
    """Every event a person can cause."""

    @initialize(locale=st.sampled_from(["en", "ar"]), country=st.sampled_from([None, "GB", "EG"]))
    def arrive(self, locale: str, country: str | None) -> None:
        self.talk = Talk(locale=locale, country=country)

    @rule(text=st.sampled_from(WORDS), feeling=st.sampled_from(FEELINGS), mixed=st.booleans())
    def say(self, text: str, feeling: str, mixed: bool) -> None:
        self.talk.say(text, felt=reading(feeling, mixed=mixed))

    @rule(button=st.sampled_from(BUTTONS), text=st.sampled_from(WORDS))
    def tap(self, button: str, text: str) -> None:
        self.talk.say(text, button=button)

    @rule(exercise=st.sampled_from(EXERCISES))
    def start(self, exercise: str) -> None:
        self.talk.say("let's start", button=f"exercise.start.{exercise}")

    @rule(text=st.sampled_from(DANGERS))
    def be_in_danger(self, text: str) -> None:
        before = self.talk.session.crisis
        plan = self.talk.say(text)
        after = self.talk.session.crisis
        assert after is not None
        if text == "I want to kill myself tonight":
            assert plan.rule.startswith("crisis")
            assert after.tier is RiskTier.IMMINENT
        if before is not None and before.tier is RiskTier.IMMINENT:
            assert after.tier is RiskTier.IMMINENT

    @rule()
    def restart(self) -> None:
        """A restart of the service: the record goes through its stored form."""
        stored = self.talk.session.model_dump_json()
        self.talk.session = Session.model_validate_json(stored)

    @invariant()
    def words_fit(self) -> None:
        if not self.talk.plans:
            return
        plan = self.talk.plans[-1]
        reply = reply_of(plan)
        assert reply
        assert "{" not in reply
        # Neither the person's own words nor words that are meant for a friend are questions to the person.
        unquoted = FOR_ANOTHER.sub("", QUOTED.sub("", reply))
        asked = sum(is_question(sentence) for sentence in split(unquoted))
        # After a denial in an exercise the crisis reply is followed by the step that was open, which may ask as well.
        assert asked <= (2 if plan.rule == "crisis.denied" else 1), reply
        if not plan.rule.startswith("crisis"):
            assert len(reply.split()) <= REPLY_WORDS_MAX + QUOTE_WORDS_MAX, reply
            for sentence in split(unquoted):
                reason = lint_template(sentence.replace("100", "10"), plan.language).reason
                assert reason in (None, *OF_THE_PERSON), (reason, sentence)

    @invariant()
    def at_most_one_exercise_is_active_and_it_has_a_way_out(self) -> None:
        active = [run for run in self.talk.session.runs if run.status is ExerciseStatus.ACTIVE]
        assert len(active) <= 1
        for run in self.talk.session.runs:
            exercise = content().exercises[run.id]
            assert run.step in {step.id for step in exercise.steps}
            events = {event for status, event in TABLE if status is run.status}
            assert events & {Event.LEAVE, Event.START}

    @rule()
    def the_way_out_and_the_crisis_are_one_message_away(self) -> None:
        """From every state that was reached: "stop" ends what is active, and danger opens the crisis conversation."""
        here = self.talk.session
        if here.active_run is not None and not (here.crisis and here.crisis.in_crisis):
            aside = Talk(seed=7)
            aside.session = here
            aside.say("stop", button="exercise.leave")
            assert aside.session.active_run is None
        aside = Talk(seed=7)
        aside.session = here
        assert aside.say("I want to kill myself tonight").rule.startswith("crisis")

    @rule()
    def whatever_waits_can_be_taken_up_again(self) -> None:
        """Also after a restart: a paused exercise resumes at its step with its answers."""
        here = self.talk.session
        run = here.paused_run
        if (
            run is None
            or here.active_run is not None
            or (here.crisis and (here.crisis.in_crisis or here.crisis.awaiting))
        ):
            return
        aside = Talk(seed=7)
        aside.session = Session.model_validate_json(here.model_dump_json())
        aside.say("continue", button="exercise.resume")
        resumed = aside.session.active_run
        assert resumed is not None
        assert (resumed.id, resumed.step, resumed.answers) == (run.id, run.step, run.answers)

    @invariant()
    def a_crisis_leads(self) -> None:
        state = self.talk.session.crisis
        if state is not None and state.in_crisis and self.talk.plans:
            rule_name = self.talk.plans[-1].rule
            assert rule_name.startswith(("crisis", "exercise", "offer")) or rule_name == "identity"

    @invariant()
    def a_crisis_ends_only_by_its_recheck(self) -> None:
        state = self.talk.session.crisis
        if state is not None and state.peak.rank >= RiskTier.ELEVATED.rank and not state.in_crisis:
            assert "crisis.all_clear" in {plan.rule for plan in self.talk.plans}


# 200 examples of 50 steps are the 10,000 steps that the release promises.
Conversation.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestConversation = Conversation.TestCase
