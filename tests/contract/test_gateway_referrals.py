"""Counts of crisis referrals: who may read them, what they hold, what is held back, and what a dead Redis does."""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import pytest
from attune_contracts.risk import RiskTier
from attune_gateway.adapters.referral_store import RedisReferralStore
from attune_gateway.app import create_app
from attune_gateway.referrals import Cell, ReferralReport, Referrals, suppressed
from attune_kit.redis import connect_redis

from tests.support.gateway import NOBODY, gateway_settings, served
from tests.support.processes import RedisServer, run_redis

KEY = "admin-key-of-this-test-alone"
PATH = "/v1/admin/reports/crisis-referrals"
DAY = date(2026, 11, 25)
CRISIS = "I want to kill myself tonight"


def card(tier: str, country: str | None) -> str:
    return json.dumps({"type": "risk", "tier": tier, "card": {"country": country}})


@contextlib.asynccontextmanager
async def edge(redis: RedisServer | None, **more: object) -> AsyncIterator[httpx2.AsyncClient]:
    """A gateway without dialogue: it answers a crisis alone, and counts it."""
    settings = gateway_settings(NOBODY, redis_url=redis.url if redis else None, **more)
    async with (
        served(create_app(settings), settings) as url,
        httpx2.AsyncClient(base_url=url, timeout=10, trust_env=False) as client,
    ):
        yield client


async def in_danger(client: httpx2.AsyncClient, times: int, country: str) -> None:
    for _ in range(times):
        answer = await client.post(
            "/v1/sessions/gone/messages", json={"text": CRISIS}, headers={"x-attune-country": country}
        )
        assert answer.json()["risk"]["tier"] == "imminent"


async def test_cards_are_counted_through_the_real_edge_and_survive_it(redis_server: RedisServer) -> None:
    for _ in range(2):
        async with edge(redis_server, admin_key=KEY) as client:
            await in_danger(client, 6, "GB")
            await in_danger(client, 1, "EG")
            year = datetime.now(UTC).year
            report = (await client.get(PATH, params={"year": year}, headers={"x-api-key": KEY})).json()
    shown = {(row["country"], row["tier"]): row["referrals"] for row in report["days"]}
    assert shown[("GB", "imminent")] == 12
    assert shown[("EG", "imminent")] is None
    assert report["complete"]


async def test_without_the_key_there_is_nothing_there(redis_server: RedisServer) -> None:
    async with edge(redis_server, admin_key=KEY) as client:
        for headers in ({}, {"x-api-key": "wrong"}, {"x-api-key": ""}):
            assert (await client.get(PATH, params={"year": 2026}, headers=headers)).status_code == 404
        assert PATH not in (await client.get("/openapi.json")).text
    async with edge(redis_server) as client:
        assert (await client.get(PATH, params={"year": 2026}, headers={"x-api-key": ""})).status_code == 404


async def test_while_redis_is_away_the_counts_wait(tmp_path: Path) -> None:
    with run_redis(tmp_path) as server:
        port = server.port
    redis = connect_redis(f"redis://127.0.0.1:{port}/0", timeout_s=0.2)
    referrals = Referrals(RedisReferralStore(redis), lambda: DAY)
    for _ in range(11):
        referrals.note(card("elevated", "ES"))
    report = await referrals.report(2026)
    assert (report.complete, report.days[0].referrals) == (False, 11)
    with run_redis(tmp_path, port):
        for _ in range(2):
            report = await referrals.report(2026)
            assert (report.complete, report.days[0].referrals) == (True, 11)
        assert await redis.hgetall("attune:referrals:2026") == {b"2026-11-25|ES|elevated": b"11"}
        await redis.aclose()


@pytest.mark.parametrize(("count", "shown"), [(1, None), (9, None), (10, 10), (27, 27)])
def test_under_ten_is_held_back(count: int, shown: int | None) -> None:
    report = suppressed(2026, {Cell(DAY, "GB", RiskTier.ELEVATED): count}, complete=True)
    assert report.days[0].referrals == shown


def test_a_total_does_not_give_away_what_is_held_back() -> None:
    cells = {Cell(DAY, "GB", RiskTier.ELEVATED): 25}
    whole = {total.tier: total.referrals for total in suppressed(2026, cells, complete=True).totals}
    assert whole == {RiskTier.CHECK_IN: 0, RiskTier.ELEVATED: 25, RiskTier.IMMINENT: 0}
    seen = set()
    for hidden in range(5, 10):
        report = suppressed(2026, {**cells, Cell(DAY, "MT", RiskTier.ELEVATED): hidden}, complete=True)
        seen.add(next(total.referrals for total in report.totals if total.tier is RiskTier.ELEVATED))
    assert seen == {30}


def test_the_schema_has_room_for_no_text_and_no_identifier() -> None:
    schema = ReferralReport.model_json_schema()
    fields = {name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", {})}
    assert fields == {"year", "suppressed_below", "complete", "totals", "days", "day", "country", "tier", "referrals"}


def test_a_cell_holds_a_day_a_country_and_a_tier_and_nothing_else() -> None:
    referrals = Referrals(None, lambda: DAY)
    content = json.loads(card("imminent", None)) | {"text": CRISIS, "session_id": "ses_1", "rules": ["a.b"]}
    referrals.note(json.dumps(content))
    (cell,) = referrals._noted
    assert cell.field == "2026-11-25|unknown|imminent"
    assert Cell.parse(cell.field) == cell
