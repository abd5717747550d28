"""An adapter is served only when its manifest, its base and every byte agree."""

import hashlib
from pathlib import Path

import pytest
from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import PROMPT_VERSION
from attune_inference.manifest import AdapterRefused, verify

BASE = "example/base"


def write_adapter(folder: Path, **changes: object) -> AdapterManifest:
    (folder / "attune.gguf").write_bytes(b"weights")
    manifest = AdapterManifest(
        schema_version=1,
        name="attune",
        base=BASE,
        base_revision="1",
        base_sha256=None,
        rank=8,
        alpha=16,
        target_modules=("q_proj",),
        prompt_version=PROMPT_VERSION,
        data_sha256="0" * 64,
        data_licences=("Apache-2.0",),
        seed=1,
        created_at="2026-11-22",
        scores={},
        files={"attune.gguf": hashlib.sha256(b"weights").hexdigest()},
    ).model_copy(update=changes)
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return manifest


def check(folder: Path, base_file: Path | None = None) -> AdapterManifest:
    return verify(folder, base=BASE, base_file=base_file, files_needed=["attune.gguf"])


def test_a_whole_adapter_passes(tmp_path: Path) -> None:
    written = write_adapter(tmp_path)
    assert check(tmp_path) == written


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema_version": 2}, "manifest version 2"),
        ({"base": "other/base"}, "trained on other/base"),
        ({"prompt_version": "attune-0"}, "trained with prompt attune-0"),
        ({"rank": 12}, "rank 12"),
        ({"files": {}}, "does not list"),
        ({"files": {"attune.gguf": "0" * 64, "../evil.gguf": "0" * 64}}, "not a plain file name"),
        ({"files": {"attune.gguf": "0" * 64, "model.bin": "0" * 64}}, "may hold code"),
        ({"files": {"attune.gguf": "0" * 64, "gone.json": "0" * 64}}, "does not have the hash"),
    ],
)
def test_each_mismatch_is_refused_with_its_reason(tmp_path: Path, changes: dict[str, object], reason: str) -> None:
    write_adapter(tmp_path, **changes)
    with pytest.raises(AdapterRefused, match=reason):
        check(tmp_path)


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    write_adapter(tmp_path)
    (tmp_path / "attune.gguf").write_bytes(b"weighty")
    with pytest.raises(AdapterRefused, match="hash that the manifest states"):
        check(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_adapter(tmp_path)
    (tmp_path / "attune.gguf").unlink()
    with pytest.raises(AdapterRefused, match=r"attune\.gguf is listed in the manifest and missing"):
        check(tmp_path)


def test_another_base_file_is_refused(tmp_path: Path) -> None:
    write_adapter(tmp_path, base_sha256=hashlib.sha256(b"base").hexdigest())
    base = tmp_path / "base.gguf"
    base.write_bytes(b"base")
    check(tmp_path, base)
    base.write_bytes(b"bass")
    with pytest.raises(AdapterRefused, match="not the base file it was trained on"):
        check(tmp_path, base)


def test_a_missing_or_broken_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(AdapterRefused, match=r"no manifest\.json"):
        check(tmp_path)
    (tmp_path / "manifest.json").write_text('{"rank": "eight"}')
    with pytest.raises(AdapterRefused, match="rank"):
        check(tmp_path)
