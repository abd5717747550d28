"""The table of a simulation, its transcripts, and its conversations in the shape that outside evaluators read."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.simulate.scorer import Played, Violation, completed, score

RULES = (
    "answered", "questions", "words", "parroting", "repeated sentence", "repeated opening", "offer after a no",
    "two offers in a row", "good news steered", "language", "notice at the start", "notice when asked",
    "crisis missed", "false alarm", "crisis card", "crisis: a line", "crisis: a person", "forbidden", "slot",
)  # fmt: skip


def table(talks: Sequence[Played], exercises: Sequence[str]) -> str:
    """Markdown: a line a person, a line a rule, and what was completed."""
    found = {talk.name: score(talk) for talk in talks}
    turns = sum(len(talk.exchanges) for talk in talks)
    everything = [violation for violations in found.values() for violation in violations]
    lines = [
        f"{len(talks)} conversations, {turns} turns, {len(everything)} violations.",
        "",
        "| person | turns | violations | exercises completed | offers | model or bank wrote | degraded | p50 ms |",
        "|---|---:|---:|---|---:|---:|---:|---:|",
    ]
    lines += [row(talk, found[talk.name]) for talk in talks]
    counts = Counter(violation.rule for violation in everything)
    lines += ["", "| rule | violations |", "|---|---:|"]
    lines += [f"| {rule} | {counts[rule]} |" for rule in dict.fromkeys((*RULES, *counts))]
    done = Counter(name for talk in talks for name in completed(talk))
    lines += ["", "| exercise | times completed |", "|---|---:|"]
    lines += [f"| {name} | {done[name]} |" for name in exercises]
    return "\n".join(lines) + "\n"


def row(talk: Played, violations: Sequence[Violation]) -> str:
    """One conversation."""
    replies = [exchange.heard for exchange in talk.exchanges]
    spoken = sum(bool({"model", "authored"} & set(sources(reply.why))) for reply in replies)
    offers = sum(any(identifier == "offer.accept" for identifier, _ in reply.suggestions) for reply in replies)
    late = sum(reply.degraded for reply in replies)
    middle = sorted(reply.milliseconds for reply in replies)[len(replies) // 2]
    done = ", ".join(dict.fromkeys(completed(talk))) or "–"
    return (
        f"| {talk.name} | {len(replies)} | {len(violations)} | {done} | {offers} | {spoken} | {late} | {middle:.0f} |"
    )


def sources(why: dict[str, object]) -> list[str]:
    """Where the words of a reply came from."""
    found = why.get("sources", [])
    assert isinstance(found, list)
    return [str(one) for one in found]


def transcript(talk: Played) -> str:
    """One conversation as Markdown, with what the page shows beside the words."""
    lines = [f"# {talk.name}", "", talk.person.about, "", f"*{talk.notice}*", "", f"**Attune:** {talk.greeting}", ""]
    for number, exchange in enumerate(talk.exchanges, 1):
        said, heard = exchange.said, exchange.heard
        lines += [f"**{number}. Person:** {said.text}{' [tapped]' if said.suggestion_id else ''}", ""]
        lines += [f"> notice: {notice}" for notice in heard.notices]
        lines += [f"> card, {heard.tier}"] if heard.card else []
        lines += [f"**Attune:** {heard.text}"]
        lines += [f"  [{'] ['.join(label for _, label in heard.suggestions)}]"] if heard.suggestions else []
        lines += [f"  ({heard.rule}; {', '.join(sources(heard.why))})", ""]
    lines += [f"- turn {one.turn}, {one.rule}: {one.detail}" for one in score(talk)]
    return "\n".join(lines) + "\n"


def conversation(talk: Played) -> dict[str, object]:
    """One conversation as outside judges take it."""
    messages = [{"role": "assistant", "content": f"{talk.notice}\n\n{talk.greeting}"}]
    for exchange in talk.exchanges:
        messages += [
            {"role": "user", "content": exchange.said.text},
            {"role": "assistant", "content": exchange.heard.text},
        ]
    return {"conversation_id": talk.name, "messages": messages}


def write(talks: Sequence[Played], exercises: Sequence[str], folder: Path, table_path: Path | None) -> str:
    """Writes transcripts and conversations.jsonl into a folder, the table also where it is kept; returns the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for talk in talks:
        (folder / f"{talk.name}.md").write_text(transcript(talk), encoding="utf-8")
    lines = [json.dumps(conversation(talk), ensure_ascii=False) for talk in talks]
    (folder / "conversations.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = table(talks, exercises)
    if table_path is not None:
        table_path.write_text(f"# Simulation\n\nWritten by `make simulate`.\n\n{made}", encoding="utf-8")
    return made
