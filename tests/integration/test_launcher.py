"""`make run` as a person meets it: one line when ready, one line when it cannot start, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.processes import free_port, free_ports, run_stack

pytestmark = pytest.mark.xdist_group("stack")


def launch(port: int, data_dir: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs the launcher to its end, for starts that must fail."""
    return subprocess.run(
        [sys.executable, "-m", "attune_local", "--port", str(port), "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, **environment},
        check=False,
    )


def listeners(first: int) -> list[int]:
    """Ports of a run that somebody still listens on."""
    found = []
    for port in range(first, first + 5):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def test_a_taken_port_is_one_line_and_nothing_runs(tmp_path: Path) -> None:
    port = free_ports(5)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port + 2))
        holder.listen()
        result = launch(port, tmp_path)
    assert result.returncode == 1
    assert result.stderr.strip().splitlines() == [
        f"attune: port {port + 2} (for emotion) is in use; stop what uses it or choose others: make run PORT=9000"
    ]
    assert not result.stdout
    assert listeners(port) == []


def test_a_port_that_is_no_number_is_one_line(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "attune_local", "--port", "http", "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "PORT must be a number" in result.stderr


def test_a_child_that_dies_while_starting_ends_the_run(tmp_path: Path) -> None:
    port = free_ports(5)
    result = launch(port, tmp_path, ATTUNE_INFERENCE_ADAPTER_DIR=str(tmp_path / "no-adapter"))
    assert result.returncode == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("attune: inference stopped while starting: inference: refused to start: no manifest.json")
    assert listeners(port) == []


def test_a_redis_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = launch(free_ports(5), tmp_path, REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert result.returncode == 1
    assert "REDIS_URL" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    with run_stack(tmp_path) as stack:
        family = psutil.Process(stack.process.pid).children(recursive=True)
        assert len(family) >= 5
        stack.process.send_signal(signal.SIGINT)
        assert stack.process.wait(30) == 0
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive
        assert listeners(stack.port) == []


def test_a_killed_launcher_leaves_nothing_running(tmp_path: Path) -> None:
    with run_stack(tmp_path) as stack:
        family = psutil.Process(stack.process.pid).children(recursive=True)
        stack.process.kill()
        stack.process.wait(10)
        _, alive = psutil.wait_procs(family, timeout=15)
        assert not alive


def test_a_child_that_dies_later_is_named_and_started_again(tmp_path: Path) -> None:
    with run_stack(tmp_path) as stack:
        assert stack.process.stdout is not None
        (emotion,) = [
            child
            for child in psutil.Process(stack.process.pid).children()
            if "attune_emotion" in " ".join(child.cmdline())
        ]
        emotion.kill()
        line = stack.process.stdout.readline().decode()
        assert line.startswith("attune: emotion stopped (signal 9); the others go on")
        deadline = time.monotonic() + 90
        while stack.port + 2 not in listeners(stack.port) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert stack.port + 2 in listeners(stack.port)
