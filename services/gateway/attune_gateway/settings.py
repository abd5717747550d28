"""The gateway's settings: ATTUNE_GATEWAY_* variables, secrets from files. Read once by __main__."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from attune_kit.settings import ServiceSettings, settings_config
from pydantic import AfterValidator, Field, HttpUrl, SecretStr

Network = IPv4Network | IPv6Network


def _networks(value: str) -> str:
    for part in value.split(","):
        if part.strip():
            ip_network(part.strip())
    return value


NetworkList = Annotated[str, AfterValidator(_networks)]


def parse_networks(value: str) -> tuple[Network, ...]:
    """ "10.0.0.0/8, ::1/128" as networks."""
    return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())


def _frontend_nearby() -> str:
    """frontend/ of the repository that this package is installed from, or beside the package in an image."""
    folders = (parent / "frontend" for parent in Path(__file__).resolve().parents)
    return str(next((folder for folder in folders if folder.is_dir()), "frontend"))


class GatewaySettings(ServiceSettings):
    """`trusted_proxies` and `metrics_peers` are comma-separated networks.

    Without `redis_url` the limits count in this process. `limits_salt` hides addresses and tokens in the limits' keys;
    without it each start makes its own, so gateways that share a Redis must share the salt.
    Without `admin_key` there are no reports for the operator.
    Deadlines: a message in a crisis gets its card after `card_s`, and one that the screen flags gets its reply after
    `first_event_crisis_s`, whatever dialogue does.
    """

    model_config = settings_config("ATTUNE_GATEWAY_")

    port: int = 8000
    dialogue_url: HttpUrl
    redis_url: str | None = None
    frontend_dir: str = Field(default_factory=_frontend_nearby)
    api_keys_file: str | None = None
    admin_key: SecretStr | None = Field(default=None, min_length=24)
    trusted_proxies: NetworkList = ""
    metrics_peers: NetworkList = "127.0.0.0/8,::1/128"
    always_https: bool = False

    limits_enabled: bool = True
    limits_salt: SecretStr | None = None
    redis_timeout_s: float = 0.1
    messages_a_minute: int = Field(default=60, ge=1)
    messages_a_minute_address: int = Field(default=1200, ge=1)
    requests_a_minute_address: int = Field(default=3000, ge=1)
    sessions_a_day_address: int = Field(default=5000, ge=1)
    api_requests_a_minute: int = Field(default=600, ge=1)
    turns_in_flight_max: int = Field(default=64, ge=1)
    session_wait_s: float = 1.0

    connect_s: float = 0.8
    card_s: float = 0.15
    first_event_s: float = 3.0
    first_event_crisis_s: float = 1.2
    idle_s: float = 15.0
    idle_crisis_s: float = 4.0
    turn_total_s: float = 60.0
    ping_s: float = 10.0
    request_s: float = 5.0
    body_receive_s: float = 10.0
    breaker_failures_max: int = 3
    breaker_cooldown_s: float = 1.0
    retry_after_s: float = 5.0
    dialogue_connections_max: int = 128
