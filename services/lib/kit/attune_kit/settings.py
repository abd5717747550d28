"""The base of each service's one settings class: variables with the service's prefix, secrets from files."""

import os
from pathlib import Path
from typing import Self

from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS_DIR_VARIABLE = "ATTUNE_SECRETS_DIR"


class ServiceSettings(BaseSettings):
    """Subclass with `model_config = settings_config("ATTUNE_GATEWAY_")`. Unknown keyword arguments are refused.

    A secret field `session_key` of a service with prefix ATTUNE_DIALOGUE_ is read from the variable
    ATTUNE_DIALOGUE_SESSION_KEY or from the file attune_dialogue_session_key in $ATTUNE_SECRETS_DIR.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int
    log_level: str = "INFO"
    log_json: bool | None = None
    body_bytes_max: int = 64 * 1024
    shutdown_grace_s: int = 10

    @classmethod
    def load(cls) -> Self:
        """Reads environment and secret files. Raises pydantic's ValidationError, which names the field."""
        folder = os.environ.get(SECRETS_DIR_VARIABLE)
        # A service without secrets has no folder mounted; pydantic would warn about it.
        return cls(_secrets_dir=folder if folder and Path(folder).is_dir() else None)


def settings_config(prefix: str) -> SettingsConfigDict:
    """The model_config of a service's settings class."""
    return SettingsConfigDict(env_prefix=prefix, extra="forbid", frozen=True, hide_input_in_errors=True)
