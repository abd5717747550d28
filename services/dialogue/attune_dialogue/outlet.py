"""The events of one running turn, in order: what callers read, and what is still to be logged. Filled by turn.py."""

import asyncio
from collections.abc import AsyncIterator, Callable

from attune_contracts.dialogue import TurnEvent

from attune_dialogue.domain.events import Logged


class Outlet:
    """Written by one turn, read by any number of followers. `stop` asks the turn to say no more than it has."""

    def __init__(self) -> None:
        self.events: list[TurnEvent] = []
        self.lines: list[Logged] = []
        self.closed = False
        self.stopped = False
        self.followers = 0
        self._logged = 0
        self._changed = asyncio.Event()
        self._on_stop: Callable[[], None] | None = None

    def emit(self, event: TurnEvent) -> None:
        """Adds an event and wakes the followers."""
        self.publish(event, self.line(event))

    def line(self, event: TurnEvent) -> Logged:
        """The line that an event would get next."""
        return Logged(len(self.lines) + 1, event.type, event.model_dump_json())

    def publish(self, event: TurnEvent, line: Logged) -> None:
        """Adds an event whose line was made before, such as the last one, which is stored first."""
        self.events.append(event)
        self.lines.append(line)
        self._wake()

    def close(self) -> None:
        """No more events will come."""
        self.closed = True
        self._wake()

    def pending(self) -> tuple[Logged, ...]:
        """The lines that are not logged yet."""
        return tuple(self.lines[self._logged :])

    def logged(self, count: int) -> None:
        """The next `count` lines are safe."""
        self._logged += count

    def stop(self) -> None:
        """Nobody listens any more: a running generation ends now."""
        self.stopped = True
        if self._on_stop is not None:
            self._on_stop()

    def on_stop(self, call: Callable[[], None] | None) -> None:
        """What ends the running generation."""
        self._on_stop = call

    async def follow(self) -> AsyncIterator[Logged]:
        """Every line from the first to the last, as they come."""
        self.followers += 1
        position = 0
        try:
            while True:
                while position < len(self.lines):
                    yield self.lines[position]
                    position += 1
                if self.closed:
                    return
                changed = self._changed
                await changed.wait()
        finally:
            self.followers -= 1

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
