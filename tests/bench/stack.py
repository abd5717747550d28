"""The stack under measurement: the launcher's own plan, with the engine of choice."""

import contextlib
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from attune_local.__main__ import prepare
from attune_local.plan import Child
from attune_local.supervisor import Supervisor

from tests.support.processes import free_ports

# The limits protect a public page from floods; a load test is one.
OPEN_LIMITS = {"ATTUNE_GATEWAY_LIMITS_ENABLED": "false"}


@dataclass(frozen=True)
class Running:
    """A started stack. `ready_s` is the time from the start of the first process until all were ready."""

    port: int
    ready_s: float
    supervisor: Supervisor

    def memory_mb(self) -> dict[str, float]:
        """Proportional set size of each process with its children, in MB (shared pages counted once)."""
        sizes = {}
        for name, process in self.supervisor.processes.items():
            root = psutil.Process(process.pid)
            family = [root, *root.children(recursive=True)]
            sizes[name] = sum(member.memory_full_info().pss for member in family) / 1e6
        return sizes


@contextlib.asynccontextmanager
async def run(folder: Path, *, zero_engine: bool) -> AsyncIterator[Running]:
    """Starts the stack in a folder and stops it."""
    port = free_ports(5)
    supervisor = prepare(str(port), folder)
    supervisor.children = [adapted(child, zero_engine=zero_engine) for child in supervisor.children]
    started = time.perf_counter()
    try:
        await supervisor.start()
        yield Running(port, time.perf_counter() - started, supervisor)
    finally:
        await supervisor.stop_all()


def adapted(child: Child, *, zero_engine: bool) -> Child:
    """The engine without a model in place of inference, and open limits at the edge."""
    if child.name == "inference" and zero_engine:
        return replace(child, argv=(sys.executable, "-m", "tests.bench.zero_engine", str(child.port)))
    return replace(child, environment=child.environment | OPEN_LIMITS) if child.name == "gateway" else child
