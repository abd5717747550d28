"""Plays a person against a running gateway over HTTP, as the page does."""

import time

import httpx2
from attune_contracts.dialogue import CONSENT_VERSION
from attune_kit.sse import Parser

from tests.simulate.person import Actor, Heard, JsonObject, Said
from tests.simulate.scorer import Exchange, Played
from tests.simulate.script import Person
from tests.support.talk import Turn, load


def open_session(client: httpx2.Client, person: Person) -> tuple[JsonObject, str, dict[str, str]]:
    """What was created, the path of messages, and the headers for them."""
    body: JsonObject = {"consent": {"version": CONSENT_VERSION}, "locale": person.locale}
    if person.country:
        body["country"] = person.country
    answer = client.post("/v1/sessions", json=body)
    answer.raise_for_status()
    created: JsonObject = answer.json()
    headers = {"authorization": f"Bearer {created['token']}", "accept": "text/event-stream"}
    return created, f"/v1/sessions/{created['id']}/messages", headers


def send(client: httpx2.Client, path: str, headers: dict[str, str], said: Said) -> Heard:
    """One message, its events read to the end."""
    body = {"text": said.text} | ({"suggestion_id": said.suggestion_id} if said.suggestion_id else {})
    started, turn = time.perf_counter(), Turn(200)
    with client.stream("POST", path, json=body, headers=headers) as answer:
        turn.status = answer.status_code
        parser = Parser()
        for chunk in answer.iter_bytes():
            turn.events += [(event.event, load(event.data)) for event in parser.feed(chunk)]
    return heard(turn, (time.perf_counter() - started) * 1000)


def heard(turn: Turn, milliseconds: float) -> Heard:
    """The events of a turn as the person takes them in."""
    named = dict(turn.events)
    done, risk, chips = named.get("done", {}), named.get("risk"), named.get("suggestions", {}).get("items", [])
    assert isinstance(chips, list)
    why = done.get("why", {})
    assert isinstance(why, dict)
    order = turn.names
    return Heard(
        text=turn.text,
        status=turn.status if done else 599,
        exercise=named.get("exercise"),
        suggestions=tuple((str(chip["id"]), str(chip["text"])) for chip in chips),
        notices=tuple(str(data["text"]) for name, data in turn.events if name == "notice"),
        tier=str(risk["tier"]) if risk else "",
        card="risk" in order and ("delta" not in order or order.index("risk") < order.index("delta")),
        why=why,
        degraded=bool(done.get("degraded")),
        milliseconds=milliseconds,
    )


def play(client: httpx2.Client, person: Person, number: int, turns: int) -> Played:
    """One whole conversation."""
    created, path, headers = open_session(client, person)
    actor, last, exchanges = Actor(person, number), None, []
    for _ in range(turns):
        said = actor.next(last)
        last = send(client, path, headers, said)
        exchanges.append(Exchange(said, last))
    return Played(person, number, str(created["greeting"]), str(created["notice"]), tuple(exchanges))
