"""How long the screen takes, and how soon a crisis card stands before the model's words. Run by hand or by the report.

`python -m tests.safety_report.latency` starts the whole stack and measures the card. Nothing here is a test: a busy
machine would make it fail for no reason.
"""

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from attune_safety import screen

from tests.support.processes import run_stack
from tests.support.talk import Person, open_client

SCREEN_CHARS = 1000
SCREEN_ROUNDS = 400
CARD_SESSIONS = 50
_FILLER = (
    "I had a long day at work and my sister called about the holidays, then I could not sleep for hours. ",
    "كان يومي طويلا في الشغل وأختي كلمتني عن الإجازة وبعدها ما عرفت أنام. ",
    "Anoche no pude dormir y hoy en el trabajo todos me preguntaban si estaba bien. ",
)
_CRISIS = (
    "I want to kill myself tonight",
    "I am going to end my life",
    "أريد أن أقتل نفسي",
    "me quiero matar esta noche",
)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50: float
    p99: float
    count: int

    def __str__(self) -> str:
        return f"p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms ({self.count} runs)"


def screen_times() -> dict[str, Times]:
    """Text name → times of screening 1,000 characters, rules warm."""
    texts = {
        "quiet, en": (_FILLER[0] * 20)[:SCREEN_CHARS],
        "quiet, ar": (_FILLER[1] * 20)[:SCREEN_CHARS],
        "quiet, es": (_FILLER[2] * 20)[:SCREEN_CHARS],
        "crisis at the end, en": (_FILLER[0] * 20)[: SCREEN_CHARS - 31] + " I want to kill myself tonight.",
    }
    return {name: _timed(text) for name, text in texts.items()}


def _timed(text: str) -> Times:
    screen(text)
    taken = []
    for round_ in range(SCREEN_ROUNDS):
        # A changing end keeps any cache from answering; thread time leaves out what other programs take.
        changed = f"{text[:-4]}{round_:04d}"
        started = time.thread_time()
        screen(changed)
        taken.append((time.thread_time() - started) * 1000)
    return _times(taken)


def card_times() -> tuple[Times, bool]:
    """Times from sending to the card through gateway and dialogue, and whether it always came before any word."""
    taken, before = [], True
    with (
        tempfile.TemporaryDirectory() as folder,
        run_stack(Path(folder) / "var") as stack,
        open_client(stack.url) as client,
    ):
        Person(client).say("good evening")
        for number in range(CARD_SESSIONS):
            person = Person(client, country=("GB", "EG", "ES", None)[number % 4])
            started = time.perf_counter()
            path = f"/v1/sessions/{person.id}/messages"
            headers = {**person.headers, "accept": "text/event-stream"}
            with client.stream("POST", path, json={"text": _CRISIS[number % len(_CRISIS)]}, headers=headers) as answer:
                seen = ""
                for piece in answer.iter_text():
                    if "event: risk" not in seen and "event: risk" in seen + piece:
                        taken.append((time.perf_counter() - started) * 1000)
                    seen += piece
            before = before and 0 < seen.find("event: risk") < seen.find("event: delta")
    return _times(taken), before


def _times(taken: list[float]) -> Times:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return Times(cuts[49], cuts[98], len(taken))


if __name__ == "__main__":
    found, first = card_times()
    print(f"crisis card after sending: {found}; always before the first word: {'yes' if first else 'NO'}")
