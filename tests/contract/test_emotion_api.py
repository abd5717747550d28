"""The emotion service over a real socket with the model that ships."""

import asyncio
import math
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from attune_contracts.emotion import ClassifyResponse, Emotion
from attune_contracts.problem import MEDIA_TYPE, Problem
from attune_emotion.app import create_app
from attune_emotion.encoders.onnx import OnnxEncoder
from attune_emotion.model_files import ModelRefused, open_manifest
from attune_emotion.settings import MODEL_DIR, EmotionSettings
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.processes import free_port


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app under uvicorn on a free port of loopback."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers a flag, no event
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the real app under uvicorn."""
    async with serving(create_app(EmotionSettings())) as url, httpx2.AsyncClient(base_url=url, timeout=60) as client:
        yield client


async def classify(client: httpx2.AsyncClient, *texts: str) -> ClassifyResponse:
    answer = await client.post("/v1/classify", json={"texts": texts})
    assert answer.status_code == 200, answer.text
    return ClassifyResponse.model_validate_json(answer.content)


async def test_readings_come_in_order_and_in_the_shape_of_the_contract(client: httpx2.AsyncClient) -> None:
    texts = ["I'm so happy, I got the job!", "I am terrified about tomorrow.", "My dog died and I can't stop crying."]
    results = (await classify(client, *texts)).results
    assert [result.label for result in results] == [Emotion.HAPPY, Emotion.ANXIOUS, Emotion.SAD]
    for result in results:
        assert math.isclose(sum(result.probabilities.values()), 1.0, abs_tol=1e-3)
        assert result.confidence == max(result.probabilities.values())
        assert result.model == open_manifest(MODEL_DIR).name


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "?",
        "😭" * 50,
        "a" * 4000,
        "I don't know. " * 280,
        "\u200b\u200d\ufeff",
        "\x00\x01",
        "\ufdfa" * 200,
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    ],
)
async def test_odd_texts_get_a_reading(client: httpx2.AsyncClient, text: str) -> None:
    (result,) = (await classify(client, text)).results
    assert math.isclose(sum(result.probabilities.values()), 1.0, abs_tol=1e-3)


async def test_a_script_that_the_model_cannot_read_abstains(client: httpx2.AsyncClient) -> None:
    (result,) = (await classify(client, "私はとても悲しいです")).results
    assert (result.label, result.abstained) == (Emotion.NEUTRAL, True)


@pytest.mark.parametrize(
    "body",
    [
        {"texts": []},
        {"texts": ["x"] * 65},
        {"texts": [""]},
        {"texts": ["x" * 4001]},
        {"texts": [3]},
        {"texts": ["fine"], "mode": "fast"},
        {},
    ],
)
async def test_malformed_requests_are_a_422_that_names_the_field(
    client: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    answer = await client.post("/v1/classify", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = Problem.model_validate_json(answer.content)
    assert problem.errors
    assert "x" * 100 not in problem.detail


async def test_sixty_four_texts_are_read_in_one_pass(client: httpx2.AsyncClient) -> None:
    assert len((await classify(client, *(f"day {day}" for day in range(64)))).results) == 64
    assert 'attune_emotion_batch_texts_bucket{le="32.0"} 0.0' in (await client.get("/metrics")).text


async def test_concurrent_requests_share_passes(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(classify(client, f"I had a long day, number {index}.") for index in range(48)))
    assert all(len(answer.results) == 1 for answer in answers)
    metrics = (await client.get("/metrics")).text
    passes = float(re.findall(r"attune_emotion_batch_texts_count (\S+)", metrics)[0])
    texts = float(re.findall(r"attune_emotion_batch_texts_sum (\S+)", metrics)[0])
    assert texts == 48
    assert passes < 48


async def test_a_flood_is_refused_with_a_retry_and_the_rest_is_answered() -> None:
    app = create_app(EmotionSettings(queue_texts_max=64))
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=60) as client:
        body = {"texts": ["It was a long and rather ordinary day."] * 64}
        answers = await asyncio.gather(*(client.post("/v1/classify", json=body) for _ in range(6)))
        codes = [answer.status_code for answer in answers]
        assert set(codes) == {200, 503}
        refused = answers[codes.index(503)]
        assert refused.headers["retry-after"] == "1"
        assert Problem.model_validate_json(refused.content).code == "queue_full"
        assert len((await classify(client, "still here")).results) == 1


async def test_health_and_metrics_hold_no_text(client: httpx2.AsyncClient) -> None:
    await classify(client, "zanzibar marmalade")
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).json()["checks"] == {"reader": "ok", "matcher": "ok"}
    assert "zanzibar" not in (await client.get("/metrics")).text


def test_a_tampered_model_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder)
    with (folder / "tokenizer.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelRefused, match=r"tokenizer\.json was changed"):
        create_app(EmotionSettings(model_dir=folder))


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    """The shipped encoder without the service around it."""
    return OnnxEncoder(MODEL_DIR, open_manifest(MODEL_DIR), threads=1, windows_max=2)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_no_text_breaks_the_encoder(encoder: OnnxEncoder, texts: list[str]) -> None:
    encoded = encoder.read(texts)
    assert encoded.logits.shape == (len(texts), 5)
    assert encoded.pooled.shape == (len(texts), open_manifest(MODEL_DIR).pooled_size)
