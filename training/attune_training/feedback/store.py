"""Adapters that served: promotion keeps the one before, rollback brings it back. Folders and one history file."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from attune_contracts.adapter import AdapterManifest

from attune_training.errors import NotPromoted
from attune_training.export.package import copy_adapter, sha256_of

HISTORY = "history.jsonl"


def fingerprint(folder: Path) -> str:
    """Twelve characters that name an adapter by its manifest, which hashes its files."""
    return sha256_of(folder / "manifest.json")[:12]


def verify(folder: Path) -> AdapterManifest:
    """The manifest, after every file's hash was checked. Raises NotPromoted."""
    manifest = AdapterManifest.model_validate_json((folder / "manifest.json").read_bytes())
    for name, expected in manifest.files.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != expected:
            raise NotPromoted(f"{folder / name} is missing or does not have the hash that the manifest states")
    return manifest


def promote(candidate: Path, serving: Path, kept: Path) -> str:
    """Puts `candidate` in place of `serving`, which moves into `kept`. Returns the candidate's fingerprint."""
    verify(candidate)
    if (serving / "manifest.json").exists():
        keep(serving, kept)
    replace(candidate, serving)
    note(kept, "promote", serving)
    return fingerprint(serving)


def roll_back(serving: Path, kept: Path) -> str:
    """Brings back the adapter that served before the current one. Raises NotPromoted when there is none."""
    stack = served(history(kept))
    if len(stack) < 2 or stack[-1] != fingerprint(serving) or not (kept / stack[-2]).is_dir():
        raise NotPromoted(f"{kept} holds no adapter that served before the one in {serving}")
    keep(serving, kept)
    verify(kept / stack[-2])
    replace(kept / stack[-2], serving)
    note(kept, "roll back", serving)
    return stack[-2]


def keep(serving: Path, kept: Path) -> None:
    """A copy of what serves, once, noted as having served."""
    name = fingerprint(serving)
    if not (kept / name).exists():
        copy_adapter(serving, kept / name)
    if name not in [entry["adapter"] for entry in history(kept)]:
        note(kept, "found", serving)


def replace(source: Path, target: Path) -> None:
    """Copies beside the target first, so that the gap in which it is missing is two renames long."""
    fresh, old = target.with_name(target.name + ".new"), target.with_name(target.name + ".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    copy_adapter(source, fresh)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def note(kept: Path, action: str, serving: Path) -> None:
    """One line of history."""
    kept.mkdir(parents=True, exist_ok=True)
    entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "action": action, "adapter": fingerprint(serving)}
    with (kept / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def history(kept: Path) -> list[dict[str, str]]:
    """All lines, oldest first."""
    path = kept / HISTORY
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def served(entries: list[dict[str, str]]) -> list[str]:
    """The adapters under the current one, oldest first: a promotion puts one on top, a rollback takes one off."""
    stack: list[str] = []
    for entry in entries:
        if entry["action"] == "roll back":
            stack.pop()
        else:
            stack.append(entry["adapter"])
    return stack
