"""Readiness: which dependencies decide, and which only degrade."""

import asyncio

import pytest
from attune_kit import health
from attune_kit.health import check


async def fine() -> None:
    """A dependency that answers."""


async def down() -> None:
    raise ConnectionError("redis at 10.1.2.3 refused")


async def hangs() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("required", "optional", "ready", "degraded"),
    [
        ({}, {}, True, False),
        ({"redis": fine}, {"emotion": fine}, True, False),
        ({"redis": fine}, {"emotion": down}, True, True),
        ({"redis": down}, {"emotion": fine}, False, False),
        ({"redis": down}, {"emotion": down}, False, True),
    ],
)
async def test_the_dependency_matrix(
    required: dict[str, health.Probe], optional: dict[str, health.Probe], ready: bool, degraded: bool
) -> None:
    result = await check(required, optional)
    assert (result.ready, result.degraded) == (ready, degraded)
    assert set(result.checks) == {*required, *optional}


async def test_a_failure_is_named_by_its_class_alone() -> None:
    assert (await check({"redis": down}, {})).checks == {"redis": "ConnectionError"}


async def test_a_hanging_probe_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_TIMEOUT_S", 0.01)
    assert (await check({"redis": hangs}, {})).checks == {"redis": "TimeoutError"}
