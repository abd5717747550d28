"""Which session an OpenAI-style conversation belongs to. Pure but for the clock; holds hashes, never text.

A caller that sends back `conversation_id` is recognised by it. One that resends the whole history instead, as most
clients of that API do, is recognised by a keyed hash of the history that the last answer completed.
"""

import base64
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attune_contracts.chat import Message

REMEMBERED_MAX = 10_000
REMEMBERED_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Handle:
    """A session with its token."""

    session_id: str
    token: str


def conversation_id(handle: Handle) -> str:
    """A handle as the one opaque string that an OpenAI-style caller keeps. It is as secret as the token."""
    return base64.urlsafe_b64encode(f"{handle.session_id}\n{handle.token}".encode()).decode().rstrip("=")


def parse_conversation_id(value: str) -> Handle | None:
    """The handle in a conversation id, or None when it is none of ours: the conversation then starts anew."""
    try:
        text = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except ValueError:
        return None
    session_id, separator, token = text.partition("\n")
    return Handle(session_id, token) if separator and token.isprintable() and session_id.isprintable() else None


class Conversations:
    """Histories of the last day, as hashes."""

    def __init__(self, salt: bytes, clock: Callable[[], float]) -> None:
        self._salt = salt
        self._clock = clock
        self._handles: OrderedDict[bytes, tuple[float, Handle]] = OrderedDict()

    def find(self, key_name: str, history: Sequence[Message]) -> Handle | None:
        """The session whose last answer completed exactly this history."""
        seen_at, handle = self._handles.get(self._digest(key_name, history), (0.0, None))
        return handle if handle and self._clock() - seen_at < REMEMBERED_S else None

    def remember(self, key_name: str, history: Sequence[Message], handle: Handle) -> None:
        """Keeps the handle under a history that ends with our answer."""
        digest = self._digest(key_name, history)
        self._handles[digest] = (self._clock(), handle)
        self._handles.move_to_end(digest)
        while len(self._handles) > REMEMBERED_MAX:
            self._handles.popitem(last=False)

    def _digest(self, key_name: str, history: Sequence[Message]) -> bytes:
        mac = hmac.new(self._salt, key_name.encode(), hashlib.sha256)
        for message in history:
            if message.role != "system":
                mac.update(f"\0{message.role}\0{message.content.strip()}".encode())
        return mac.digest()
