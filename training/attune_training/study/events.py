"""Session length and interactions from anonymous events: who is a random id, and no event holds a text.

A line is {"session": id, "event": "start" | "message" | "end", "at": ISO time}.
"""

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from attune_contracts.base import Input
from pydantic import ValidationError

from attune_training.errors import DataError


class Event(Input):
    """One anonymous event. A further field is refused: it could hold a text."""

    session: str
    event: Literal["start", "message", "end"]
    at: datetime


class Session(NamedTuple):
    """One talk: minutes from its first to its last event, and the person's messages."""

    minutes: float
    interactions: int


def read_sessions(path: Path) -> list[Session]:
    """Raises DataError, naming the line, for a field too many, an unknown event or a bad time."""
    found: dict[str, list[Event]] = defaultdict(list)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            event = Event.model_validate_json(line)
        except ValidationError as error:
            raise DataError(f"{path}:{number}: a line holds session, event and at, no more") from error
        found[event.session].append(event)
    return [session_of(events) for events in found.values()]


def session_of(events: list[Event]) -> Session:
    """Length and interactions, whatever order the events came in."""
    times = [event.at for event in events]
    return Session((max(times) - min(times)).total_seconds() / 60, sum(event.event == "message" for event in events))
