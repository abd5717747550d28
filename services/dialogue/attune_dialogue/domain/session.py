"""The session: one frozen, versioned record of a conversation. Every change makes a new one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from attune_contracts.chat import Message
from attune_contracts.dialogue import ExerciseStatus, TranscriptLine, TurnRole
from attune_contracts.emotion import Emotion
from attune_contracts.risk import RiskTier
from pydantic import BaseModel, ConfigDict

from attune_dialogue.domain.crisis_state import CrisisState

SCHEMA_VERSION = 1
SAID_MAX = 300
RULES_MAX = 12


class Record(BaseModel):
    """Base of everything inside a session: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExerciseRun(Record):
    """One exercise that somebody is in or was in.

    `answers` maps step ids to the person's own words, `keys` to the id of the option they chose. `path` lists the
    steps behind them, for going back.
    """

    id: str
    status: ExerciseStatus
    step: str
    answers: dict[str, str]
    keys: dict[str, str]
    path: tuple[str, ...]
    asked_again: int


class Offer(Record):
    """An exercise that was offered and not yet answered."""

    exercise: str
    turn: int


class Memory(Record):
    """What policy remembers of its own moves. Turn numbers count the person's messages, from 1."""

    said: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    questions_in_row: int = 0
    offer: Offer | None = None
    offered: dict[str, int] = {}
    refused: dict[str, int] = {}
    refused_turn: int | None = None
    offered_turn: int | None = None
    quiet_turn: int | None = None
    grief_turn: int | None = None
    notice_at: datetime | None = None
    pause_suggested_at: datetime | None = None
    situation: str | None = None
    situation_turn: int = 0


class Session(Record):
    """The record. `version` counts writes; `turns` counts the person's messages."""

    schema_version: int
    id: str
    version: int
    consent_version: str
    locale: str
    country: str | None
    created_at: datetime
    touched_at: datetime
    turns: int
    transcript: tuple[TranscriptLine, ...]
    memory: Memory
    runs: tuple[ExerciseRun, ...]
    notes: dict[str, str]
    crisis: CrisisState | None = None

    @classmethod
    def open(cls, session_id: str, consent_version: str, locale: str, country: str | None, now: datetime) -> Self:
        """A new session without a word in it."""
        return cls(
            schema_version=SCHEMA_VERSION,
            id=session_id,
            version=1,
            consent_version=consent_version,
            locale=locale,
            country=country,
            created_at=now,
            touched_at=now,
            turns=0,
            transcript=(),
            memory=Memory(),
            runs=(),
            notes={},
        )

    def but(self, **changes: object) -> Self:
        """The same session with some fields changed."""
        return self.model_copy(update=changes)

    def expires_at(self, ttl_s: int, ttl_max_s: int) -> datetime:
        """`ttl_s` seconds after the last touch, and never later than `ttl_max_s` after the start."""
        sliding = self.touched_at + timedelta(seconds=ttl_s)
        return min(sliding, self.created_at + timedelta(seconds=ttl_max_s))

    @property
    def language(self) -> str:
        """The language part of the locale, such as "en" or "ar"."""
        return self.locale.split("-")[0]

    @property
    def active_run(self) -> ExerciseRun | None:
        """The exercise that the person is in now."""
        return next((run for run in self.runs if run.status is ExerciseStatus.ACTIVE), None)

    @property
    def paused_run(self) -> ExerciseRun | None:
        """The exercise that waits to be resumed, the newest first."""
        return next((run for run in reversed(self.runs) if run.status is ExerciseStatus.PAUSED), None)

    def with_run(self, run: ExerciseRun) -> Self:
        """Puts a run in its place, or adds it. One run an exercise."""
        others = tuple(other for other in self.runs if other.id != run.id)
        return self.but(runs=(*others, run))

    def messages(self, count_max: int | None = None) -> tuple[Message, ...]:
        """The transcript as chat messages, newest last."""
        lines = self.transcript if count_max is None else self.transcript[-count_max:]
        return tuple(Message(role=line.role.value, content=line.text) for line in lines)

    def last_lines(self, role: TurnRole, count: int) -> tuple[TranscriptLine, ...]:
        """The newest lines of one side, newest last."""
        return tuple(line for line in self.transcript if line.role is role)[-count:]

    def last_texts(self, role: TurnRole, count: int) -> tuple[str, ...]:
        """The newest texts of one side, newest last."""
        return tuple(line.text for line in self.last_lines(role, count))

    def remember(self, changes: Mapping[str, object]) -> Self:
        """Changes fields of the memory."""
        return self.but(memory=self.memory.model_copy(update=dict(changes)))


@dataclass(frozen=True, slots=True)
class Exchange:
    """What both sides said in one turn, and what was read in it."""

    message_id: str
    user_text: str
    reply_text: str
    emotion: Emotion | None
    tier: RiskTier


def add_turn(session: Session, said: Exchange, now: datetime) -> Session:
    """Adds both lines of a turn. Both carry the message's id, since they live and die together."""
    user = TranscriptLine(
        message_id=said.message_id,
        role=TurnRole.USER,
        text=said.user_text,
        at=now,
        emotion=said.emotion,
        tier=said.tier,
    )
    reply = user.model_copy(update={"role": TurnRole.ASSISTANT, "text": said.reply_text, "emotion": None})
    return session.but(transcript=(*session.transcript, user, reply), turns=session.turns + 1, touched_at=now)


def bound(session: Session, lines_max: int, chars_max: int) -> Session:
    """Drops the oldest turns when the transcript outgrows its limits. The newest turn always stays."""
    lines = session.transcript[-lines_max:]
    chars = sum(len(line.text) for line in lines)
    while chars > chars_max and len(lines) > 2:
        chars -= len(lines[0].text) + len(lines[1].text)
        lines = lines[2:]
    memory = session.memory
    if len(memory.said) > SAID_MAX or len(memory.rules) > RULES_MAX:
        memory = memory.model_copy(update={"said": memory.said[-SAID_MAX:], "rules": memory.rules[-RULES_MAX:]})
    if len(lines) == len(session.transcript) and memory is session.memory:
        return session
    return session.but(transcript=lines, memory=memory)
