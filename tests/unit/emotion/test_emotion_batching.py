"""The micro-batcher with a hand-written reader that can be held back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from attune_emotion.batching import MicroBatcher
from attune_kit.errors import Unavailable


class HeldReader:
    """Answers with upper case. While `gate` is closed it keeps the thread, so that a test decides who waits."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.batches: list[list[str]] = []
        self.threads: set[str] = set()

    def __call__(self, texts: list[str]) -> Sequence[str]:
        self.entered.set()
        assert self.gate.wait(10)
        self.batches.append(texts)
        self.threads.add(threading.current_thread().name)
        if "bad" in texts:
            raise ValueError("cannot read this")
        return [text.upper() for text in texts]


@asynccontextmanager
async def running(
    reader: HeldReader, *, texts_max: int = 4, waiting_max: int = 8
) -> AsyncIterator[tuple[MicroBatcher[str], list[int]]]:
    sizes: list[int] = []
    batcher: MicroBatcher[str] = MicroBatcher(
        reader, texts_max=texts_max, wait_s=0, waiting_max=waiting_max, retry_after_s=1, observe=sizes.append
    )
    batcher.start()
    try:
        yield batcher, sizes
    finally:
        reader.gate.set()
        await asyncio.to_thread(batcher.close)


async def hold(reader: HeldReader, batcher: MicroBatcher[str]) -> "asyncio.Task[tuple[str, ...]]":
    """A first request that occupies the thread until the gate opens."""
    reader.gate.clear()
    first = asyncio.create_task(batcher.submit(["first"]))
    assert await asyncio.to_thread(reader.entered.wait, 10)
    return first


async def test_requests_that_wait_together_share_a_pass_and_get_their_own_answers() -> None:
    reader = HeldReader()
    async with running(reader) as (batcher, sizes):
        first = await hold(reader, batcher)
        others = [asyncio.create_task(batcher.submit([name, name + name])) for name in ("a", "b")]
        await asyncio.sleep(0)
        reader.gate.set()
        assert await first == ("FIRST",)
        assert list(await asyncio.gather(*others)) == [("A", "AA"), ("B", "BB")]
    assert sizes == [1, 4]
    assert reader.threads == {"emotion-batches"}


async def test_a_batch_never_grows_over_its_limit() -> None:
    reader = HeldReader()
    async with running(reader) as (batcher, sizes):
        first = await hold(reader, batcher)
        others = [asyncio.create_task(batcher.submit(["x"] * 3)) for _ in range(2)]
        await asyncio.sleep(0)
        reader.gate.set()
        await asyncio.gather(first, *others)
    assert sizes == [1, 3, 3]


async def test_a_full_queue_refuses_at_once_and_recovers() -> None:
    reader = HeldReader()
    async with running(reader, waiting_max=3) as (batcher, _):
        first = await hold(reader, batcher)
        second = asyncio.create_task(batcher.submit(["second", "third"]))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            await batcher.submit(["fourth"])
        assert (refused.value.status, refused.value.code, refused.value.retry_after_s) == (503, "queue_full", 1)
        reader.gate.set()
        await asyncio.gather(first, second)
        assert await batcher.submit(["fourth"]) == ("FOURTH",)


async def test_a_failing_pass_fails_its_callers_only() -> None:
    reader = HeldReader()
    async with running(reader) as (batcher, _):
        with pytest.raises(ValueError, match="cannot read"):
            await batcher.submit(["bad"])
        assert await batcher.submit(["good"]) == ("GOOD",)
        await batcher.probe()


async def test_a_caller_who_leaves_is_not_read_and_frees_the_queue() -> None:
    reader = HeldReader()
    async with running(reader, waiting_max=2) as (batcher, _):
        first = await hold(reader, batcher)
        gone = asyncio.create_task(batcher.submit(["gone"]))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        last = asyncio.create_task(batcher.submit(["last"]))
        await asyncio.sleep(0)
        reader.gate.set()
        assert list(await asyncio.gather(first, last)) == [("FIRST",), ("LAST",)]
    assert ["gone"] not in reader.batches


async def test_closing_answers_what_waits_and_then_probes_fail() -> None:
    reader = HeldReader()
    async with running(reader) as (batcher, _):
        first = await hold(reader, batcher)
        second = asyncio.create_task(batcher.submit(["second"]))
        await asyncio.sleep(0)
        reader.gate.set()
        await asyncio.to_thread(batcher.close)
        assert list(await asyncio.gather(first, second)) == [("FIRST",), ("SECOND",)]
        with pytest.raises(Unavailable):
            await batcher.probe()
