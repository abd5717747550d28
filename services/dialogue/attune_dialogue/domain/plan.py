"""What a turn will do, decided before a word is spoken. Made by policy and crisis, carried out by turn.py."""

from dataclasses import dataclass

from attune_contracts.dialogue import ExerciseEvent, Move, ReplySource, Suggestion

from attune_dialogue.domain.session import Session


@dataclass(frozen=True, slots=True)
class Plan:
    """One reply.

    `lead` comes first; when `speaks` is set the model may write it instead, in up to `sentences_max` sentences with a
    question only if `may_ask`. `says` are replies to choose from before `lead`, one of `asks` may follow them.
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
    says: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    tail: str = ""
    tail_source: ReplySource = ReplySource.TEMPLATE
    suggestions: tuple[Suggestion, ...] = ()
    exercise: ExerciseEvent | None = None
    notice: str | None = None
