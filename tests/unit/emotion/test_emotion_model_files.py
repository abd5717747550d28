"""A model folder is served only when its bytes are those of its manifest; the risk head must fit the encoder."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attune_contracts.emotion_manifest import RiskHeadManifest
from attune_emotion.model_files import ModelRefused, open_manifest
from attune_emotion.risk_head import load_risk_head

from tests.unit.emotion.test_emotion_classify import HEAD, MANIFEST

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes a model folder whose one file is `model.onnx`; keywords replace fields of its manifest."""

    def write(**changes: Any) -> Path:
        (tmp_path / "model.onnx").write_bytes(b"weights")
        fields = MANIFEST.model_dump(mode="json") | {"files": {"model.onnx": sha256(b"weights").hexdigest()}} | changes
        (tmp_path / "manifest.json").write_text(json.dumps(fields))
        return tmp_path

    return write


def test_an_untouched_folder_opens(folder: Folder) -> None:
    assert open_manifest(folder()).name == "test"


def test_a_changed_byte_is_refused_by_name(folder: Folder) -> None:
    path = folder()
    (path / "model.onnx").write_bytes(b"Weights")
    with pytest.raises(ModelRefused, match=r"model\.onnx was changed"):
        open_manifest(path)


def test_a_missing_file_is_refused_by_name(folder: Folder) -> None:
    path = folder()
    (path / "model.onnx").unlink()
    with pytest.raises(ModelRefused, match=r"model\.onnx cannot be read \(FileNotFoundError\)"):
        open_manifest(path)


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"manifest\.json cannot be read"):
        open_manifest(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema_version": 2}, "schema version 2"),
        ({"temperature": "warm"}, "temperature"),
        ({"surprise": 1}, "surprise"),
        ({"labels": ["happy", "sad", "anxious", "angry"]}, "other labels"),
        ({"files": {"../model.onnx": "0"}}, "not a plain file name"),
        ({"risk_head": HEAD.model_dump()}, "without its hash"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_reason(folder: Folder, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelRefused, match=reason):
        open_manifest(folder(**changes))


def write_head(path: Path, **arrays: np.ndarray) -> RiskHeadManifest:
    np.savez(path / HEAD.file, **arrays)  # type: ignore[arg-type]
    return HEAD


def test_an_affine_head_and_an_mlp_give_one_probability_a_text(tmp_path: Path) -> None:
    pooled = np.array([[1, 0, 0, 0], [0, 1, 0, 0]], dtype=np.float32)
    affine = np.array([[9], [-9], [0], [0]], dtype=np.float32)
    head = load_risk_head(tmp_path, write_head(tmp_path, w0=affine, b0=np.zeros(1)), 4)
    high, low = head.probabilities(pooled)
    assert high > 0.99
    assert low < 0.01
    first = np.eye(4, 2, dtype=np.float32)
    mlp = write_head(tmp_path, w0=first, b0=np.zeros(2), w1=np.array([[9], [-9]]), b1=np.zeros(1))
    assert load_risk_head(tmp_path, mlp, 4).probabilities(pooled) == pytest.approx([high, low])


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"w0": np.zeros((3, 1)), "b0": np.zeros(1)},
        {"w0": np.zeros((4, 2)), "b0": np.zeros(2)},
        {"w0": np.zeros((4, 2)), "b0": np.zeros(2), "w1": np.zeros((3, 1)), "b1": np.zeros(1)},
        {"w0": np.zeros((4, 1))},
    ],
)
def test_a_head_that_does_not_fit_is_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(ModelRefused):
        load_risk_head(tmp_path, write_head(tmp_path, **arrays), 4)


def test_a_head_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    (tmp_path / HEAD.file).write_bytes(b"not an archive")
    with pytest.raises(ModelRefused, match="cannot be read"):
        load_risk_head(tmp_path, HEAD, 4)
