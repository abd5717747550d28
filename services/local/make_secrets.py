"""Run once by `docker compose up`: makes each service's secret files in its own volume, unless they are there.

Needs nothing but Python's standard library. Environment: none. Volumes: /secrets/{redis,dialogue,gateway}.
"""

import base64
import os
import secrets
from pathlib import Path

ROOT = Path("/secrets")
SERVICE_UID = 10001
REDIS_URL = "redis://{user}:{password}@redis:6379/0"


def write(path: Path, text: str, mode: int) -> None:
    """Writes a file that belongs to the services' user."""
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, SERVICE_UID, SERVICE_UID)


def main() -> None:
    """Makes one Redis user a service (no default user), and the key that encrypts sessions."""
    acl = ROOT / "redis" / "users.acl"
    if acl.exists():
        return
    rules = ["user default off"]
    for service, rights in (
        ("dialogue", "~sess:* ~attune:* +@read +@write +@connection +@transaction +@scripting +@stream -@dangerous"),
        ("gateway", "~attune:limit:* ~attune:referrals:* +@read +@write +@connection +@scripting -@dangerous"),
    ):
        password = secrets.token_urlsafe(32)
        rules.append(f"user {service} on >{password} {rights}")
        url = REDIS_URL.format(user=service, password=password)
        write(ROOT / service / f"attune_{service}_redis_url", url, 0o400)
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    write(ROOT / "dialogue" / "attune_dialogue_session_keys", f"compose1:{key}", 0o400)
    # Readable to all inside the Redis container: its user's number differs between images. Nobody else mounts it.
    write(acl, "\n".join(rules) + "\n", 0o444)


if __name__ == "__main__":
    main()
