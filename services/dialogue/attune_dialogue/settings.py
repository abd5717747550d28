"""The dialogue service's settings: ATTUNE_DIALOGUE_* variables, secrets from files. Read once by __main__."""

from typing import Literal

from attune_kit.settings import ServiceSettings, settings_config
from pydantic import SecretStr


class DialogueSettings(ServiceSettings):
    """`session_keys` is "kid:base64[,kid2:base64]" of 32-byte keys; the first one wraps, the others still unwrap.

    The reply budget: the first sentence must be there `first_sentence_s` after the message arrived, else a template
    answers, so that a dead engine costs a person at most two seconds.

    With `choose` and the engine llamacpp the reply is chosen among authored ones and `drafts` drafts of the model,
    which have until `drafts_until_s` after the message arrived. Other engines stream.
    """

    model_config = settings_config("ATTUNE_DIALOGUE_")

    redis_url: str
    emotion_url: str
    inference_url: str
    engine: Literal["llamacpp", "vllm"] = "llamacpp"
    model: str = "attune"
    merge: Literal["append", "weave"] = "append"
    session_keys: SecretStr
    inference_api_key: SecretStr | None = None

    session_ttl_s: int = 24 * 3600
    session_ttl_max_s: int = 7 * 24 * 3600
    event_ttl_s: int = 24 * 3600
    lock_ttl_s: float = 3.0
    redis_timeout_s: float = 0.8
    redis_connections_max: int = 32

    emotion_timeout_s: float = 0.3
    matching_timeout_s: float = 0.25
    choose: bool = True
    drafts: int = 2
    drafts_until_s: float = 0.35
    first_token_timeout_s: float = 1.2
    first_sentence_s: float = 1.5
    next_sentence_s: float = 1.5
    regenerate_until_s: float = 0.8
    reply_total_s: float = 6.0
    reply_tokens_max: int = 90
    temperature: float = 0.3
    breaker_failures_max: int = 2
    breaker_cooldown_s: float = 3.0

    prompt_messages_max: int = 12
    prompt_chars_max: int = 3_600
    transcript_lines_max: int = 400
    transcript_chars_max: int = 200_000
    abandon_grace_s: float = 0.4
    turns_in_flight_max: int = 64
