"""The shapes of OpenAI's chat API and of an evaluation endpoint, as far as Attune speaks them.

Unlike our own inputs they ignore unknown keys: clients of that API send many that mean nothing here, such as
`temperature`. What Attune adds stands under `x_attune`.
"""

from typing import Annotated, Literal

from attune_contracts.chat import Message
from attune_contracts.dialogue import Country, Locale
from attune_contracts.emotion import TEXT_CHARS_MAX
from pydantic import BaseModel, ConfigDict, Field, model_validator

MODEL = "attune"
MESSAGES_MAX = 400
PARTS_MAX = 16
ConversationId = Annotated[str, Field(min_length=1, max_length=1024)]


class Lenient(BaseModel):
    """Ignores what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TextPart(Lenient):
    """A part of a message's content. Attune reads text only."""

    type: Literal["text"]
    text: str = Field(max_length=32_000)


class ChatMessage(Lenient):
    """One message. System and developer messages are accepted and not used: Attune's own prompt decides its manner."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, Field(max_length=32_000)] | Annotated[list[TextPart], Field(max_length=PARTS_MAX)]

    def plain(self) -> Message:
        """As a message of the contracts."""
        content = self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)
        return Message(role="system" if self.role == "developer" else self.role, content=content[:32_000])


class Options(Lenient):
    """Attune's own options of a chat request."""

    locale: Locale = "en"
    country: Country | None = None


class ChatRequest(Lenient):
    """`messages` ends with the person's newest message of 1 to 4,000 characters.

    With `conversation_id` from an earlier answer only that message is read; without it the conversation is
    recognised when the whole history is sent back, else a new one begins.
    """

    model: str = Field(default=MODEL, max_length=128)
    messages: list[ChatMessage] = Field(min_length=1, max_length=MESSAGES_MAX)
    stream: bool = False
    conversation_id: ConversationId | None = None
    x_attune: Options = Options()

    @model_validator(mode="after")
    def _ends_with_a_message_of_the_person(self) -> "ChatRequest":
        check_newest(self.messages)
        return self


class EvaluationRequest(Lenient):
    """A request of an evaluation harness. Without messages the answer is the greeting."""

    messages: list[ChatMessage] = Field(default=[], max_length=MESSAGES_MAX)
    conversation_id: ConversationId | None = None
    x_attune: Options = Options()

    @model_validator(mode="after")
    def _ends_with_a_message_of_the_person(self) -> "EvaluationRequest":
        if self.messages:
            check_newest(self.messages)
        return self


def check_newest(messages: list[ChatMessage]) -> None:
    """Raises ValueError unless the newest message is the person's and of an allowed length."""
    newest = messages[-1].plain()
    if newest.role != "user":
        raise ValueError("the last message must have the role user")
    if not 1 <= len(newest.content) <= TEXT_CHARS_MAX:
        raise ValueError(f"the last message must have 1 to {TEXT_CHARS_MAX} characters")
