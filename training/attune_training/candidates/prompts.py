"""The frozen test prompts: drawn once from rows that nothing was trained on, stratified, kept with their hash.

The paper's 100 prompts are not published but for two examples; those two are among ours. Read by `generate`.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attune_training.errors import DataError
from attune_training.sft.examples import share_of

FOLDER = Path("training/data/prompts")
PROMPTS = FOLDER / "test-100.jsonl"
COUNT = 100
PAPER_EXAMPLES = (("I’m overwhelmed with work", "anxious"), ("I feel lonely and don’t know why", "sad"))


class Prompt(NamedTuple):
    """One first message. `source` is `paper`, `exchanges` (held back) or `emotions` (frozen)."""

    id: str
    text: str
    emotion: str
    source: str


def load_prompts(path: Path = PROMPTS) -> list[Prompt]:
    """The prompts in file order. Raises DataError when the file is not the one that its .sha256 names."""
    content = path.read_bytes()
    stated = path.with_suffix(".sha256").read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(content).hexdigest() != stated:
        raise DataError(
            f"{path} differs from its hash in {path.with_suffix('.sha256').name}: frozen prompts never change"
        )
    return [Prompt(**json.loads(line)) for line in content.decode().splitlines()]


def draw(authored: Path, count: int = COUNT) -> list[Prompt]:
    """The paper's examples, then equally many of each emotion, half from exchanges where they suffice."""
    chosen = [Prompt(f"paper-{number}", *example, "paper") for number, example in enumerate(PAPER_EXAMPLES, 1)]
    by_emotion: dict[str, dict[str, list[Prompt]]] = defaultdict(lambda: defaultdict(list))
    for prompt in candidates(authored):
        by_emotion[prompt.emotion][prompt.source].append(prompt)
    taken = {prompt.emotion: 1 for prompt in chosen}
    share, extra = divmod(count, len(by_emotion))
    for place, emotion in enumerate(sorted(by_emotion)):
        wanted = share + (place < extra) - taken.get(emotion, 0)
        chosen += mixed(by_emotion[emotion], wanted)
    return chosen


def candidates(authored: Path) -> Iterable[Prompt]:
    """First messages of held-back exchanges and frozen messages, in the order of their hashes."""
    exchanges = [
        Prompt(row["id"], row["user"], row["emotion"], "exchanges")
        for row in rows(authored / "exchanges.en.jsonl")
        if row["split"] == "held_back" and not row["history"]
    ]
    messages = [
        Prompt(row["id"], row["text"], row["label"], "emotions")
        for row in rows(authored / "emotions.jsonl")
        if row["split"] == "frozen"
    ]
    return sorted([*exchanges, *messages], key=lambda prompt: share_of(f"prompt:{prompt.id}"))


def mixed(sources: dict[str, list[Prompt]], wanted: int) -> list[Prompt]:
    """`wanted` prompts, half of each source, the rest from what is left."""
    half = [prompts[: wanted // 2] for prompts in sources.values()]
    rest = [prompt for prompts in sources.values() for prompt in prompts[wanted // 2 :]]
    first = [prompt for prompts in half for prompt in prompts]
    return [*first, *rest][:wanted]


def write(prompts: Sequence[Prompt], path: Path) -> str:
    """Freezes prompts into a file and its hash. Returns the hash; raises DataError when the file exists."""
    if path.exists():
        raise DataError(f"{path} is frozen: draw into another file")
    content = "".join(json.dumps(prompt._asdict(), ensure_ascii=False) + "\n" for prompt in prompts).encode()
    digest = hashlib.sha256(content).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_suffix(".sha256").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    return digest


def rows(path: Path) -> Iterable[dict[str, Any]]:
    """The records of a JSONL file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
