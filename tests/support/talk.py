"""A person who talks to a running gateway: opens a session, sends messages, reads the events."""

import json
from dataclasses import dataclass, field

import httpx2
from attune_contracts.dialogue import CONSENT_VERSION
from attune_kit.sse import Parser

JsonObject = dict[str, object]


@dataclass
class Turn:
    """What came back for one message: the events in order, as (name, data); a crowd also times the first of each."""

    status: int
    events: list[tuple[str, JsonObject]] = field(default_factory=list)
    problem: JsonObject | None = None
    seen_s: dict[str, float] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Event names in order."""
        return [name for name, _ in self.events]

    def last(self, name: str) -> JsonObject:
        """The last event of a name. Fails when there was none."""
        found = [data for event, data in self.events if event == name]
        assert found, f"no {name} event among {self.names}"
        return found[-1]

    @property
    def text(self) -> str:
        """The reply as the person sees it grow."""
        return "".join(str(data["text"]) for name, data in self.events if name == "delta")


class Person:
    """One session."""

    def __init__(self, client: httpx2.Client, locale: str = "en", country: str | None = None) -> None:
        self.client = client
        body: JsonObject = {"consent": {"version": CONSENT_VERSION}, "locale": locale}
        if country:
            body["country"] = country
        answer = client.post("/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        self.created: JsonObject = answer.json()
        self.id = str(self.created["id"])
        self.headers = {"authorization": f"Bearer {self.created['token']}"}

    def say(self, text: str, **headers: str) -> Turn:
        """Sends a message and reads its events to the end."""
        sent = {**self.headers, "accept": "text/event-stream", **headers}
        with self.client.stream(
            "POST", f"/v1/sessions/{self.id}/messages", json={"text": text}, headers=sent
        ) as answer:
            if answer.status_code != 200:
                answer.read()
                return Turn(answer.status_code, problem=answer.json())
            parser, turn = Parser(), Turn(200)
            for chunk in answer.iter_bytes():
                turn.events += [(event.event, load(event.data)) for event in parser.feed(chunk)]
            return turn


def load(data: str) -> JsonObject:
    """The data of one event."""
    loaded: JsonObject = json.loads(data)
    return loaded


def open_client(url: str) -> httpx2.Client:
    """A client with timeouts that a hang would exceed."""
    return httpx2.Client(base_url=url, timeout=httpx2.Timeout(30.0, connect=2.0), trust_env=False)
