"""The composition root: settings in, app out. Clients live as long as the app and are made nowhere else."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from attune_kit.asgi import build_app
from attune_kit.breaker import Breaker
from attune_kit.http import Timeouts, make_client
from attune_kit.metrics import Metrics
from attune_kit.redis import connect_redis
from attune_safety import screen
from attune_safety.phrases import LANGUAGES, load_phrases
from attune_safety.reply_lint import LintContext, lint_sentence
from fastapi import FastAPI

from attune_dialogue.adapters.content import load_content
from attune_dialogue.adapters.emotion_client import HttpEmotionReader
from attune_dialogue.adapters.event_log import RedisEventLog
from attune_dialogue.adapters.generator_client import Engine, HttpGenerator
from attune_dialogue.adapters.matching_client import HttpMatcher
from attune_dialogue.adapters.sealing import Keyring
from attune_dialogue.adapters.session_store import RedisSessionStore, StoreLimits
from attune_dialogue.api import Service, make_router
from attune_dialogue.choosing import Chooser, DraftLimits
from attune_dialogue.domain.country import country_stated
from attune_dialogue.settings import DialogueSettings
from attune_dialogue.speech import Speaker, SpeechLimits
from attune_dialogue.turn import TurnLimits, Turns, World

VERSION = "0.1.0"


def create_app(settings: DialogueSettings) -> FastAPI:
    """Builds the service. Raises ValueError for keys or content that are not right, before anything is served."""
    keyring = Keyring.parse(settings.session_keys.get_secret_value())
    content = load_content()
    warm_up()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        store_limits = StoreLimits(settings.lock_ttl_s, settings.event_ttl_s, settings.redis_timeout_s)
        redis = connect_redis(
            settings.redis_url, timeout_s=settings.redis_timeout_s, connections_max=settings.redis_connections_max
        )
        async with (
            redis,
            make_client(settings.emotion_url, Timeouts(connect_s=settings.emotion_timeout_s)) as emotion_http,
            make_client(settings.inference_url, Timeouts(read_s=settings.reply_total_s)) as inference_http,
        ):
            store = RedisSessionStore(redis, keyring, store_limits)
            emotion = HttpEmotionReader(emotion_http, make_breaker(settings), settings.emotion_timeout_s)
            generator = HttpGenerator(inference_http, make_breaker(settings), engine_of(settings))
            matcher = HttpMatcher(emotion_http, make_breaker(settings), settings.matching_timeout_s)
            world = World(
                store=store,
                log=RedisEventLog(redis, store, store_limits),
                emotion=emotion,
                matcher=matcher,
                speaker=Speaker(generator, speech_limits(settings)),
                chooser=Chooser(generator, matcher, draft_limits(settings)) if chooses(settings) else None,
                content=content,
                limits=turn_limits(settings),
                now=lambda: datetime.now(UTC),
                chance=random.SystemRandom(),
            )
            turns = Turns(world)

            async def redis_answers() -> None:
                await redis.ping()

            yield {
                "service": Service(world, turns),
                "required_probes": {"redis": redis_answers},
                "optional_probes": {"emotion": emotion.probe, "inference": generator.probe},
            }
            async with asyncio.timeout(settings.shutdown_grace_s):
                await turns.drain()

    return build_app(
        title="Attune dialogue",
        version=VERSION,
        lifespan=lifespan,
        routers=[make_router()],
        body_bytes_max=settings.body_bytes_max,
        metrics=Metrics(),
    )


def warm_up() -> None:
    """Reads the safety library's files now and not while somebody waits."""
    screen("warm up")
    lint_sentence("Warm up.", LintContext())
    for language in LANGUAGES:
        load_phrases(language)
    country_stated("warm up", asked=True)


def make_breaker(settings: DialogueSettings) -> Breaker:
    """One breaker a dependency."""
    return Breaker(settings.breaker_failures_max, settings.breaker_cooldown_s)


def engine_of(settings: DialogueSettings) -> Engine:
    """The engine as the settings name it."""
    key = settings.inference_api_key
    return Engine(
        dialect=settings.engine,
        model=settings.model,
        first_token_timeout_s=settings.first_token_timeout_s,
        api_key=key.get_secret_value() if key else None,
    )


def speech_limits(settings: DialogueSettings) -> SpeechLimits:
    """The reply's time budget."""
    return SpeechLimits(
        first_sentence_s=settings.first_sentence_s,
        next_sentence_s=settings.next_sentence_s,
        regenerate_until_s=settings.regenerate_until_s,
        total_s=settings.reply_total_s,
        tokens_max=settings.reply_tokens_max,
        temperature=settings.temperature,
    )


def chooses(settings: DialogueSettings) -> bool:
    """Whether replies are chosen and not streamed: only a small model needs that."""
    return settings.choose and settings.engine == "llamacpp"


def draft_limits(settings: DialogueSettings) -> DraftLimits:
    """How the small model drafts. Drafts differ more at a higher temperature, and the best one is picked."""
    return DraftLimits(
        drafts=settings.drafts,
        until_s=settings.drafts_until_s,
        tokens_max=settings.reply_tokens_max,
        temperature=settings.temperature + 0.2,
    )


def turn_limits(settings: DialogueSettings) -> TurnLimits:
    """The bounds of a turn."""
    return TurnLimits(
        session_ttl_s=settings.session_ttl_s,
        session_ttl_max_s=settings.session_ttl_max_s,
        prompt_messages_max=settings.prompt_messages_max,
        prompt_chars_max=settings.prompt_chars_max,
        transcript_lines_max=settings.transcript_lines_max,
        transcript_chars_max=settings.transcript_chars_max,
        turns_in_flight_max=settings.turns_in_flight_max,
        abandon_grace_s=settings.abandon_grace_s,
        weave=settings.merge == "weave",
    )
