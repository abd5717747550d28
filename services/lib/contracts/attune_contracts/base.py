"""The two model bases of the contracts: strict inputs and outputs without defaults."""

from pydantic import BaseModel, ConfigDict


class Input(BaseModel):
    """What a caller sends. Unknown keys are refused, so that a typo is an error and not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """What a service answers. Fields have no defaults, so that generated clients see no false optionals."""

    model_config = ConfigDict(extra="forbid", frozen=True)
