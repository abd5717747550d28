"""Structured logs: one line a request, JSON unless a person watches a terminal. Never a word of a conversation."""

import logging
import sys
from typing import Any

import structlog


def configure_logging(service: str, level: str, *, as_json: bool | None = None) -> None:
    """Called once by each service's __main__. `as_json` None means: JSON unless stderr is a terminal."""
    if as_json is None:
        as_json = not sys.stderr.isatty()
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(NameOnly("%(levelname)s %(name)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class NameOnly(logging.Formatter):
    """Libraries may say that they warn, not what: their messages and traces can hold addresses and people's words."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802  the base class names and types it so
        """The class of the exception alone."""
        return str(ei[0].__name__ if ei and ei[0] else "")


def get_logger() -> structlog.stdlib.BoundLogger:
    """A logger. Pass identifiers and figures as keywords, never text."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
