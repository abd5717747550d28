"""The comparison of base and adapter as Markdown: a table of figures and replies side by side."""

from collections.abc import Callable, Sequence

from attune_contracts.adapter import AdapterManifest

from attune_training.sft.compare import SAMPLING, Comparison, Reading

ROWS: tuple[tuple[str, Callable[[Reading], str]], ...] = (
    ("first sentence passes the linter (95 % Wilson)", lambda reading: str(reading.first_sentence_pass)),
    ("whole reply passes", lambda reading: str(reading.whole_reply_pass)),
    ("mean words a reply", lambda reading: f"{reading.words_mean:.1f}"),
    ("mean questions a reply", lambda reading: f"{reading.questions_mean:.2f}"),
    ("replies with two or more questions", lambda reading: f"{reading.several_questions:.0%}"),
    ("replies that parrot the person", lambda reading: f"{reading.parroting:.0%}"),
    ("distinct openings (three words)", lambda reading: f"{reading.openings_distinct:.0%}"),
    ("most frequent reasons", lambda reading: ", ".join(f"{name} {count}" for name, count in reading.reasons)),
)
PAGE = """# Base against adapter

{prompts} prompts that were held back from training, answered by `{base}` (Q4_1) through llama.cpp, with the adapter at
scale 0 and 1. Prompts and the authored column are texts that we wrote.

Adapter `{name}`: rank {rank}, alpha {alpha}, on {modules}; data {data}, seed {seed}.
Sampling: temperature {sampling.temperature}, top_p {sampling.top_p}, repeat penalty {sampling.repeat_penalty}, at most
{sampling.tokens_max} tokens, seed {sampling.seed}.

{table}

The linter judges form and safety, not whether a reply fits. Read the pairs for that.

## Side by side

{pairs}

Written by `python -m attune_training compare`.
"""


def note(found: Comparison, manifest: AdapterManifest, pairs: int = 20) -> str:
    """The whole page."""
    return PAGE.format(
        prompts=len(found.base),
        base=manifest.base,
        name=manifest.name,
        rank=manifest.rank,
        alpha=manifest.alpha,
        modules=", ".join(manifest.target_modules),
        data=manifest.data_sha256[:12],
        seed=manifest.seed,
        sampling=SAMPLING,
        table="\n".join(table(found.readings(), found.perplexity)),
        pairs="\n".join(line for index in range(min(pairs, len(found.base))) for line in pair(found, index)).strip(),
    )


def table(readings: dict[str, Reading], perplexity: tuple[float, float]) -> list[str]:
    """Rows of figures, a column each for base, adapter and the authored replies."""
    names = list(readings)
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {title} | {' | '.join(show(readings[name]) for name in names)} |" for title, show in ROWS]
    lines.append(f"| perplexity of the authored reply | {perplexity[0]:.1f} | {perplexity[1]:.1f} | – |")
    return lines


def pair(found: Comparison, index: int) -> Sequence[str]:
    """One prompt with its replies."""
    turns = [f"> {one_line(message.content)}" for message in found.conversations[index] if message.role == "user"]
    return [
        turns[-1],
        "",
        f"- base: {one_line(found.base[index])}",
        f"- adapter: {one_line(found.adapter[index])}",
        "",
    ]


def one_line(text: str) -> str:
    """White space collapsed, so that a reply cannot break the list."""
    return " ".join(text.split())
