"""The stages of `prepare`, each leaving files behind, so that an interrupted run goes on where it stopped.

1 clean: shards of cleaned rows with signatures, by several processes   2 de-duplicate: one array
3 sample: strata of emotion x group x length   4 split by conversation, check for leaks   5 audit (audit.py)
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from attune_training.data.config import PrepareConfig, Source
from attune_training.data.near import PERMUTATIONS, duplicates, exact_key, leaks, signature
from attune_training.data.registry import five_class, read_corpus
from attune_training.data.rows import Dialogue, dialogue_of, read_records
from attune_training.data.sample import allocate, choose, length_bucket
from attune_training.data.steps import STEPS, Step
from attune_training.errors import DataError, RunExists
from attune_training.sft.examples import share_of

SHARD_ROWS = 10_000
Progress = Callable[[int], None]


class Counts(NamedTuple):
    """For one step over one shard: rows in, rows dropped, rows changed."""

    seen: int
    dropped: int
    changed: int


def read_source(source: Source, data_root: Path) -> Iterator[Dialogue]:
    """Rows of one source, `repeat` times over. Copies get keys and words of their own (see `vary`)."""
    for copy in range(source.repeat):
        if source.corpus:
            rows = read_corpus(source.corpus, data_root)
        else:
            records = enumerate(read_records(str(source.path)))
            name = Path(str(source.path)).stem
            rows = (dialogue_of(record, source.columns, name, number) for number, record in records)
        yield from (vary(row, copy) for row in rows) if copy else rows


def vary(row: Dialogue, copy: int) -> Dialogue:
    """A synthetic copy for measurements: every second word gets a suffix, so it is no near duplicate."""
    suffix = chr(96 + copy)

    def changed(text: str) -> str:
        return " ".join(f"{word}{suffix}" if place % 2 else word for place, word in enumerate(text.split()))

    turns = tuple(turn._replace(text=changed(turn.text)) for turn in row.turns)
    return row._replace(key=f"{row.key}~{copy}", turns=turns)


def clean_shard(rows: list[Dialogue], steps: tuple[str, ...], target: Path) -> None:
    """Cleans rows and writes them with their signatures. The counts come last and say that the shard is whole."""
    counts: dict[str, list[int]] = {step: [0, 0, 0] for step in steps}
    functions = [(name, step_named(name)) for name in steps]
    kept = [row for row in (clean(row, functions, counts) for row in rows) if row is not None]
    with target.with_suffix(".jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record_of(row), ensure_ascii=False) + "\n" for row in kept)
    texts = [row.text() for row in kept]
    np.savez(
        target.with_suffix(".npz"),
        exact=np.array([exact_key(text) for text in texts], np.uint64),
        signatures=np.stack([signature(text) for text in texts]) if texts else np.empty((0, PERMUTATIONS), np.uint32),
        # Salted: the split hashes the bare key, and a sample of the lowest hashes would all be validation.
        order=np.array([share_of(f"sample:{row.key}") for row in kept], np.float64),
    )
    strata = [stratum_of(row) for row in kept]
    facts = {"rows_in": len(rows), "rows": len(kept), "counts": counts, "before": tally(rows), "strata": strata}
    target.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")


def step_named(name: str) -> Step:
    """A step of steps.py, or the spelling step, whose dictionary is loaded once a process."""
    if name != "spelling":
        return STEPS[name]
    from attune_training.data.spelling import spelling_step  # noqa: PLC0415 - loads a dictionary

    return spelling_step()


def clean(row: Dialogue, steps: list[tuple[str, Step]], counts: dict[str, list[int]]) -> Dialogue | None:
    """Runs one row through the steps and counts what each did."""
    for name, step in steps:
        count = counts[name]
        count[0] += 1
        changed = step(row)
        if changed is None:
            count[1] += 1
            return None
        count[2] += changed.turns != row.turns
        row = changed
    return row


def stratum_of(row: Dialogue) -> str:
    """emotion | group | length bucket."""
    return f"{row.emotion or 'unknown'}|{row.group or 'unknown'}|{length_bucket(len(row.turns))}"


def tally(rows: list[Dialogue]) -> dict[str, dict[str, int]]:
    """Counts for the audit, before any step."""
    return {
        "emotion": Counter(row.emotion or "unknown" for row in rows),
        "group": Counter(row.group or "unknown" for row in rows),
        "length": Counter(length_bucket(len(row.turns)) for row in rows),
        "source": Counter(row.source for row in rows),
    }


def record_of(row: Dialogue) -> dict[str, Any]:
    """A row as written: what attune_training.sft reads."""
    return {
        "id": row.key,
        "conversation_id": row.key,
        "source": row.source,
        "language": row.language,
        "emotion_source": row.emotion,
        "emotion_class": five_class(row.emotion),
        "group": row.group,
        "messages": [{"role": turn.role, "content": turn.text} for turn in row.turns],
    }


def open_work_folder(folder: Path, config: PrepareConfig, *, resume: bool) -> None:
    """Makes it, or checks that it was started by the same configuration. Raises RunExists."""
    text = config.model_dump_json(indent=2)
    stated = folder / "config.json"
    if stated.exists() and (not resume or stated.read_text(encoding="utf-8") != text):
        raise RunExists(f"{folder} holds a preparation: pass --resume with the same configuration, or another --out")
    folder.mkdir(parents=True, exist_ok=True)
    stated.write_text(text, encoding="utf-8")


def clean_all(config: PrepareConfig, data_root: Path, folder: Path, workers: int, progress: Progress) -> list[Path]:
    """Stage 1. Reads once, keeps at most two shards a worker in flight, skips shards that are whole already."""
    rows = chain.from_iterable(read_source(source, data_root) for source in config.sources)
    waiting: list[Future[None]] = []
    shards = []
    with ProcessPoolExecutor(workers) as pool:
        for number, chunk in enumerate(batches(rows)):
            shard = folder / f"shard-{number:05d}"
            shards.append(shard)
            progress(len(chunk))
            if shard.with_suffix(".json").exists():
                continue
            waiting.append(pool.submit(clean_shard, chunk, config.steps, shard))
            if len(waiting) >= 2 * workers:
                waiting.pop(0).result()
        for future in waiting:
            future.result()
    return shards


def batches(rows: Iterator[Dialogue]) -> Iterator[list[Dialogue]]:
    """Lists of SHARD_ROWS."""
    while chunk := list(islice(rows, SHARD_ROWS)):
        yield chunk


class Shards(NamedTuple):
    """What stage 1 left, read back as columns. Row i is line i of the shards' files in order."""

    paths: list[Path]
    exact: np.ndarray
    signatures: np.ndarray
    order: np.ndarray
    strata: list[str]
    facts: list[dict[str, Any]]


def read_shards(paths: list[Path]) -> Shards:
    """The columns of all shards; the rows themselves stay on disk."""
    facts = [json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) for path in paths]
    columns: dict[str, list[np.ndarray]] = {"exact": [], "signatures": [], "order": []}
    for path in paths:
        with np.load(path.with_suffix(".npz")) as arrays:
            for name, parts in columns.items():
                parts.append(arrays[name])
    strata = [stratum for fact in facts for stratum in fact.pop("strata")]
    exact, signatures, order = (np.concatenate(parts) for parts in columns.values())
    return Shards(paths, exact, signatures, order, strata, facts)


class Prepared(NamedTuple):
    """What the audit reports."""

    rows_in: int
    steps: dict[str, Counts]
    exact_duplicates: int
    near_duplicates: int
    before: dict[str, dict[str, int]]
    after: dict[str, dict[str, int]]
    train: int
    validation: int
    torn_conversations: int
    leaked_texts: int


def prepare(
    config: PrepareConfig, data_root: Path, folder: Path, *, workers: int, resume: bool, progress: Progress
) -> Prepared:
    """All stages but the audit. The result is `conversations.jsonl` in `folder`.

    Raises DataError when nothing is left or the split leaks, RunExists when the folder belongs to another run.
    """
    open_work_folder(folder, config, resume=resume)
    shards = read_shards(clean_all(config, data_root, folder, workers, progress))
    groups = duplicates(shards.exact, shards.signatures) if config.near_duplicates else None
    unique = ~(groups.exact | groups.near) if groups else np.ones(len(shards.exact), bool)
    kept = np.flatnonzero(unique).tolist()
    if not kept:
        raise DataError("no row is left after cleaning")
    strata = [shards.strata[index] for index in kept]
    sizes = Counter(strata)
    allocation = allocate(sizes, min(config.sample_rows or len(kept), len(kept)))
    chosen = [kept[position] for position in choose(strata, shards.order[kept].tolist(), allocation)]
    sides, after = write_split(shards.paths, chosen, config.validation_share, folder / "conversations.jsonl")
    validation = np.array([side == "validation" for _, side in sides])
    torn = len({key for key, side in sides if side == "train"} & {key for key, side in sides if side == "validation"})
    leaked = leaks(duplicates(shards.exact[chosen], shards.signatures[chosen]), validation)
    if torn or (leaked and config.near_duplicates):
        raise DataError(f"the split leaks: {torn} conversations torn apart, {leaked} near duplicates across it")
    return Prepared(
        sum(fact["rows_in"] for fact in shards.facts),
        {step: summed(fact["counts"][step] for fact in shards.facts) for step in config.steps},
        int(groups.exact.sum()) if groups else 0,
        int(groups.near.sum()) if groups else 0,
        merged(fact["before"] for fact in shards.facts),
        after,
        int((~validation).sum()),
        int(validation.sum()),
        torn,
        leaked,
    )


def write_split(
    paths: list[Path], chosen: list[int], validation_share: float, target: Path
) -> tuple[list[tuple[str, str]], dict[str, dict[str, int]]]:
    """Writes the chosen rows with their split. Returns (conversation, side) of each, and the tally after sampling."""
    wanted, sides = set(chosen), list[tuple[str, str]]()
    after: dict[str, Counter[str]] = {name: Counter() for name in ("emotion", "group", "length", "source")}
    lines = (line for path in paths for line in read_lines(path.with_suffix(".jsonl")))
    partial = target.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as file:
        for row in (json.loads(line) for index, line in enumerate(lines) if index in wanted):
            row["split"] = "validation" if share_of(row["conversation_id"]) < validation_share else "train"
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            sides.append((row["conversation_id"], row["split"]))
            after["emotion"][row["emotion_source"] or "unknown"] += 1
            after["group"][row["group"] or "unknown"] += 1
            after["length"][length_bucket(len(row["messages"]))] += 1
            after["source"][row["source"]] += 1
    partial.replace(target)
    return sides, {name: dict(count) for name, count in after.items()}


def read_lines(path: Path) -> Iterator[str]:
    """Lines of a file, one at a time."""
    with path.open(encoding="utf-8") as file:
        yield from file


def summed(counts: Iterable[list[int]]) -> Counts:
    """One step's counts over all shards."""
    return Counts(*(sum(column) for column in zip(*counts, strict=True)))


def merged(tallies: Iterable[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """Tallies of all shards added up."""
    total: dict[str, Counter[str]] = {}
    for tally_ in tallies:
        for name, counts in tally_.items():
            total.setdefault(name, Counter()).update(counts)
    return {name: dict(count) for name, count in total.items()}
