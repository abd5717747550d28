"""Does llama.cpp write what PEFT writes? Greedy replies to the same prompts, over equal fp32 weights and over Q4_1."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from attune_contracts.chat import Message, chatml
from peft import PeftModel

from attune_training.bases import gguf_path, load_model, load_tokenizer
from attune_training.export.gguf_files import dequantise
from attune_training.export.llama import Sampling, serving
from attune_training.export.package import GGUF_NAME


class Agreement(NamedTuple):
    """How far two lists agree. `prefix_share` is the mean share of characters before the first difference."""

    prompts: int
    identical: int
    prefix_share: float


def agreement(left: Sequence[str], right: Sequence[str]) -> Agreement:
    """Compares reply by reply, white space at the ends aside."""
    pairs = [(a.strip(), b.strip()) for a, b in zip(left, right, strict=True)]
    shares = [common_prefix(*pair) / max(len(pair[0]), len(pair[1]), 1) for pair in pairs]
    return Agreement(len(pairs), sum(a == b for a, b in pairs), round(sum(shares) / len(shares), 3))


def common_prefix(left: str, right: str) -> int:
    """How many characters agree from the start."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(left), len(right)))


def peft_replies(folder: Path, base: str, conversations: Sequence[Sequence[Message]], tokens_max: int) -> list[str]:
    """Greedy replies of base + PEFT adapter in fp32."""
    tokenizer = load_tokenizer(base, "")
    model = PeftModel.from_pretrained(load_model(base, ""), folder).eval()
    replies = []
    for messages in conversations:
        text = chatml(messages, add_generation_prompt=True).text
        encoded = tokenizer(text, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            output = model.generate(
                **encoded,
                max_new_tokens=tokens_max,
                do_sample=False,
                eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"),
                pad_token_id=tokenizer.pad_token_id,
            )
        replies.append(tokenizer.decode(output[0, encoded["input_ids"].shape[1] :], skip_special_tokens=True))
    return replies


def llama_replies(
    base: Path,
    adapter: Path,
    conversations: Sequence[Sequence[Message]],
    sampling: Sampling,
    *,
    with_adapter: bool = True,
) -> list[str]:
    """Replies through llama.cpp's server."""
    with serving(base, adapter) as server:
        return [server.reply(messages, sampling, adapter=with_adapter) for messages in conversations]


def check_export(
    folder: Path, base: str, conversations: Sequence[Sequence[Message]], tokens_max: int = 60
) -> dict[str, Agreement]:
    """`fp32`: both sides compute with the same weights, so the texts must be equal. `served`: the file that runs."""
    sampling = Sampling(tokens_max=tokens_max)
    expected = peft_replies(folder, base, conversations, tokens_max)
    with tempfile.TemporaryDirectory() as scratch:
        plain = dequantise(gguf_path(base), Path(scratch) / "base-f32.gguf")
        same_weights = llama_replies(plain, folder / GGUF_NAME, conversations, sampling)
    served = llama_replies(gguf_path(base), folder / GGUF_NAME, conversations, sampling)
    return {"fp32": agreement(expected, same_weights), "served": agreement(expected, served)}
