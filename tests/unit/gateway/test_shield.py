"""The outermost middleware: headers on every answer, slow bodies cut."""

import asyncio
from ipaddress import ip_network

import pytest
from attune_gateway.shield import CSP, BodyClock, BodyTooSlow, Shield
from starlette.types import Message, Receive, Scope, Send

PROXIES = (ip_network("10.0.0.0/8"),)


async def ask(path: str, *, client: str = "203.0.113.9", headers: list[tuple[bytes, bytes]] | None = None) -> Message:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "scheme": "http", "path": path, "client": (client, 1), "headers": headers or []}
    await Shield(app, PROXIES, 1.0, always_https=False)(scope, receive, send)
    return sent[0]


async def test_the_policy_is_on_every_answer() -> None:
    headers = dict((await ask("/"))["headers"])
    assert headers[b"content-security-policy"] == CSP.encode()
    assert b"cache-control" not in headers
    assert b"strict-transport-security" not in headers


@pytest.mark.parametrize(
    ("path", "kept"), [("/v1/sessions", False), ("/v1/sessions/a/export", False), ("/v1/resources", True), ("/", True)]
)
async def test_conversations_are_never_cached(path: str, kept: bool) -> None:
    assert (b"cache-control" in dict((await ask(path))["headers"])) is not kept


@pytest.mark.parametrize(("client", "believed"), [("10.0.0.1", True), ("203.0.113.9", False)])
async def test_only_a_named_proxy_says_that_it_was_tls(client: str, believed: bool) -> None:
    answer = await ask("/", client=client, headers=[(b"x-forwarded-proto", b"https")])
    assert (b"strict-transport-security" in dict(answer["headers"])) is believed


async def test_a_body_that_never_ends_is_cut() -> None:
    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.request", "more_body": True}

    with pytest.raises(BodyTooSlow):
        await BodyClock(receive, 0.01)()


async def test_a_drip_of_bytes_does_not_win_time() -> None:
    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    clock = BodyClock(receive, 0.05)

    async def whole_body() -> None:
        while True:
            await clock()

    with pytest.raises(BodyTooSlow):
        await whole_body()


async def test_after_the_body_the_wait_for_the_disconnect_is_not_bounded() -> None:
    messages = iter([{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}])

    async def receive() -> Message:
        message = next(messages)
        if message["type"] == "http.disconnect":
            await asyncio.sleep(0.05)
        return message

    clock = BodyClock(receive, 0.01)
    await clock()
    assert (await clock())["type"] == "http.disconnect"
