"""No word of a conversation is at rest in plain text or in any log, metric or error."""

import secrets
from collections.abc import Iterator

import httpx2
import pytest

from tests.support.processes import Stack
from tests.support.talk import Person, open_client

WORD = "quetzal" + secrets.token_hex(6)


@pytest.fixture
def talked(stack: Stack) -> Iterator[tuple[Person, str]]:
    with open_client(stack.url) as client:
        person = Person(client)
        turn = person.say(f"My parrot {WORD} flew away and I miss it so much")
        assert turn.status == 200
        yield person, turn.text


def test_nothing_on_disk_repeats_a_word(stack: Stack, talked: tuple[Person, str]) -> None:
    _, reply = talked
    found = []
    for path in stack.data_dir.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [path.name for words in (WORD, reply[:40]) if words.encode() in content]
    assert not found


def test_metrics_and_errors_repeat_no_word(stack: Stack, talked: tuple[Person, str]) -> None:
    person, _ = talked
    texts = [
        httpx2.get(f"http://127.0.0.1:{port}/metrics").text for port in (stack.port, stack.port + 1, stack.port + 2)
    ]
    long = person.client.post(
        f"/v1/sessions/{person.id}/messages", json={"text": WORD * 400}, headers={**person.headers}
    )
    assert long.status_code == 422
    unknown = person.client.post(
        f"/v1/sessions/{person.id}/messages", json={"text": "hi", WORD: WORD}, headers={**person.headers}
    )
    assert unknown.status_code == 422
    texts += [long.text, unknown.json()["detail"].replace(WORD, "", 1)]  # The name of an unknown key is its place.
    assert not [text for text in texts if WORD in text]


def test_deleting_leaves_nothing_to_read(talked: tuple[Person, str]) -> None:
    person, _ = talked
    assert WORD in person.client.get(f"/v1/sessions/{person.id}/export", headers=person.headers).text
    assert person.client.delete(f"/v1/sessions/{person.id}", headers=person.headers).status_code == 204
    assert person.client.get(f"/v1/sessions/{person.id}", headers=person.headers).status_code == 404
    assert person.client.get(f"/v1/sessions/{person.id}/export", headers=person.headers).status_code == 404
