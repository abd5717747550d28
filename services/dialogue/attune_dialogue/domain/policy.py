"""What to say next: a pure function of session and signals. RULES is read from the top; the first that applies decides.

Danger never reaches this table: crisis.py decides about it before. Every rule's name goes into the reply's `why`.
"""

from collections.abc import Callable
from dataclasses import replace

from attune_contracts.dialogue import Move, ReplySource, TurnRole
from attune_contracts.emotion import Emotion

from attune_dialogue.domain import exercise_talk, offers, understanding
from attune_dialogue.domain.cues import Cue
from attune_dialogue.domain.moment import HARD_FEELINGS, Moment
from attune_dialogue.domain.notices import break_due
from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.session import Session
from attune_dialogue.domain.signals import is_loop

LOOP_LOOKBACK = 12
QUESTIONS_IN_ROW_MAX = 2
# Joy that is not there hurts more than joy that is missed.
HAPPY_CONFIDENCE_MIN = 0.85
TERSE_WORDS_MAX = 3
CLARIFY_REST_TURNS = 10
# After the first turn the moves go round, so that no two replies in a row do the same thing.
ROUND = (Move.VALIDATE, Move.EXPLORE, Move.REFLECT, Move.DEEPEN, Move.NORMALISE, Move.EXPLORE)
HARD_CUES = (Cue.GRIEF, Cue.PANIC, Cue.SELF_CRITICISM, Cue.WORRY, Cue.SLEEP, Cue.LOW_ENERGY)
ASKING_MOVES = frozenset({Move.EXPLORE, Move.DEEPEN, Move.CELEBRATE, Move.REPAIR})


Rule = Callable[[Moment], Plan | None]


def decide(turn: Moment) -> Plan:
    """The plan of the first rule that applies. The last rule always does."""
    noted = Moment(understanding.take_notes(turn.session, turn.signals), turn.signals, turn.content, turn.voice)
    plan = next(plan for _, rule in RULES if (plan := rule(noted)) is not None)
    memory = plan.session.memory
    if memory.offer is not None and memory.offer.turn <= turn.session.turns:
        plan = replace(plan, session=plan.session.remember({"offer": None}))
    return replace(plan, session=plan.session.remember({"rules": (*memory.rules, plan.rule)}))


def identity(turn: Moment) -> Plan | None:
    """Asked whether it is a machine, it says so at once, in every state."""
    if Cue.IDENTITY not in turn.signals.cues:
        return None
    run = turn.session.active_run
    if run is None:
        return turn.fixed("identity", None, "identity", "identity_back")
    return exercise_talk.interrupted(turn.session, run, turn.content, turn.voice, "identity")


def in_exercise(turn: Moment) -> Plan | None:
    """Inside an exercise the exercise leads."""
    run = turn.session.active_run
    return None if run is None else exercise_talk.step(turn.session, run, turn.signals, turn.content, turn.voice)


def offer_answer(turn: Moment) -> Plan | None:
    """A yes or a no to the offer of the last turn."""
    offer, signals, session = turn.session.memory.offer, turn.signals, turn.session
    if offer is None:
        return None
    if offers.accepts(signals):
        return exercise_talk.start(session, turn.content.exercises[offer.exercise], turn.voice)
    if not offers.declines(signals):
        return None
    refused = {**session.memory.refused, offer.exercise: session.turns + 1}
    session = session.remember({"offer": None, "refused": refused, "refused_turn": session.turns + 1})
    return Moment(session, signals, turn.content, turn.voice).fixed("offer_declined", None, "declined", "declined_on")


def resume(turn: Moment) -> Plan | None:
    """Back to an exercise that waits."""
    run = turn.session.paused_run
    asked = turn.signals.suggestion_id == "exercise.resume" or Cue.RESUME in turn.signals.cues
    if run is None or not asked:
        return None
    return exercise_talk.resume(turn.session, run, turn.content, turn.voice)


def request(turn: Moment) -> Plan | None:
    """An exercise that was asked for starts without another offer."""
    exercise = offers.requested(turn.signals, turn.content.exercises)
    if exercise is not None:
        return exercise_talk.start(turn.session, exercise, turn.voice)
    if Cue.EXERCISE not in turn.signals.cues:
        return None
    plan = turn.fixed("exercise_menu", Move.OFFER, "exercises_menu")
    menu = offers.menu_buttons(turn.content.exercises, turn.signals.language)
    return replace(plan, suggestions=menu)


def missed(turn: Moment) -> Plan | None:
    """Anger at the companion: no defence, own it, offer another way."""
    if Cue.MISSED not in turn.signals.cues:
        return None
    if turn.session.turns == 0:
        return turn.fixed("missed_first", Move.REPAIR, "missed_first")
    if offers.wants_quiet(turn.session):
        return turn.fixed("missed_quiet", Move.REPAIR, "missed_quiet")
    rule = "missed_again" if turn.lately("missed", 3) or turn.lately("missed_first", 3) else "missed"
    return turn.fixed(rule, Move.REPAIR, rule)


def no_questions(turn: Moment) -> Plan | None:
    """ "Stop asking me things": granted, and kept for a while."""
    if Cue.NO_QUESTIONS not in turn.signals.cues:
        return None
    session = turn.session.remember({"quiet_turn": turn.session.turns + 1})
    return Moment(session, turn.signals, turn.content, turn.voice).fixed("no_questions", Move.REPAIR, "no_questions")


def take_a_break(turn: Moment) -> Plan | None:
    """After an hour of one sitting, a pause is suggested once."""
    if not break_due(turn.content.notices, turn.session, turn.signals.now):
        return None
    session = turn.session.remember({"pause_suggested_at": turn.signals.now})
    plan = Moment(session, turn.signals, turn.content, turn.voice).spoken(
        "break", Move.VALIDATE, may_ask=False, sentences_max=1
    )
    tail = turn.voice.say("break")
    return replace(plan, tail=tail)


def summary(turn: Moment) -> Plan | None:
    """Three facts and one strength, in their words."""
    if Cue.SUMMARY not in turn.signals.cues:
        return None
    told = understanding.facts(turn.session)
    if not told:
        return turn.fixed("summary_empty", Move.SUMMARISE, "summary_empty")
    quoted = " ".join(f"“{fact.rstrip('.…')}”." for fact in told)
    lead = f"{turn.voice.say('summary_lead')} {quoted} {turn.voice.say('summary_strength')}"
    return Plan("summary", Move.SUMMARISE, turn.signals.language, lead, turn.session, ReplySource.TEMPLATE)


def small_talk(turn: Moment) -> Plan | None:
    """A message that is nothing but a greeting, a thank-you or a goodbye."""
    table = (
        (Cue.GOODBYE, "goodbye", Move.CLOSE),
        (Cue.THANKS, "thanks", Move.CLOSE),
        (Cue.GREETING, "greet_back", Move.EXPLORE),
    )
    return next((turn.fixed(key, move, key) for cue, key, move in table if cue in turn.signals.cues), None)


def terse(turn: Moment) -> Plan | None:
    """A bare yes, no or "don't know" to no offer: a small choice instead of another open question."""
    bare = turn.signals.has(Cue.YES, Cue.NO, Cue.UNSURE) and turn.signals.words <= TERSE_WORDS_MAX
    if not bare or turn.lately("terse", 5) or offers.wants_quiet(turn.session):
        return None
    buttons = tuple(offers.button(turn.voice, f"choice.{name}") for name in ("talk", "exercise", "later"))
    return replace(turn.fixed("terse", Move.EXPLORE, "terse"), suggestions=buttons)


def masked(turn: Moment) -> Plan | None:
    """ "I'm fine, just joking" is taken neither at face value nor as a cry."""
    if Cue.MASKED not in turn.signals.cues or turn.lately("clarify_masked", 6) or offers.wants_quiet(turn.session):
        return None
    return turn.fixed("clarify_masked", Move.EXPLORE, "clarify_masked")


def playful(turn: Moment) -> Plan | None:
    """A joke is enjoyed as one, with room for what may stand behind it; it is neither good news nor a cry."""
    joking = Cue.PLAYFUL in turn.signals.cues and not turn.signals.has(Cue.GOOD_NEWS, Cue.PANIC, Cue.GRIEF)
    if not joking or turn.lately("playful", 3):
        return None
    asks = not asked_enough(turn.session)
    lead = turn.voice.say("playful_ask" if asks else "playful")
    return turn.spoken("playful", Move.EXPLORE if asks else Move.REFLECT, may_ask=asks, lead=lead)


def loop(turn: Moment) -> Plan | None:
    """The same worry for the third time: named, with worry time instead of another answer."""
    earlier = turn.session.last_texts(TurnRole.USER, LOOP_LOOKBACK)
    worried = turn.signals.felt is Emotion.ANXIOUS or turn.signals.has(Cue.WORRY) or "?" in turn.signals.text
    if not worried or "loop" in turn.session.memory.rules[-5:] or not is_loop(turn.signals.text, earlier):
        return None
    exercise = turn.content.exercises.get("worry_time")
    if exercise is None or offers.worn_out(turn.session, exercise) or not offers.may_offer(turn.session):
        return turn.fixed("loop", Move.NORMALISE, "loop")
    return turn.offering("loop", exercise, lead=turn.voice.say("loop"))


def good_news(turn: Moment) -> Plan | None:
    """Good news is enjoyed and never steered into an exercise; what follows it is still part of it."""
    reading, felt = turn.signals.reading, turn.signals.felt
    joking = turn.signals.has(Cue.PLAYFUL, Cue.MASKED) or turn.lately("playful", 8) or turn.lately("clarify_masked", 8)
    amid = turn.mood is not None
    told = turn.situation is not None and Emotion.HAPPY in turn.situation.feels
    told = told and (turn.signals.plainly_told or not amid)
    sure = told or reading is None or reading.confidence >= HAPPY_CONFIDENCE_MIN
    # Amid hard feelings a cheerful reading of one line is usually a misreading; joy must then be told in words.
    happy = felt is Emotion.HAPPY and sure and not joking and (told or not amid)
    hard = turn.sure(*HARD_FEELINGS) or turn.signals.has(*HARD_CUES)
    said = Cue.GOOD_NEWS in turn.signals.cues and not hard
    # A first line that was misread as joy must not make the talk joyful: what follows has to be at least calm.
    calm = felt in (Emotion.HAPPY, Emotion.NEUTRAL) and not (joking or hard or amid)
    still = calm and turn.lately("good_news", 2)
    if not (happy or said or still):
        return None
    if asked_enough(turn.session) or not (said or happy):
        return turn.spoken("good_news", Move.REFLECT, may_ask=False, felt=Emotion.HAPPY)
    move = Move.EXPLORE if turn.lately("good_news", 1) else Move.CELEBRATE
    return turn.spoken("good_news", move, may_ask=True, felt=Emotion.HAPPY)


def step(turn: Moment) -> Plan | None:
    """Amid something hard, an own idea of what to do is met as one, and not as one more sad line."""
    if Cue.STEP not in turn.signals.cues or turn.mood is None or turn.lately("step", 1):
        return None
    if turn.signals.felt in HARD_FEELINGS and turn.sure(turn.signals.felt):
        return None
    asks = not asked_enough(turn.session)
    return turn.fixed("step", Move.EXPLORE if asks else Move.VALIDATE, "step_ask" if asks else "step")


def mixed(turn: Moment) -> Plan | None:
    """Two feelings at once: one question, not two answers."""
    reading = turn.signals.reading
    if turn.signals.subject is not None or reading is None or not reading.mixed:
        return None
    if asked_to_clarify(turn.session) or turn.signals.words < 4 or turn.signals.has(*HARD_CUES):
        return None
    # Sad and anxious often come together and need no question; glad and heavy do.
    closest = sorted(reading.probabilities, key=lambda emotion: reading.probabilities[emotion])[-2:]
    if Emotion.HAPPY not in closest:
        return None
    return turn.fixed("clarify_mixed", Move.EXPLORE, "clarify_mixed")


def unclear(turn: Moment) -> Plan | None:
    """The feeling cannot be read: ask once instead of guessing."""
    telling = turn.signals.has(Cue.ADVICE, Cue.PROBLEM)
    if not turn.signals.unclear or telling or asked_to_clarify(turn.session) or turn.session.turns == 0:
        return None
    if turn.mood is not None or turn.situation is not None:
        return None
    return turn.fixed("clarify", Move.EXPLORE, "clarify")


def asked_enough(session: Session) -> bool:
    """Whether the last replies all asked, or the person asked for none, so that this one should not."""
    return session.memory.questions_in_row >= QUESTIONS_IN_ROW_MAX or offers.wants_quiet(session)


def asked_to_clarify(session: Session) -> bool:
    """Whether a clarifying question would be one too many."""
    rested = session.memory.rules[-CLARIFY_REST_TURNS:]
    return asked_enough(session) or any(rule.startswith(("clarify", "brief")) for rule in rested)


def grief(turn: Moment) -> Plan | None:
    """Somebody died: presence, a name, a memory; no exercise unless asked. It stays with the talk for a while."""
    told = Cue.GRIEF in turn.signals.cues
    elsewhere = turn.sure(Emotion.ANGRY, Emotion.ANXIOUS) or Cue.GOOD_NEWS in turn.signals.cues
    if not told and (elsewhere or not turn.about_the_loss):
        return None
    session = turn.session.remember({"grief_turn": turn.session.turns + 1}) if told else turn.session
    asks = not asked_enough(session) and not turn.lately("grief_ask", 2)
    rule = "grief_ask" if asks else "grief"
    move = Move.EXPLORE if asks else Move.VALIDATE
    turn = Moment(session, turn.signals, turn.content, turn.voice)
    first = told and asks and "grief" not in session.memory.rules and "grief_ask" not in session.memory.rules
    return turn.spoken(rule, move, may_ask=asks, lead=turn.voice.say("grief_first" if first else rule))


def brief(turn: Moment) -> Plan | None:
    """Somebody who keeps to a few words gets a few words, concrete ones."""
    earlier = turn.session.last_texts(TurnRole.USER, 2)
    short = all(len(text.split()) <= TERSE_WORDS_MAX for text in (*earlier, turn.signals.text))
    just_now = turn.lately("brief", 1) or turn.lately("brief_ask", 1)
    if not short or just_now or len(earlier) < 2 or turn.signals.suggestion_id is not None:
        return None
    asks = not asked_enough(turn.session)
    rule = "brief_ask" if asks else "brief"
    move = Move.EXPLORE if asks else Move.REFLECT
    return turn.spoken(rule, move, may_ask=asks, sentences_max=1, lead=turn.voice.say(rule))


def advice(turn: Moment) -> Plan | None:
    """Asked what to do: no ready answer, and no silence either; thinking aloud together."""
    if Cue.ADVICE not in turn.signals.cues or turn.lately("advice", 4) or asked_enough(turn.session):
        return None
    return turn.spoken("advice", Move.EXPLORE, may_ask=True, lead=turn.voice.say("advice"))


def offer(turn: Moment) -> Plan | None:
    """An exercise that fits, offered after something of value was said; at once only in a panic."""
    if not offers.may_offer(turn.session) or turn.grieving or turn.lately("good_news", 2):
        return None
    exercise = offers.fitting(turn.session, turn.signals, turn.content.exercises)
    if exercise is None and lasting(turn.session, turn.signals.felt):
        exercise = offers.fitting_emotion(turn.session, turn.signals, turn.content.exercises)
    urgent = turn.signals.has(Cue.PANIC, Cue.ADVICE)
    early = turn.session.turns < 1 or asked_enough(turn.session)
    if exercise is None or (early and not urgent):
        return None
    return turn.offering("offer", exercise)


def lasting(session: Session, felt: Emotion) -> bool:
    """Whether the same hard feeling has been there for three messages."""
    feelings = [line.emotion for line in session.last_lines(TurnRole.USER, 2)]
    return felt not in (Emotion.NEUTRAL, Emotion.HAPPY) and feelings == [felt, felt]


def listen(turn: Moment) -> Plan:
    """The usual turn: receive, say something of value, sometimes ask."""
    session = turn.session
    may_ask = not asked_enough(session)
    move = Move.EXPLORE if session.turns == 0 else ROUND[session.turns % len(ROUND)]
    # Going deeper needs a thought to go into; a plain remark needs neither a reason nor company.
    if move is Move.DEEPEN and not turn.signals.has(Cue.SELF_CRITICISM, Cue.WORRY):
        move = Move.EXPLORE
    if move in ASKING_MOVES and not may_ask:
        move = Move.VALIDATE
    if move in (Move.VALIDATE, Move.NORMALISE) and turn.tone is Emotion.NEUTRAL:
        move = Move.REFLECT
    return turn.spoken("listen", move, may_ask=move in ASKING_MOVES)


RULES: tuple[tuple[str, Rule], ...] = (
    ("identity", identity),
    ("in_exercise", in_exercise),
    ("offer_answer", offer_answer),
    ("resume", resume),
    ("request", request),
    ("no_questions", no_questions),
    ("missed", missed),
    ("summary", summary),
    ("small_talk", small_talk),
    ("terse", terse),
    ("masked", masked),
    ("playful", playful),
    ("break", take_a_break),
    ("loop", loop),
    ("grief", grief),
    ("good_news", good_news),
    ("brief", brief),
    ("step", step),
    ("mixed", mixed),
    ("unclear", unclear),
    ("offer", offer),
    ("advice", advice),
    ("listen", listen),
)
