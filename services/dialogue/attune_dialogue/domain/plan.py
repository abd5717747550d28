"""What a turn will do, decided before a word is spoken. Made by policy and crisis, carried out by turn.py."""

from dataclasses import dataclass

from attune_contracts.dialogue import ExerciseEvent, Move, ReplySource, Suggestion

from attune_dialogue.domain.session import Session


@dataclass(frozen=True, slots=True)
class Written:
    """A reply to choose from, the questions of which one may follow it, and how well it has to fit."""

    text: str
    source: ReplySource
    asks: tuple[str, ...] = ()
    fit_min: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One reply.

    `lead` comes first; when `speaks` is set the model may write it instead, in up to `sentences_max` sentences with a
    question only if `may_ask`. The one of `written` that is nearest to the message is said instead of `lead`.
    `tail` always follows. `session` is the state after the turn, without its transcript.
    """

    rule: str
    move: Move | None
    language: str
    lead: str
    session: Session
    source: ReplySource
    speaks: bool = False
    sentences_max: int = 2
    may_ask: bool = False
    written: tuple[Written, ...] = ()
    tail: str = ""
    tail_source: ReplySource = ReplySource.TEMPLATE
    suggestions: tuple[Suggestion, ...] = ()
    exercise: ExerciseEvent | None = None
    notice: str | None = None
