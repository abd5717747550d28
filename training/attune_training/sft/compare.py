"""Base against adapter on held-back prompts: what the reply linter says, length, questions, parroting, perplexity.

Replies come from a real llama.cpp server with the adapter at scale 0 and 1; perplexity from PEFT over the same weights.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from attune_contracts.chat import Message
from attune_safety.reply_form import Echo, echoes_user, is_question, word_count
from attune_safety.reply_lint import LintContext, lint_sentence

from attune_training.export.llama import LlamaServer, Sampling, serving
from attune_training.sft.examples import messages_of, read_rows, share_of

SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+")
# Measured at several settings (results/adapter.md): hotter loses the subject, without the penalty it loops.
SAMPLING = Sampling(temperature=0.3, top_p=0.9, repeat_penalty=1.1, tokens_max=80, seed=7)


class Interval(NamedTuple):
    """A share with its 95 % Wilson interval."""

    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.share:.1%} ({self.low:.1%}–{self.high:.1%})"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one set of replies looks like. Shares are over replies."""

    first_sentence_pass: Interval
    whole_reply_pass: Interval
    words_mean: float
    questions_mean: float
    several_questions: float
    parroting: float
    openings_distinct: float
    reasons: tuple[tuple[str, int], ...]


def wilson(passed: int, total: int, z: float = 1.96) -> Interval:
    """Wilson's score interval for a proportion."""
    share = passed / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def sentences(text: str) -> list[str]:
    """Splits at end marks followed by white space."""
    return [part for part in SENTENCE_END.split(" ".join(text.split())) if part]


def lint_reply(messages: Sequence[Message], reply: str) -> list[str | None]:
    """The linter's reason for each sentence, None where it passes. An empty reply counts as one failure."""
    user_text = messages[-1].content
    recent = tuple(message.content for message in messages if message.role == "assistant")
    found: list[str | None] = []
    parts = sentences(reply)
    for index, sentence in enumerate(parts):
        context = LintContext(user_text=user_text, reply=tuple(parts[:index]), recent=recent)
        result = lint_sentence(sentence, context)
        found.append(None if result.reason is None else result.reason.value)
    return found or ["empty"]


def read_replies(conversations: Sequence[Sequence[Message]], replies: Sequence[str]) -> Reading:
    """Figures of a set of replies. Pure."""
    total = len(replies)
    reasons = [lint_reply(messages, reply) for messages, reply in zip(conversations, replies, strict=True)]
    questions = [sum(map(is_question, sentences(reply))) for reply in replies]
    echoes = [
        any(echoes_user(part, messages[-1].content) is not Echo.FRESH for part in sentences(reply))
        for messages, reply in zip(conversations, replies, strict=True)
    ]
    openings = {" ".join(reply.lower().split()[:3]) for reply in replies}
    return Reading(
        first_sentence_pass=wilson(sum(found[0] is None for found in reasons), total),
        whole_reply_pass=wilson(sum(all(reason is None for reason in found) for found in reasons), total),
        words_mean=mean(map(word_count, replies)),
        questions_mean=mean(questions),
        several_questions=sum(count > 1 for count in questions) / total,
        parroting=sum(echoes) / total,
        openings_distinct=len(openings) / total,
        reasons=tuple(Counter(reason for found in reasons for reason in found if reason).most_common(6)),
    )


def held_back_rows(patterns: Sequence[str], root: Path, count: int) -> list[dict[str, Any]]:
    """`count` held-back English rows, in the order of a hash of their id."""
    rows = (row for row in read_rows(patterns, root, ["en"]) if row.get("split") == "held_back")
    return sorted(rows, key=lambda row: share_of(str(row["id"])))[:count]


def generate(server: LlamaServer, conversations: Iterable[Sequence[Message]], *, adapter: bool) -> list[str]:
    """One reply a conversation at the shipped sampling."""
    return [server.reply(messages, SAMPLING, adapter=adapter).strip() for messages in conversations]


def perplexities(folder: Path, base: str, rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """(base, adapter): exp of the mean nats a token of the authored replies."""
    import torch  # noqa: PLC0415 - heavy
    from peft import PeftModel  # noqa: PLC0415

    from attune_training.bases import load_model, load_tokenizer  # noqa: PLC0415
    from attune_training.sft.examples import Renderer, examples_of  # noqa: PLC0415
    from attune_training.sft.trainer import assistant_loss, collate  # noqa: PLC0415

    tokenizer = load_tokenizer(base, "")
    model = PeftModel.from_pretrained(load_model(base, ""), folder).eval()
    examples, _ = examples_of(rows, Renderer(tokenizer, "chatml", "last"), 1024)

    def measured() -> float:
        total, tokens = 0.0, 0
        for start in range(0, len(examples), 8):
            batch = collate([example._asdict() for example in examples[start : start + 8]], tokenizer.pad_token_id)
            loss, count = assistant_loss(model.get_base_model(), batch)
            total, tokens = total + float(loss), tokens + count
        return exp(total / tokens)

    with torch.inference_mode():
        with model.disable_adapter():
            plain = measured()
        return plain, measured()


def compare(folder: Path, base: str, rows: Sequence[dict[str, Any]], gguf_name: str) -> "Comparison":
    """Both models on the same prompts."""
    from attune_training.bases import gguf_path  # noqa: PLC0415 - keeps this module importable without the base

    conversations = [messages_of(row)[:-1] for row in rows]
    with serving(gguf_path(base), folder / gguf_name) as server:
        plain = generate(server, conversations, adapter=False)
        tuned = generate(server, conversations, adapter=True)
    return Comparison(
        conversations,
        plain,
        tuned,
        [row["reply"] for row in rows],
        perplexities(folder, base, rows),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Replies of both models and of the author to the same conversations; perplexity of (base, adapter)."""

    conversations: list[list[Message]]
    base: list[str]
    adapter: list[str]
    authored: list[str]
    perplexity: tuple[float, float]

    def readings(self) -> dict[str, Reading]:
        """Figures of each."""
        sets = {"base": self.base, "adapter": self.adapter, "authored": self.authored}
        return {name: read_replies(self.conversations, replies) for name, replies in sets.items()}
