"""A turn at the edge with a scripted dialogue and a clock of the test's own: every deadline, every loss."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from attune_contracts.risk import NO_RISK, RiskAssessment, RiskKind, RiskTier
from attune_gateway.capacity import Capacity
from attune_gateway.fallback import Place
from attune_gateway.figures import Figures
from attune_gateway.ports import Call, Upstream
from attune_gateway.turn import Deadlines, Incoming, Refused, Relay
from attune_kit.errors import Conflict, DeadlineExceeded, Unavailable
from attune_kit.metrics import Metrics
from attune_kit.sse import PING, ServerSentEvent, encode
from attune_safety import screen

CRISIS = screen("I want to kill myself tonight")
CHECK_IN = RiskAssessment(tier=RiskTier.CHECK_IN, kind=RiskKind.SELF, evidence=())
DEADLINES = Deadlines(
    card_s=0.15,
    first_event_s=3.0,
    first_event_crisis_s=1.2,
    idle_s=15.0,
    idle_crisis_s=4.0,
    total_s=60.0,
    ping_s=10.0,
    refusal_s=5.0,
    busy_s=1.0,
)
STREAM = {"content-type": "text/event-stream"}
SILENCE = object()
CUT = object()


def event(name: str, **content: object) -> bytes:
    return encode(ServerSentEvent(json.dumps({"type": name, **content}), name, "1"))


ACCEPTED = event("accepted", message_id="m_1")
RISK = event("risk")
WORDS = event("delta", text="Hello.")
DONE = event("done", text="Hello.", degraded=False)
ERROR = event("error", problem={"status": 500})


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Script:
    """An answer of dialogue: bytes come at once, SILENCE takes as long as the reader waits, CUT breaks off."""

    clock: Clock
    steps: list[object]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: STREAM)
    closed: bool = False

    async def read(self, timeout_s: float) -> bytes:
        step = self.steps.pop(0) if self.steps else b""
        if step is SILENCE:
            self.clock.now += timeout_s
            raise TimeoutError
        if step is CUT:
            raise Unavailable("cut")
        assert isinstance(step, bytes)
        return step

    async def body(self, timeout_s: float) -> bytes:
        return await self.read(timeout_s)

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedDialogue:
    answer: Callable[[], Upstream]
    settled: list[bool] = field(default_factory=list)

    async def send(self, call: Call, timeout_s: float) -> Upstream:
        return self.answer()

    def settle(self, *, worked: bool) -> None:
        self.settled.append(worked)


@dataclass
class Result:
    raw: bytes
    script: Script
    settled: list[bool]
    seconds: float

    @property
    def names(self) -> list[str]:
        return [line.removeprefix("event: ") for line in self.raw.decode().splitlines() if line.startswith("event: ")]

    @property
    def done(self) -> dict[str, object]:
        data = self.raw.decode().strip().rsplit("data: ", 1)[1]
        loaded: dict[str, object] = json.loads(data)
        return loaded


def relay_for(dialogue: ScriptedDialogue, clock: Clock) -> Relay:
    capacity = Capacity(turns_max=2, session_wait_s=0.01, retry_after_s=5)
    return Relay(
        dialogue,
        capacity,
        DEADLINES,
        Figures(Metrics()),
        new_id=lambda: "edge_1",
        pick=lambda: 3,
        refer=lambda _: None,
        clock=clock,
    )


def message(assessment: RiskAssessment, session_id: str = "s") -> Incoming:
    return Incoming(session_id, Call("POST", "/v1/sessions/s/messages", {}), assessment, Place("EG", "en"))


async def run(
    steps: list[object],
    assessment: RiskAssessment = NO_RISK,
    *,
    status: int = 200,
    headers: Mapping[str, str] = STREAM,
) -> Result:
    clock = Clock()
    script = Script(clock, list(steps), status, headers)
    dialogue = ScriptedDialogue(lambda: script)
    raw, started = b"", clock.now
    async with relay_for(dialogue, clock).flow(message(assessment)) as flow:
        while (batch := await flow.next()) is not None:
            raw += batch.raw
    return Result(raw, script, dialogue.settled, clock.now - started)


async def test_a_whole_turn_passes_byte_for_byte() -> None:
    result = await run([ACCEPTED[:5], ACCEPTED[5:] + WORDS, DONE])
    assert result.raw == ACCEPTED + WORDS + DONE
    assert result.settled == [True]
    assert result.script.closed


async def test_pings_pass_and_silence_makes_new_ones() -> None:
    result = await run([ACCEPTED, PING, SILENCE, WORDS, DONE])
    assert result.raw == ACCEPTED + PING + PING + WORDS + DONE


@pytest.mark.parametrize(
    ("assessment", "limit_s"), [(NO_RISK, 3.0), (CHECK_IN, 1.2), (CRISIS, 1.2)], ids=["none", "check_in", "imminent"]
)
async def test_a_dialogue_that_never_begins_is_given_up_in_time(assessment: RiskAssessment, limit_s: float) -> None:
    result = await run([SILENCE] * 9, assessment)
    assert result.seconds == pytest.approx(limit_s)
    assert result.names[-1] == "done"
    assert result.done["degraded"]
    assert result.settled == [False]
    assert result.script.closed


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([ACCEPTED, CUT], "cut"),
        ([ACCEPTED, WORDS[:10]], "cut"),
        ([ACCEPTED, b"event: delta\ndata: {oops\n\n"], "malformed"),
        ([ACCEPTED, SILENCE, SILENCE, SILENCE, SILENCE], "idle"),
        ([CUT], "cut"),
        ([b""], "cut"),
    ],
)
@pytest.mark.parametrize("assessment", [NO_RISK, CRISIS], ids=["none", "imminent"])
async def test_a_turn_that_breaks_is_brought_to_its_end(
    steps: list[object], reason: str, assessment: RiskAssessment
) -> None:
    result = await run(steps, assessment)
    assert result.names[-1] == "done"
    assert result.names.count("accepted") == 1
    assert result.names.count("risk") == (assessment is CRISIS)
    why = result.done["why"]
    assert isinstance(why, dict)
    assert why["rule"] == f"edge.{reason}"
    assert result.settled[-1] is False
    assert result.raw.startswith(ACCEPTED) == (ACCEPTED in steps)


async def test_a_crisis_is_not_left_waiting_for_its_words() -> None:
    result = await run([ACCEPTED + RISK, *[SILENCE] * 9], CRISIS)
    assert result.seconds == pytest.approx(4.0)
    assert result.names == ["accepted", "risk", "delta", "done"]


async def test_a_late_card_comes_from_the_edge_and_the_turn_goes_on() -> None:
    result = await run([ACCEPTED, SILENCE, WORDS, DONE], CRISIS)
    assert result.names == ["accepted", "risk", "delta", "done"]
    assert result.done["degraded"] is False
    assert result.seconds == pytest.approx(0.15)


async def test_no_word_of_a_crisis_comes_before_the_card() -> None:
    assert (await run([ACCEPTED + WORDS, DONE], CRISIS)).names == ["accepted", "risk", "delta", "done"]
    assert (await run([ACCEPTED + DONE], CRISIS)).names == ["accepted", "risk", "done"]
    assert (await run([ACCEPTED + RISK + WORDS, DONE], CRISIS)).raw == ACCEPTED + RISK + WORDS + DONE


async def test_a_failed_turn_is_told_unless_somebody_is_in_danger() -> None:
    assert (await run([ACCEPTED + WORDS + ERROR])).names == ["accepted", "delta", "error"]
    crisis = await run([ACCEPTED + RISK + WORDS + ERROR], CRISIS)
    assert crisis.names == ["accepted", "risk", "delta", "delta", "done"]


class Slow(Script):
    """Every read takes a tenth of a second."""

    async def read(self, timeout_s: float) -> bytes:
        self.clock.now += 0.1
        return await super().read(timeout_s)


@pytest.mark.parametrize(
    ("steps", "assessment", "limit_s"),
    [
        ([ACCEPTED[:1]] * 400, CRISIS, 1.2),
        ([b": a comment without an end"[:2]] * 400, NO_RISK, 3.0),
        ([PING] * 400, CRISIS, 1.2),
        ([WORDS] * 4000, NO_RISK, 60.0),
    ],
    ids=["half an event", "half a comment", "pings", "endless words"],
)
async def test_a_drip_does_not_win_time(steps: list[object], assessment: RiskAssessment, limit_s: float) -> None:
    clock = Clock()
    script = Slow(clock, list(steps))
    dialogue = ScriptedDialogue(lambda: script)
    names: list[str] = []
    async with relay_for(dialogue, clock).flow(message(assessment)) as flow:
        while (batch := await flow.next()) is not None:
            names += [event.event for event in batch.events]
    assert names[-1] == "done"
    assert clock.now - 50 == pytest.approx(limit_s, abs=0.11)
    assert dialogue.settled[-1] is False
    assert ("risk" in names) == (assessment is CRISIS)


async def test_pings_alone_do_not_keep_a_turn_alive() -> None:
    class Pinging(Script):
        async def read(self, timeout_s: float) -> bytes:
            self.clock.now += 1.0
            return self.steps.pop(0) if self.steps else PING  # type: ignore[return-value]

    clock = Clock()
    script = Pinging(clock, [ACCEPTED])
    names: list[str] = []
    async with relay_for(ScriptedDialogue(lambda: script), clock).flow(message(NO_RISK)) as flow:
        while (batch := await flow.next()) is not None:
            names += [event.event for event in batch.events]
    assert names == ["accepted", "delta", "done"]
    assert clock.now - 50 <= 17


@pytest.mark.parametrize("status", [401, 404, 409, 422, 429])
async def test_a_refusal_is_passed_on_but_never_to_somebody_in_danger(status: int) -> None:
    body = b'{"code":"x"}'
    with pytest.raises(Refused) as refused:
        await run([body], status=status, headers={"content-type": "application/problem+json"})
    assert (refused.value.status, refused.value.body) == (status, body)
    crisis = await run([body], CRISIS, status=status)
    assert crisis.names == ["accepted", "risk", "delta", "done"]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_failing_dialogue_is_replaced(status: int) -> None:
    result = await run([b"oops"], status=status)
    assert result.names == ["accepted", "delta", "done"]
    assert result.settled == [True]


async def test_a_page_instead_of_a_stream_is_replaced() -> None:
    assert (await run([b"<html>"], headers={"content-type": "text/html"})).names[-1] == "done"


@pytest.mark.parametrize("fault", [Unavailable("down"), DeadlineExceeded("slow")])
async def test_an_unreachable_dialogue_is_replaced(fault: Exception) -> None:
    def answer() -> Upstream:
        raise fault

    async with relay_for(ScriptedDialogue(answer), Clock()).flow(message(CRISIS)) as flow:
        batch = await flow.next()
        assert batch is not None
        assert [event.event for event in batch.events] == ["accepted", "risk", "delta", "done"]
        assert flow.by_edge
        assert await flow.next() is None


async def test_one_turn_a_session_and_a_bound_for_all_but_never_for_a_crisis() -> None:
    clock = Clock()
    relay = relay_for(ScriptedDialogue(lambda: Script(clock, [ACCEPTED, DONE])), clock)
    async with relay.flow(message(NO_RISK, "a")):
        with pytest.raises(Conflict, match="still being written"):
            await relay.flow(message(NO_RISK, "a")).__aenter__()
        async with relay.flow(message(NO_RISK, "b")):
            with pytest.raises(Unavailable) as full:
                await relay.flow(message(NO_RISK, "c")).__aenter__()
            assert full.value.code == "temporary_reduced_capacity"
            async with relay.flow(message(CRISIS, "a")) as flow:
                assert await flow.next() is not None
                assert not flow.by_edge
    async with relay.flow(message(NO_RISK, "a")):
        assert relay.capacity.in_flight == 1
    assert relay.capacity.in_flight == 0


async def test_a_flood_of_crisis_messages_is_answered_by_the_edge_alone() -> None:
    clock = Clock()
    relay = relay_for(ScriptedDialogue(lambda: Script(clock, [ACCEPTED, RISK, DONE])), clock)
    async with contextlib.AsyncExitStack() as stack:
        flows = [await stack.enter_async_context(relay.flow(message(CRISIS, str(number)))) for number in range(6)]
        for flow in flows:
            batch = await flow.next()
            assert batch is not None
        assert [flow.by_edge for flow in flows] == [False] * 4 + [True] * 2
