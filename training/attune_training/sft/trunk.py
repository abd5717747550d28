"""Computes the frozen lower layers of a model once an example instead of once an example and epoch.

With an adapter on the last layers only, the layers below give the same hidden states in every epoch. A CPU spends
most of its time there. Memory: rows x tokens x hidden size x 4 bytes, refused above TRUNK_BYTES_MAX.
"""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from attune_training.errors import DataError, DoesNotFit
from attune_training.sft.examples import Example

TRUNK_BYTES_MAX = 2 * 1024**3


def without_layers(decoder: Any, kept: slice, *, norm: bool) -> Any:
    """A view of a decoder that runs only the layers of `kept`; its weights are shared, nothing is copied."""
    view = copy.copy(decoder)
    replaced = {"layers": nn.ModuleList(list(decoder.layers)[kept])}
    if not norm:
        replaced["norm"] = nn.Identity()
    vars(view)["_modules"] = {**vars(decoder)["_modules"], **replaced}
    return view


def trunk_states(causal_lm: Any, first: int, examples: Sequence[Example]) -> list[torch.Tensor]:
    """Hidden states (length, hidden) below layer `first`, one tensor an example. Raises DoesNotFit."""
    tokens = sum(len(example.input_ids) for example in examples)
    needed = tokens * causal_lm.config.hidden_size * 4
    if needed > TRUNK_BYTES_MAX:
        raise DoesNotFit(f"the hidden states of {tokens} tokens take {needed / 2**30:.1f} GiB: unset lora.last_layers")
    below = without_layers(causal_lm.model, slice(first), norm=False).eval()
    shared = shared_prefix([example.input_ids for example in examples])
    with torch.no_grad():
        # Every conversation opens with the same system text, nearly half of a short one: its keys and values are kept.
        opening = below(input_ids=torch.tensor([examples[0].input_ids[:shared]]), use_cache=True)
        return [
            torch.cat(
                [
                    opening.last_hidden_state[0],
                    below(
                        input_ids=torch.tensor([example.input_ids[shared:]]),
                        past_key_values=copy.deepcopy(opening.past_key_values),
                        use_cache=True,
                    ).last_hidden_state[0],
                ]
            )
            for example in examples
        ]


def shared_prefix(sequences: Sequence[list[int]]) -> int:
    """How many tokens all begin with, leaving one of each at least. Raises DataError when the first differs."""
    shortest, lowest, highest = min(map(len, sequences)), min(sequences), max(sequences)
    agree = next((i for i, (a, b) in enumerate(zip(lowest, highest, strict=False)) if a != b), shortest)
    if agree == 0:
        raise DataError("the examples do not open with the same token: was the system text left out?")
    return max(1, min(agree, shortest - 1))
