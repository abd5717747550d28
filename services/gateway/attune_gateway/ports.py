"""What the edge needs from the world, as protocols. Adapters implement them, tests fake them by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from attune_gateway.gcra import Quota, Tats


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the dialogue service. `target` is a path with its query, already escaped."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


class Upstream(Protocol):
    """An answer whose head has arrived. Header names are in lower case."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The header lines, one a name."""

    async def read(self, timeout_s: float) -> bytes:
        """The next bytes of the body; b"" at its end. Raises TimeoutError, which loses nothing, and Unavailable."""

    async def body(self, timeout_s: float) -> bytes:
        """The whole body. Raises Unavailable and DeadlineExceeded."""

    def close(self) -> None:
        """Gives the connection back, or cuts it when the body has not ended, which stops the work behind it."""


class Dialogue(Protocol):
    """The dialogue service."""

    async def send(self, call: Call, timeout_s: float) -> Upstream:
        """Sends a request and waits for the head. Raises Unavailable and DeadlineExceeded."""

    def settle(self, *, worked: bool) -> None:
        """Counts how an answer went on after its head: whether it came, or hung, was cut or made no sense."""


class ReferralStore(Protocol):
    """Where crisis referrals are counted."""

    async def add(self, year: int, field: str, count: int) -> None:
        """Adds to one cell. Raises Unavailable."""

    async def read(self, year: int) -> Mapping[str, int]:
        """All cells of a year. Raises Unavailable."""


class LimitStore(Protocol):
    """Where the limits count."""

    async def take(self, quotas: Sequence[tuple[str, Quota]]) -> Tats:
        """Takes one from each quota, or from none when one is used up. Raises Unavailable."""
