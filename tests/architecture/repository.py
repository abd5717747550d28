"""The repository as the architecture tests see it: tracked files and parsed modules."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("services", "training/attune_training")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks or would track, as absolute paths."""
    output = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(path for name in output.split("\0") if name and (path := ROOT / name).is_file())


def name_of(path: Path) -> str:
    """A path relative to the root, for messages."""
    return path.relative_to(ROOT).as_posix()


def product_modules() -> list[Path]:
    """The Python modules of the product."""
    return [path for path in tracked_files() if path.suffix == ".py" and name_of(path).startswith(PRODUCT)]


@cache
def parse(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))
