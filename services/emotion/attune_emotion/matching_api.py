"""`POST /v1/situations` and `POST /v1/fit`: what a message is about, and which reply fits it. Mounted by `app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import numpy as np
from attune_contracts.matching import FitRequest, FitResponse, SituationsRequest, SituationsResponse
from attune_contracts.problem import Problem
from fastapi import APIRouter, Request

from attune_emotion.batching import MicroBatcher
from attune_emotion.matching_index import Index, load_index
from attune_emotion.ports import Floats
from attune_emotion.sentences import SentenceEncoder, is_arabic, letter_runs
from attune_emotion.settings import EmotionSettings

router = APIRouter(tags=["matching"])
PROBLEMS: dict[int | str, dict[str, object]] = {422: {"model": Problem}, 503: {"model": Problem}}


@dataclass(frozen=True, slots=True)
class Matcher:
    """The index and the thread that makes vectors."""

    index: Index
    encoder: MicroBatcher[Floats]


@asynccontextmanager
async def open_matcher(settings: EmotionSettings) -> AsyncIterator[Matcher]:
    """Loads the files and runs the thread for as long as the block lasts."""
    encoder = SentenceEncoder(threads=settings.threads)
    encoder.read(["warm up"])
    batcher: MicroBatcher[Floats] = MicroBatcher(
        lambda texts: list(encoder.read(texts)),
        texts_max=settings.batch_texts_max,
        wait_s=settings.batch_wait_ms / 1000,
        waiting_max=settings.queue_texts_max,
        retry_after_s=settings.retry_after_s,
        observe=lambda _: None,
    )
    batcher.start()
    try:
        yield Matcher(load_index(), batcher)
    finally:
        batcher.close()


@router.post("/v1/situations", responses=PROBLEMS)
async def situations(request: Request, body: SituationsRequest) -> SituationsResponse:
    """The situations and authored exchanges that lie nearest to each text."""
    matcher = cast("Matcher", request.state.matcher)
    if is_arabic(body.texts[0]):
        rows = letter_runs(body.texts)
        return SituationsResponse(results=tuple(matcher.index.matches(row, arabic=True) for row in rows))
    vectors = await matcher.encoder.submit(body.texts)
    return SituationsResponse(results=tuple(matcher.index.matches(vector, arabic=False) for vector in vectors))


@router.post("/v1/fit", responses=PROBLEMS)
async def fit(request: Request, body: FitRequest) -> FitResponse:
    """How well each reply fits the message. Authored replies have their vectors already; the rest is read now."""
    matcher = cast("Matcher", request.state.matcher)
    known = {text: vector for text in body.replies if (vector := matcher.index.vector(text)) is not None}
    unknown = [text for text in dict.fromkeys(body.replies) if text not in known]
    message, *vectors = await matcher.encoder.submit([body.text, *unknown])
    known |= zip(unknown, vectors, strict=True)
    return FitResponse(scores=matcher.index.head.scores(message, np.stack([known[text] for text in body.replies])))
