"""Prepares the two encoders for fine-tuning: surface tokens for MiniLM, a pruned vocabulary for multilingual e5.

Called by `train_run`. Both results are self-contained: one BertModel, one tokenizer.json, one padding id.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from attune_training.emotion import e5, surface
from attune_training.emotion.corpora import Row
from attune_training.emotion.encoder import keep_layers, load_bert, minilm_folder, name_tokens
from attune_training.emotion.settings import EmotionConfig

_E5_SPECIAL = 4  # <s>, <pad>, </s>, <unk> come first; <mask> is not needed to classify
# Scripts of the languages that the shipped model reads; pieces of other scripts are dropped with their embeddings.
_SCRIPTS = ("LATIN", "ARABIC", "DEVANAGARI")
_RARE = ("ARABIC", "DEVANAGARI")  # little training text: pieces are kept by their score as well as by their use
_RARE_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Base:
    """An encoder ready for fine-tuning with the tokenizer that fits it."""

    encoder: BertModel
    tokenizer: Tokenizer
    pad_id: int
    licence: str
    origin: str


def prepare(config: EmotionConfig, rows: Iterable[Row]) -> Base:
    """The base that the configuration names, adapted to the training rows."""
    texts = [row.text for row in rows]
    return _minilm(config, texts) if config.encoder.base == "minilm" else _e5(config, texts)


def _minilm(config: EmotionConfig, texts: list[str]) -> Base:
    plain = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    plain.no_padding()
    tokenizer, meanings = surface.prepare(
        plain,
        emoji=surface.frequent_emoji(texts, config.surface.emoji_max),
        shout=config.surface.shout,
        tokens_max=config.surface.tokens_max,
    )
    encoder = keep_layers(load_bert(minilm_folder()), config.encoder.layers)
    spelled = {index: plain.encode(words, add_special_tokens=False).ids for index, words in meanings.items()}
    name_tokens(encoder, spelled)
    cut_positions(encoder, config.surface.tokens_max)
    return Base(encoder, tokenizer, 0, "Apache-2.0", "sentence-transformers/all-MiniLM-L6-v2")


def _e5(config: EmotionConfig, texts: list[str]) -> Base:
    whole = Tokenizer.from_file(str(e5.tokenizer_file()))
    whole.no_padding()
    kept = _kept_pieces(whole, texts, config.encoder.vocabulary_max or whole.get_vocab_size())
    encoder = keep_layers(e5.load(), config.encoder.layers)
    keep_rows(encoder, kept)
    cut_positions(encoder, config.surface.tokens_max)
    tokenizer = _pruned(whole, kept)
    tokenizer.enable_truncation(config.surface.tokens_max)
    return Base(encoder, tokenizer, 1, "MIT", "intfloat/multilingual-e5-small")


def _kept_pieces(tokenizer: Tokenizer, texts: list[str], most: int) -> list[int]:
    """Piece ids to keep: single characters, then rare scripts by score, then what the texts use, most used first."""
    pieces: list[tuple[str, float]] = [tuple(item) for item in json.loads(tokenizer.to_str())["model"]["vocab"]]
    used: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        used.update(encoding.ids)
    scripts = [_script(piece) for piece, _ in pieces]
    kept = set(range(_E5_SPECIAL))
    kept |= {index for index, (piece, _) in enumerate(pieces) if len(piece.lstrip("▁")) <= 1 and scripts[index]}
    for script in _RARE:
        ranked = sorted((-pieces[index][1], index) for index, name in enumerate(scripts) if name == script)
        kept |= {index for _, index in ranked[: int(most * _RARE_SHARE)]}
    for index, _ in used.most_common():
        if len(kept) >= most:
            break
        kept.add(index)
    return sorted(kept)


def _script(piece: str) -> str | None:
    """The script of a piece's letters: one of ours, "" for signs, digits and emoji, None for any other script."""
    names = {unicodedata.name(char, "OTHER").split()[0] for char in piece if char.isalpha()}
    if not names:
        return "SIGNS"
    return next((script for script in _SCRIPTS if names == {script}), None)


def _pruned(tokenizer: Tokenizer, kept: list[int]) -> Tokenizer:
    definition = json.loads(tokenizer.to_str())
    vocabulary = definition["model"]["vocab"]
    definition["model"]["vocab"] = [vocabulary[index] for index in kept]
    definition["added_tokens"] = [token for token in definition["added_tokens"] if token["id"] < _E5_SPECIAL]
    return Tokenizer.from_str(json.dumps(definition, ensure_ascii=False))


def keep_rows(encoder: BertModel, kept: list[int]) -> None:
    """Cuts the word embeddings to the kept ids, in order."""
    table = encoder.embeddings.word_embeddings.weight.detach()[torch.tensor(kept)].clone()
    encoder.embeddings.word_embeddings = nn.Embedding.from_pretrained(table, freeze=False)
    encoder.config.vocab_size = len(kept)


def cut_positions(encoder: BertModel, tokens_max: int) -> None:
    """Drops the position embeddings that a text of `tokens_max` tokens never reaches."""
    table = encoder.embeddings.position_embeddings.weight.detach()[:tokens_max].clone()
    encoder.embeddings.position_embeddings = nn.Embedding.from_pretrained(table, freeze=False)
    encoder.embeddings.position_ids = torch.arange(tokens_max).expand((1, -1))
    encoder.embeddings.token_type_ids = torch.zeros((1, tokens_max), dtype=torch.long)
    encoder.config.max_position_embeddings = tokens_max
