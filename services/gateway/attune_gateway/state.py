"""The typed state that the composition root builds and handlers read from `request.state`."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attune_kit.errors import Unauthenticated
from starlette.requests import Request

from attune_gateway import limits
from attune_gateway.auth import ApiKey
from attune_gateway.conversations import Conversations
from attune_gateway.figures import Figures
from attune_gateway.gcra import Quota
from attune_gateway.limits import Limiter, QuotaExceeded, client_address, subscriber
from attune_gateway.ports import Dialogue
from attune_gateway.referrals import Referrals
from attune_gateway.settings import GatewaySettings, Network
from attune_gateway.turn import Relay

# scope["state"][RATE_HEADERS] holds the RateLimit headers, which the outermost middleware adds to any answer.
RATE_HEADERS = "rate_headers"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that a handler needs."""

    settings: GatewaySettings
    dialogue: Dialogue
    relay: Relay
    limiter: Limiter
    keys: Mapping[str, ApiKey]
    conversations: Conversations
    figures: Figures
    referrals: Referrals
    trusted: Sequence[Network]

    @property
    def message_quota(self) -> Quota:
        """Messages of one session."""
        return Quota("session", self.settings.messages_a_minute, 60)

    @property
    def address_message_quota(self) -> Quota:
        """Messages of one address: a school or an office may share one."""
        return Quota("address", self.settings.messages_a_minute_address, 60)

    @property
    def request_quota(self) -> Quota:
        """Everything else of one address."""
        return Quota("requests", self.settings.requests_a_minute_address, 60)

    @property
    def session_quota(self) -> Quota:
        """New sessions of one address."""
        return Quota("new-sessions", self.settings.sessions_a_day_address, 86_400)

    @property
    def api_quota(self) -> Quota:
        """Requests of one API key."""
        return Quota("key", self.settings.api_requests_a_minute, 60)


def gateway_of(request: Request) -> Gateway:
    """The state of this app."""
    gateway: Gateway = request.state.gateway
    return gateway


def address_of(request: Request) -> str:
    """The subscriber that a request counts under."""
    peer = request.client.host if request.client else ""
    return subscriber(client_address(peer, request.headers.get("x-forwarded-for"), gateway_of(request).trusted))


async def limit(request: Request, subjects: Sequence[tuple[Quota, str]]) -> None:
    """Counts a request. Raises QuotaExceeded; the answer carries the RateLimit headers either way."""
    gateway = gateway_of(request)
    if not gateway.settings.limits_enabled:
        return
    try:
        standings = await gateway.limiter.take(subjects)
    except QuotaExceeded as refusal:
        request.scope["state"][RATE_HEADERS] = limits.headers(refusal.standings)
        for standing in refusal.standings:
            if standing.remaining < 1:
                gateway.figures.limited(standing.quota.name)
        raise
    request.scope["state"][RATE_HEADERS] = limits.headers(standings)


async def limit_request(request: Request) -> None:
    """The dependency of every route that is no message and no help."""
    await limit(request, [(gateway_of(request).request_quota, address_of(request))])


def require_bearer(token: str | None) -> str:
    """The token, or 401."""
    if token is None:
        raise Unauthenticated("Send the session's token as a bearer token.")
    return token


def pick_wording() -> int:
    """A number that chooses among equal wordings."""
    return random.randrange(1_000_000)  # noqa: S311  wordings are no secret
