"""The events of each turn in a Redis stream, sealed with the session's key. Implements EventLog.

One stream entry holds a batch of events. Its id is `0-<number of the last one>`, so a reader starts after any event.
"""

from collections.abc import AsyncIterator, Sequence
from importlib.resources import files
from typing import Any, cast

from attune_kit.errors import NotFound
from redis.asyncio import Redis

from attune_dialogue.adapters.redis_faults import storage_faults
from attune_dialogue.adapters.sealing import associated
from attune_dialogue.adapters.session_store import EVENTS, RedisSessionStore, StoreLimits, seal_events, session_key
from attune_dialogue.domain.events import Logged
from attune_dialogue.ports import Lease, SessionRef

LAST_EVENTS = frozenset({"done", "error"})
POLL_MS = 200


class RedisEventLog:
    """See the module."""

    def __init__(self, redis: "Redis", store: RedisSessionStore, limits: StoreLimits) -> None:
        self._redis = redis
        self._store = store
        self._limits = limits
        script = files("attune_dialogue").joinpath("adapters", "lua", "append.lua")
        self._append = redis.register_script(script.read_text(encoding="utf-8"))

    async def append(self, lease: Lease, events: Sequence[Logged]) -> None:
        """Adds a batch. A session that was deleted meanwhile stays deleted."""
        name, lock_ms = session_key(lease.session_id), int(self._limits.lock_ttl_s * 1000)
        async with storage_faults(self._limits.timeout_s):
            await self._append(
                keys=[name, f"{name}:lock", f"{name}:ev:{lease.message_id}"],
                args=[
                    lease.message_id,
                    lock_ms,
                    f"0-{events[-1].seq}" if events else "",
                    seal_events(lease, events) if events else b"",
                    self._limits.event_ttl_s * 1000,
                ],
            )

    async def follow(self, ref: SessionRef, message_id: str, after: int) -> AsyncIterator[Logged]:
        """Ends with the turn. A turn whose writer died without a last event ends when its lock has run out."""
        data_key = await self._store.data_key(ref)
        stream = f"{session_key(ref.session_id)}:ev:{message_id}"
        sealed_for = associated(f"events:{message_id}", ref.session_id)
        cursor, seen = f"0-{after}", False
        while True:
            alive, entries = await self._next(ref, message_id, stream, cursor)
            for entry_id, fields in entries:
                seen, cursor = True, entry_id.decode()
                for event in EVENTS.validate_json(data_key.open(sealed_for, fields[b"e"])):
                    if event.seq > after:
                        after = event.seq
                        yield event
                        if event.name in LAST_EVENTS:
                            return
            if not entries and not alive:
                if not seen and not await self._exists(stream):
                    raise NotFound("There is no such message, or its events have expired.")
                return

    async def _next(self, ref: SessionRef, message_id: str, stream: str, cursor: str) -> tuple[bool, list[Any]]:
        """Whether the turn is under way, and the entries after `cursor`, waiting a moment for them if it is."""
        async with storage_faults(self._limits.timeout_s + POLL_MS / 1000):
            # The lock is read first: a turn that ends in between has written everything by then.
            alive = await self._redis.get(f"{session_key(ref.session_id)}:lock") == message_id.encode()
            waiting = POLL_MS if alive else None
            found = cast("list[Any]", await self._redis.xread({stream: cursor}, block=waiting))
        return alive, [entry for _, entries in found or () for entry in entries]

    async def _exists(self, stream: str) -> bool:
        async with storage_faults(self._limits.timeout_s):
            return bool(await self._redis.exists(stream))
