"""Crisis messages while everything behind the edge is killed, hung and restarted: each gets its card and its reply.

`make chaos` sends 1,000 and holds the card to 300 ms at the 99th percentile; without it 200 are sent and the clock is
only reported, because other tests may run beside it.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2
import psutil
import pytest

from tests.support.crowd import ENVIRONMENT, Seat, crowd_client, fault_of, open_seats, say
from tests.support.processes import Stack, run_stack

MESSAGES = int(os.environ.get("CHAOS_MESSAGES", "200"))
IS_TIMED = "CHAOS_MESSAGES" in os.environ
pytestmark = [pytest.mark.xdist_group("outages"), pytest.mark.timeout(120 + MESSAGES)]

AT_ONCE = 4
SEATS = 24
# Between two messages of one person, so that the chaos lasts long enough for each part to fall and come back.
PAUSE_S = 1.5
BLOW_EVERY_S = 1.5
HANG_S = 1.0
CARD_P99_S = 0.3
PARTS = {
    "emotion": "attune_emotion",
    "inference": "attune_inference",
    "dialogue": "attune_dialogue",
    "redis": "redis-server",
}
LINES = (
    ("en", "GB", "I want to kill myself tonight"),
    ("en", "US", "I'm going to end my life, I have a plan"),
    ("en", None, "I don't want to be alive anymore"),
    ("en", "IE", "my friend said she is going to kill herself tonight"),
    ("ar", "EG", "عايز أموت نفسي الليلة"),
    ("es", "ES", "quiero suicidarme esta noche"),
    ("fr", "FR", "je vais me suicider ce soir"),
    ("hi", "IN", "मैं आत्महत्या करना चाहता हूँ"),
)


@dataclass
class Tally:
    """What came of the messages: faults by name, seconds until each card, who answered, blows dealt."""

    answered: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    card_s: list[float] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)

    @property
    def card_p99_s(self) -> float:
        """The 99th percentile of the time to the card."""
        return sorted(self.card_s)[int(0.99 * (len(self.card_s) - 1))]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with run_stack(tmp_path_factory.mktemp("chaos") / "var", ENVIRONMENT) as running:
        yield running


async def strike(stack: Stack, tally: Tally, calm: asyncio.Event) -> None:
    """Kills the parts in turn, every third time after a hang, until it is calm again. The edge is left alone."""
    parts, dealt = list(PARTS), 0
    while not calm.is_set():
        part = parts[dealt % len(parts)]
        children = psutil.Process(stack.process.pid).children()
        for process in children:
            if PARTS[part] not in " ".join(process.cmdline()):
                continue
            if dealt % 3 == 2:
                process.suspend()
                await asyncio.sleep(HANG_S)
            process.send_signal(signal.SIGKILL)
            tally.blows[part] += 1
        dealt += 1
        await asyncio.sleep(BLOW_EVERY_S)


async def send_one(client: httpx2.AsyncClient, seat: Seat, line: tuple[str, str | None, str], tally: Tally) -> None:
    """One crisis message, and what is wrong with its answer."""
    _, country, text = line
    try:
        turn = await say(client, seat, text, country)
    except httpx2.HTTPError as error:
        tally.faults[type(error).__name__] += 1
        return
    if fault := fault_of(turn):
        tally.faults[fault] += 1
        return
    tally.answered += 1
    tally.card_s.append(turn.seen_s["risk"])
    why = turn.last("done")["why"]
    assert isinstance(why, dict)
    tally.sources["edge" if str(why["rule"]).startswith("edge.") else "dialogue"] += 1


async def storm(stack: Stack, count: int) -> Tally:
    """Sends `count` messages from a crowd while parts fall."""
    tally, calm, gate = Tally(), asyncio.Event(), asyncio.Semaphore(AT_ONCE)
    async with crowd_client(stack.url) as client:
        lines = [LINES[number % len(LINES)] for number in range(SEATS)]
        seats = await open_seats(client, [(locale, country) for locale, country, _ in lines])

        async def person(place: int) -> None:
            await asyncio.sleep(random.Random(place).random())
            for _ in range(place, count, SEATS):
                async with gate:
                    await send_one(client, seats[place], lines[place], tally)
                await asyncio.sleep(PAUSE_S)

        striking = asyncio.create_task(strike(stack, tally, calm))
        await asyncio.gather(*(person(place) for place in range(SEATS)))
        calm.set()
        await striking
    return tally


def test_every_crisis_message_is_answered_while_parts_are_killed(stack: Stack) -> None:
    started = time.monotonic()
    tally = asyncio.run(storm(stack, MESSAGES))
    print(
        f"\n{tally.answered}/{MESSAGES} answered in {time.monotonic() - started:.0f} s; faults {dict(tally.faults)}; "
        f"by {dict(tally.sources)}; killed {dict(tally.blows)}; "
        f"card p50 {sorted(tally.card_s)[len(tally.card_s) // 2] * 1000:.0f} ms, p99 {tally.card_p99_s * 1000:.0f} ms"
    )
    assert not tally.faults
    assert tally.answered == MESSAGES
    # Otherwise nothing was shown: each part fell, and both the edge and dialogue had their share.
    assert set(tally.blows) == set(PARTS)
    assert set(tally.sources) == {"edge", "dialogue"}
    assert stack.process.poll() is None
    if IS_TIMED:
        assert tally.card_p99_s <= CARD_P99_S
