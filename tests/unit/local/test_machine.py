"""Ports, binaries and secret files on a real machine."""

import socket
import stat
import subprocess
from pathlib import Path

import pytest
from attune_local.machine import check_ports, find_redis_server, write_secrets
from attune_local.plan import PlanError, Ports


def test_a_taken_port_is_named_with_its_service() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PlanError, match=rf"port {port} \(for emotion\) is in use"):
            check_ports(Ports(0, 0, port, 0, 0), ("gateway", "emotion"))


def test_a_redis_server_is_found_and_runs() -> None:
    output = subprocess.run([find_redis_server(), "--version"], capture_output=True, text=True, check=True).stdout
    assert "Redis server v=" in output


def test_secrets_are_private_and_survive(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = write_secrets(folder, None)
    key = (folder / "attune_dialogue_session_keys").read_text()
    assert write_secrets(folder, "redis://example:6379/0") == first
    assert (folder / "attune_dialogue_session_keys").read_text() == key
    assert (folder / "attune_gateway_redis_url").read_text() == "redis://example:6379/0"
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
