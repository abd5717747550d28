"""The wire models are strict where people type and explicit where programs read."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from attune_contracts import adapter, chat, dialogue, emotion, problem, risk
from attune_contracts.base import Input, Output
from attune_contracts.dialogue import MessageCreate, SessionCreate, TurnEvent
from pydantic import BaseModel, TypeAdapter, ValidationError

MODULES = (adapter, chat, dialogue, emotion, problem, risk)


def models(base: type[BaseModel]) -> list[type[BaseModel]]:
    found = {value for module in MODULES for value in vars(module).values() if isinstance(value, type)}
    return sorted((m for m in found if issubclass(m, base) and m is not base), key=lambda m: m.__name__)


@pytest.mark.parametrize("model", models(Output), ids=lambda model: model.__name__)
def test_outputs_have_no_defaults(model: type[BaseModel]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.is_required()] == []


@pytest.mark.parametrize("model", [*models(Output), *models(Input)], ids=lambda model: model.__name__)
def test_models_are_frozen_and_refuse_unknown_keys(model: type[BaseModel]) -> None:
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


@pytest.mark.parametrize("text", ["", "a" * 4001])
def test_a_message_has_one_to_four_thousand_characters(text: str) -> None:
    with pytest.raises(ValidationError, match="text"):
        MessageCreate(text=text)
    assert MessageCreate(text="a" * 4000).text


@pytest.mark.parametrize("body", [{"locale": "english please"}, {"country": "gb"}, {"country": "GBR"}, {"nope": 1}])
def test_a_session_refuses_what_it_cannot_use(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SessionCreate.model_validate(body)


def test_every_event_is_told_apart_by_its_type() -> None:
    union = get_args(get_args(TurnEvent)[0])
    names = [get_args(event.model_fields["type"].annotation)[0] for event in union]
    assert len(set(names)) == len(names)
    read = TypeAdapter(TurnEvent).validate_python({"type": "delta", "text": "hi"})
    assert isinstance(read, dialogue.DeltaEvent)
    with pytest.raises(ValidationError):
        TypeAdapter(TurnEvent).validate_python({"type": "deltas", "text": "hi"})


def test_tiers_are_ordered_and_times_keep_their_zone() -> None:
    ranks = [tier.rank for tier in risk.RiskTier]
    assert ranks == sorted(ranks) == [0, 1, 2, 3]
    created = dialogue.SessionCreated(
        id="ses_1", token="t", expires_at=datetime(2026, 11, 22, tzinfo=UTC), greeting="hi", notice="AI"
    )
    assert created.model_dump(mode="json")["expires_at"] == "2026-11-22T00:00:00Z"
