"""What a turn needs from the world, as protocols. Adapters implement them, tests fake them by hand."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from attune_contracts.chat import Message
from attune_contracts.emotion import EmotionReading
from attune_contracts.matching import Matches

from attune_dialogue.domain.events import Logged
from attune_dialogue.domain.session import Session


@dataclass(frozen=True, slots=True)
class SessionRef:
    """Who asks for which session: the id and the bearer token as they came in."""

    session_id: str
    token: str


@dataclass(frozen=True, slots=True)
class TurnKey:
    """What makes a message safe to retry: the caller's key and the bytes that it stands for."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one turn: whose it is, which key seals it, and which version it started from."""

    session_id: str
    message_id: str
    data_key: bytes
    version: int
    wrapped_key: bytes
    idempotency_field: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that may go on."""

    lease: Lease
    session: Session


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answer to a retried message: the turn that was already finished under the same key."""

    message_id: str


class SessionStore(Protocol):
    """Sessions at rest. Every method raises Unavailable when the storage is down, and NotFound for a wrong token."""

    async def create(self, session: Session, token: str, expires_at: datetime) -> None:
        """Stores a new session and the hash of its token."""

    async def load(self, ref: SessionRef) -> Session:
        """Reads a session."""

    async def begin(self, ref: SessionRef, message_id: str, key: TurnKey | None) -> Begun | Replayed:
        """Locks the session for one turn. Raises Conflict when a turn is under way, Invalid for a reused key."""

    async def finish(self, lease: Lease, session: Session, expires_at: datetime, tail: Sequence[Logged]) -> None:
        """Writes the session and the turn's last events in one step. Raises Conflict when somebody else wrote."""

    async def release(self, lease: Lease) -> None:
        """Gives the lock back without writing."""

    async def replace(self, ref: SessionRef, session: Session, expires_at: datetime) -> None:
        """Writes a changed session outside a turn. Raises Conflict when it changed meanwhile or is busy."""

    async def delete(self, ref: SessionRef) -> None:
        """Deletes a session with its key, its events and everything else."""


class EventLog(Protocol):
    """The events of each turn, kept so that a cut connection can resume."""

    async def append(self, lease: Lease, events: Sequence[Logged]) -> None:
        """Adds events, if any, and keeps the turn's lock alive."""

    def follow(self, ref: SessionRef, message_id: str, after: int) -> AsyncIterator[Logged]:
        """Replays the events after `after` and then waits for more, until the turn has ended. Raises NotFound."""


class EmotionReader(Protocol):
    """The emotion service."""

    async def read(self, text: str) -> EmotionReading | None:
        """The emotion of a text, or None when the service is down or too slow."""


class Matcher(Protocol):
    """The emotion service's second reader. Both methods answer None when it is down or too slow."""

    async def situations(self, texts: Sequence[str]) -> tuple[Matches, ...] | None:
        """What lies nearest to each text."""

    async def fit(self, text: str, replies: Sequence[str]) -> tuple[float, ...] | None:
        """For each reply, how well it fits the text, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What to ask the model for."""

    messages: Sequence[Message]
    tokens_max: int
    temperature: float
    seed: int


class Generator(Protocol):
    """The model. `stream` raises an OperationalError when the engine is down, too slow or broken."""

    def stream(self, request: Generation) -> AsyncGenerator[str]:
        """Pieces of the reply. Closing the iterator stops the engine."""

    def blame(self) -> None:
        """Counts the running stream as failed: it answered, but too slowly to be of use."""
