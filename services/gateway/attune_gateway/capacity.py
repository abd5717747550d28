"""How many turns may run at once: one a session, and a bound for the process. A crisis message is never held up.

So that nobody can fill the house with crisis messages either, those beyond twice the bound are answered by the edge
alone, which costs next to nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attune_kit.errors import Conflict, Unavailable


class Capacity:
    """Counts the turns in flight. `session_wait_s` bridges the moment between a stopped turn and the next message."""

    def __init__(self, turns_max: int, session_wait_s: float, retry_after_s: float) -> None:
        self.in_flight = 0
        self._turns_max = turns_max
        self._session_wait_s = session_wait_s
        self._retry_after_s = retry_after_s
        self._busy: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, session_id: str, *, vital: bool) -> AsyncIterator[bool]:
        """Holds a place for a turn. Raises Conflict when the session is busy, Unavailable when the process is full.

        A vital turn (a crisis message) always gets in. Yields whether dialogue has room for it.
        """
        if not vital:
            self._check_room()
            await self._wait_for_session(session_id)
            self._check_room()
        has_room = self.in_flight < 2 * self._turns_max
        ended = asyncio.Event()
        self._busy[session_id] = ended
        self.in_flight += 1
        try:
            yield has_room
        finally:
            self.in_flight -= 1
            ended.set()
            if self._busy.get(session_id) is ended:
                del self._busy[session_id]

    def _check_room(self) -> None:
        if self.in_flight >= self._turns_max:
            raise Unavailable(
                "Many people are writing at the moment. Please send it again in a few seconds.",
                code="temporary_reduced_capacity",
                retry_after_s=self._retry_after_s,
            )

    async def _wait_for_session(self, session_id: str) -> None:
        try:
            async with asyncio.timeout(self._session_wait_s):
                while running := self._busy.get(session_id):
                    await running.wait()
        except TimeoutError:
            raise Conflict(
                "A reply in this session is still being written. Stop it or wait for it.",
                code="reply_in_progress",
                retry_after_s=1,
            ) from None
