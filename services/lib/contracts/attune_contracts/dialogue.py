"""Wire models of a conversation: sessions, messages, and the events of one turn.

The gateway and the dialogue service speak the same models, so that a turn's events pass through the edge untouched.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from attune_contracts.base import Input, Output
from attune_contracts.emotion import Emotion, EmotionReading, Text
from attune_contracts.problem import Problem
from attune_contracts.risk import ResourceCard, RiskKind, RiskTier

CONSENT_VERSION = "2026-11"

Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Move(StrEnum):
    """What a reply does. The names are those of the prompt files and of the authored training data."""

    REFLECT = "reflect"
    VALIDATE = "validate"
    NORMALISE = "normalise"
    EXPLORE = "explore"
    OFFER = "offer"
    DEEPEN = "deepen"
    SUMMARISE = "summarise"
    CLOSE = "close"
    CELEBRATE = "celebrate"
    REPAIR = "repair"


class Consent(Input):
    """The version of the consent text that the person agreed to."""

    version: Annotated[str, Field(min_length=1, max_length=32)]


class SessionCreate(Input):
    """Opens a session. Without consent the answer is 403 `consent_required`."""

    consent: Consent | None = None
    locale: Locale = "en"
    country: Country | None = None


class SessionCreated(Output):
    """`token` is a bearer secret and is shown once. `notice` is the AI notice that must be shown in bold."""

    id: str
    token: str
    expires_at: datetime
    greeting: str
    notice: str


class SessionUpdate(Input):
    """Changes what the person said about where they are or which language they want."""

    locale: Locale | None = None
    country: Country | None = None


class MessageCreate(Input):
    """One message. `suggestion_id` is set when the person tapped a suggestion instead of typing."""

    text: Text
    suggestion_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class Suggestion(Output):
    """A button: `label` is shown, `text` is sent as the message, with `id` as `suggestion_id`."""

    id: str
    label: str
    text: str


class InputKind(StrEnum):
    """What a step of an exercise waits for."""

    NONE = "none"
    TEXT = "text"
    SCALE = "scale"
    CHOICE = "choice"
    LIST = "list"


class StepInput(Output):
    """How the page asks for an answer. `minimum`, `maximum` and `unit` belong to a scale, `options` to a choice."""

    kind: InputKind
    options: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    unit: str | None
    items: int | None


class ExerciseStatus(StrEnum):
    """Where a person stands in an exercise."""

    OFFERED = "offered"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    LEFT = "left"


class BreathPhase(Output):
    """One phase of a paced-breathing cycle."""

    name: Literal["in", "hold", "out"]
    seconds: float


class Pacing(Output):
    """Timing data that the page animates. The whole exercise lasts `total_s` seconds."""

    phases: tuple[BreathPhase, ...]
    total_s: float


class AcceptedEvent(Output):
    """The message is stored under `message_id`; the reply follows."""

    type: Literal["accepted"]
    message_id: str


class RiskEvent(Output):
    """Sent before any word of the reply when the tier is not none. `rules` says which rules fired."""

    type: Literal["risk"]
    tier: RiskTier
    kind: RiskKind
    rules: tuple[str, ...]
    card: ResourceCard


class EmotionEvent(Output):
    """The emotion that was read. Absent when the emotion service is down."""

    type: Literal["emotion"]
    reading: EmotionReading


class DeltaEvent(Output):
    """The next piece of the reply, already linted. Join the pieces without adding anything."""

    type: Literal["delta"]
    text: str


class ExerciseEvent(Output):
    """The step that the person is at. `pinned` is a text that stays visible, such as the thought being looked at."""

    type: Literal["exercise"]
    id: str
    title: str
    status: ExerciseStatus
    step: str
    step_index: int
    steps_total: int
    input: StepInput
    why_this_helps: str
    pinned: str | None
    pacing: Pacing | None


class SuggestionsEvent(Output):
    """Buttons that fit the moment. Free text is always possible too."""

    type: Literal["suggestions"]
    items: tuple[Suggestion, ...]


class NoticeEvent(Output):
    """A notice the law asks for, to be shown bold at 16 px or more."""

    type: Literal["notice"]
    text: str


class ReplySource(StrEnum):
    """Where the words of a reply came from."""

    MODEL = "model"
    AUTHORED = "authored"
    TEMPLATE = "template"
    EXERCISE = "exercise"
    CRISIS = "crisis"


class Why(Output):
    """Machine-readable reasons for a reply, shown on demand. Rule names only, never words of the person."""

    move: Move | None
    rule: str
    sources: tuple[ReplySource, ...]
    emotion: Emotion | None
    tier: RiskTier
    lint: tuple[str, ...]


class DoneEvent(Output):
    """The end of a turn: `text` is the whole reply, `degraded` says that the model did not answer in time."""

    type: Literal["done"]
    message_id: str
    text: str
    degraded: bool
    why: Why
    timings_ms: dict[str, float]


class ErrorEvent(Output):
    """The turn failed after it was accepted. The person's message is kept; sending it again is safe."""

    type: Literal["error"]
    problem: Problem


TurnEvent = Annotated[
    AcceptedEvent
    | RiskEvent
    | EmotionEvent
    | DeltaEvent
    | ExerciseEvent
    | SuggestionsEvent
    | NoticeEvent
    | DoneEvent
    | ErrorEvent,
    Field(discriminator="type"),
]


class Reply(Output):
    """The same content as a turn's events, as one object for callers that do not stream."""

    message_id: str
    text: str
    risk: RiskEvent | None
    emotion: EmotionReading | None
    exercise: ExerciseEvent | None
    suggestions: tuple[Suggestion, ...]
    notice: str | None
    degraded: bool
    why: Why
    timings_ms: dict[str, float]


class TurnRole(StrEnum):
    """Who wrote a line of the transcript."""

    USER = "user"
    ASSISTANT = "assistant"


class TranscriptLine(Output):
    """One line of a conversation as stored and exported."""

    message_id: str
    role: TurnRole
    text: str
    at: datetime
    emotion: Emotion | None
    tier: RiskTier


class SessionView(Output):
    """A session as its owner sees it."""

    id: str
    locale: str
    country: str | None
    created_at: datetime
    expires_at: datetime
    version: int
    transcript: tuple[TranscriptLine, ...]
    exercise: ExerciseEvent | None


class SessionExport(Output):
    """Everything that is stored about a session, readable and complete."""

    schema_version: int
    session: SessionView
    consent_version: str
    notes: dict[str, str]
