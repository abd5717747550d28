"""PEFT adapter → GGUF adapter for llama.cpp, and a dequantised copy of a GGUF base to compare with.

The layout is that of llama.cpp's convert_lora_to_gguf.py: `blk.N.NAME.weight.lora_a` (rank, in), `.lora_b` (out, rank),
`adapter.lora.alpha`, scale alpha / rank at load time.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import gguf
import numpy as np
from safetensors.numpy import load_file

from attune_training.errors import DataError

PEFT_NAME = re.compile(r"base_model\.model\.(?P<module>model\.layers\.\d+\..+)\.lora_(?P<side>[AB])\.weight")


class BaseFacts(NamedTuple):
    """What the adapter's layout depends on, read from the base's GGUF file."""

    architecture: str
    layers: int
    heads: int
    kv_heads: int


def base_facts(base: Path) -> BaseFacts:
    """Architecture and head counts of a GGUF base."""
    reader = gguf.GGUFReader(base)
    architecture = field(reader, "general.architecture")
    keys = ("block_count", "attention.head_count", "attention.head_count_kv")
    return BaseFacts(architecture, *(int(field(reader, f"{architecture}.{key}")) for key in keys))


def field(reader: gguf.GGUFReader, key: str) -> Any:
    """A metadata value. Raises DataError when it is missing."""
    found = reader.get_field(key)
    if found is None:
        raise DataError(f"the GGUF base has no {key}")
    return found.contents()


def write_adapter(peft_folder: Path, base: Path, target: Path) -> int:
    """Writes `target` in f16 and returns its size in bytes. Raises DataError for a tensor without a GGUF name."""
    facts = base_facts(base)
    config = json.loads((peft_folder / "adapter_config.json").read_text(encoding="utf-8"))
    names = gguf.get_tensor_name_map(architecture_of(facts.architecture), facts.layers)
    writer = gguf.GGUFWriter(target, facts.architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(config["lora_alpha"]))
    writer.add_name(peft_folder.parent.name)
    for name, tensor in sorted(load_file(peft_folder / "adapter_model.safetensors").items()):
        matched = PEFT_NAME.fullmatch(name)
        block = names.get_name(matched["module"]) if matched else None
        if matched is None or block is None:
            raise DataError(f"{name} has no counterpart in GGUF")
        values = tensor.astype(np.float32)
        if matched["side"] == "B":
            values = permute(values, matched["module"], facts)
        writer.add_tensor(f"{block}.weight.lora_{matched['side'].lower()}", values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target.stat().st_size


def architecture_of(name: str) -> gguf.MODEL_ARCH:
    """`llama` → MODEL_ARCH.LLAMA."""
    for architecture, known in gguf.MODEL_ARCH_NAMES.items():
        if known == name:
            return architecture
    raise DataError(f"GGUF knows no architecture {name!r}")


def permute(values: np.ndarray, module: str, facts: BaseFacts) -> np.ndarray:
    """Reorders the output rows of q and k: for `llama` llama.cpp pairs neighbouring rows in its rotary embedding.

    (out, rank) in and out; other modules and architectures pass through.
    """
    heads = {"q_proj": facts.heads, "k_proj": facts.kv_heads}.get(module.rpartition(".")[2])
    if heads is None or facts.architecture != "llama":
        return values
    out, rank = values.shape
    return values.reshape(heads, 2, out // heads // 2, rank).swapaxes(1, 2).reshape(out, rank)


def dequantise(base: Path, target: Path) -> Path:
    """A copy of a GGUF base with fp32 tensors: the very weights that training used."""
    reader = gguf.GGUFReader(base)
    writer = gguf.GGUFWriter(target, field(reader, "general.architecture"))
    for key, found in reader.fields.items():
        # The writer states these itself.
        if key.startswith("GGUF.") or key in {"general.architecture", "general.file_type"}:
            continue
        kind, *inner = found.types
        writer.add_key_value(key, found.contents(), kind, sub_type=inner[-1] if inner else None)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        writer.add_tensor(tensor.name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target
