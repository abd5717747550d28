"""Messages, and the one place that renders a conversation, for training and for serving.

Serving sends `conversation(...)` to an OpenAI-style chat API, whose engine applies the model's ChatML template.
Training renders the same messages with `chatml(...)`, which yields the same bytes and marks the assistant's spans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from pydantic import Field

from attune_contracts.base import Input
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

PROMPT_VERSION = "attune-1"
LANGUAGE_NAMES = {"en": "English", "ar": "Arabic", "es": "Spanish", "fr": "French", "hi": "Hindi"}


class Message(Input):
    """One message of a conversation, newest last in every sequence."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=32_000)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A versioned prompt file: the system text with placeholders, and one instruction a move."""

    version: str
    system: str
    instructions: dict[Move, str]


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What the model is told about a turn besides the conversation itself."""

    move: Move
    emotion: Emotion = Emotion.NEUTRAL
    language: str = "en"
    summary: str = ""


class Rendered(NamedTuple):
    """ChatML text, and the [start, end) character spans that the assistant wrote, end marker included."""

    text: str
    assistant_spans: tuple[tuple[int, int], ...]


@cache
def load_prompt(version: str = PROMPT_VERSION) -> Prompt:
    """Reads a prompt file of this package. Raises FileNotFoundError for an unknown version."""
    raw = files("attune_contracts").joinpath("prompts", f"{version}.md").read_text(encoding="utf-8")
    _, header, body = raw.split("---\n", 2)
    stated = header.strip().removeprefix("version: ")
    if stated != version:
        raise ValueError(f"prompt file {version}.md states version {stated!r}")
    system, *sections = body.strip().split("\n# ")
    pairs = (section.split("\n", 1) for section in sections)
    return Prompt(version, system.strip(), {Move(name.strip()): text.strip() for name, text in pairs})


def system_text(context: TurnContext, prompt: Prompt) -> str:
    """The system message of a turn. `language` codes without a name are passed to the model as they are."""
    text = prompt.system.format(
        language=LANGUAGE_NAMES.get(context.language, context.language),
        emotion=context.emotion.value,
        move=context.move.value,
        instruction=prompt.instructions[context.move],
    )
    return f"{text}\nSo far: {context.summary}" if context.summary else text


def conversation(context: TurnContext, history: Sequence[Message], prompt: Prompt | None = None) -> list[Message]:
    """System message plus the turns. Content is cleaned of template markers, so that a person cannot forge a role."""
    system = Message(role="system", content=system_text(context, prompt or load_prompt()))
    return [system, *(message.model_copy(update={"content": defuse(message.content)}) for message in history)]


def defuse(text: str) -> str:
    """Removes ChatML markers from a person's text (OWASP LLM01)."""
    while "<|" in text:
        text = text.replace("<|", "< |")
    return text


def chatml(messages: Sequence[Message], *, add_generation_prompt: bool = False) -> Rendered:
    """Renders messages as ChatML: the format of SmolLM2 and Qwen2, byte for byte as their own templates do.

    Their templates add a default system message when none is given; callers here always give one.
    """
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for message in messages:
        head, tail = f"<|im_start|>{message.role}\n", f"{message.content}<|im_end|>"
        if message.role == "assistant":
            spans.append((length + len(head), length + len(head) + len(tail)))
        parts += [head, tail, "\n"]
        length += len(head) + len(tail) + 1
    if add_generation_prompt:
        parts.append("<|im_start|>assistant\n")
    return Rendered("".join(parts), tuple(spans))
