"""Which exercise to offer, and when not to. Pure."""

import re

from attune_contracts.dialogue import ExerciseStatus, Suggestion

from attune_dialogue.domain.cues import Cue, plain
from attune_dialogue.domain.exercise import Exercise, Exercises
from attune_dialogue.domain.session import Session
from attune_dialogue.domain.signals import Signals
from attune_dialogue.domain.voice import Voice

OFFERS_OF_ONE_MAX = 2
TURNS_BETWEEN_OFFERS = 4
TURNS_AFTER_REFUSAL = 6
QUIET_TURNS = 8
# "yes we try" and "no not this please" answer an offer too, as long as nothing else is said.
SHORT_YES = re.compile(
    r"(?:yes|yeah|yep|ok|okay|sure|fine|alright)(?:[ ,]+(?:we|i|i'll|us|let|let's|can|could|will|please|to|try|do|it"
    r"|that|this|one|go|start|then|ok|sure|want|would|like|why|sounds|good|give))+"
    r"|(?:ايوه|ايوا|اه|نعم|ماشي|تمام|اوك|طيب)(?:[ ،]+(?:نجرب|نعمل|جرب|يلا|ابدا|نبدا|عايز|عايزه"
    r"|حاضر|كده|ده|دي|تمام|ماشي))+"
)
SHORT_NO = re.compile(
    r"(?:no|nope|nah|rather not|i'd rather not)(?:[ ,]+(?:thanks|thank|you|not|now|please|today|really|yet|i|i'd|don't"
    r"|do|want|to|rather|that|it|this|for|me|one|another|time|need))+"
    r"|(?:لا|لاء|بلاش)(?:[ ،]+(?:شكرا|مش|دلوقتي|عايز|عايزه|ده|دي|النهارده|محتاج|محتاجه|بعدين|خلاص|الان))+"
)
ACCEPT, DECLINE, START = "offer.accept", "offer.decline", "exercise.start."
ASKING = re.compile(
    r"(?<!\w)(?:exercises?|try|let's|can we|could we|do|want|start|show|guide|teach|help me with|تمرين|نجرب|عايز|عايزه"
    r"|اريد|ممكن|نعمل|نبدا|خلينا)(?!\w)"
)
MENU = ("grounding", "reframing", "behavioural_activation", "worry_time", "problem_solving", "self_compassion")


def may_offer(session: Session) -> bool:
    """Not while another offer is fresh, and not for a while after a no."""
    memory, turn = session.memory, session.turns + 1
    rested = memory.offered_turn is None or turn - memory.offered_turn >= TURNS_BETWEEN_OFFERS
    forgiven = memory.refused_turn is None or turn - memory.refused_turn >= TURNS_AFTER_REFUSAL
    return rested and forgiven and not wants_quiet(session)


def wants_quiet(session: Session) -> bool:
    """Whether the person asked not to be asked, a short while ago. An offer is a question too."""
    asked = session.memory.quiet_turn
    return asked is not None and session.turns + 1 - asked <= QUIET_TURNS


def worn_out(session: Session, exercise: Exercise) -> bool:
    """Whether an exercise was refused, or offered often enough to be left alone."""
    memory = session.memory
    return exercise.id in memory.refused or memory.offered.get(exercise.id, 0) >= OFFERS_OF_ONE_MAX


def fitting(session: Session, signals: Signals, exercises: Exercises) -> Exercise | None:
    """The best exercise by cue (2 points) and emotion (1 point); one that was refused or just done does not count."""
    done = {run.id for run in session.runs if run.status in (ExerciseStatus.COMPLETED, ExerciseStatus.LEFT)}

    def score(exercise: Exercise) -> int:
        cues = 2 * sum(cue in signals.cues for cue in exercise.fit.cues)
        return cues + (signals.felt in exercise.fit.emotions if cues else 0)

    candidates = [
        exercise for exercise in exercises.values() if not worn_out(session, exercise) and exercise.id not in done
    ]
    best = max(candidates, key=score, default=None)
    return best if best is not None and score(best) else None


def fitting_emotion(session: Session, signals: Signals, exercises: Exercises) -> Exercise | None:
    """An exercise for the emotion alone, for somebody who has told more than once how they feel."""
    tried = {run.id for run in session.runs}
    return next(
        (
            one
            for one in exercises.values()
            if signals.felt in one.fit.emotions and one.id not in tried and not worn_out(session, one)
        ),
        None,
    )


def requested(signals: Signals, exercises: Exercises) -> Exercise | None:
    """The exercise that the person asked for by name or by its button."""
    if signals.suggestion_id and signals.suggestion_id.startswith(START):
        return exercises.get(signals.suggestion_id.removeprefix(START))
    folded = plain(signals.text)
    asks = ASKING.search(folded) is not None or signals.words <= 3
    if not asks:
        return None
    for exercise in exercises.values():
        for name in (*exercise.names["en"], *exercise.names["ar"]):
            if re.search(rf"(?<!\w){re.escape(plain(name))}(?!\w)", folded):
                return exercise
    return None


def offer_buttons(voice: Voice) -> tuple[Suggestion, ...]:
    """Yes and no."""
    return tuple(button(voice, identifier) for identifier in (ACCEPT, DECLINE))


def button(voice: Voice, identifier: str) -> Suggestion:
    """A button whose label is also what it sends."""
    label = voice.say(f"label.{identifier}")
    return Suggestion(id=identifier, label=label, text=label)


def menu_buttons(exercises: Exercises, language: str) -> tuple[Suggestion, ...]:
    """A button for each exercise of the menu."""
    chosen = [exercises[name] for name in MENU if name in exercises]
    return tuple(
        Suggestion(id=START + one.id, label=one.title.label(language), text=one.title.label(language)) for one in chosen
    )


def accepts(signals: Signals) -> bool:
    """A yes to an offer, by button or in words."""
    if signals.suggestion_id is not None:
        return signals.suggestion_id == ACCEPT
    return Cue.YES in signals.cues or SHORT_YES.fullmatch(plain(signals.text)) is not None


def declines(signals: Signals) -> bool:
    """A no to an offer, by button or in words."""
    if signals.suggestion_id is not None:
        return signals.suggestion_id == DECLINE
    return signals.has(Cue.NO, Cue.LEAVE, Cue.SKIP, Cue.PAUSE) or bool(SHORT_NO.fullmatch(plain(signals.text)))
