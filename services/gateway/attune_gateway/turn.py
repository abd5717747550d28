"""One message's way through the edge: take a place, ask dialogue, pass its events on, end the turn well if it can't.

The order of a turn: `Relay.flow` takes a place, `Flow.next` opens the stream on first use, passes whole events on as
they come, watches the deadlines, and takes over with `fallback.ending` when dialogue is lost.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from attune_contracts.dialogue import RiskEvent
from attune_contracts.risk import RiskAssessment, RiskTier
from attune_kit.errors import DeadlineExceeded, OperationalError
from attune_kit.logging import get_logger
from attune_kit.sse import MEDIA_TYPE, PING

from attune_gateway import fallback, passage
from attune_gateway.capacity import Capacity
from attune_gateway.fallback import Place, Seen
from attune_gateway.figures import Figures
from attune_gateway.passage import Batch, Malformed, Passage
from attune_gateway.ports import Call, Dialogue, Upstream

# After `done`, dialogue may still be writing its session: the end of the body says that it is through.
DRAIN_S = 0.5
# How dialogue says that an earlier turn of the session still runs.
BUSY_CODE = b'"turn_in_progress"'
BUSY_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. The crisis pair holds for a message that the screen flags, `card_s` for one in a crisis."""

    card_s: float
    first_event_s: float
    first_event_crisis_s: float
    idle_s: float
    idle_crisis_s: float
    total_s: float
    ping_s: float
    refusal_s: float
    busy_s: float


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message at the edge: what to ask of dialogue, and what to fall back on.

    `call` is None when there is no session to send it to: then the edge answers at once.
    """

    session_id: str
    call: Call | None
    assessment: RiskAssessment
    place: Place

    @property
    def flagged(self) -> bool:
        """The screen saw something: the edge answers by itself if it must."""
        return self.assessment.tier is not RiskTier.NONE

    @property
    def vital(self) -> bool:
        """A crisis message: no limit holds it up, no refusal stands, and its card comes before any word."""
        return self.assessment.tier.rank >= RiskTier.ELEVATED.rank


class Refused(Exception):
    """Dialogue's own 4xx: its status, headers and problem body go to the caller as they are."""

    def __init__(self, upstream: Upstream, body: bytes) -> None:
        super().__init__(upstream.status)
        self.status = upstream.status
        self.headers = dict(upstream.headers)
        self.body = body


class Lost(Exception):
    """Dialogue cannot bring this turn to its end. The argument is the reason, a rule name."""


class Relay:
    """Runs turns.

    `new_id` names a message that dialogue never saw, `pick` chooses among wordings, `refer` counts a card.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        capacity: Capacity,
        deadlines: Deadlines,
        figures: Figures,
        *,
        new_id: Callable[[], str],
        pick: Callable[[], int],
        refer: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dialogue = dialogue
        self.capacity = capacity
        self.deadlines = deadlines
        self.figures = figures
        self.new_id = new_id
        self.pick = pick
        self.refer = refer
        self.clock = clock

    @asynccontextmanager
    async def flow(self, message: Incoming) -> AsyncIterator["Flow"]:
        """A turn in its place. Leaving the block cuts what dialogue is still doing for it."""
        async with self.capacity.turn(message.session_id, vital=message.vital) as has_room:
            flow = Flow(self, message, has_room=has_room)
            try:
                yield flow
            finally:
                flow.close()
                if flow.card is not None:
                    self.refer(flow.card)


def _discard(opening: asyncio.Task[Upstream]) -> None:
    """Closes what a finished task has opened and nobody has taken."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class Flow:
    """The events of one turn, batch by batch."""

    def __init__(self, relay: Relay, message: Incoming, *, has_room: bool) -> None:
        self._relay = relay
        self._message = message
        self._has_room = has_room
        self._deadlines = relay.deadlines
        self._seen = Seen()
        self._passage = Passage()
        self._upstream: Upstream | None = None
        self._opening: asyncio.Task[Upstream] | None = None
        self._started = self._event_at = relay.clock()
        self._lost: str | None = None
        self._first = True
        self.by_edge = False

    @property
    def card(self) -> str | None:
        """The JSON of the last card that went out."""
        return self._seen.risk_data

    async def next(self) -> Batch | None:
        """The next batch, or None at the end. Raises Refused, only as the answer to the first call."""
        if self._seen.ended:
            await self._drain()
            return None
        if self._lost:
            return self._take_over(self._lost)
        try:
            if self._upstream is None and self._message.vital and not await self._opens_before_card():
                return self._own_card()
            if self._upstream is None:
                self._upstream = await (self._opening or self._open())
            return await self._advance(self._upstream)
        except Lost as lost:
            return self._take_over(str(lost))

    def close(self) -> None:
        """Lets dialogue go. What it has not finished is cut."""
        if self._upstream is not None:
            self._upstream.close()
        elif self._opening is not None and not self._opening.cancel():
            _discard(self._opening)

    async def _opens_before_card(self) -> bool:
        """Whether dialogue has answered, or the card is out already: a slow dialogue must not hold the card up."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
        if not self._seen.risk:
            await asyncio.wait({self._opening}, timeout=self._deadlines.card_s)
        return self._seen.risk or self._opening.done()

    async def _open(self) -> Upstream:
        if self._message.call is None:
            raise Lost("unreachable")
        if not self._has_room:
            raise Lost("crowded")
        while True:
            upstream = await self._send(self._message.call)
            if upstream.status == 200:
                break
            refused = await self._refusal(upstream)
            if upstream.status >= 500 or self._message.vital:
                raise Lost("refused")
            # The person stopped the reply before, and dialogue is still putting it away: not worth a refusal.
            if not self._is_put_away_soon(refused):
                raise refused
            await asyncio.sleep(BUSY_PAUSE_S)
        if upstream.headers.get("content-type", "").startswith(MEDIA_TYPE):
            return upstream
        upstream.close()
        raise Lost("malformed")

    async def _send(self, call: Call) -> Upstream:
        try:
            return await self._relay.dialogue.send(call, self._first_event_s)
        except DeadlineExceeded:
            raise Lost("late") from None
        except OperationalError:
            raise Lost("unreachable") from None

    async def _refusal(self, upstream: Upstream) -> Refused:
        try:
            body = await upstream.body(min(self._deadlines.refusal_s, self._first_event_s))
        except OperationalError:
            raise Lost("cut") from None
        finally:
            upstream.close()
        self._relay.dialogue.settle(worked=True)
        return Refused(upstream, body)

    def _is_put_away_soon(self, refused: Refused) -> bool:
        waited_s = self._relay.clock() - self._started
        return refused.status == 409 and BUSY_CODE in refused.body and waited_s < self._deadlines.busy_s

    async def _advance(self, upstream: Upstream) -> Batch:
        try:
            chunk = await upstream.read(max(0.001, self._patience()))
            batch = self._passage.feed(chunk)
        except TimeoutError:
            return self._without_event(Batch(PING, ()))
        except Malformed:
            raise Lost("malformed") from None
        except OperationalError:
            raise Lost("cut") from None
        if not chunk:
            raise Lost("cut")
        return self._guarded(batch)

    def _guarded(self, batch: Batch) -> Batch:
        """The batch as it may be shown, noted as seen."""
        if not batch.events:
            return self._without_event(batch)
        now = self._relay.clock()
        if now >= self._started + self._deadlines.total_s:
            raise Lost("endless")
        if self._first:
            self._first = False
            self._relay.dialogue.settle(worked=True)
            self._relay.figures.first_event(now - self._started)
        if self._message.flagged and any(event.event == "error" for event in batch.events):
            batch, self._lost = passage.before_error(batch), "error"
        if self._lacks_card() and passage.speaks(batch) and not any(event.event == "risk" for event in batch.events):
            batch = passage.with_card(batch, fallback.as_sse(self._card()))
        for event in batch.events:
            self._seen.note(event)
        self._event_at = now
        return batch

    def _without_event(self, batch: Batch) -> Batch:
        """A batch of silence, of pings, or of half an event: what it may be, now that some deadline may be over."""
        now = self._relay.clock()
        if self._first and now >= self._started + self._first_event_s:
            raise Lost("late")
        if now >= self._end_at():
            raise Lost("idle")
        if self._lacks_card() and now >= self._started + self._deadlines.card_s:
            return self._own_card()
        return batch

    def _own_card(self) -> Batch:
        """The card of the edge. Dialogue's own may follow and takes its place: it knows the session's country."""
        card = fallback.as_sse(self._card())
        self._seen.note(card)
        return passage.rebuilt([card])

    def _patience(self) -> float:
        """Seconds until something has to happen without dialogue."""
        marks = [self._end_at(), self._relay.clock() + self._deadlines.ping_s]
        if self._first:
            marks.append(self._started + self._first_event_s)
        if self._lacks_card():
            marks.append(self._started + self._deadlines.card_s)
        return min(marks) - self._relay.clock()

    def _end_at(self) -> float:
        idle_s = self._deadlines.idle_crisis_s if self._message.flagged else self._deadlines.idle_s
        return min(self._event_at + idle_s, self._started + self._deadlines.total_s)

    @property
    def _first_event_s(self) -> float:
        return self._deadlines.first_event_crisis_s if self._message.flagged else self._deadlines.first_event_s

    def _lacks_card(self) -> bool:
        return self._message.vital and not self._seen.risk

    def _card(self) -> RiskEvent:
        return fallback.risk_event(self._message.assessment, self._message.place)

    def _take_over(self, reason: str) -> Batch:
        """The edge's own ending."""
        self.close()
        if reason in {"idle", "cut", "malformed", "endless"} or (reason == "late" and self._upstream is not None):
            self._relay.dialogue.settle(worked=False)
        self.by_edge = True
        self._relay.figures.edge_answer(reason, self._message.assessment.tier)
        get_logger().warning("edge_answer", reason=reason)
        events = fallback.ending(
            self._seen,
            self._message.assessment,
            self._message.place,
            reason=reason,
            new_id=self._relay.new_id(),
            pick=self._relay.pick(),
            elapsed_ms=(self._relay.clock() - self._started) * 1000,
        )
        batch = passage.rebuilt(map(fallback.as_sse, events))
        for event in batch.events:
            self._seen.note(event)
        return batch

    async def _drain(self) -> None:
        if self._upstream is None or self.by_edge:
            return
        try:
            while await self._upstream.read(DRAIN_S):
                pass
        except (TimeoutError, OperationalError):
            self.close()
