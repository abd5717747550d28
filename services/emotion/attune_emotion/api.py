"""`POST /v1/classify`: HTTP in and out of the reader. Mounted by `app`."""

from typing import cast

from attune_contracts.emotion import ClassifyRequest, ClassifyResponse, EmotionReading
from attune_contracts.problem import Problem
from fastapi import APIRouter, Request

from attune_emotion.batching import MicroBatcher

router = APIRouter(tags=["emotion"])


@router.post("/v1/classify", responses={422: {"model": Problem}, 503: {"model": Problem}})
async def classify(request: Request, body: ClassifyRequest) -> ClassifyResponse:
    """The emotions of 1 to 64 texts, in their order."""
    reader = cast("MicroBatcher[EmotionReading]", request.state.reader)
    return ClassifyResponse(results=await reader.submit(body.texts))
