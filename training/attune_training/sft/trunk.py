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
BATCH = 16


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
    order = sorted(range(len(examples)), key=lambda index: len(examples[index].input_ids))
    states: dict[int, torch.Tensor] = {}
    with torch.no_grad():
        # Every conversation opens with the same system text, nearly half of a short one: its keys and values are kept.
        opening = below(input_ids=torch.tensor([examples[0].input_ids[:shared]]), use_cache=True)
        for start in range(0, len(order), BATCH):
            members = order[start : start + BATCH]
            found = continued(below, opening, [examples[index].input_ids[shared:] for index in members])
            for index, rest in zip(members, found, strict=True):
                states[index] = torch.cat([opening.last_hidden_state[0], rest])
    return [states[index] for index in range(len(examples))]


def continued(below: Any, opening: Any, rests: Sequence[list[int]]) -> list[torch.Tensor]:
    """Hidden states of the tokens after the shared opening, without the padding."""
    longest, shared = max(map(len, rests)), opening.last_hidden_state.shape[1]
    cache = copy.deepcopy(opening.past_key_values)
    cache.batch_repeat_interleave(len(rests))
    ids = torch.tensor([rest + [0] * (longest - len(rest)) for rest in rests])
    mask = torch.tensor([[1] * (shared + len(rest)) + [0] * (longest - len(rest)) for rest in rests])
    output = below(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True)
    return [states[: len(rest)].clone() for states, rest in zip(output.last_hidden_state, rests, strict=True)]


def shared_prefix(sequences: Sequence[list[int]]) -> int:
    """How many tokens all begin with, leaving one of each at least. Raises DataError when the first differs."""
    shortest, lowest, highest = min(map(len, sequences)), min(sequences), max(sequences)
    agree = next((i for i, (a, b) in enumerate(zip(lowest, highest, strict=False)) if a != b), shortest)
    if agree == 0:
        raise DataError("the examples do not open with the same token: was the system text left out?")
    return max(1, min(agree, shortest - 1))
