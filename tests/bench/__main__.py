"""`python -m tests.bench [--quick]`: prints one Markdown table. All figures come from this run."""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
from pathlib import Path

from attune_contracts.chat import Message, TurnContext, conversation
from attune_contracts.dialogue import CONSENT_VERSION, Move

from tests.bench.client import Answer, Client
from tests.bench.stack import Running, run

MESSAGES = (
    "I feel lonely and don't know why",
    "I'm overwhelmed with work and my boss keeps adding more",
    "My exam is tomorrow and I can't stop shaking",
    "My sister forgot my birthday again",
    "I got the job! I can't believe it",
    "Nothing special today, just checking in",
    "My neighbour plays loud music every night and I am furious",
    "I moved to a new city and everyone already has friends",
    "I keep thinking I said something stupid at dinner",
    "My dog died last week and the house is so quiet",
)
SENTENCE_END = re.compile(r"[.!?…](\s|$)")
REPLY_TOKENS_MAX = 80


async def new_session(client: Client) -> tuple[str, dict[str, str]]:
    """Opens a session: its messages path and the headers for it."""
    answer = await client.post("/v1/sessions", {"consent": {"version": CONSENT_VERSION}, "locale": "en"})
    if answer.status != 201:
        raise RuntimeError(f"no session: {answer.status} {answer.body!r}")

    created = json.loads(answer.body)
    headers = {"authorization": f"Bearer {created['token']}", "accept": "text/event-stream"}
    return f"/v1/sessions/{created['id']}/messages", headers


async def through_attune(port: int, rounds: int) -> list[Answer]:
    """Each message in a new session, one after another."""
    client, answers = Client(port), []
    for index in range(rounds):
        path, headers = await new_session(client)
        answers.append(await client.post(path, {"text": MESSAGES[index % len(MESSAGES)]}, headers))
    client.close()
    return answers


async def bare_engine(port: int, rounds: int) -> list[Answer]:
    """The same messages with the same prompt straight to the engine."""
    answers = []
    for index in range(rounds):
        client = Client(port)  # The engine closes its connection after each stream.
        turns = [Message(role="user", content=MESSAGES[index % len(MESSAGES)])]
        messages = [message.model_dump() for message in conversation(TurnContext(Move.REFLECT), turns)]
        body = {"model": "attune", "messages": messages, "stream": True, "max_tokens": REPLY_TOKENS_MAX}
        answers.append(await client.post("/v1/chat/completions", body))
        client.close()
    return answers


def engine_times(answer: Answer) -> tuple[float, float, float]:
    """Seconds until the first token, the first whole sentence, and the end of a bare engine's stream."""
    text, first_token, first_sentence = "", None, None
    for at, _, data in answer.events:
        choices = data.get("choices")
        piece = choices[0].get("delta", {}).get("content") or "" if isinstance(choices, list) and choices else ""
        text += piece
        if piece and first_token is None:
            first_token = at
        if first_sentence is None and SENTENCE_END.search(text):
            first_sentence = at
    return first_token or answer.seconds, first_sentence or answer.seconds, answer.seconds


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def ms(values: list[float], share: float = 0.5) -> str:
    """A quantile in milliseconds."""
    return f"{quantile(values, share) * 1000:.0f}"


async def emotion_rows(port: int, rounds: int) -> list[str]:
    """Latency of one text and of a batch of 32 through the emotion service."""
    client = Client(port)
    rows = []
    for size in (1, 32):
        texts = [MESSAGES[index % len(MESSAGES)] for index in range(size)]
        times = [(await client.post("/v1/classify", {"texts": texts})).seconds for _ in range(rounds)]
        label = "one text" if size == 1 else f"batch of {size}"
        rows.append(f"| emotion, {label} | {quantile(times, 0.5) * 1000:.1f} | {quantile(times, 0.95) * 1000:.1f} | |")
    client.close()
    return rows


async def throughput(port: int, concurrency: int, seconds: float) -> tuple[float, float, int]:
    """Turns a second, median latency in seconds, and failed turns, with a session a worker."""
    latencies: list[float] = []
    failed = 0
    deadline = time.perf_counter() + seconds

    async def worker(number: int) -> None:
        nonlocal failed
        client = Client(port)
        path, headers = await new_session(client)
        turn = 0
        while time.perf_counter() < deadline:
            answer = await client.post(path, {"text": MESSAGES[(number + turn) % len(MESSAGES)]}, headers)
            turn += 1
            if answer.status == 200 and answer.first("done") < float("inf"):
                latencies.append(answer.seconds)
            else:
                failed += 1
            if turn % 10 == 0:  # A conversation of a person: ten turns, then a new one.
                path, headers = await new_session(client)
        client.close()

    started = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(concurrency)))
    elapsed = time.perf_counter() - started
    return len(latencies) / elapsed, statistics.median(latencies) if latencies else float("inf"), failed


def latency_rows(attune: list[Answer], bare: list[Answer]) -> list[str]:
    """First token, first visible sentence and whole reply, through Attune and directly."""
    direct = [engine_times(answer) for answer in bare]
    rows = []
    for label, through, straight in (
        ("first event", [answer.first("accepted") for answer in attune], None),
        ("first token (bare engine only)", None, [times[0] for times in direct]),
        ("first visible sentence", [answer.first("delta") for answer in attune], [times[1] for times in direct]),
        ("full reply", [answer.first("done") for answer in attune], [times[2] for times in direct]),
    ):
        mine = f"{ms(through)} | {ms(through, 0.95)}" if through else "– | –"
        theirs = f"{ms(straight)} | {ms(straight, 0.95)}" if straight else "– | –"
        behind = f"{(quantile(through, 0.5) - quantile(straight, 0.5)) * 1000:+.0f} ms" if through and straight else ""
        rows.append(f"| {label} | {mine} | {theirs} | {behind} |")
    return rows


async def report(rounds: int, seconds: float) -> str:
    """The whole table."""
    with tempfile.TemporaryDirectory() as folder:
        async with run(Path(folder) / "real", zero_engine=False) as stack:
            real = await measure_real(stack, rounds)
        async with run(Path(folder) / "zero", zero_engine=True) as stack:
            await throughput(stack.port, 2, 1.0)  # warm-up
            loads = [(level, *await throughput(stack.port, level, seconds)) for level in (1, 8, 32)]
    lines = [*real, "", "| concurrency (engine without latency) | turns/s | p50 ms | failed |", "|---|---|---|---|"]
    lines += [f"| {level} | {rate:.1f} | {median * 1000:.0f} | {failed} |" for level, rate, median, failed in loads]
    return "\n".join(lines)


async def measure_real(stack: Running, rounds: int) -> list[str]:
    """The tables of the stack with the real model."""
    await through_attune(stack.port, 2)  # warm-up
    attune, bare = await through_attune(stack.port, rounds), await bare_engine(stack.port + 3, rounds)
    degraded = sum(bool(event[2].get("degraded")) for answer in attune for event in answer.events if event[1] == "done")
    lines = ["| milliseconds | Attune p50 | p95 | bare engine p50 | p95 | behind (p50) |", "|---|---|---|---|---|---|"]
    lines += latency_rows(attune, bare)
    lines += [
        "",
        "| milliseconds | p50 | p95 | |",
        "|---|---|---|---|",
        *await emotion_rows(stack.port + 2, rounds * 5),
    ]
    sizes = stack.memory_mb()
    lines += ["", "| process | MB (PSS) |", "|---|---|", *(f"| {name} | {size:.0f} |" for name, size in sizes.items())]
    lines += [f"| all | {sum(sizes.values()):.0f} |", ""]
    return [*lines, f"Ready after {stack.ready_s:.1f} s. Replies from templates: {degraded} of {len(attune)}."]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    quick = parser.parse_args().quick
    print(asyncio.run(report(10 if quick else 40, 4.0 if quick else 10.0)))


if __name__ == "__main__":
    main()
