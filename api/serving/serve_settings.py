"""What `serve` reads of the environment beside where the data is: workers, TLS, limits."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.http.server.connections import Limits
from erstwhile.api.serving.rate_limits import Rate, parse_rate
from erstwhile.domain.vocabulary.numbers import parse_number

MOST_WORKERS = 256


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`metrics_listen`: where metrics need no token; `waiting`: calls that may wait for threads of one kind;
    `long_questions`: processes at once that answer what computes long."""

    workers: int = 1
    metrics_listen: tuple[str, int] | None = None
    certificate: Path | None = None
    key: Path | None = None
    per_token: Rate | None = None
    per_address: Rate | None = None
    waiting: int = 500
    long_questions: int = 2
    limits: Limits = Limits()


def from_environment(**options: str | None) -> ServeSettings:
    """ERSTWHILE_WORKERS, ERSTWHILE_METRICS_LISTEN, ERSTWHILE_TLS_CERTIFICATE, ERSTWHILE_TLS_KEY,
    ERSTWHILE_RATE_PER_TOKEN, ERSTWHILE_RATE_PER_ADDRESS, ERSTWHILE_WAITING, ERSTWHILE_LONG_QUESTIONS,
    ERSTWHILE_CONNECTIONS, ERSTWHILE_TIMEOUT_HEADERS, ERSTWHILE_TIMEOUT_IDLE, ERSTWHILE_TIMEOUT_UNREAD,
    ERSTWHILE_TIMEOUT_DRAIN.

    `options`: of the command line, by the name of the variable in lower case and without ERSTWHILE_; they win.
    Raises MalformedSetting."""

    def text(name: str) -> str:
        given = options.get(name)
        return os.environ.get(f"ERSTWHILE_{name.upper()}", "") if given is None else given

    def number(name: str, default: float, least: int, most: int) -> int:
        found = parse_number(text(name) or f"{default:g}", least, most)
        if found is None:
            raise _wrong(name, f"a whole number from {least} to {most}", text(name))
        return found

    def rate(name: str) -> Rate | None:
        found = parse_rate(text(name))
        if text(name) and found is None:
            raise _wrong(name, "requests a second such as 100, or 100/500 with those at once", text(name))
        return found

    certificate, key = text("tls_certificate"), text("tls_key")
    if bool(certificate) != bool(key):
        raise MalformedSetting("ERSTWHILE_TLS_CERTIFICATE and ERSTWHILE_TLS_KEY go together")
    usual = Limits()
    return ServeSettings(
        workers=number("workers", 1, 1, MOST_WORKERS),
        metrics_listen=_address(text("metrics_listen")),
        certificate=Path(certificate).expanduser() if certificate else None,
        key=Path(key).expanduser() if key else None,
        per_token=rate("rate_per_token"),
        per_address=rate("rate_per_address"),
        waiting=number("waiting", 500, 1, 100_000),
        long_questions=number("long_questions", 2, 0, MOST_WORKERS),
        limits=Limits(
            connections=number("connections", usual.connections, 1, 1_000_000),
            first_request=number("timeout_headers", usual.first_request, 1, 3_600),
            idle=number("timeout_idle", usual.idle, 1, 3_600),
            reading=number("timeout_unread", usual.reading, 1, 3_600),
            drain=number("timeout_drain", usual.drain, 0, 3_600),
        ),
    )


def _address(text: str) -> tuple[str, int] | None:
    """HOST:PORT, or [ADDRESS]:PORT; None for nothing. Raises MalformedSetting."""
    host, _, port = text.rpartition(":")
    number = parse_number(port, 1, 65_535)
    if text and (not host or number is None):
        raise _wrong("metrics_listen", "HOST:PORT such as 127.0.0.1:9100", text)
    return (host.strip("[]"), number) if text and number is not None else None


def _wrong(name: str, expected: str, given: str) -> MalformedSetting:
    return MalformedSetting(f"ERSTWHILE_{name.upper()} must be {expected}, not {given[:80]!r}")
