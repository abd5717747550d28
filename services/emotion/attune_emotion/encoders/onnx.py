"""The shipped encoder: an int8 ONNX file on ONNX Runtime, with the tokenizer that training wrote. Built by `app`."""

from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest
from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]
from tokenizers import Encoding, Tokenizer

from attune_emotion.ports import Encoded, Floats

_OUTPUTS = ("logits", "pooled")
# A window longer than the rest would pad them all; windows are run in groups of at most this many tokens.
_TOKENS_PER_PASS = 4096


class OnnxEncoder:
    """Reads texts on one thread. A text longer than the model's window is read in windows, which are averaged."""

    def __init__(self, folder: Path, manifest: EmotionManifest, *, threads: int, windows_max: int) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(manifest.tokens_max)
        self._tokenizer.no_padding()
        self._pad_id = manifest.pad_id
        self._windows_max = windows_max

    def read(self, texts: list[str]) -> Encoded:
        """Logits and pooled vectors, one row a text."""
        owners: list[int] = []
        windows: list[list[int]] = []
        for index, encoding in enumerate(self._tokenizer.encode_batch(texts)):
            for window in self._windows(encoding):
                owners.append(index)
                windows.append(window)
        logits, pooled = self._run(windows)
        return Encoded(_mean_by_owner(logits, owners, len(texts)), _mean_by_owner(pooled, owners, len(texts)))

    def _windows(self, encoding: Encoding) -> list[list[int]]:
        return [part.ids for part in (encoding, *encoding.overflowing)][: self._windows_max]

    def _run(self, windows: list[list[int]]) -> tuple[Floats, Floats]:
        """All windows, sorted by length so that a pass holds similar ones, back in their order."""
        order = sorted(range(len(windows)), key=lambda index: len(windows[index]))
        parts: list[tuple[Floats, Floats]] = []
        start = 0
        while start < len(order):
            stop = start + 1
            while stop < len(order) and (stop - start + 1) * len(windows[order[stop]]) <= _TOKENS_PER_PASS:
                stop += 1
            parts.append(self._pass([windows[index] for index in order[start:stop]]))
            start = stop
        back = np.argsort(order)
        return np.concatenate([part[0] for part in parts])[back], np.concatenate([part[1] for part in parts])[back]

    def _pass(self, windows: list[list[int]]) -> tuple[Floats, Floats]:
        width = max(len(window) for window in windows)
        ids = np.full((len(windows), width), self._pad_id, dtype=np.int64)
        mask = np.zeros((len(windows), width), dtype=np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        logits, pooled = self._session.run(_OUTPUTS, {"input_ids": ids, "attention_mask": mask})
        return np.asarray(logits, dtype=np.float32), np.asarray(pooled, dtype=np.float32)


def _mean_by_owner(rows: Floats, owners: list[int], count: int) -> Floats:
    """The mean of the rows of each owner (windows of one text), in the owners' order."""
    sums = np.zeros((count, rows.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, rows)
    sizes = np.bincount(owners, minlength=count).astype(np.float32)
    return np.asarray(sums / sizes[:, None])
