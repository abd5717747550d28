"""Real processes for tests: free ports, a Redis server, and the whole stack through the launcher."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from attune_local.machine import find_redis_server

READY_TIMEOUT_S = 90
# A block of ports a worker, so that two pytest workers never pick the same five.
PORTS_A_WORKER = 200


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 21_000 + worker * PORTS_A_WORKER + os.getpid() % 7_000
    for start in range(first, first + 10_000, count):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(start, start + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return start
    raise RuntimeError(f"no {count} free ports in a row")


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when something accepts on the port. Fails when the process dies first."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")


@dataclass(frozen=True)
class RedisServer:
    """A real redis-server that appends to disk, so that a test can look at what it holds."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"


@contextlib.contextmanager
def run_redis(folder: Path, port: int | None = None) -> Iterator[RedisServer]:
    """Starts a Redis server in a folder and stops it again."""
    port = port or free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "yes"]
    process = subprocess.Popen([find_redis_server(), *arguments], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        yield RedisServer(port, folder, process)
    finally:
        process.terminate()
        process.wait(10)


@dataclass(frozen=True)
class Stack:
    """The whole of Attune as `make run` starts it."""

    port: int
    data_dir: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def run_stack(data_dir: Path, environment: dict[str, str] | None = None) -> Iterator[Stack]:
    """Starts the launcher and waits for its one line."""
    port = free_ports(5)
    process = subprocess.Popen(
        [sys.executable, "-m", "attune_local", "--port", str(port), "--data-dir", str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline().decode()
        if "ready" not in line:
            raise RuntimeError(f"the stack did not start: {line.strip()}")
        yield Stack(port, data_dir, process)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
