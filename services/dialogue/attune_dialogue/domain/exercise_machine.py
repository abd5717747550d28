"""The state machine of exercises, as a table over data. Pure: (exercise, run, event) → the next run and what to say.

Every (status, event) pair that is not in TABLE leaves the run as it is, so there is no illegal move and no dead state:
each state that waits for the person has LEAVE, and a step that is not understood twice is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from attune_contracts.dialogue import ExerciseEvent, ExerciseStatus, StepInput

from attune_dialogue.domain.answers import Given, Missing
from attune_dialogue.domain.exercise import END, Exercise, Spoken, Step
from attune_dialogue.domain.session import ExerciseRun

ASK_AGAIN_MAX = 2
QUOTE_CHARS_MAX = 140


class Event(StrEnum):
    """What a person can do to an exercise."""

    START = "start"
    ANSWER = "answer"
    SKIP = "skip"
    BACK = "back"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"


class Motion(StrEnum):
    """Where the run goes."""

    FIRST = "first"
    NEXT = "next"
    PREVIOUS = "previous"
    SAME = "same"


S, E, M = ExerciseStatus, Event, Motion
TABLE: Mapping[tuple[ExerciseStatus, Event], tuple[ExerciseStatus, Motion]] = {
    (S.OFFERED, E.START): (S.ACTIVE, M.FIRST),
    (S.COMPLETED, E.START): (S.ACTIVE, M.FIRST),
    (S.LEFT, E.START): (S.ACTIVE, M.FIRST),
    (S.PAUSED, E.START): (S.ACTIVE, M.SAME),
    (S.PAUSED, E.RESUME): (S.ACTIVE, M.SAME),
    (S.PAUSED, E.LEAVE): (S.LEFT, M.SAME),
    (S.ACTIVE, E.START): (S.ACTIVE, M.SAME),
    (S.ACTIVE, E.RESUME): (S.ACTIVE, M.SAME),
    (S.ACTIVE, E.ANSWER): (S.ACTIVE, M.NEXT),
    (S.ACTIVE, E.SKIP): (S.ACTIVE, M.NEXT),
    (S.ACTIVE, E.BACK): (S.ACTIVE, M.PREVIOUS),
    (S.ACTIVE, E.PAUSE): (S.PAUSED, M.SAME),
    (S.ACTIVE, E.LEAVE): (S.LEFT, M.SAME),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """The next run, and what to say: texts of the exercise in order, or a key of the general wording."""

    run: ExerciseRun
    texts: tuple[Spoken, ...]
    wording: str | None


def begin(exercise: Exercise) -> ExerciseRun:
    """A run that has not started."""
    return ExerciseRun(
        id=exercise.id, status=S.OFFERED, step=exercise.steps[0].id, answers={}, keys={}, path=(), asked_again=0
    )


def move(exercise: Exercise, run: ExerciseRun, event: Event, answer: Given | Missing | None = None) -> Moved:
    """Applies one event. `answer` is needed for ANSWER only."""
    target = TABLE.get((run.status, event))
    if target is None:
        return Moved(run, (), None)
    status, motion = target
    step = exercise.step(run.step)
    if isinstance(answer, Missing):
        if run.asked_again < ASK_AGAIN_MAX:
            return ask_again(run, step, answer)
        answer = None
    if motion is Motion.NEXT:
        return go_on(exercise, run, step, answer)
    if motion is Motion.PREVIOUS:
        return go_back(exercise, run)
    if motion is Motion.FIRST:
        return Moved(begin(exercise).model_copy(update={"status": status}), (exercise.steps[0].say,), None)
    return stay(exercise, run, status)


def stay(exercise: Exercise, run: ExerciseRun, status: ExerciseStatus) -> Moved:
    """The same step in another status: taken up again, paused or left."""
    step = exercise.step(run.step)
    changed = run.model_copy(update={"status": status, "asked_again": 0})
    if status is S.ACTIVE:
        return Moved(changed, (step.say,), "exercise.resumed")
    return Moved(changed, (), f"exercise.{status.value}")


def ask_again(run: ExerciseRun, step: Step, missing: Missing) -> Moved:
    """Stays at the step with a kinder way in: the step's own hint, or the general words for its kind of input."""
    again = run.model_copy(update={"asked_again": run.asked_again + 1})
    if step.hint is not None and run.asked_again == 0:
        return Moved(again, (step.hint,), None)
    return Moved(again, (), f"again.{missing.reason}")


def go_back(exercise: Exercise, run: ExerciseRun) -> Moved:
    """To the step before, if there is one."""
    if not run.path:
        return Moved(run, (exercise.step(run.step).say,), "exercise.first")
    step = exercise.step(run.path[-1])
    changed = run.model_copy(update={"step": step.id, "path": run.path[:-1], "asked_again": 0})
    return Moved(changed, (step.say,), "exercise.back")


def go_on(exercise: Exercise, run: ExerciseRun, step: Step, answer: Given | None) -> Moved:
    """Keeps the answer and goes to the next step, to a pause, or to the end."""
    answers = {key: value for key, value in run.answers.items() if key != step.id}
    keys = {key: value for key, value in run.keys.items() if key != step.id}
    if answer is not None:
        answers[step.id] = answer.value
        if answer.key is not None:
            keys[step.id] = answer.key
    target = exercise.after(step, answer.key if answer else None)
    changed = run.model_copy(update={"answers": answers, "keys": keys, "asked_again": 0, "path": (*run.path, step.id)})
    received = (step.ack,) if answer is not None and step.ack is not None else ()
    skipped = None if answer is not None else "exercise.skipped"
    if target == END:
        closed = changed.model_copy(update={"status": S.COMPLETED, "path": run.path})
        return Moved(closed, (*received, closing(exercise, closed)), skipped)
    following = exercise.step(target)
    changed = changed.model_copy(update={"step": target})
    if following.later is not None:
        return Moved(changed.model_copy(update={"status": S.PAUSED}), (*received, following.later), skipped)
    return Moved(changed, (*received, following.say), skipped)


def closing(exercise: Exercise, run: ExerciseRun) -> Spoken:
    """The last words, which compare the two ratings when both were given."""
    close = exercise.close
    if exercise.compare is None:
        return close.done
    before, after = (run.answers.get(step_id) for step_id in exercise.compare)
    if before is None or after is None:
        return close.done
    difference = int(after) - int(before)
    chosen = close.same if difference == 0 else close.lower if difference < 0 else close.higher
    return chosen or close.done


def fill(exercise: Exercise, run: ExerciseRun, text: str, language: str) -> str:
    """Puts the person's own answers in place of {step}; a skipped one gets the exercise's own word for it."""
    for step in exercise.steps:
        slot = "{" + step.id + "}"
        if slot in text:
            unnamed = exercise.unnamed.get(step.id)
            value = run.answers.get(step.id) or (unnamed.label(language) if unnamed else "…")
            text = text.replace(slot, shorten(value))
    return text


def shorten(value: str) -> str:
    """A quotation that fits into a sentence."""
    one_line = ", ".join(value.split("\n")).strip().rstrip(".!?؟")
    return one_line if len(one_line) <= QUOTE_CHARS_MAX else one_line[: QUOTE_CHARS_MAX - 1].rstrip() + "…"


def describe(exercise: Exercise, run: ExerciseRun, language: str) -> ExerciseEvent:
    """The run as the page shows it."""
    step = exercise.step(run.step)
    return ExerciseEvent(
        type="exercise",
        id=exercise.id,
        title=exercise.title.label(language),
        status=run.status,
        step=step.id,
        step_index=exercise.index(step.id),
        steps_total=len(exercise.steps),
        input=StepInput(
            kind=step.input,
            options=tuple(option.label(language) for option in step.options),
            minimum=step.minimum,
            maximum=step.maximum,
            unit=step.unit,
            items=step.items,
        ),
        why_this_helps=step.why.variants(language)[0],
        pinned=run.answers.get(exercise.pin) if exercise.pin else None,
        pacing=exercise.pacing,
    )
