"""What a test's own thread sends to the database."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from erstwhile.projections.asked_ahead import Asked, AskingConnection


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the database."""
    sent: list[str] = []
    execute, ask, own = psycopg.Cursor.execute, AskingConnection.ask, threading.get_ident()

    def note(statement: str) -> None:
        if threading.get_ident() == own:
            sent.append(statement)

    def noted(self: psycopg.Cursor[Any], query: Any, *arguments: Any, **more: Any) -> psycopg.Cursor[Any]:
        note(str(query))
        return execute(self, query, *arguments, **more)

    def noted_ahead(self: AskingConnection, statement: str, arguments: Sequence[str]) -> Asked:
        note(statement)
        return ask(self, statement, arguments)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    monkeypatch.setattr(AskingConnection, "ask", noted_ahead)
    return sent
