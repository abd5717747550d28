"""Turns the exercise machine's moves into replies: words, buttons, notes and the event for the page. Pure."""

from dataclasses import replace

from attune_contracts.dialogue import ExerciseStatus, InputKind, Move, ReplySource, Suggestion

from attune_dialogue.domain import exercise_machine as machine
from attune_dialogue.domain.answers import Given, Missing, read_answer
from attune_dialogue.domain.content import Content
from attune_dialogue.domain.cues import Cue
from attune_dialogue.domain.exercise import Exercise
from attune_dialogue.domain.offers import button
from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.session import ExerciseRun, Session
from attune_dialogue.domain.signals import Signals
from attune_dialogue.domain.voice import Voice

COMMANDS = (
    (Cue.LEAVE, machine.Event.LEAVE),
    (Cue.PAUSE, machine.Event.PAUSE),
    (Cue.BACK, machine.Event.BACK),
    (Cue.SKIP, machine.Event.SKIP),
    (Cue.GOODBYE, machine.Event.PAUSE),
)
BY_BUTTON = {f"exercise.{event.value}": event for event in machine.Event}


def start(session: Session, exercise: Exercise, voice: Voice) -> Plan:
    """Starts an exercise, or goes on with it where it was paused. Any other active one is paused."""
    session = pause_active(session, exercise.id)
    known = next((run for run in session.runs if run.id == exercise.id), machine.begin(exercise))
    moved = machine.move(exercise, known, machine.Event.START)
    return reply(session, exercise, moved, "exercise_start", voice)


def resume(session: Session, run: ExerciseRun, content: Content, voice: Voice) -> Plan:
    """Goes on with a paused exercise."""
    exercise = content.exercises[run.id]
    return reply(session, exercise, machine.move(exercise, run, machine.Event.RESUME), "exercise_resume", voice)


def step(session: Session, run: ExerciseRun, signals: Signals, content: Content, voice: Voice) -> Plan:
    """One message inside an exercise: a command, or an answer to the step."""
    exercise = content.exercises[run.id]
    event = command(signals)
    if event is machine.Event.ANSWER and Cue.MISSED in signals.cues:
        return reply(session, exercise, machine.Moved(run, (), "exercise.annoyed"), "exercise_annoyed", voice)
    if event is machine.Event.ANSWER and Cue.CONFUSED in signals.cues:
        at = exercise.step(run.step)
        simpler = machine.Moved(run, (at.hint or at.why,), "exercise.explained")
        return reply(session, exercise, simpler, "exercise_explained", voice)
    answer: Given | Missing | None = None
    if event is machine.Event.ANSWER:
        answer = read_answer(exercise.step(run.step), signals.text, signals.cues, signals.language)
    moved = machine.move(exercise, run, event, answer)
    return reply(session, exercise, moved, f"exercise_{event.value}", voice)


def command(signals: Signals) -> machine.Event:
    """What the message does to the exercise. A button decides alone; words count only as the whole message."""
    if signals.suggestion_id in BY_BUTTON:
        return BY_BUTTON[signals.suggestion_id]
    return next((event for cue, event in COMMANDS if cue in signals.cues), machine.Event.ANSWER)


def interrupted(session: Session, run: ExerciseRun, content: Content, voice: Voice, key: str) -> Plan:
    """Answers something else in fixed words and stays at the step."""
    exercise = content.exercises[run.id]
    texts = (voice.say(key), voice.choose(exercise.step(run.step).say.variants(voice.language)))
    moved = machine.Moved(run, (), None)
    plan = reply(session, exercise, moved, key, voice)
    said = " ".join((texts[0], machine.fill(exercise, run, texts[1], voice.language)))
    return replace(plan, lead=said)


def pause_active(session: Session, except_id: str | None = None) -> Session:
    """Pauses whatever is active, for example when a crisis begins."""
    run = session.active_run
    if run is None or run.id == except_id:
        return session
    return session.with_run(run.model_copy(update={"status": ExerciseStatus.PAUSED}))


def reply(session: Session, exercise: Exercise, moved: machine.Moved, rule: str, voice: Voice) -> Plan:
    """Words and event of one move."""
    run, language = moved.run, voice.language
    at = exercise.step(run.step)
    parts = [voice.say(moved.wording, **slots(at.minimum, at.maximum, moved.wording))] if moved.wording else []
    parts += [voice.choose(spoken.variants(language)) for spoken in moved.texts]
    session = session.remember({"offer": None}).with_run(run)
    return Plan(
        rule=rule,
        move=Move.DEEPEN if run.status is ExerciseStatus.ACTIVE else Move.CLOSE,
        language=language,
        lead=" ".join(machine.fill(exercise, run, part, language) for part in parts),
        session=note_answers(session, exercise, run),
        source=ReplySource.EXERCISE,
        suggestions=buttons(exercise, run, voice),
        exercise=machine.describe(exercise, run, language),
    )


def slots(minimum: int | None, maximum: int | None, wording: str) -> dict[str, object]:
    """The slots that a wording key needs."""
    return {"minimum": minimum, "maximum": maximum} if wording == "again.scale_range" else {}


def buttons(exercise: Exercise, run: ExerciseRun, voice: Voice) -> tuple[Suggestion, ...]:
    """The options of a choice, and the ways out that make sense now."""
    if run.status is ExerciseStatus.PAUSED:
        return tuple(button(voice, name) for name in ("exercise.resume", "exercise.leave"))
    if run.status is not ExerciseStatus.ACTIVE:
        return ()
    options = tuple(
        Suggestion(id=f"option.{option.id}", label=option.label(voice.language), text=option.label(voice.language))
        for option in exercise.step(run.step).options
    )
    if exercise.step(run.step).input is InputKind.NONE:
        options = (Suggestion(id="option.next", label=voice.say("label.next"), text=voice.say("label.next")),)
    ways = ("exercise.skip", *(("exercise.back",) if run.path else ()), "exercise.pause", "exercise.leave")
    return (*options, *(button(voice, name) for name in ways))


def note_answers(session: Session, exercise: Exercise, run: ExerciseRun) -> Session:
    """Keeps the answers of steps marked `note` among the session's notes, as `exercise.step`."""
    kept = {
        f"{exercise.id}.{step.id}": run.answers[step.id]
        for step in exercise.steps
        if step.note and step.id in run.answers
    }
    return session.but(notes={**session.notes, **kept}) if kept else session
