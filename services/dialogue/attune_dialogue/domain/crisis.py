"""The crisis conversation: a deterministic machine that leads whenever somebody may be in danger. Pure; no model.

It begins with the safety library's first reply, goes through the script of kind and tier, and ends only through the
structured re-check of attune_safety.rolling. Called by turn.py before policy.
"""

from dataclasses import dataclass, replace

from attune_contracts.dialogue import ExerciseStatus, ReplySource, Suggestion
from attune_contracts.risk import Evidence, RiskAssessment, RiskKind, RiskTier
from attune_safety.first_reply import help_for, line_element, required_elements
from attune_safety.phrases import count, load_phrases, wording
from attune_safety.rolling import Answer

from attune_dialogue.domain import exercise_talk, offers
from attune_dialogue.domain.country import country_stated
from attune_dialogue.domain.crisis_needs import answer_to, needs_of
from attune_dialogue.domain.crisis_scripts import (
    AT_LAST,
    RECHECK,
    RECHECKS,
    SCRIPTS,
    SUPPORT,
    SUPPORTED,
    SUPPORTS,
    Beat,
    script_of,
)
from attune_dialogue.domain.crisis_state import CrisisState, check_of
from attune_dialogue.domain.cues import Cue, writes_english
from attune_dialogue.domain.moment import Moment
from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.risk import QUOTED, SEMANTIC_RULE
from attune_dialogue.domain.sentences import is_question
from attune_dialogue.domain.session import Offer, Session
from attune_dialogue.domain.yes_no import read_yes_no

ASK_AGAIN_AFTER_TURNS = 6
SAFETY_PLAN = "safety_plan"
QUESTION_PREFIXES = ("ask_", "recheck_", "crisis.", "other_recheck_", "harm_recheck_")
QUESTIONS = frozenset({"direct_question", "willingness", "barriers", "offer_safety_plan", "harm_by_other_triage"})
OWN_QUESTIONS = frozenset({"other_recheck_danger", "other_recheck_safe", "harm_recheck_danger"})
WITHOUT_COUNTRY = {
    "emergency_first": "emergency_unknown_country",
    "other_line": "other_line_unknown_country",
    "other_emergency": "other_emergency_unknown_country",
    "harm_by_other_line": "harm_by_other_line_unknown_country",
    "harm_by_other_emergency": "harm_by_other_emergency_unknown_country",
    "medical_emergency": "medical_unknown_country",
}
LINES = frozenset({"line_24_7", "line_limited", "line_none", "other_line", "harm_by_other_line", "medical_emergency"})


@dataclass(frozen=True, slots=True)
class Lead:
    """What the crisis machine decided: the session as it is now, and a plan if it speaks."""

    session: Session
    plan: Plan | None


def heard(session: Session, text: str, assessment: RiskAssessment) -> RiskAssessment:
    """The assessment in the light of the machine's own questions: meaning it, with a plan or means, is imminent."""
    state = session.crisis
    if state is None or state.awaiting is None or assessment.tier is RiskTier.IMMINENT:
        return assessment
    answers = {**state.answers, state.awaiting: read_yes_no(text)}
    means_it = answers.get("ask_intent") is Answer.YES
    could = Answer.YES in (answers.get("ask_plan"), answers.get("ask_means"))
    if not (means_it and could) or state.tier is RiskTier.IMMINENT:
        return assessment
    vote = Evidence(rule="crisis.plan_and_intent", language="", tier=RiskTier.IMMINENT, start=0, end=len(text))
    return RiskAssessment(tier=RiskTier.IMMINENT, kind=RiskKind.SELF, evidence=(*assessment.evidence, vote))


def lead(turn: Moment) -> Lead:
    """Decides whether the crisis conversation leads this turn, and with which words."""
    session, signals = turn.session, turn.signals
    assessment = signals.assessment
    before = session.crisis or CrisisState(seed=len(session.id) + session.turns)
    if assessment.tier is RiskTier.NONE and session.crisis is None:
        return Lead(session, None)
    country = country_stated(signals.text, asked=session.country is None and names_unknown(before))
    if country is not None:
        session = session.but(country=country)
    answer = read_yes_no(signals.text)
    state = turned(before.hear(assessment, answer), assessment)
    turn = replace(turn, session=session.but(crisis=state))
    if is_elsewhere(turn, state):
        return Lead(turn.session.but(crisis=state.but(awaiting=None)), None)
    if state.in_crisis and (state.tier.rank > before.tier.rank or state.script != script_of(state.kind, state.tier)):
        return speak(turn, begin(state), first_beat(turn, state), "crisis.first")
    if state.in_crisis:
        return go_on(turn, state, before, answer)
    if before.in_crisis:
        return all_clear(turn, state)
    return check_in(turn, state, before, answer)


def turned(state: CrisisState, assessment: RiskAssessment) -> CrisisState:
    """A danger of another kind that is no smaller takes over: first a friend's, then one's own, or the reverse."""
    # That the blade of somebody who hurts themselves is near says nothing about wanting to die.
    hint = ".means" if state.kind is RiskKind.SELF_HARM else "answer."
    named = [item for item in assessment.evidence if not item.rule.startswith("answer.") and hint not in item.rule]
    if any(item.rule == SEMANTIC_RULE for item in named):
        # The second reader votes on how grave a message is and knows no kind: a rule must have said as much.
        said = any(item.rule != SEMANTIC_RULE and item.tier.rank >= RiskTier.ELEVATED.rank for item in named)
    else:
        said = bool(named)
    other = assessment.kind not in (state.kind, RiskKind.NONE)
    if said and other and assessment.tier.rank >= max(state.tier.rank, RiskTier.ELEVATED.rank):
        return state.but(kind=assessment.kind)
    return state


def is_elsewhere(turn: Moment, state: CrisisState) -> bool:
    """Whether something that helps goes on undisturbed: a safety plan, or an exercise begun in a crisis."""
    session, signals = turn.session, turn.signals
    tier = signals.assessment.tier
    offer = session.memory.offer
    if offer is not None and offer.exercise == SAFETY_PLAN and tier is not RiskTier.IMMINENT:
        return offers.accepts(signals)
    run = session.active_run
    if run is None:
        asked = offers.requested(signals, turn.content.exercises)
        return asked is not None and asked.id == SAFETY_PLAN and tier is not RiskTier.IMMINENT
    if run.id == SAFETY_PLAN:
        return tier is not RiskTier.IMMINENT
    if tier is not RiskTier.NONE:
        return False
    # A button of the exercise answers the exercise, not a question of ours that was left open beside it.
    pressed = (signals.suggestion_id or "").startswith("exercise.")
    return state.awaiting is None if state.in_crisis else pressed


def names_unknown(state: CrisisState) -> bool:
    """Whether the person was asked for their country."""
    return any(element.endswith("unknown_country") for element in state.told)


def begin(state: CrisisState) -> CrisisState:
    """The state at the start of a script."""
    return state.but(script=script_of(state.kind, state.tier), beat=0, awaiting=None, checks_failed=0)


def first_beat(turn: Moment, state: CrisisState) -> Beat:
    """What the safety library asks to be said first, for this kind and tier."""
    place = help_for(turn.session.country, crisis_language(turn), state.kind)
    tier = RiskAssessment(tier=state.tier, kind=state.kind, evidence=())
    return required_elements(tier, place)


def go_on(turn: Moment, state: CrisisState, before: CrisisState, answer: Answer) -> Lead:
    """The next beat of a crisis that is under way."""
    if aside := interruption(turn, state, before):
        beat, rule = aside
        return speak(turn, state, beat, rule)
    first, second = recheck_questions(turn, state)
    # A no to the first direct question begins the talk; only the re-check's questions can end it.
    asked_check = check_of(before.awaiting) is not None and before.awaiting != "direct_question"
    if asked_check and turn.signals.assessment.tier.rank < RiskTier.ELEVATED.rank:
        if state.open_check is not None and answer is Answer.NO and before.awaiting != second:
            return speak(turn, state, (("thank_for_answer",), (second,)), "crisis.recheck_safe")
        state = state.but(checks_failed=state.checks_failed + 1, beat=len(SCRIPTS[state.script]))
        beats = SUPPORTS.get(state.kind, SUPPORT)
        return speak(turn, state, beats[state.checks_failed % len(beats)], "crisis.support")
    if (
        state.checks_failed > 1
        and turn.lately("crisis.support", 1)
        and not turn.lately("crisis.support", 2, all_of=True)
    ):
        # Asked and not answered twice: more help before the question comes back.
        beats = SUPPORTS.get(state.kind, SUPPORT)
        return speak(turn, state, beats[(state.checks_failed + 1) % len(beats)], "crisis.support")
    script = SCRIPTS[state.script]
    position = len(script) if has_plan_in_hand(turn.session) else state.beat
    if position < len(script) and script[position][-1] == ("ask_time",) and has_no_plan(state):
        position += 1
    if position < len(script):
        return speak(turn, state.but(beat=position + 1), script[position], f"crisis.{state.script}")
    return speak(turn, state.open_recheck(), (("thank_for_answer",), (first,)), "crisis.recheck")


def recheck_questions(turn: Moment, state: CrisisState) -> tuple[str, str]:
    """The two questions of the re-check. Our own wordings exist in the full languages only."""
    own = crisis_language(turn) == turn.voice.language
    return RECHECKS.get(state.kind, RECHECK) if own else RECHECK


def has_no_plan(state: CrisisState) -> bool:
    """Whether intent was denied: asking when would then suggest what was not there."""
    return state.answers.get("ask_intent") is Answer.NO


def has_plan_in_hand(session: Session) -> bool:
    """Whether the safety plan was written: then the script has nothing to add, and the re-check is due."""
    return any(run.id == SAFETY_PLAN and run.status is ExerciseStatus.COMPLETED for run in session.runs)


def interruption(turn: Moment, state: CrisisState, before: CrisisState) -> tuple[Beat, str] | None:
    """What goes before the script: who is this, the country that was missing, somebody at hand, a need, a goodbye."""
    if Cue.IDENTITY in turn.signals.cues:
        return (("ai_notice_asked",), (before.awaiting or "keep_talking",)), "crisis.identity"
    if names_unknown(before) and turn.session.country is not None and not LINES & set(before.told):
        return AT_LAST.get(before.script, (("line",), (before.awaiting or "willingness",))), "crisis.country"
    if Cue.SUPPORTED in turn.signals.cues and before.script in SUPPORTED:
        return SUPPORTED[before.script], "crisis.supported"
    if beat := answer_to(needs_of(turn.signals.text), state, before):
        return beat, "crisis.need"
    if Cue.GOODBYE in turn.signals.cues:
        return (("closing_but_here", "line"),), "crisis.goodbye"
    return None


def all_clear(turn: Moment, state: CrisisState) -> Lead:
    """Both checks were answered: the companion leads again, and the door stays open."""
    return speak(turn, state.but(script="", beat=0), (("denial_received",), ("closing_but_here",)), "crisis.all_clear")


def check_in(turn: Moment, state: CrisisState, before: CrisisState, answer: Answer) -> Lead:
    """Possible risk: one gentle, direct question; its answer is thanked for; otherwise the companion leads."""
    now = turn.session.turns + 1
    if before.awaiting == "direct_question":
        if answer is Answer.NO:
            return speak(turn, state, (("denial_received",),), "crisis.denied")
        if before.by_reader and answer is Answer.UNCLEAR and turn.signals.assessment.tier is RiskTier.NONE:
            # One vote of the second reader is weak evidence: asked once, and from now on its votes have their echo.
            return Lead(turn.session.but(crisis=state.but(awaiting=None)), None)
        received = "crisis.unanswered" if answer is Answer.UNCLEAR else "thank_for_answer"
        return speak(turn, state.open_recheck(), ((received, "line"), ("recheck_question",)), "crisis.unclear")
    if before.awaiting == "recheck_question" and answer is Answer.NO:
        return speak(turn, state, (("denial_received", "professional_and_trusted"),), "crisis.checked")
    if before.awaiting == "recheck_question":
        return speak(turn, state, (("empathy",), ("professional_and_trusted", "willingness")), "crisis.unclear")
    fresh = turn.signals.assessment.tier is RiskTier.CHECK_IN
    rested = before.asked_turn is None or now - before.asked_turn > ASK_AGAIN_AFTER_TURNS
    if not (fresh and rested):
        return Lead(turn.session.but(crisis=state.but(awaiting=None)), None)
    by_reader = all(item.rule == SEMANTIC_RULE for item in turn.signals.assessment.evidence)
    return speak(turn, state.but(asked_turn=now, by_reader=by_reader), first_beat(turn, state), "crisis.check_in")


def speak(turn: Moment, state: CrisisState, beat: Beat, rule: str) -> Lead:
    """Puts a beat into words, in at most two paragraphs, and remembers what was said and asked."""
    language, told, said = crisis_language(turn), dict(state.told), []
    if language != turn.voice.language:
        beat = in_library_words(beat)
    awaiting: str | None = None
    for paragraph in beat:
        words = []
        for element in paragraph:
            text = word(turn, state, element, told, language)
            if text:
                words.append(text)
            if text and is_asking(element):
                awaiting = element
        if words:
            said.append(" ".join(words))
    if awaiting == "direct_question":
        state = state.open_recheck()
    state = state.but(told=told, awaiting=awaiting, language=language)
    session = pause_for(turn.session, state).but(crisis=state)
    plan = Plan(rule, None, turn.signals.language, "\n\n".join(said), session, ReplySource.CRISIS)
    if awaiting == "offer_safety_plan" and SAFETY_PLAN in turn.content.exercises:
        offer = Offer(exercise=SAFETY_PLAN, turn=turn.session.turns + 1)
        plan = replace(plan, session=session.remember({"offer": offer}), suggestions=offers.offer_buttons(turn.voice))
    elif awaiting == "harm_by_other_triage":
        plan = replace(plan, suggestions=triage_buttons(turn))
    elif rule == "crisis.denied" and session.active_run is not None:
        plan = back_to_exercise(turn, plan)
    return Lead(plan.session, remember_rule(plan))


def in_library_words(beat: Beat) -> Beat:
    """The beat without our own elements, which only the full languages have. It never becomes empty and still asks."""
    kept = tuple(
        paragraph
        for elements in beat
        if (paragraph := tuple(one for one in elements if not one.startswith("crisis.") and one not in OWN_QUESTIONS))
    )
    if len(kept) < len(beat) and not any(is_asking(element) for paragraph in kept for element in paragraph):
        return (*kept[:1], ("barriers",))
    return kept


def word(turn: Moment, state: CrisisState, element: str, told: dict[str, int], language: str) -> str:
    """A wording of the element that fits the place and was not used lately; counts it in `told`."""
    if element.startswith("crisis.") or element in OWN_QUESTIONS:
        key = element if element.startswith("crisis.") else f"crisis.{element}"
        told[element] = told.get(element, 0) + 1
        return turn.voice.say(key) if language == turn.voice.language else ""
    place = help_for(turn.session.country, language, state.kind)
    name = element
    if element == "line":
        name = line_element(place)
    elif not place.known_country:
        name = WITHOUT_COUNTRY.get(element, element)
    slots = {"line": place.line or place.directory, "emergency": place.emergency, "directory": place.directory}
    text = ""
    for _ in range(count(name, language)):
        text = wording(name, language, state.seed + told.get(name, 0), **slots)
        told[name] = told.get(name, 0) + 1
        # One question a turn: a statement that happens to ask makes way for one that does not.
        if is_asking(element) or not is_question(QUOTED.sub("", text)):
            break
    return text


def is_asking(element: str) -> bool:
    """Whether an element ends in a question that the next message answers."""
    return element in QUESTIONS or element.startswith(QUESTION_PREFIXES)


def crisis_language(turn: Moment) -> str:
    """The language of the crisis wording, of the five that the safety library has: the one written, or written before.

    Short answers look alike in many languages, so a language once heard stays until English is plainly written.
    """
    spoken, state = turn.signals.language, turn.session.crisis
    before = None if state is None else state.language
    if spoken != "en":
        return spoken
    rules = (item for item in turn.signals.assessment.evidence if not item.rule.startswith("answer."))
    heard = {item.language for item in rules if item.language}
    if len(heard) == 1 and heard != {"en"}:
        before = heard.pop()
    elif writes_english(turn.signals.text):
        before = None
    chosen = before or turn.session.language
    return chosen if load_phrases(chosen) is not load_phrases("en") or chosen == "en" else "en"


def pause_for(session: Session, state: CrisisState) -> Session:
    """In a crisis an exercise waits; a gentle question does not end it."""
    return exercise_talk.pause_active(session) if state.in_crisis else session


def back_to_exercise(turn: Moment, plan: Plan) -> Plan:
    """After a no to the gentle question, the exercise goes on where it was."""
    run = plan.session.active_run
    if run is None or run.status is not ExerciseStatus.ACTIVE:
        return plan
    step = exercise_talk.resume(plan.session, run, turn.content, turn.voice)
    return replace(plan, lead=f"{plan.lead}\n\n{step.lead}", suggestions=step.suggestions, exercise=step.exercise)


def triage_buttons(turn: Moment) -> tuple[Suggestion, ...]:
    """The three answers to the triage question."""
    found = []
    for name in ("danger", "afraid", "planning"):
        label = turn.voice.say(f"label.triage.{name}")
        found.append(Suggestion(id=f"triage.{name}", label=label, text=label))
    return tuple(found)


def remember_rule(plan: Plan) -> Plan:
    """Policy's memory knows about crisis turns too."""
    session = plan.session
    return replace(plan, session=session.remember({"rules": (*session.memory.rules, plan.rule)}))
