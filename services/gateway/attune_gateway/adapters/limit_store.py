"""GCRA in Redis: one script call counts all quotas of a request at once.

The clock is the gateway's: the script then needs no right beyond reading and writing its own keys.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attune_kit.errors import Unavailable
from redis.asyncio import Redis
from redis.exceptions import RedisError

from attune_gateway.gcra import SLACK_S, Quota, Tats

# KEYS: one a quota. ARGV: now, slack, then interval and window of each. Answers whether it is allowed and the TATs,
# as text because Redis cuts Lua's fractions off. Same rule as gcra.take: all quotas are taken from, or none.
SCRIPT = """
local now, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
local allowed, current, after = 1, {}, {}
for i, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  current[i] = math.max(tonumber(redis.call('GET', key) or '0'), now)
  after[i] = current[i] + interval
  if after[i] - now > window + slack then allowed = 0 end
end
local answer = {allowed}
for i, key in ipairs(KEYS) do
  local tat = current[i]
  if allowed == 1 then
    tat = after[i]
    redis.call('SET', key, string.format('%.6f', tat), 'PX', math.ceil((tat - now) * 1000) + 1)
  end
  answer[i + 1] = string.format('%.6f', tat)
end
return answer
"""


class RedisLimitStore:
    """Raises Unavailable on any fault of Redis."""

    def __init__(self, redis: "Redis", clock: Callable[[], float]) -> None:
        self._redis = redis
        self._clock = clock
        self._script: Any = redis.register_script(SCRIPT)

    async def take(self, quotas: Sequence[tuple[str, Quota]]) -> Tats:
        """Takes one from each quota, or from none when one is used up."""
        now = self._clock()
        arguments: list[float] = [now, SLACK_S]
        for _, quota in quotas:
            arguments += [quota.interval_s, quota.window_s]
        try:
            allowed, *tats = await self._script(keys=[key for key, _ in quotas], args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable("The limits cannot be counted in Redis right now.") from error
        return Tats(bool(allowed), now, tuple(float(tat) for tat in tats))

    async def probe(self) -> None:
        """Raises when Redis does not answer."""
        await self._redis.ping()
