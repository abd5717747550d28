"""Finds or opens the session behind an OpenAI-style conversation, and prepares its turn.

Called by openai and evaluation.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from attune_contracts.chat import Message
from attune_contracts.dialogue import CONSENT_VERSION, Consent, MessageCreate, SessionCreate, SessionCreated
from attune_contracts.risk import RiskTier
from attune_kit.errors import OperationalError
from attune_kit.sse import MEDIA_TYPE
from attune_safety import screen
from fastapi import Request
from pydantic import ValidationError

from attune_gateway.api.forward import session_path
from attune_gateway.api.openai_wire import Options
from attune_gateway.auth import ApiKey
from attune_gateway.conversations import Conversations, Handle, conversation_id, parse_conversation_id
from attune_gateway.fallback import place_of
from attune_gateway.ports import Call
from attune_gateway.state import Gateway, gateway_of, limit
from attune_gateway.turn import Incoming


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, and what has to be said at its beginning: the AI notice."""

    handle: Handle
    greeting: str
    notice: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One prepared turn. `opening` stands before the first reply of a conversation: the AI notice."""

    message: Incoming
    opening: str
    conversation_id: str | None
    key_name: str
    history: tuple[Message, ...]
    handle: Handle | None
    conversations: Conversations

    def remember(self, reply: str) -> None:
        """Recognises the conversation when the caller sends all of it back."""
        if self.handle is not None:
            history = [*self.history, Message(role="assistant", content=reply)]
            self.conversations.remember(self.key_name, history, self.handle)


async def begin(
    request: Request, key: ApiKey, messages: Sequence[Message], stated_id: str | None, options: Options
) -> Exchange:
    """Screens the newest message in the light of the others, counts it, and finds its session or opens one.

    Without a session, because dialogue is down, the turn still runs: the edge answers it.
    """
    gateway, newest = gateway_of(request), messages[-1]
    earlier = [message for message in messages[:-1] if message.role != "system"]
    assessment = screen(newest.content, earlier, options.locale)
    if assessment.tier.rank < RiskTier.ELEVATED.rank:
        await limit(request, [(gateway.api_quota, key.name)])
    handle = parse_conversation_id(stated_id) if stated_id else None
    handle = handle or gateway.conversations.find(key.name, earlier)
    opened = None
    if handle is None or not await is_alive(request, gateway, handle):
        opened = await open_session(request, gateway, options)
        handle = opened.handle if opened else None
    place = place_of(newest.content, assessment, options.country, options.locale)
    message = Incoming(
        session_id=handle.session_id if handle else f"none-{request.state.request_id}",
        call=message_call(request, handle, newest.content) if handle else None,
        assessment=assessment,
        place=place,
    )
    return Exchange(
        message=message,
        opening=f"{opened.notice}\n\n" if opened else "",
        conversation_id=conversation_id(handle) if handle else stated_id,
        key_name=key.name,
        history=tuple(messages),
        handle=handle,
        conversations=gateway.conversations,
    )


def message_call(request: Request, handle: Handle, text: str) -> Call:
    """The turn as a call of dialogue."""
    headers = {
        "authorization": f"Bearer {handle.token}",
        "accept": MEDIA_TYPE,
        "content-type": "application/json",
        "x-request-id": request.state.request_id,
    }
    body = MessageCreate(text=text).model_dump_json(exclude_none=True).encode()
    return Call("POST", session_path(handle.session_id, "messages"), headers, body)


async def is_alive(request: Request, gateway: Gateway, handle: Handle) -> bool:
    """Whether a session is still there. When dialogue cannot say, it is taken to be."""
    headers = {"authorization": f"Bearer {handle.token}", "x-request-id": request.state.request_id}
    try:
        upstream = await gateway.dialogue.send(
            Call("GET", session_path(handle.session_id), headers), gateway.settings.first_event_crisis_s
        )
    except OperationalError:
        return True
    try:
        await upstream.body(gateway.settings.request_s)
        gateway.dialogue.settle(worked=True)
    except OperationalError:
        gateway.dialogue.settle(worked=False)
    finally:
        upstream.close()
    return upstream.status not in {401, 404}


async def open_session(request: Request, gateway: Gateway, options: Options) -> Opened | None:
    """A new session for the people of an API key's holder, or None when dialogue cannot open one now."""
    wanted = SessionCreate(consent=Consent(version=CONSENT_VERSION), locale=options.locale, country=options.country)
    headers = {"content-type": "application/json", "x-request-id": request.state.request_id}
    call = Call("POST", "/v1/sessions", headers, wanted.model_dump_json().encode())
    try:
        upstream = await gateway.dialogue.send(call, gateway.settings.first_event_crisis_s)
    except OperationalError:
        return None
    try:
        content = await upstream.body(gateway.settings.request_s)
        gateway.dialogue.settle(worked=True)
        if upstream.status != 201:
            return None
        created = SessionCreated.model_validate(json.loads(content))
    except (OperationalError, ValidationError, ValueError):
        return None
    finally:
        upstream.close()
    return Opened(Handle(created.id, created.token), created.greeting, created.notice)
