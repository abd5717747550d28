"""Lets concurrent requests share a forward pass, on one thread of its own. Called by `api`, built by `app`."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from attune_kit.errors import Unavailable

Result = TypeVar("Result")
_JOIN_S = 5.0


@dataclass(frozen=True, slots=True)
class _Job(Generic[Result]):
    texts: tuple[str, ...]
    answer: asyncio.Future[tuple[Result, ...]]
    loop: asyncio.AbstractEventLoop


class MicroBatcher(Generic[Result]):
    """Collects texts that wait at the same moment into batches of at most `texts_max`.

    `read` gets a list of texts and returns one result a text; it runs on the batcher's thread only. A lone request
    waits `wait_s` for company; under load a batch fills while the one before it is read. When more than
    `waiting_max` texts wait, `submit` raises Unavailable.
    """

    def __init__(
        self,
        read: Callable[[list[str]], Sequence[Result]],
        *,
        texts_max: int,
        wait_s: float,
        waiting_max: int,
        retry_after_s: float,
        observe: Callable[[int], None],
    ) -> None:
        self._read = read
        self._texts_max = texts_max
        self._wait_s = wait_s
        self._waiting_max = waiting_max
        self._retry_after_s = retry_after_s
        self._observe = observe
        self._jobs: queue.SimpleQueue[_Job[Result] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._thread = threading.Thread(target=self._work, name="emotion-batches", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Lets the thread finish what it has and ends it."""
        self._jobs.put(None)
        self._thread.join(_JOIN_S)

    async def probe(self) -> None:
        """Readiness: raises when the thread is gone."""
        if not self._thread.is_alive():
            raise Unavailable("The reader has stopped; restart the service.")

    async def submit(self, texts: Sequence[str]) -> tuple[Result, ...]:
        """One result a text, in order. Raises Unavailable when too much waits already."""
        if self._waiting + len(texts) > self._waiting_max:
            raise Unavailable(
                "Too many texts wait already; try again in a moment.",
                code="queue_full",
                retry_after_s=self._retry_after_s,
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[Result, ...]] = loop.create_future()
        self._waiting += len(texts)
        try:
            self._jobs.put(_Job(tuple(texts), answer, loop))
            return await answer
        finally:
            self._waiting -= len(texts)

    def _work(self) -> None:
        held: _Job[Result] | None = None
        while True:
            job = held or self._jobs.get()
            if job is None:
                return
            jobs, held, ended = self._gather(job)
            self._answer([job for job in jobs if not job.answer.cancelled()])
            if ended:
                return

    def _gather(self, first: _Job[Result]) -> tuple[list[_Job[Result]], _Job[Result] | None, bool]:
        """The jobs of one batch, a job that no longer fits into it, and whether the end was asked for."""
        jobs, texts = [first], len(first.texts)
        deadline = time.monotonic() + self._wait_s
        while texts < self._texts_max:
            try:
                job = self._jobs.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                return jobs, None, True
            if texts + len(job.texts) > self._texts_max:
                return jobs, job, False
            jobs.append(job)
            texts += len(job.texts)
        return jobs, None, False

    def _answer(self, jobs: list[_Job[Result]]) -> None:
        if not jobs:
            return
        texts = [text for job in jobs for text in job.texts]
        self._observe(len(texts))
        try:
            results = self._read(texts)
        except Exception as error:  # noqa: BLE001 - the thread must outlive any failure; the caller gets it
            for job in jobs:
                _deliver(job, error)
            return
        start = 0
        for job in jobs:
            _deliver(job, tuple(results[start : start + len(job.texts)]))
            start += len(job.texts)


def _deliver(job: _Job[Result], outcome: tuple[Result, ...] | Exception) -> None:
    def settle() -> None:
        if job.answer.done():
            return
        if isinstance(outcome, Exception):
            job.answer.set_exception(outcome)
        else:
            job.answer.set_result(outcome)

    # The loop is closed when the service stops while a batch is read: nobody waits any more.
    if not job.loop.is_closed():
        job.loop.call_soon_threadsafe(settle)
