"""The counts of crisis referrals in Redis: one hash a year, one field a day, country and tier."""

from collections.abc import Mapping

from attune_kit.errors import Unavailable
from redis.asyncio import Redis
from redis.exceptions import RedisError

# Long enough for the report of the year before, and for a question about it.
KEPT_S = 3 * 366 * 86_400


class RedisReferralStore:
    """Implements the port `ReferralStore`. Raises Unavailable on any fault of Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def add(self, year: int, field: str, count: int) -> None:
        """Adds to one cell."""
        key = self._key(year)
        try:
            # The count comes last: what fails before it is tried again and is not counted twice.
            await self._redis.expire(key, KEPT_S)
            await self._redis.hincrby(key, field, count)
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable("The referrals cannot be counted in Redis right now.") from error

    async def read(self, year: int) -> Mapping[str, int]:
        """All cells of a year."""
        try:
            stored = await self._redis.hgetall(self._key(year))
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable("The referrals cannot be read from Redis right now.") from error
        return {_text(field): int(count) for field, count in stored.items()}

    def _key(self, year: int) -> str:
        return f"attune:referrals:{year}"


def _text(field: bytes | str) -> str:
    return field.decode() if isinstance(field, bytes) else field
