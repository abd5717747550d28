"""A run is a folder: resolved config, metrics.jsonl, git revision, seed, data hash. Used by sft, sweep and emotion."""

import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from attune_training.errors import RunExists

PACKAGES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths inside one run's folder, and the writers of its records."""

    path: Path

    @property
    def metrics(self) -> Path:
        """One JSON object a line: step, and loss or eval_loss."""
        return self.path / "metrics.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Optimiser, scheduler, RNG and adapter at a step."""
        return self.path / "checkpoints"

    @property
    def adapter(self) -> Path:
        """The chosen adapter in PEFT's format."""
        return self.path / "adapter"

    def create(self, config: Mapping[str, Any], data_sha256: str, seed: int, *, resume: bool) -> None:
        """Makes the folder. Raises RunExists if it is there and not resumed, or resumed with another config or data."""
        config_file, text = self.path / "config.json", json.dumps(config, indent=2, sort_keys=True)
        if config_file.exists():
            if not resume:
                raise RunExists(f"{self.path} holds a run: pass --resume to go on with it, or name another --run")
            stated = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
            if config_file.read_text(encoding="utf-8") != text or stated["data_sha256"] != data_sha256:
                raise RunExists(f"{self.path} was started with another configuration or other data: name another --run")
            return
        self.path.mkdir(parents=True, exist_ok=True)
        config_file.write_text(text, encoding="utf-8")
        self.record(data_sha256=data_sha256, seed=seed, status="started", **provenance())

    def record(self, **facts: Any) -> None:
        """Adds facts to run.json."""
        file = self.path / "run.json"
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        file.write_text(json.dumps({**known, **facts}, indent=2), encoding="utf-8")

    def facts(self) -> dict[str, Any]:
        """What run.json says."""
        found: dict[str, Any] = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        return found

    def append_metrics(self, row: Mapping[str, Any]) -> None:
        """Appends one row and flushes it, so that a killed run keeps its curve."""
        with self.metrics.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def forget_metrics_after(self, step: int) -> None:
        """Drops rows past `step`: a resumed run writes them again."""
        kept = [row for row in self.read_metrics() if row["step"] <= step]
        self.metrics.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")

    def read_metrics(self) -> list[dict[str, Any]]:
        """All rows; a line cut short by a kill is left out."""
        rows = []
        if self.metrics.exists():
            for line in self.metrics.read_text(encoding="utf-8").splitlines():
                try:
                    rows.append(json.loads(line))
                except json.JSONDecodeError:
                    continue
        return rows


def provenance() -> dict[str, Any]:
    """Git revision (with a mark for a changed tree), time, Python, machine type, versions of the training packages."""
    return {
        "git_revision": git_revision(),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": {name: found for name in PACKAGES if (found := installed(name))},
    }


def installed(package: str) -> str | None:
    """Its version, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_revision() -> str:
    """Commit hash, with `+changes` when tracked files differ; `unknown` outside a repository."""
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10)
        status = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return head.stdout.strip() + ("+changes" if status.stdout.strip() else "")
