"""Who may ask how often. Decides with GCRA in Redis, or in this process while Redis is away, and says so in headers.

Headers: draft-ietf-httpapi-ratelimit-headers-11 (`RateLimit-Policy`, `RateLimit`), plus `Retry-After`.
"""

import hashlib
import hmac
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address

from attune_kit.breaker import Breaker
from attune_kit.errors import OperationalError, TooManyRequests

from attune_gateway.gcra import Quota, Standing, Tats, standing, take
from attune_gateway.ports import LimitStore
from attune_gateway.settings import Network

KEYS_MAX = 50_000


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """The address to count under: the peer, or behind trusted proxies the last hop that is not one of them.

    What a client itself writes into X-Forwarded-For stands left of that hop and is never read.
    """
    hops = [part.strip() for part in (forwarded_for or "").split(",") if part.strip()]
    address = peer
    while hops and is_within(address, trusted):
        address = hops.pop()
    return address


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks. What is no address lies nowhere."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def subscriber(address: str) -> str:
    """One subscriber's addresses as one: an IPv6 customer owns at least a /64 (RFC 6177)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else parsed.exploded[:19]
    return str(parsed)


class MemoryStore:
    """Counts in this process. Holds at most `KEYS_MAX` keys and forgets those that are whole again first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tats: OrderedDict[str, float] = OrderedDict()

    async def take(self, quotas: Sequence[tuple[str, Quota]]) -> Tats:
        """Takes one from each quota, or from none when one is used up."""
        now = self._clock()
        result = take([quota for _, quota in quotas], [self._tats.get(key, 0.0) for key, _ in quotas], now)
        for (key, _), tat in zip(quotas, result.tats, strict=True):
            self._tats[key] = tat
            self._tats.move_to_end(key)
        while len(self._tats) > KEYS_MAX:
            self._tats.popitem(last=False)
        return result


class Limiter:
    """Takes from quotas. `store` is None when there is no Redis; the memory answers while the store cannot."""

    def __init__(self, store: LimitStore | None, memory: MemoryStore, breaker: Breaker, salt: bytes) -> None:
        self._store = store
        self._memory = memory
        self._breaker = breaker
        self._salt = salt

    def key(self, quota: Quota, subject: str) -> str:
        """The key of a subject: a keyed hash, so that neither addresses nor tokens stand in Redis."""
        digest = hmac.digest(self._salt, f"{quota.name}\n{subject}".encode(), hashlib.sha256)
        return f"attune:limit:{digest[:16].hex()}"

    async def take(self, subjects: Sequence[tuple[Quota, str]]) -> tuple[Standing, ...]:
        """Takes one from each subject's quota. Raises QuotaExceeded with every standing when one is used up."""
        keyed = [(self.key(quota, subject), quota) for quota, subject in subjects]
        result = await self._count(keyed)
        standings = tuple(standing(quota, tat, result.now) for (_, quota), tat in zip(keyed, result.tats, strict=True))
        if not result.allowed:
            raise QuotaExceeded(standings)
        return standings

    async def _count(self, keyed: Sequence[tuple[str, Quota]]) -> Tats:
        if self._store is None or not self._breaker.allow():
            return await self._memory.take(keyed)
        try:
            result = await self._store.take(keyed)
        except OperationalError:
            self._breaker.fail()
            return await self._memory.take(keyed)
        self._breaker.succeed()
        return result


class QuotaExceeded(TooManyRequests):
    """429 with the standing of every quota that was asked."""

    def __init__(self, standings: Sequence[Standing]) -> None:
        wait_s = max(standing.wait_s for standing in standings)
        names = ", ".join(standing.quota.name for standing in standings if standing.remaining < 1)
        super().__init__(
            f"The quota '{names}' is used up. Wait {math.ceil(wait_s)} s and try again. Crisis help is never limited.",
            retry_after_s=math.ceil(wait_s),
        )
        self.standings = tuple(standings)


def headers(standings: Sequence[Standing]) -> list[tuple[bytes, bytes]]:
    """The two RateLimit headers, one item a quota."""
    policy = ", ".join(f'"{s.quota.name}";q={s.quota.limit};w={s.quota.window_s:.0f}' for s in standings)
    state = ", ".join(f'"{s.quota.name}";r={s.remaining};t={math.ceil(s.reset_s)}' for s in standings)
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]
