from __future__ import annotations

import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "•••"
SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|api[_-]?key|authorization|cookie|credential|private[_-]?key|otp",
    re.IGNORECASE,
)
URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@")


def redact(value: Any) -> Any:
    """A copy of nested data with the values of secret-looking names and URL passwords masked."""
    if isinstance(value, Mapping):
        return {
            key: MASK if SECRET_NAME.search(str(key)) else redact(item)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [redact(item) for item in value]
    return URL_PASSWORD.sub(rf"\1:{MASK}@", value) if isinstance(value, str) else value


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    kept = {key: event[key] for key in ("exc_info", "_record", "_from_structlog") if key in event}
    return {**redact({key: item for key, item in event.items() if key not in kept}), **kept}


SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(options: Mapping[str, str]) -> None:
    """LOGGING_CONFIG of Django; ``options`` is ``{"format": "text" | "json", "level": ...}``."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": lambda: _formatter(options["format"])}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
        }
    )


def _formatter(kind: str) -> structlog.stdlib.ProcessorFormatter:
    json = kind == "json"
    exceptions: list[Processor] = [structlog.processors.format_exc_info] if json else []
    renderer = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=False,
            # The default one shows local variables, and with them secrets, where rich is installed.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(SHARED),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *exceptions,
            redact_event,
            renderer,
        ],
    )
