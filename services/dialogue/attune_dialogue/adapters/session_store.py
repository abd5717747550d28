"""Sessions in Redis: one encrypted record each, with its own wrapped key, a lock and a TTL. Implements SessionStore.

Keys of a session share the tag {id}: `sess:{id}` (t token digest, k wrapped key, v version, d record, w last writer),
`:lock`, `:idem` and `:ev:<message>`. Deleting the first destroys the key that opens all the others.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, cast

from attune_kit.errors import Conflict, Invalid, NotFound
from pydantic import TypeAdapter
from redis.asyncio import Redis

from attune_dialogue.adapters.redis_faults import storage_faults
from attune_dialogue.adapters.sealing import Keyring, SealKey, associated
from attune_dialogue.domain.events import Logged
from attune_dialogue.domain.session import Session
from attune_dialogue.ports import Begun, Lease, Replayed, SessionRef, TurnKey

IDEMPOTENCY_KEYS_MAX = 512
SESSIONS = TypeAdapter(Session)
EVENTS = TypeAdapter(tuple[Logged, ...])
UNKNOWN = "There is no such session, or the token does not belong to it."
BUSY = "The reply to the previous message is still being written. Wait for it, then send again."


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Times of what is stored: the lock of a turn and the events of a turn."""

    lock_ttl_s: float
    event_ttl_s: int
    timeout_s: float


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_key(session_id: str) -> str:
    """The key of a session's hash; its other keys begin with it."""
    return f"sess:{{{session_id}}}"


def seal_events(lease: Lease, events: Sequence[Logged]) -> bytes:
    """Some events of a turn, as they lie in its stream."""
    key = SealKey("d", lease.data_key)
    return key.seal(associated(f"events:{lease.message_id}", lease.session_id), EVENTS.dump_json(tuple(events)))


class RedisSessionStore:
    """See the module. Every call is one round trip, bounded by `limits.timeout_s`."""

    def __init__(self, redis: "Redis", keyring: Keyring, limits: StoreLimits) -> None:
        self._redis = redis
        self._keyring = keyring
        self._limits = limits
        scripts = files("attune_dialogue").joinpath("adapters", "lua")
        self._begin, self._finish, self._replace = (
            redis.register_script(scripts.joinpath(f"{name}.lua").read_text(encoding="utf-8"))
            for name in ("begin", "finish", "replace")
        )

    async def create(self, session: Session, token: str, expires_at: datetime) -> None:
        """Stores a new session under a fresh data key."""
        data_key, wrapped = self._keyring.new_data_key(session.id)
        record: dict[Any, Any] = {
            "t": digest(token),
            "k": wrapped,
            "v": session.version,
            "d": self._seal(data_key, session),
        }
        async with storage_faults(self._limits.timeout_s):
            pipe = self._redis.pipeline(transaction=True)
            pipe.hset(session_key(session.id), mapping=record)
            pipe.pexpireat(session_key(session.id), milliseconds(expires_at))
            await pipe.execute()

    async def load(self, ref: SessionRef) -> Session:
        """Reads a session. NotFound covers both an unknown id and a wrong token."""
        session, _ = await self._read(ref)
        return session

    async def begin(self, ref: SessionRef, message_id: str, key: TurnKey | None) -> Begun | Replayed:
        """Checks token, key and lock, and reads the record, in one script."""
        field = hashlib.sha256(key.key.encode()).hexdigest() if key else ""
        fingerprint = self._keyring.fingerprint(ref.session_id, key.body) if key else ""
        name, lock_ms = session_key(ref.session_id), int(self._limits.lock_ttl_s * 1000)
        async with storage_faults(self._limits.timeout_s):
            answer: list[Any] = await self._begin(
                keys=[name, f"{name}:lock", f"{name}:idem"],
                args=[digest(ref.token), message_id, lock_ms, field, fingerprint, IDEMPOTENCY_KEYS_MAX],
            )
        match answer[0]:
            case b"ok":
                wrapped, version, record = answer[1], int(answer[2]), answer[3]
                data_key = self._keyring.unwrap(ref.session_id, wrapped)
                lease = Lease(ref.session_id, message_id, data_key.key, version, wrapped, field)
                return Begun(lease, self._open(data_key, ref.session_id, record, version))
            case b"replay":
                return Replayed(answer[1].decode())
            case b"busy":
                raise Conflict(BUSY, code="turn_in_progress", retry_after_s=1)
            case b"mismatch":
                raise Invalid(
                    "This Idempotency-Key was used for another message. Use a new key.", code="idempotency_mismatch"
                )
        raise NotFound(UNKNOWN)

    async def finish(self, lease: Lease, session: Session, expires_at: datetime, tail: Sequence[Logged]) -> None:
        """Compare-and-set of the record together with the turn's last events."""
        data_key, name = SealKey("d", lease.data_key), session_key(lease.session_id)
        record = self._seal(data_key, session.but(version=lease.version + 1))
        async with storage_faults(self._limits.timeout_s):
            answer = await self._finish(
                keys=[name, f"{name}:lock", f"{name}:idem", f"{name}:ev:{lease.message_id}"],
                args=[
                    lease.message_id,
                    lease.version,
                    record,
                    self._rewrapped(lease.session_id, lease.wrapped_key, data_key),
                    milliseconds(expires_at),
                    f"0-{tail[-1].seq}",
                    seal_events(lease, tail),
                    self._limits.event_ttl_s * 1000,
                    lease.idempotency_field,
                ],
            )
        if answer != b"ok":
            raise Conflict("The session changed while the reply was written. Send the message again.")

    async def release(self, lease: Lease) -> None:
        """Drops the lock of a turn that will not finish; its short TTL would do the same."""
        async with storage_faults(self._limits.timeout_s):
            await self._redis.delete(f"{session_key(lease.session_id)}:lock")

    async def replace(self, ref: SessionRef, session: Session, expires_at: datetime) -> None:
        """Compare-and-set outside a turn; `session.version` is the version that was read."""
        _, wrapped = await self._read(ref)
        data_key, name = self._keyring.unwrap(ref.session_id, wrapped), session_key(ref.session_id)
        record = self._seal(data_key, session.but(version=session.version + 1))
        rewrapped = self._rewrapped(ref.session_id, wrapped, data_key)
        async with storage_faults(self._limits.timeout_s):
            answer = await self._replace(
                keys=[name, f"{name}:lock"], args=[session.version, record, rewrapped, milliseconds(expires_at)]
            )
        if answer == b"busy":
            raise Conflict(BUSY, code="turn_in_progress", retry_after_s=1)
        if answer != b"ok":
            raise Conflict("The session changed meanwhile. Read it again, then send the change again.")

    async def delete(self, ref: SessionRef) -> None:
        """Destroys the data key with the record first, then what it sealed."""
        session, _ = await self._read(ref)
        name = session_key(ref.session_id)
        streams = {f"{name}:ev:{line.message_id}" for line in session.transcript}
        async with storage_faults(self._limits.timeout_s):
            running = cast("bytes | None", await self._redis.get(f"{name}:lock"))
            if running is not None:
                streams.add(f"{name}:ev:{running.decode()}")
            await self._redis.unlink(name, f"{name}:lock", f"{name}:idem", *streams)

    async def data_key(self, ref: SessionRef) -> SealKey:
        """The key that opens a session's events. For the event log."""
        digest_stored, wrapped = await self._fields(ref, "t", "k")
        check_token(ref, digest_stored)
        return self._keyring.unwrap(ref.session_id, wrapped)

    async def _read(self, ref: SessionRef) -> tuple[Session, bytes]:
        digest_stored, wrapped, version, record = await self._fields(ref, "t", "k", "v", "d")
        check_token(ref, digest_stored)
        data_key = self._keyring.unwrap(ref.session_id, wrapped)
        return self._open(data_key, ref.session_id, record, int(version)), wrapped

    async def _fields(self, ref: SessionRef, *names: str) -> list[Any]:
        async with storage_faults(self._limits.timeout_s):
            return list(await self._redis.hmget(session_key(ref.session_id), list(names)))

    def _seal(self, data_key: SealKey, session: Session) -> bytes:
        return data_key.seal(associated("record", session.id), SESSIONS.dump_json(session))

    def _open(self, data_key: SealKey, session_id: str, record: bytes, version: int) -> Session:
        session = SESSIONS.validate_json(data_key.open(associated("record", session_id), record))
        if session.version != version:
            raise Conflict("The stored session does not match its version. Start a new session.")
        return session

    def _rewrapped(self, session_id: str, wrapped: bytes, data_key: SealKey) -> bytes:
        """The data key under the active master key when another one wrapped it, else nothing to write."""
        return b"" if self._keyring.is_current(wrapped) else self._keyring.wrap(session_id, data_key)


def check_token(ref: SessionRef, stored: bytes | None) -> None:
    """Raises NotFound, the same for a missing session and for somebody else's, in constant time."""
    if not hmac.compare_digest(stored or b"", digest(ref.token).encode()):
        raise NotFound(UNKNOWN)


def milliseconds(moment: datetime) -> int:
    """Unix time in milliseconds, as Redis expects it."""
    return int(moment.timestamp() * 1000)
