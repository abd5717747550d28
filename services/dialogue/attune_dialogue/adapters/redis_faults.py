"""Turns every way in which Redis can fail into one quick Unavailable. Used by the session store and the event log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attune_kit.errors import Unavailable
from attune_kit.logging import get_logger
from redis.exceptions import RedisError


@asynccontextmanager
async def storage_faults(timeout_s: float) -> AsyncIterator[None]:
    """Bounds a call to Redis, connection included. Raises Unavailable."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        get_logger().warning("storage_failed", error=type(error).__name__)
        raise Unavailable(
            "Conversations cannot be stored right now. Try again in a moment.",
            retry_after_s=2,
        ) from error
