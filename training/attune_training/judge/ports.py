"""The one port behind which every judge stands."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """What a judge is asked: instructions, material, and the JSON schema that the answer must follow."""

    system: str
    material: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The judge's JSON as text, and the tokens that it cost."""

    text: str
    input_tokens: int
    output_tokens: int


class Judge(Protocol):
    """A model that judges. `name` is its frozen model id."""

    @property
    def name(self) -> str:
        """Model id, as it goes into the cache key and the report."""
        ...

    async def ask(self, question: Question) -> Answer:
        """Asks once, without retries. Raises a JudgeError."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...
