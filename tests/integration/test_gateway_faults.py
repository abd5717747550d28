"""The hop between gateway and dialogue breaks in every way, on real sockets: the person always gets a good end."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from attune_contracts.dialogue import CONSENT_VERSION
from attune_kit.sse import Parser

from tests.support.dialogue import Talker, data
from tests.support.fault_proxy import Fault
from tests.support.gateway import NOBODY, Chain, chain, gateway, gateway_settings
from tests.support.processes import RedisServer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("gateway-faults")]
ORDINARY = "Work is piling up and I snapped at my brother over nothing"
CRISIS = "I want to kill myself tonight"
# Short deadlines keep the tests short; the rules between them are those of the defaults.
FAST = {
    "limits_enabled": False,
    "first_event_s": 0.6,
    "first_event_crisis_s": 0.3,
    "idle_s": 2.0,
    "session_wait_s": 0.5,
    "idle_crisis_s": 0.5,
    "request_s": 0.6,
    "ping_s": 0.2,
    "breaker_cooldown_s": 0.05,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(redis_server: RedisServer) -> AsyncIterator[Chain]:
    async with chain(redis_server.url, **FAST) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def fair_weather(whole: Chain) -> AsyncIterator[None]:
    yield
    whole.proxy.set(Fault.NONE)
    whole.proxy.drop_connections()
    whole.engine.mode = "ok"
    await until(lambda: is_well(whole))


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Waits for something that no event announces."""
    async with asyncio.timeout(seconds):
        while not await is_so():  # noqa: ASYNC110  the other side of a socket has no event to wait for
            await asyncio.sleep(0.02)


async def is_well(whole: Chain) -> bool:
    """Whether the engine answers, through closed breakers, in a new session."""
    opened = await whole.client.post("/v1/sessions", json={"consent": {"version": CONSENT_VERSION}})
    if opened.status_code != 201:
        return False
    talker = Talker(whole.client, opened.json()["id"], opened.json()["token"])
    return not (await talker.say(ORDINARY)).json()["degraded"]


def names(events: list[Any]) -> list[str]:
    return [event.event for event in events]


WEATHERS = [
    (Fault.REFUSE, {}),
    (Fault.BLACKHOLE, {}),
    (Fault.RESET, {}),
    (Fault.GARBAGE, {}),
    (Fault.NONE, {"latency_s": 5.0}),
    (Fault.DRIP, {"pause_s": 0.01}),
    *[(fault, {"after_bytes": count}) for fault in (Fault.CUT, Fault.RESET, Fault.BLACKHOLE) for count in (180, 500)],
    (Fault.GARBAGE, {"after_bytes": 300}),
]


@pytest.mark.parametrize(("fault", "more"), WEATHERS)
@pytest.mark.parametrize("text", [ORDINARY, CRISIS], ids=["ordinary", "crisis"])
async def test_a_person_gets_a_good_end_in_any_weather(
    whole: Chain, fault: Fault, more: dict[str, Any], text: str
) -> None:
    talker = await Talker.arrive(whole.client, country="EG")
    whole.proxy.set(fault, **more)
    events = await talker.stream(text)
    assert names(events)[-1] == "done"
    assert names(events).count("done") == 1
    # Nothing but a card may come before dialogue has accepted the message.
    assert next(name for name in names(events) if name != "risk" or text == ORDINARY) == "accepted"
    done = data(events, "done")[0]
    assert done["text"] == "".join(piece["text"] for piece in data(events, "delta"))
    assert done["text"].strip()
    if text == CRISIS:
        assert names(events).index("risk") < names(events).index("delta")
        card = data(events, "risk")[0]["card"]
        assert card["country"] in {"EG", None}
    whole.proxy.drop_connections()
    reply = await talker.say(text)
    assert reply.status_code == 200
    assert reply.json()["text"].strip()
    assert (reply.json()["risk"] is not None) == (text == CRISIS)


async def test_every_cut_of_a_crisis_stream_ends_whole(whole: Chain) -> None:
    """The cut falls on many bytes of the answer, inside the head, inside events, between them."""
    talker = await Talker.arrive(whole.client, country="EG")
    for after_bytes in range(0, 3000, 150):
        whole.proxy.drop_connections()
        whole.proxy.set(Fault.CUT, after_bytes=after_bytes)
        events = await talker.stream(CRISIS)
        assert names(events).count("risk") >= 1
        assert names(events)[-1] == "done"
        assert names(events).index("risk") < names(events).index("delta")
        text = "".join(piece["text"] for piece in data(events, "delta"))
        assert data(events, "done")[0]["text"] == text


async def test_other_requests_are_a_503_that_says_when_to_come_back(whole: Chain) -> None:
    talker = await Talker.arrive(whole.client)
    for fault in (Fault.REFUSE, Fault.BLACKHOLE, Fault.RESET, Fault.GARBAGE):
        whole.proxy.set(fault)
        whole.proxy.drop_connections()
        for method, path, body in (
            ("GET", talker.path, None),
            ("PATCH", talker.path, {"country": "EG"}),
            ("DELETE", talker.path, None),
            ("GET", f"{talker.path}/export", None),
            ("GET", f"{talker.path}/messages/m_1/events", None),
            ("POST", "/v1/sessions", {"consent": {"version": CONSENT_VERSION}}),
        ):
            answer = await whole.client.request(method, path, json=body, headers=talker.headers())
            assert answer.status_code == 503
            assert answer.json()["code"] == "companion_unavailable"
            assert int(answer.headers["retry-after"]) >= 1
        assert (await whole.client.get("/livez")).status_code == 200
        assert (await whole.client.get("/v1/resources?country=EG")).status_code == 200


async def test_the_edge_recovers_by_itself(whole: Chain) -> None:
    talker = await Talker.arrive(whole.client)
    whole.proxy.set(Fault.REFUSE)
    whole.proxy.drop_connections()
    for _ in range(5):
        assert (await talker.say(ORDINARY)).json()["degraded"]
    whole.proxy.set(Fault.NONE)
    await until(lambda: is_well(whole))


async def test_a_crisis_needs_no_session_when_dialogue_is_gone() -> None:
    async with gateway(gateway_settings(NOBODY, **FAST)) as client:
        for headers in ({}, {"authorization": "Bearer expired"}):
            answer = await client.post("/v1/sessions/ses_gone/messages", json={"text": CRISIS}, headers=headers)
            assert answer.status_code == 200
            assert answer.json()["risk"]["tier"] == "imminent"
        stated = {"x-attune-country": "EG"}
        answer = await client.post("/v1/sessions/ses_gone/messages", json={"text": CRISIS}, headers=stated)
        assert answer.json()["risk"]["card"]["country"] == "EG"
        forged = {"x-attune-country": "Egypt<script>"}
        answer = await client.post("/v1/sessions/ses_gone/messages", json={"text": CRISIS}, headers=forged)
        assert answer.json()["risk"]["card"]["country"] is None
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["degraded"]) == (200, True)


async def test_a_crisis_needs_no_valid_session_when_dialogue_is_there(whole: Chain) -> None:
    answer = await whole.client.post(
        "/v1/sessions/ses_gone/messages", json={"text": CRISIS}, headers={"authorization": "Bearer expired"}
    )
    assert (answer.status_code, answer.json()["risk"]["tier"]) == (200, "imminent")


@pytest.mark.parametrize("streams", [True, False], ids=["stream", "whole"])
async def test_leaving_stops_the_engine(whole: Chain, streams: bool) -> None:
    talker = await Talker.arrive(whole.client)
    whole.engine.mode = "endless"
    before = whole.engine.cut
    headers = talker.headers(**({"accept": "text/event-stream"} if streams else {}))
    async with httpx2.AsyncClient(base_url=whole.url, timeout=0.5, trust_env=False) as leaving:
        with contextlib.suppress(httpx2.TimeoutException):
            async with leaving.stream(
                "POST", f"{talker.path}/messages", json={"text": ORDINARY}, headers=headers
            ) as answer:
                async for chunk in answer.aiter_bytes():
                    if b"delta" in chunk:
                        break

    async def is_cut() -> bool:
        return whole.engine.cut > before

    await until(is_cut, seconds=1)


async def test_a_stopped_turn_makes_room_for_the_next_at_once(whole: Chain) -> None:
    talker = await Talker.arrive(whole.client)
    whole.engine.mode = "endless"
    headers = talker.headers(accept="text/event-stream")
    for _ in range(3):
        async with whole.client.stream(
            "POST", f"{talker.path}/messages", json={"text": ORDINARY}, headers=headers
        ) as answer:
            assert answer.status_code == 200, await answer.aread()
            async for chunk in answer.aiter_bytes():
                if b"delta" in chunk:
                    break


async def test_events_arrive_as_they_are_written(whole: Chain) -> None:
    """No hop collects: the first event is here while the engine still hangs."""
    talker = await Talker.arrive(whole.client)
    whole.engine.mode = "hang"
    headers = talker.headers(accept="text/event-stream")
    parser = Parser()
    async with whole.client.stream(
        "POST", f"{talker.path}/messages", json={"text": ORDINARY}, headers=headers
    ) as answer:
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["cache-control"] == "no-store"
        async for chunk in answer.aiter_bytes():
            events = parser.feed(chunk)
            if events:
                assert events[0].event == "accepted"
                break
        assert whole.engine.calls >= 0


async def test_two_messages_at_once_are_told_apart(whole: Chain) -> None:
    talker = await Talker.arrive(whole.client)
    whole.engine.mode = "endless"
    headers = talker.headers(accept="text/event-stream")
    async with whole.client.stream(
        "POST", f"{talker.path}/messages", json={"text": ORDINARY}, headers=headers
    ) as answer:
        chunks = answer.aiter_bytes()  # Kept, because a dropped iterator closes the stream.
        await anext(chunks)
        second = await talker.say(ORDINARY)
        assert (second.status_code, second.json()["code"]) == (409, "reply_in_progress")
        crisis = await talker.say(CRISIS)
        assert (crisis.status_code, crisis.json()["risk"]["tier"]) == (200, "imminent")


async def test_a_full_house_sheds_quickly_and_never_a_crisis(redis_server: RedisServer) -> None:
    async with chain(redis_server.url, **{**FAST, "turns_in_flight_max": 1}) as small:
        first, other = await Talker.arrive(small.client), await Talker.arrive(small.client)
        small.engine.mode = "endless"
        headers = first.headers(accept="text/event-stream")
        async with small.client.stream(
            "POST", f"{first.path}/messages", json={"text": ORDINARY}, headers=headers
        ) as answer:
            chunks = answer.aiter_bytes()
            await anext(chunks)
            shed = await other.say(ORDINARY)
            assert (shed.status_code, shed.json()["code"]) == (503, "temporary_reduced_capacity")
            assert shed.headers["retry-after"] == "5"
            small.engine.mode = "ok"
            assert (await other.say(CRISIS)).json()["risk"] is not None
            assert (await small.client.get("/livez")).status_code == 200


async def test_connections_are_used_again_and_none_is_left_over(whole: Chain) -> None:
    talker = await Talker.arrive(whole.client)
    before = whole.proxy.connections_total
    for _ in range(5):
        await talker.say(ORDINARY)
    assert whole.proxy.connections_total - before <= 1
    assert whole.proxy.open_connections <= 2


async def test_no_answer_of_the_edge_holds_a_trace_or_the_message(whole: Chain) -> None:
    canary = "quetzalcoatlus"
    talker = await Talker.arrive(whole.client)
    whole.proxy.set(Fault.REFUSE)
    whole.proxy.drop_connections()
    events = await talker.stream(f"My {canary} is sad")
    texts = json.dumps([event.data for event in events])
    texts += (await whole.client.get(talker.path, headers=talker.headers())).text
    texts += (await whole.client.get("/metrics")).text
    assert canary not in texts
    assert "Traceback" not in texts
