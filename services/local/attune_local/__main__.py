"""`python -m attune_local --port 8000`: the whole of Attune on loopback, until Ctrl-C."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from attune_local.machine import check_ports, check_redis, find_redis_server, write_redis_url, write_secrets
from attune_local.plan import PlanError, plan, plan_ports
from attune_local.supervisor import ChildFailed, Supervisor

REPOSITORY = Path(__file__).resolve().parents[3]


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(line, flush=True)


def prepare(port: str, data_dir: Path) -> Supervisor:
    """Plans the run and makes its folders and secrets. Raises PlanError."""
    ports, own_redis = plan_ports(port), os.environ.get("REDIS_URL")
    names = ("gateway", "dialogue", "emotion", "inference") + (() if own_redis else ("redis",))
    check_ports(ports, names)
    secrets_dir, redis_dir = data_dir / "secrets", data_dir / "redis"
    redis_dir.mkdir(parents=True, exist_ok=True)
    password = write_secrets(secrets_dir, own_redis)
    if own_redis:
        check_redis(own_redis)
    else:
        write_redis_url(secrets_dir, f"redis://:{password}@127.0.0.1:{ports.redis}/0")
    children = plan(
        ports,
        redis_server=None if own_redis else find_redis_server(),
        redis_password=password,
        redis_dir=redis_dir,
        secrets_dir=secrets_dir,
        repository=REPOSITORY,
    )
    return Supervisor(children, data_dir / "log", password, say)


async def run(supervisor: Supervisor, port: str) -> None:
    """Starts, announces, watches, and always stops what it started."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(supervisor.start())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            say(f"Attune is ready: http://127.0.0.1:{port}  (Ctrl-C stops it)")
            await supervisor.run(stop)
    finally:
        starting.cancel()
        stopping.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        await supervisor.stop_all()


def main() -> int:
    """0 after Ctrl-C, 1 when something could not start or died."""
    parser = argparse.ArgumentParser(prog="attune_local", description=__doc__)
    parser.add_argument("--port", default="8000", help="the gateway's port; the next four are used too")
    parser.add_argument("--data-dir", type=Path, default=REPOSITORY / "var", help="Redis data, logs and local secrets")
    arguments = parser.parse_args()
    try:
        supervisor = prepare(arguments.port, arguments.data_dir.resolve())
        asyncio.run(run(supervisor, arguments.port))
    except (PlanError, ChildFailed) as error:
        print(f"attune: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
