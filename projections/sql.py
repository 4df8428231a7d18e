"""Helpers for SQL: connections that read infinite instants, and instants as text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.adapt import Buffer
from psycopg.types.datetime import TimestamptzLoader

from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.projections.copy_text import instant_text as instant_text

Connection = psycopg.Connection[Any]
Cursor = psycopg.Cursor[Any]


class InstantLoader(TimestamptzLoader):
    """Loads timestamptz with both infinities."""

    def load(self, data: Buffer) -> datetime:
        raw = bytes(data)
        if raw == b"infinity":
            return FOREVER
        if raw == b"-infinity":
            return BEFORE
        return super().load(data)


def with_infinity(connection: Connection) -> Connection:
    """Lets the connection read infinite instants."""
    connection.adapters.register_loader("timestamptz", InstantLoader)
    return connection
