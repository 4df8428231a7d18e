"""The server's log: one line an event, as text for people or as JSON for programs, on standard error."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.typing import Processor

from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving.redaction import redact
from erstwhile.api.support.visible import visible

FORMATS = ("auto", "text", "json")
_SHARED: tuple[Processor, ...] = (
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.add_log_level,
)


def is_json() -> bool:
    """ERSTWHILE_LOG_FORMAT: `auto` is text on a terminal, else JSON. Raises MalformedSetting."""
    chosen = os.environ.get("ERSTWHILE_LOG_FORMAT", "") or "auto"
    if chosen not in FORMATS:
        raise MalformedSetting(f"ERSTWHILE_LOG_FORMAT must be auto, text or json, not {chosen[:40]!r}")
    return chosen == "json" or (chosen == "auto" and not sys.stderr.isatty())


def as_text(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    """Time, level, logger and event, then the other members."""
    head = [str(line.pop(name)) for name in ("timestamp", "level", "logger", "event") if name in line]
    trace = line.pop("exception", "")
    members = [f"{name}={value}" for name, value in line.items() if value not in ("", None)]
    whole = " ".join([*head, *members])
    return visible(f"{whole}\n{trace}" if trace else whole, keep="\n")


def as_json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    return orjson.dumps(dict(line), default=str).decode()


def set_up(worker: int | None) -> None:
    """Has all loggers write so from now on. `worker`: its number stands in each line. Raises MalformedSetting."""
    in_json = is_json()
    place = {} if worker is None else {"worker": worker}

    def placed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.update(place)
        return line

    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                placed,
                structlog.processors.format_exc_info,
                redact,
                as_json if in_json else as_text,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            *_SHARED, structlog.stdlib.add_logger_name, placed, redact, as_json if in_json else as_text,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )  # fmt: skip
