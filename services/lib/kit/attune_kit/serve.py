"""Runs an app under uvicorn: called by each service's __main__."""

from typing import Any

import uvicorn
from fastapi import FastAPI

from attune_kit.logging import configure_logging
from attune_kit.settings import ServiceSettings


def server_options(settings: ServiceSettings) -> dict[str, Any]:
    """How every service is served. Tests start their servers with the same options."""
    return {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": "httptools",
        # By default uvicorn believes X-Forwarded-For of any local caller; the gateway reads it from named proxies only.
        "proxy_headers": False,
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "date_header": False,
        "timeout_graceful_shutdown": settings.shutdown_grace_s,
        "timeout_keep_alive": 30,
    }


def serve(service: str, app: FastAPI, settings: ServiceSettings) -> None:
    """Blocks until the process is told to stop. Open streams get `shutdown_grace_s` seconds to finish."""
    configure_logging(service, settings.log_level, as_json=settings.log_json)
    uvicorn.run(app, **server_options(settings))
