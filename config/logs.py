"""Structured logs; telephone numbers leave the process masked."""

import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from contacts.rules.phone import masked

_NUMBER = re.compile(r"(?:\+|%2[Bb])\d{7,15}")  # also as part of an address


def mask_numbers(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide every E.164 number in the event, whatever key it stands under."""
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: masked(found[0]), value)
    if isinstance(value, Mapping):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value


def configure(options: Mapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG: one line per event, JSON in production."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        mask_numbers,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if options["json"] else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            # Django brings handlers of its own: every line would come twice.
            "loggers": {
                name: {"handlers": [], "propagate": True} for name in ("django", "django.server")
            },
            "root": {"handlers": ["stderr"], "level": options["level"]},
        }
    )
