"""Starts the planned processes, waits until each answers, restarts the fallen, and stops them all.

While starting, a process that dies ends the run. Later the others go on without it (that is what Attune promises) and
it is started again, after a longer pause each time; only the gateway's end is the end of the run.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path

from attune_local.plan import Child

READY_TIMEOUT_S = 90.0
POLL_S = 0.05
STOP_GRACE_S = 8.0
# The pause doubles with each death and begins anew for a process that stayed up for a while.
RESTART_DELAY_S = 1.0
RESTART_DELAY_MAX_S = 30.0
SETTLED_AFTER_S = 5.0
PR_SET_PDEATHSIG = 1


class ChildFailed(Exception):
    """A process died or never became ready; the message names it and its last words."""


class Supervisor:
    """The processes of one run. `say` prints one line for the person at the terminal."""

    def __init__(self, children: list[Child], log_dir: Path, redis_password: str, say: Callable[[str], None]) -> None:
        self.children = children
        self.log_dir = log_dir
        self.redis_password = redis_password
        self.say = say
        self.processes: dict[str, Process] = {}

    async def start(self) -> None:
        """Starts everything at once and returns when all are ready. Raises ChildFailed."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        for child in self.children:
            await self.spawn(child, "wb")
        for child in self.children:
            await self.wait_ready(child)

    async def spawn(self, child: Child, log_mode: str) -> None:
        """Starts one process in a session of its own, so that Ctrl-C reaches this process only."""
        with (self.log_dir / f"{child.name}.log").open(log_mode) as log:
            self.processes[child.name] = await asyncio.create_subprocess_exec(
                *child.argv,
                stdin=PIPE if child.stdin else DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | child.environment,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        stdin = self.processes[child.name].stdin
        if stdin is not None:
            stdin.write(child.stdin.encode())
            stdin.close()

    async def wait_ready(self, child: Child) -> None:
        """Polls until the process answers. Raises ChildFailed when it dies before."""
        started = time.monotonic()
        while not await asyncio.to_thread(self.answers, child):
            process = self.processes[child.name]
            if process.returncode is not None:
                raise ChildFailed(f"{child.name} stopped while starting: {self.last_words(child)}")
            if time.monotonic() - started > READY_TIMEOUT_S:
                raise ChildFailed(f"{child.name} was not ready after {READY_TIMEOUT_S:.0f} s: {self.last_words(child)}")
            await asyncio.sleep(POLL_S)

    def answers(self, child: Child) -> bool:
        """Whether the process serves. Blocking; called in a thread."""
        if child.ready_path is None:
            return redis_answers(child.port, self.redis_password)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{child.port}{child.ready_path}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def last_words(self, child: Child) -> str:
        """The last line of a process's log, with the log's place."""
        path = self.log_dir / f"{child.name}.log"
        lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
        return f"{lines[-1] if lines else 'no output'} (log: {path})"

    async def watch(self, child: Child) -> None:
        """Restarts the process for as long as the run lasts. Raises ChildFailed when the gateway is gone."""
        delay_s = RESTART_DELAY_S
        while True:
            since = time.monotonic()
            code = await self.processes[child.name].wait()
            delay_s = RESTART_DELAY_S if time.monotonic() - since >= SETTLED_AFTER_S else delay_s
            cause = f"signal {-code}" if code < 0 else f"exit {code}"
            if child.name == "gateway":
                raise ChildFailed(f"{child.name} stopped ({cause}): {self.last_words(child)}")
            self.say(f"attune: {child.name} stopped ({cause}); the others go on, it is started again")
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, RESTART_DELAY_MAX_S)
            await self.spawn(child, "ab")

    async def run(self, stop: asyncio.Event) -> None:
        """Watches until `stop` is set. Raises ChildFailed when the run cannot go on."""
        watchers = [asyncio.create_task(self.watch(child)) for child in self.children]
        stopper = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([*watchers, stopper], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in [*watchers, stopper]:
                task.cancel()
            await asyncio.gather(*watchers, stopper, return_exceptions=True)

    async def stop_all(self) -> None:
        """Stops in the reverse order of the start: the edge first, Redis last. Kills what does not listen."""
        for child in reversed(self.children):
            process = self.processes.get(child.name)
            if process is None or process.returncode is not None:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_GRACE_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


def redis_answers(port: int, password: str) -> bool:
    """AUTH and PING over a plain socket."""

    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return b"+PONG" in connection.recv(256) or b"+PONG" in connection.recv(256)
    except OSError:
        return False


def die_with_parent() -> None:
    """Linux: the kernel ends the child when this process is killed, so that nothing is left running."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
