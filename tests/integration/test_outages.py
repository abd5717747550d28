"""Each part is killed in turn: the person never meets a stack trace or a hang, and a crisis is always answered."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.support.processes import Stack, run_stack
from tests.support.talk import Person, open_client

# One worker breaks one stack: two stacks that restart at once starve each other on two cores.
pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(400)]
MODULES = {
    "emotion": "attune_emotion",
    "inference": "attune_inference",
    "dialogue": "attune_dialogue",
    "redis": "redis-server",
}
ORDINARY = "Work is piling up and I snapped at my brother over nothing"
CRISIS = "I want to kill myself tonight"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with run_stack(tmp_path_factory.mktemp("outages") / "var") as running:
        yield running


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx2.Client]:
    with open_client(stack.url) as opened:
        yield opened


def process_of(stack: Stack, part: str) -> psutil.Process:
    children = psutil.Process(stack.process.pid).children()
    (found,) = [child for child in children if MODULES[part] in " ".join(child.cmdline())]
    return found


class frozen:  # noqa: N801  reads as a statement: with frozen(...)
    """Stops parts with SIGSTOP: they hang, which is worse than being dead, and the launcher does not restart them."""

    def __init__(self, stack: Stack, *parts: str) -> None:
        self.processes = [process_of(stack, part) for part in parts]

    def __enter__(self) -> None:
        for process in self.processes:
            process.suspend()

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.resume()


def wait_until_well(client: httpx2.Client) -> None:
    """Waits until a turn is answered by the model again: breakers close by themselves."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        answer = client.get("/readyz")
        if answer.status_code == 200 and not answer.json()["degraded"]:
            turn = Person(client).say("I had a quiet day and made soup")
            if turn.status == 200 and not turn.last("done")["degraded"]:
                return
        time.sleep(0.3)
    raise AssertionError("the stack did not recover")


def assert_kind(turn_text: str) -> None:
    assert turn_text.strip()
    assert "Traceback" not in turn_text
    assert "Error" not in turn_text


@pytest.mark.parametrize("part", ["inference", "emotion"])
def test_a_hanging_model_part_still_gives_a_reply(stack: Stack, client: httpx2.Client, part: str) -> None:
    person = Person(client)
    with frozen(stack, part):
        started = time.monotonic()
        turn = person.say(ORDINARY)
        seconds = time.monotonic() - started
    assert turn.status == 200
    done = turn.last("done")
    assert_kind(str(done["text"]))
    assert done["text"] == turn.text
    if part == "inference":
        assert "model" not in done["why"]["sources"]
    assert seconds < 5  # The promise is 2 s; a loaded machine may take longer, a hang would take 15.
    wait_until_well(client)


@pytest.mark.parametrize("part", ["inference", "emotion", "dialogue", "redis"])
def test_a_killed_part_never_shows_a_trace_and_comes_back(stack: Stack, client: httpx2.Client, part: str) -> None:
    person = Person(client)
    person.say(ORDINARY)
    process_of(stack, part).send_signal(signal.SIGKILL)
    turn = person.say("and now I feel bad about it")
    assert turn.status in (200, 503)
    if turn.status == 200:
        assert_kind(str(turn.last("done")["text"]))
    else:
        assert turn.problem is not None
        assert turn.problem["code"] == "unavailable"
    wait_until_well(client)


@pytest.mark.parametrize("parts", [("inference",), ("emotion",), ("redis",), ("dialogue",), tuple(MODULES)])
def test_a_crisis_is_answered_while_parts_hang(stack: Stack, client: httpx2.Client, parts: tuple[str, ...]) -> None:
    person = Person(client, country="GB")
    with frozen(stack, *parts):
        turn = person.say(CRISIS)
    assert turn.status == 200
    risk = turn.last("risk")
    assert risk["tier"] == "imminent"
    assert turn.names.index("risk") < turn.names.index("delta")
    assert_kind(str(turn.last("done")["text"]))
    wait_until_well(client)


def test_logs_of_all_this_hold_no_trace_and_no_word(stack: Stack) -> None:
    for path in Path(stack.data_dir / "log").iterdir():
        text = path.read_text(errors="replace")
        assert "Traceback" not in text, f"{path.name} holds a stack trace"
        for words in ("piling up", "kill myself", "snapped at", "made soup"):
            assert words not in text, f"{path.name} repeats a person's words"
