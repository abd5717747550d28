"""The events of a turn as lines on the wire, and as one reply for callers that do not stream. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from attune_contracts.dialogue import (
    DoneEvent,
    EmotionEvent,
    ErrorEvent,
    ExerciseEvent,
    NoticeEvent,
    Reply,
    RiskEvent,
    SuggestionsEvent,
    TurnEvent,
)
from attune_contracts.problem import Problem
from pydantic import TypeAdapter

EVENT: TypeAdapter[TurnEvent] = TypeAdapter(TurnEvent)


@dataclass(frozen=True, slots=True)
class Logged:
    """One event as it goes over the wire: `seq` counts from 1 within its turn, `data` is one line of JSON."""

    seq: int
    name: str
    data: str


def collect(events: Sequence[TurnEvent]) -> Reply | Problem | None:
    """All events of a turn as one reply; the problem of a turn that failed; None for one that has no end."""
    risk: RiskEvent | None = None
    emotion: EmotionEvent | None = None
    exercise: ExerciseEvent | None = None
    suggestions: SuggestionsEvent | None = None
    notice: NoticeEvent | None = None
    for event in events:
        match event:
            case RiskEvent():
                risk = event
            case EmotionEvent():
                emotion = event
            case ExerciseEvent():
                exercise = event
            case SuggestionsEvent():
                suggestions = event
            case NoticeEvent():
                notice = event
            case ErrorEvent():
                return event.problem
            case DoneEvent():
                return Reply(
                    message_id=event.message_id,
                    text=event.text,
                    risk=risk,
                    emotion=emotion.reading if emotion else None,
                    exercise=exercise,
                    suggestions=suggestions.items if suggestions else (),
                    notice=notice.text if notice else None,
                    degraded=event.degraded,
                    why=event.why,
                    timings_ms=event.timings_ms,
                )
            case _:
                pass
    return None
