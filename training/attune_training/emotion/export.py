"""Writes a trained encoder as int8 ONNX with two outputs, emotion logits and the pooled vector. Called by the CLI."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
from tokenizers import Tokenizer

from attune_training.emotion.encoder import EmotionEncoder

OPSET = 17
_EXAMPLE_TOKENS = 12


def to_onnx(model: EmotionEncoder, file: Path) -> None:
    """The model in fp32 with free batch and length axes."""
    model.eval()
    model.encoder.set_attn_implementation("eager")
    ids = torch.ones((2, _EXAMPLE_TOKENS), dtype=torch.long)
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(file),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits", "pooled"],
        dynamic_axes={name: {0: "rows", 1: "tokens"} for name in ("input_ids", "attention_mask")}
        | {name: {0: "rows"} for name in ("logits", "pooled")},
        opset_version=OPSET,
        dynamo=False,
    )


def to_int8(source: Path, target: Path) -> None:
    """Dynamic quantisation of the linear layers (per channel) and of the embedding tables.

    Seven-bit weights: without VNNI instructions a product of two full bytes saturates 16 bits.
    """
    with tempfile.TemporaryDirectory() as folder:
        folded = Path(folder) / "folded.onnx"
        model = onnx.load(str(source))
        onnx.save(model, str(folded))
        quantize_dynamic(
            folded,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"MatMulConstBOnly": True},
        )


def session(file: Path, threads: int) -> InferenceSession:
    """An ONNX Runtime session on the CPU with a fixed number of threads."""
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def run(
    loaded: InferenceSession, tokenizer: Tokenizer, pad_id: int, texts: list[str], batch_rows: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits (texts × 5) and pooled vectors (texts × 384). One text a batch shows what a lone request gets."""
    logits, pooled = [], []
    for start in range(0, len(texts), batch_rows):
        rows = [encoding.ids for encoding in tokenizer.encode_batch(texts[start : start + batch_rows])]
        width = max(len(ids) for ids in rows)
        ids = np.full((len(rows), width), pad_id, dtype=np.int64)
        mask = np.zeros((len(rows), width), dtype=np.int64)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        outputs = loaded.run(["logits", "pooled"], {"input_ids": ids, "attention_mask": mask})
        logits.append(outputs[0])
        pooled.append(outputs[1])
    return np.concatenate(logits), np.concatenate(pooled)
