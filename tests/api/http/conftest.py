"""Fixtures of the HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from erstwhile.api.runtime.database import Database
from tests.support.demonstration import telling
from tests.support.http import Client


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    """The API over a database with the demonstration's story."""
    async with telling(database) as client:
        yield client
