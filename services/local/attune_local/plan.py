"""What `make run` starts: one process a service, its command, environment and ready check. Pure."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

PORTS_TOTAL = 5
PORT_MAX = 65_535


class PlanError(ValueError):
    """The request cannot be planned; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process. `ready_path` is an HTTP path on its port; None means a Redis PING. `stdin` is fed once."""

    name: str
    port: int
    argv: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    ready_path: str | None = "/readyz"
    stdin: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """Gateway on the first port, then dialogue, emotion, inference, Redis."""

    gateway: int
    dialogue: int
    emotion: int
    inference: int
    redis: int


def plan_ports(first_port: str) -> Ports:
    """Five ports in a row from `first_port`. Raises PlanError when they do not exist or need root."""
    if not (first_port.isascii() and first_port.isdigit()):
        raise PlanError(f"PORT must be a number, not {first_port!r}")
    first = int(first_port)
    if not 1024 <= first <= PORT_MAX - PORTS_TOTAL + 1:
        raise PlanError(f"PORT must lie between 1024 and {PORT_MAX - PORTS_TOTAL + 1}, because five in a row are used")
    return Ports(*range(first, first + PORTS_TOTAL))


def redis_config(port: int, password: str, data_dir: Path) -> str:
    """redis.conf, fed on standard input so that the password is in no argument list.

    Appends to a log every second: a killed process loses nothing, a power cut at most about one second.
    """
    return "\n".join(
        [
            f"port {port}",
            "bind 127.0.0.1",
            f"requirepass {password}",
            f'dir "{data_dir}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "",
        ]
    )


def plan(
    ports: Ports, *, redis_server: str | None, redis_password: str, redis_dir: Path, secrets_dir: Path, repository: Path
) -> list[Child]:
    """The processes in the order of their start. Without `redis_server` the caller has a Redis of its own."""
    shared = {"ATTUNE_SECRETS_DIR": str(secrets_dir)}
    children = [
        Child(
            "inference",
            ports.inference,
            module("attune_inference"),
            shared | {"ATTUNE_INFERENCE_PORT": str(ports.inference)},
            ready_path="/health",
        ),
        Child("emotion", ports.emotion, module("attune_emotion"), shared | {"ATTUNE_EMOTION_PORT": str(ports.emotion)}),
        Child(
            "dialogue",
            ports.dialogue,
            module("attune_dialogue"),
            shared
            | {
                "ATTUNE_DIALOGUE_PORT": str(ports.dialogue),
                "ATTUNE_DIALOGUE_EMOTION_URL": local_url(ports.emotion),
                "ATTUNE_DIALOGUE_INFERENCE_URL": local_url(ports.inference),
            },
        ),
        Child(
            "gateway",
            ports.gateway,
            module("attune_gateway"),
            shared
            | {
                "ATTUNE_GATEWAY_PORT": str(ports.gateway),
                "ATTUNE_GATEWAY_DIALOGUE_URL": local_url(ports.dialogue),
                "ATTUNE_GATEWAY_FRONTEND_DIR": str(repository / "frontend"),
            },
            ready_path="/livez",
        ),
    ]
    if redis_server:
        config = redis_config(ports.redis, redis_password, redis_dir)
        children.insert(0, Child("redis", ports.redis, (redis_server, "-"), ready_path=None, stdin=config))
    return children


def module(name: str) -> tuple[str, ...]:
    """The command that runs a service's package with this interpreter."""
    return (sys.executable, "-m", name)


def local_url(port: int) -> str:
    """A loopback address."""
    return f"http://127.0.0.1:{port}"
