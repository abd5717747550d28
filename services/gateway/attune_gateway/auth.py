"""Who is calling: bearer tokens pass through to dialogue, API keys are checked here against a file of hashes.

A line of the file is `prefix sha256-hex name [expires YYYY-MM-DD]`. `python -m attune_gateway new-key NAME` prints one.
The key's holder has agreed to the consent text for the people they serve; that is what handing out a key records.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from attune_kit.errors import Unauthenticated

KEY_PREFIX = "att_"
PREFIX_CHARS = len(KEY_PREFIX) + 8
BEARER = re.compile(r"^Bearer ([\x21-\x7e]{1,512})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One line of the file. `prefix` is public and finds the line; `sha256` is of the whole key."""

    prefix: str
    sha256: bytes
    name: str
    expires: date | None


def bearer_of(headers: Mapping[str, str]) -> str | None:
    """The bearer token, or None."""
    match = BEARER.match(headers.get("authorization", ""))
    return match[1] if match else None


def parse_keys(text: str) -> dict[str, ApiKey]:
    """Keys by prefix. Raises ValueError that names the line, never its content."""
    keys: dict[str, ApiKey] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            prefix, digest, name, *expires = line.split()
            keys[prefix] = ApiKey(
                prefix, bytes.fromhex(digest), name, date.fromisoformat(*expires) if expires else None
            )
        except (ValueError, TypeError):
            raise ValueError(f"line {number} of the API keys file is not 'prefix sha256 name [expires]'") from None
    return keys


def load_keys(path: str | None) -> dict[str, ApiKey]:
    """Reads the file, or no keys without one."""
    return parse_keys(Path(path).read_text(encoding="utf-8")) if path else {}


def new_key(name: str) -> tuple[str, str]:
    """A key of 256 random bits to show once, and its line for the file."""
    key = KEY_PREFIX + secrets.token_urlsafe(38)
    return key, f"{key[:PREFIX_CHARS]} {hashlib.sha256(key.encode()).hexdigest()} {name}"


def authenticate(keys: Mapping[str, ApiKey], headers: Mapping[str, str], now: datetime | None = None) -> ApiKey:
    """The caller's key, from X-API-Key or as a bearer. Raises Unauthenticated."""
    presented = headers.get("x-api-key") or bearer_of(headers) or ""
    found = keys.get(presented[:PREFIX_CHARS])
    # Compared even when there is no such prefix, so that both refusals take equally long.
    expected = found.sha256 if found else bytes(32)
    matches = hmac.compare_digest(hashlib.sha256(presented.encode()).digest(), expected)
    today = (now or datetime.now(UTC)).date()
    if not found or not matches or (found.expires is not None and found.expires < today):
        raise Unauthenticated("Send a valid API key as X-API-Key or as a bearer token.", code="api_key_invalid")
    return found
