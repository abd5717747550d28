"""What `make run` starts, as data."""

from pathlib import Path

import pytest
from attune_local.plan import PlanError, plan, plan_ports, redis_config


def test_ports_follow_the_first() -> None:
    ports = plan_ports("8080")
    assert (ports.gateway, ports.dialogue, ports.emotion, ports.inference, ports.redis) == (
        8080,
        8081,
        8082,
        8083,
        8084,
    )


@pytest.mark.parametrize("text", ["0", "80", "65535", "65532", "abc", "-1", "8000.5", "", "٨٠٨٠"])
def test_ports_that_cannot_work_are_refused(text: str) -> None:
    with pytest.raises(PlanError, match="PORT"):
        plan_ports(text)


def make_plan(redis_server: str | None) -> list[str]:
    children = plan(
        plan_ports("9000"),
        redis_server=redis_server,
        redis_password="p" * 32,
        redis_dir=Path("/data"),
        secrets_dir=Path("/secrets"),
        repository=Path("/repo"),
    )
    for child in children:
        assert not any("p" * 32 in argument for argument in child.argv), "no secret in an argument list"
        assert not any("p" * 32 in value for value in child.environment.values()), "no secret in an environment"
    return [child.name for child in children]


def test_redis_is_left_out_when_the_caller_has_one() -> None:
    assert make_plan("/bin/redis-server") == ["redis", "inference", "emotion", "dialogue", "gateway"]
    assert make_plan(None) == ["inference", "emotion", "dialogue", "gateway"]


def test_redis_listens_on_loopback_with_a_password() -> None:
    config = redis_config(9004, "secret", Path("/data"))
    assert "bind 127.0.0.1" in config
    assert "requirepass secret" in config
    assert "noeviction" in config
