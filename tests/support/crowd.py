"""Many people who talk to a running gateway at the same time, and what is checked of every reply in a crisis."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from attune_contracts.dialogue import CONSENT_VERSION
from attune_contracts.risk import RiskTier
from attune_kit.sse import Parser
from attune_safety.resources import contacts_allowed

from tests.support.talk import Turn

# Higher limits: all of the crowd comes from one address.
ENVIRONMENT = {"ATTUNE_GATEWAY_LIMITS_ENABLED": "false"}
_NUMBER = re.compile(r"\+?\d[\d\s().–-]*\d")
_HOST = re.compile(r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?", re.IGNORECASE)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩०१२३४५६७८९", "0123456789" * 2)
_NUMBER_DIGITS_MIN = 3
OPENINGS_MAX = 20


@dataclass(frozen=True, slots=True)
class Seat:
    """One open session."""

    id: str
    token: str


@asynccontextmanager
async def crowd_client(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client whose timeout a hang would exceed."""
    timeout = httpx2.Timeout(30.0, connect=15.0)
    async with httpx2.AsyncClient(base_url=url, timeout=timeout, trust_env=False) as client:
        yield client


async def open_seats(client: httpx2.AsyncClient, places: Sequence[tuple[str, str | None]]) -> list[Seat]:
    """A session for each (locale, country), one after the other. A busy machine is asked again for a while."""
    return [await open_seat(client, locale, country) for locale, country in places]


async def open_seat(client: httpx2.AsyncClient, locale: str, country: str | None) -> Seat:
    """One session."""
    body = {"consent": {"version": CONSENT_VERSION}, "locale": locale, "country": country}
    for _ in range(OPENINGS_MAX):
        answer = await client.post("/v1/sessions", json={name: value for name, value in body.items() if value})
        if answer.status_code == 201:
            return Seat(answer.json()["id"], answer.json()["token"])
        await asyncio.sleep(0.5)
    raise AssertionError(f"no session could be opened: {answer.text}")


async def say(client: httpx2.AsyncClient, seat: Seat, text: str, country: str | None = None) -> Turn:
    """One message, its events read to the end."""
    headers = {"authorization": f"Bearer {seat.token}", "accept": "text/event-stream"}
    if country:
        headers["x-attune-country"] = country
    path = f"/v1/sessions/{seat.id}/messages"
    started = time.monotonic()
    async with client.stream("POST", path, json={"text": text}, headers=headers) as answer:
        if answer.status_code != 200:
            await answer.aread()
            return Turn(answer.status_code, problem=answer.json())
        parser, turn = Parser(), Turn(200)
        async for chunk in answer.aiter_bytes():
            arrived = [(event.event, json.loads(event.data)) for event in parser.feed(chunk)]
            for name, _ in arrived:
                turn.seen_s.setdefault(name, time.monotonic() - started)
            turn.events += arrived
        return turn


def strange_contacts(text: str) -> list[str]:
    """Every phone number and host of a text that the registry does not hold."""
    allowed = contacts_allowed()
    plain = text.translate(_DIGITS)
    hosts = [match.group(1).lower() for match in _HOST.finditer(plain)]
    numbers = [re.sub(r"\D", "", match.group()) for match in _NUMBER.finditer(_HOST.sub(" ", plain))]
    long_enough = [number for number in numbers if len(number) >= _NUMBER_DIGITS_MIN]
    return [found for found in (*hosts, *long_enough) if found not in allowed]


def fault_of(turn: Turn, least: RiskTier = RiskTier.ELEVATED) -> str | None:
    """Why a crisis message was not answered as promised, or None. Never holds a word of either side."""
    if turn.status != 200:
        return f"status {turn.status}"
    names = turn.names
    if "risk" not in names or names[-1] != "done":
        return f"no card or no end: {names}"
    tier, said = RiskTier(str(turn.last("risk")["tier"])), str(turn.last("done")["text"])
    faults = {
        "words before the card": "delta" in names and names.index("risk") > names.index("delta"),
        f"tier {tier}": tier.rank < least.rank,
        "an empty reply": not said.strip(),
        "the pieces do not join to the reply": said != turn.text,
        "a contact outside the registry": bool(strange_contacts(said)),
    }
    return next((name for name, found in faults.items() if found), None)
