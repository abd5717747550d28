"""Which session an OpenAI-style conversation belongs to."""

from attune_contracts.chat import Message
from attune_gateway.conversations import (
    REMEMBERED_MAX,
    REMEMBERED_S,
    Conversations,
    Handle,
    conversation_id,
    parse_conversation_id,
)
from hypothesis import given
from hypothesis import strategies as st

HANDLE = Handle("ses_1", "token-1")
TALK = [Message(role="user", content="hello"), Message(role="assistant", content="Hi.")]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_id_leads_back_to_its_session() -> None:
    assert parse_conversation_id(conversation_id(HANDLE)) == HANDLE


@given(st.text(max_size=80))
def test_a_foreign_id_is_none_of_ours(value: str) -> None:
    handle = parse_conversation_id(value)
    assert handle is None or conversation_id(handle).startswith(value[:1])


def test_a_header_cannot_be_smuggled_in_an_id() -> None:
    forged = conversation_id(Handle("ses_1", "t\r\nx-evil: 1"))
    assert parse_conversation_id(forged) is None


def test_a_resent_history_is_recognised_for_the_same_key_and_day() -> None:
    clock = Clock()
    conversations = Conversations(b"salt", clock)
    conversations.remember("app", TALK, HANDLE)
    system = Message(role="system", content="be brief")
    assert conversations.find("app", [system, *TALK]) == HANDLE
    assert conversations.find("other", TALK) is None
    assert conversations.find("app", TALK[:1]) is None
    clock.now += REMEMBERED_S
    assert conversations.find("app", TALK) is None


def test_the_memory_is_bounded_and_holds_no_text() -> None:
    conversations = Conversations(b"salt", Clock())
    for number in range(REMEMBERED_MAX + 5):
        conversations.remember("app", [Message(role="user", content=f"canary {number}")], HANDLE)
    assert len(conversations._handles) == REMEMBERED_MAX
    assert b"canary" not in b"".join(conversations._handles)
