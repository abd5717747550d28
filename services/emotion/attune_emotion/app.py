"""The composition root of the emotion service: verifies the model, builds the reader, mounts the route."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from attune_contracts.emotion import EmotionReading
from attune_contracts.emotion_manifest import EmotionManifest
from attune_kit.asgi import build_app
from attune_kit.metrics import Metrics
from fastapi import FastAPI
from prometheus_client import Counter, Histogram

from attune_emotion import api, matching_api
from attune_emotion.batching import MicroBatcher
from attune_emotion.classify import readings
from attune_emotion.encoders.onnx import OnnxEncoder
from attune_emotion.model_files import open_manifest
from attune_emotion.ports import Encoder
from attune_emotion.risk_head import open_risk_reader
from attune_emotion.settings import EmotionSettings

VERSION = "0.1.0"
_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64)
# The first passes of a session allocate its buffers; people should not wait for that.
_WARM_UP = ("ok", "I have had a long day and I do not quite know what to do with myself tonight. " * 4)


def create_app(settings: EmotionSettings) -> FastAPI:
    """Builds the app. Raises ModelRefused when the model folder is not what its manifest says."""
    manifest = open_manifest(settings.model_dir)
    metrics = Metrics()
    passes = Histogram(
        "attune_emotion_batch_texts", "Texts in one forward pass", buckets=_BATCH_BUCKETS, registry=metrics.registry
    )
    labels = Counter(
        "attune_emotion_readings_total", "Readings by label", ["label", "abstained"], registry=metrics.registry
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        encoder = build_encoder(settings, manifest)
        await asyncio.to_thread(encoder.read, list(_WARM_UP))
        reader = MicroBatcher(
            build_reader(settings, manifest, encoder, labels),
            texts_max=settings.batch_texts_max,
            wait_s=settings.batch_wait_ms / 1000,
            waiting_max=settings.queue_texts_max,
            retry_after_s=settings.retry_after_s,
            observe=passes.observe,
        )
        reader.start()
        try:
            async with matching_api.open_matcher(settings) as matcher:
                yield {
                    "reader": reader,
                    "matcher": matcher,
                    "required_probes": {"reader": reader.probe},
                    "optional_probes": {"matcher": matcher.encoder.probe},
                }
        finally:
            reader.close()

    return build_app(
        title="Attune emotion",
        version=VERSION,
        lifespan=lifespan,
        routers=[api.router, matching_api.router],
        body_bytes_max=settings.body_bytes_max,
        metrics=metrics,
    )


def build_reader(
    settings: EmotionSettings, manifest: EmotionManifest, encoder: Encoder, labels: Counter
) -> Callable[[list[str]], tuple[EmotionReading, ...]]:
    """The function that the batch thread runs: encode, vote on risk, turn into readings, count."""
    risk = open_risk_reader(settings.model_dir, manifest, threads=settings.threads)

    def read(texts: list[str]) -> tuple[EmotionReading, ...]:
        encoded = encoder.read(texts)
        risks = None if risk is None else risk.probabilities(texts, encoded.pooled)
        results = readings(manifest, texts, encoded, risks)
        for result in results:
            labels.labels(result.label, str(result.abstained).lower()).inc()
        return results

    return read


def build_encoder(settings: EmotionSettings, manifest: EmotionManifest) -> Encoder:
    """The encoder that the settings name."""
    if settings.encoder == "transformers":
        # Imported here: torch and transformers are an extra that the shipped service does not install.
        from attune_emotion.encoders.transformers import TransformersEncoder  # noqa: PLC0415

        return TransformersEncoder(settings.model_dir, manifest, threads=settings.threads)
    return OnnxEncoder(settings.model_dir, manifest, threads=settings.threads, windows_max=settings.windows_max)
