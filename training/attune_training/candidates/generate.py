"""Asks one system everything and writes its conversations, one a line, so that an interrupted run goes on.

A candidate file belongs to one system and one set of prompts; the judge reads three of them side by side.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from attune_contracts.chat import Message

from attune_training.candidates.endpoint import Speaks
from attune_training.candidates.prompts import Prompt
from attune_training.errors import DataError

PEOPLE = Path("training/data/prompts/people.yaml")
UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one system said to one prompt or person. `id` is the prompt's or the person's."""

    id: str
    system: str
    emotion: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """What a person says, in order. One line is a prompt, several are a whole conversation."""

    id: str
    emotion: str
    lines: tuple[str, ...]


def scripts_of(prompts: Iterable[Prompt]) -> list[Script]:
    """Each prompt as a conversation of one exchange."""
    return [Script(prompt.id, prompt.emotion, (prompt.text,)) for prompt in prompts]


def load_people(path: Path = PEOPLE) -> list[Script]:
    """Scripted people: id, emotion and their lines. Raises DataError for a file of another shape.

    A folder holds one file a person, as the simulator's does. Its people have no stated emotion and answer exercises in
    further lines, which only Attune offers and which are left out here.
    """
    try:
        if path.is_dir():
            people = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(path.glob("*.yaml"))]
        else:
            people = yaml.safe_load(path.read_text(encoding="utf-8"))["people"]
        return [Script(person["id"], person.get("emotion", UNSTATED), tuple(person["lines"])) for person in people]
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise DataError(f"{path} is no list of people with id, emotion and lines") from error


def generate(
    name: str, speaks: Speaks, scripts: Sequence[Script], target: Path, progress: Callable[[int], None]
) -> int:
    """Writes the conversations that `target` does not hold yet. Returns how many were made."""
    done = {conversation.id for conversation in read(target)} if target.exists() else set()
    target.parent.mkdir(parents=True, exist_ok=True)
    made = 0
    with target.open("a", encoding="utf-8") as file:
        for script in scripts:
            if script.id not in done:
                file.write(json.dumps(record(converse(name, speaks, script)), ensure_ascii=False) + "\n")
                file.flush()
                made += 1
            progress(1)
    return made


def converse(name: str, speaks: Speaks, script: Script) -> Conversation:
    """The person says their lines, the system answers each."""
    messages: list[Message] = []
    for line in script.lines:
        messages.append(Message(role="user", content=line))
        messages.append(Message(role="assistant", content=speaks.reply(messages) or "…"))
    return Conversation(script.id, name, script.emotion, tuple(messages))


def record(conversation: Conversation) -> dict[str, Any]:
    """A conversation as a line."""
    return {
        "id": conversation.id,
        "system": conversation.system,
        "emotion": conversation.emotion,
        "messages": [{"role": message.role, "content": message.content} for message in conversation.messages],
    }


def read(path: Path) -> list[Conversation]:
    """The conversations of a candidate file; a last line cut by a kill is dropped. Raises DataError."""
    if not path.exists():
        raise DataError(f"{path} is not there: run `generate` first")
    return list(_lines(path))


def _lines(path: Path) -> Iterator[Conversation]:
    whole = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
    for number, line in enumerate(whole):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            if number + 1 < len(whole):
                raise DataError(f"{path}:{number + 1} is no JSON") from None
            path.write_text("".join(f"{kept}\n" for kept in whole[:-1]), encoding="utf-8")
            return
        messages = tuple(Message(role=m["role"], content=m["content"]) for m in row["messages"])
        yield Conversation(row["id"], row["system"], row["emotion"], messages)
