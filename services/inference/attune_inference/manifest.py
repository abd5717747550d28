"""Reads an adapter's manifest and refuses the adapter on any mismatch. Called before an engine starts."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import PROMPT_VERSION
from pydantic import ValidationError

MANIFEST_NAME = "manifest.json"
SCHEMA_VERSION = 1
# The ranks that vLLM's LoRA kernels accept (vllm.config.lora, --max-lora-rank).
RANKS_SERVED = (1, 8, 16, 32, 64, 128, 256, 320, 512)
SUFFIXES_SAFE = (".gguf", ".safetensors", ".json")
CHUNK_BYTES = 1 << 20


class AdapterRefused(Exception):
    """The adapter must not be served; the message says why and what to do."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def read_manifest(folder: Path) -> AdapterManifest:
    """Parses manifest.json. Raises AdapterRefused when it is missing or malformed."""
    path = folder / MANIFEST_NAME
    try:
        return AdapterManifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise AdapterRefused(f"no {MANIFEST_NAME} in {folder}; export the adapter again") from None
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, fault["loc"])) or "document" for fault in error.errors())
        raise AdapterRefused(f"{path}: these fields are missing or malformed: {fields}") from None


def verify(folder: Path, *, base: str, base_file: Path | None, files_needed: Sequence[str]) -> AdapterManifest:
    """Checks an adapter folder against the base that will serve it, and every byte against its hash.

    Args:
        folder: holds manifest.json and the files it lists.
        base: the base model that the engine serves; must equal the manifest's.
        base_file: the base's weights when they are one local file, to compare with `base_sha256`.
        files_needed: names that the engine will load.

    Raises:
        AdapterRefused: on the first mismatch, with a sentence that says which.
    """
    manifest = read_manifest(folder)
    for refusal in refusals(manifest, base, files_needed):
        raise AdapterRefused(f"adapter {manifest.name!r}: {refusal}")
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise AdapterRefused(f"adapter {manifest.name!r}: {name} is listed in the manifest and missing")
        if sha256_of(path) != expected:
            raise AdapterRefused(f"adapter {manifest.name!r}: {name} does not have the hash that the manifest states")
    if base_file and manifest.base_sha256 and sha256_of(base_file) != manifest.base_sha256:
        raise AdapterRefused(f"adapter {manifest.name!r}: {base_file.name} is not the base file it was trained on")
    return manifest


def refusals(manifest: AdapterManifest, base: str, files_needed: Sequence[str]) -> list[str]:
    """What is wrong with a manifest as such. Pure."""
    found = []
    if manifest.schema_version != SCHEMA_VERSION:
        found.append(f"manifest version {manifest.schema_version}, this server reads {SCHEMA_VERSION}")
    if manifest.base != base:
        found.append(f"trained on {manifest.base}, but {base} is served")
    if manifest.prompt_version != PROMPT_VERSION:
        found.append(f"trained with prompt {manifest.prompt_version}, but {PROMPT_VERSION} is used; train it again")
    if manifest.rank not in RANKS_SERVED:
        found.append(f"rank {manifest.rank} is none of {RANKS_SERVED}")
    found += [f"needs {name}, which the manifest does not list" for name in files_needed if name not in manifest.files]
    for name in manifest.files:
        if Path(name).name != name or name.startswith("."):
            found.append(f"{name!r} is not a plain file name")
        elif not name.endswith(SUFFIXES_SAFE):
            found.append(f"{name!r} may hold code; only {', '.join(SUFFIXES_SAFE)} files are loaded")
    return found
