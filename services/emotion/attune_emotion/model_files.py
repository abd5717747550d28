"""Opens a model folder and refuses one whose files are not those of its manifest. Called by `app` before it serves."""

from hashlib import sha256
from pathlib import Path

from attune_contracts.emotion import Emotion
from attune_contracts.emotion_manifest import EmotionManifest
from pydantic import ValidationError

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1


class ModelRefused(Exception):
    """The model folder cannot be served; the message names the file and the reason."""


def open_manifest(folder: Path) -> EmotionManifest:
    """The manifest, once every file it names has the hash it names. Raises ModelRefused otherwise."""
    file = folder / MANIFEST
    try:
        manifest = EmotionManifest.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ModelRefused(f"{file} cannot be read ({type(error).__name__})") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ModelRefused(f"{file} is not a model manifest: {faults}") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise ModelRefused(f"{file} has schema version {manifest.schema_version}, this service reads {SCHEMA_VERSION}")
    if sorted(manifest.labels) != sorted(Emotion):
        raise ModelRefused(f"{file} names other labels than the five emotions")
    for name, expected in manifest.files.items():
        _verify(folder, name, expected)
    if manifest.risk_head is not None and manifest.risk_head.file not in manifest.files:
        raise ModelRefused(f"{file} names the risk head {manifest.risk_head.file} without its hash")
    return manifest


def _verify(folder: Path, name: str, expected: str) -> None:
    if Path(name).name != name:
        raise ModelRefused(f"the manifest names {name}, which is not a plain file name")
    try:
        found = sha256((folder / name).read_bytes()).hexdigest()
    except OSError as error:
        raise ModelRefused(f"{folder / name} cannot be read ({type(error).__name__})") from error
    if found != expected:
        raise ModelRefused(
            f"{folder / name} was changed: its SHA-256 is {found[:12]}…, the manifest names {expected[:12]}…"
        )
