"""Whose quota a request takes from, and what happens when Redis is away."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from attune_gateway.gcra import Quota, Tats
from attune_gateway.limits import (
    KEYS_MAX,
    Limiter,
    MemoryStore,
    QuotaExceeded,
    client_address,
    headers,
    is_within,
    subscriber,
)
from attune_kit.breaker import Breaker
from attune_kit.errors import Unavailable

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))
SMALL = Quota("session", 2, 60)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        # Nobody who is not a proxy is believed.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        # Behind one proxy, its own entry counts and not what the client wrote before it.
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "garbage", "garbage"),
        ("::1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_address_is_the_last_hop_that_is_no_proxy(peer: str, forwarded: str | None, expected: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == expected


def test_an_ipv6_customer_is_one_subscriber() -> None:
    assert subscriber("2001:db8:1:2::1") == subscriber("2001:db8:1:2:ffff::9")
    assert subscriber("2001:db8:1:2::1") != subscriber("2001:db8:1:3::1")
    assert subscriber("::ffff:203.0.113.9") == "203.0.113.9"
    assert subscriber("unix socket") == "unix socket"


def test_mapped_addresses_lie_in_ipv4_networks() -> None:
    assert is_within("::ffff:10.1.1.1", PROXIES)
    assert not is_within("no address", PROXIES)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class DeadStore:
    def __init__(self) -> None:
        self.calls = 0

    async def take(self, quotas: Sequence[tuple[str, Quota]]) -> Tats:
        self.calls += 1
        raise Unavailable("gone")


def limiter(clock: Clock, store: DeadStore | None = None) -> Limiter:
    return Limiter(store, MemoryStore(clock), Breaker(2, 5.0, clock), b"salt")


async def test_subjects_do_not_share_a_quota() -> None:
    limits = limiter(Clock())
    for subject in ("a", "b"):
        for _ in range(2):
            await limits.take([(SMALL, subject)])
    with pytest.raises(QuotaExceeded):
        await limits.take([(SMALL, "a")])


async def test_the_refusal_says_how_long_to_wait_and_waiting_helps() -> None:
    clock = Clock()
    limits = limiter(clock)
    for _ in range(2):
        await limits.take([(SMALL, "a")])
    with pytest.raises(QuotaExceeded) as refusal:
        await limits.take([(SMALL, "a")])
    assert refusal.value.retry_after_s == 30
    assert dict(headers(refusal.value.standings)) == {
        b"ratelimit-policy": b'"session";q=2;w=60',
        b"ratelimit": b'"session";r=0;t=60',
    }
    clock.now += 30
    await limits.take([(SMALL, "a")])


async def test_a_refused_request_takes_from_no_quota() -> None:
    limits = limiter(Clock())
    wide = Quota("address", 100, 60)
    for _ in range(2):
        await limits.take([(SMALL, "a"), (wide, "home")])
    with pytest.raises(QuotaExceeded):
        await limits.take([(SMALL, "a"), (wide, "home")])
    (standing,) = await limits.take([(wide, "home")])
    assert standing.remaining == 97


async def test_without_redis_the_limits_still_hold() -> None:
    clock, store = Clock(), DeadStore()
    limits = limiter(clock, store)
    for _ in range(2):
        await limits.take([(SMALL, "a")])
    with pytest.raises(QuotaExceeded):
        await limits.take([(SMALL, "a")])
    # Two failures open the breaker: the third request did not wait for Redis again.
    assert store.calls == 2


def test_keys_hold_neither_addresses_nor_tokens() -> None:
    key = limiter(Clock()).key(SMALL, "203.0.113.9")
    assert "203" not in key
    assert key.startswith("attune:limit:")
    assert key != Limiter(None, MemoryStore(Clock()), Breaker(), b"other").key(SMALL, "203.0.113.9")


async def test_the_memory_is_bounded() -> None:
    store = MemoryStore(Clock())
    for number in range(KEYS_MAX + 10):
        await store.take([(str(number), SMALL)])
    assert len(store._tats) == KEYS_MAX
