"""Fixtures that several kinds of test share: a real Redis and the real stack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import RedisServer, Stack, run_redis, run_stack


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis server for this worker."""
    with run_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack. Mark tests with `pytest.mark.xdist_group("stack")`, so that one worker starts it once."""
    with run_stack(tmp_path_factory.mktemp("stack") / "var") as running:
        yield running


@pytest.fixture(scope="session")
def base_url(stack: Stack) -> str:
    """The address of the running gateway."""
    return stack.url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything that needs the stack runs on one worker."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))
            item.add_marker(pytest.mark.stack)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Tests read files relative to the repository's root."""
    assert (Path(session.config.rootpath) / "docker-compose.yml").exists()
