"""The composition root of the gateway: builds everything from settings and hands it to the routes."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from attune_kit.asgi import build_app
from attune_kit.breaker import Breaker
from attune_kit.metrics import Metrics
from attune_kit.redis import connect_redis
from attune_safety import screen
from attune_safety.first_reply import first_reply
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from attune_gateway.adapters.dialogue_client import DialogueClient
from attune_gateway.adapters.limit_store import RedisLimitStore
from attune_gateway.adapters.referral_store import RedisReferralStore
from attune_gateway.api import admin, evaluation, messages, openai, resources, sessions
from attune_gateway.api.documented import install_openapi
from attune_gateway.auth import load_keys
from attune_gateway.capacity import Capacity
from attune_gateway.conversations import Conversations
from attune_gateway.fallback import LANGUAGES
from attune_gateway.figures import Figures
from attune_gateway.limits import Limiter, MemoryStore, is_within
from attune_gateway.page import Page, page_router
from attune_gateway.referrals import Referrals, today_utc
from attune_gateway.settings import GatewaySettings, Network, parse_networks
from attune_gateway.shield import Shield
from attune_gateway.state import Gateway, pick_wording
from attune_gateway.turn import Deadlines, Relay

VERSION = "0.1.0"


def create_app(settings: GatewaySettings) -> FastAPI:
    """Builds the app. Reads the page and the API keys now, so that a wrong path fails at the start."""
    metrics = Metrics()
    page, keys = Page(settings.frontend_dir), load_keys(settings.api_keys_file)
    trusted = parse_networks(settings.trusted_proxies)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        warm_up()
        dialogue = DialogueClient(
            urlsplit(str(settings.dialogue_url)),
            Breaker(settings.breaker_failures_max, settings.breaker_cooldown_s),
            connect_s=settings.connect_s,
            connections_max=settings.dialogue_connections_max,
        )
        redis = connect_redis(settings.redis_url, timeout_s=settings.redis_timeout_s) if settings.redis_url else None
        store = RedisLimitStore(redis, time.time) if redis is not None else None
        salt = settings.limits_salt.get_secret_value().encode() if settings.limits_salt else secrets.token_bytes(32)
        figures = Figures(metrics)
        referrals = Referrals(RedisReferralStore(redis) if redis is not None else None, today_utc)
        flushing = asyncio.create_task(referrals.flush_for_ever())
        gateway = Gateway(
            settings=settings,
            dialogue=dialogue,
            relay=build_relay(settings, dialogue, figures, referrals.note),
            limiter=Limiter(store, MemoryStore(time.time), Breaker(), salt),
            keys=keys,
            conversations=Conversations(salt, time.monotonic),
            figures=figures,
            referrals=referrals,
            trusted=trusted,
        )
        # Without dialogue the edge is degraded, yet it must stay reachable: it still answers a crisis.
        optional = {"dialogue": dialogue.probe} | ({"redis": store.probe} if store else {})
        try:
            yield {"gateway": gateway, "required_probes": {}, "optional_probes": optional}
        finally:
            dialogue.close()
            flushing.cancel()
            await referrals.flush()
            if redis is not None:
                await redis.aclose()

    app = build_app(
        title="Attune",
        version=VERSION,
        lifespan=lifespan,
        routers=[
            sessions.router,
            messages.router,
            resources.router,
            openai.router,
            evaluation.router,
            admin.router,
            metrics_router(metrics, parse_networks(settings.metrics_peers)),
        ],
        body_bytes_max=settings.body_bytes_max,
        metrics=metrics,
        docs=True,
        expose_metrics=False,
    )
    app.include_router(page_router(page))
    install_openapi(app)
    app.add_middleware(
        Shield, trusted=trusted, body_receive_s=settings.body_receive_s, always_https=settings.always_https
    )
    return app


def warm_up() -> None:
    """Reads rules, help lines and wordings now, and not while somebody in danger waits."""
    assessment = screen("I want to kill myself")
    for language in LANGUAGES:
        first_reply(assessment, None, language, 0)


def build_relay(
    settings: GatewaySettings, dialogue: DialogueClient, figures: Figures, refer: Callable[[str], None]
) -> Relay:
    """The relay with the deadlines of the settings."""
    return Relay(
        dialogue,
        Capacity(settings.turns_in_flight_max, settings.session_wait_s, settings.retry_after_s),
        Deadlines(
            card_s=settings.card_s,
            first_event_s=settings.first_event_s,
            first_event_crisis_s=settings.first_event_crisis_s,
            idle_s=settings.idle_s,
            idle_crisis_s=settings.idle_crisis_s,
            total_s=settings.turn_total_s,
            ping_s=settings.ping_s,
            refusal_s=settings.request_s,
            busy_s=settings.session_wait_s,
        ),
        figures,
        new_id=lambda: f"edge_{secrets.token_urlsafe(12)}",
        pick=pick_wording,
        refer=refer,
    )


def metrics_router(metrics: Metrics, peers: tuple[Network, ...]) -> APIRouter:
    """/metrics, for the named peers only and never through a proxy. To anybody else there is no such page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def read_metrics(request: Request) -> Response:
        peer = request.client.host if request.client else ""
        if not is_within(peer, peers) or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
            raise HTTPException(404, "There is nothing at this address.")
        return metrics.exposition()

    return router
