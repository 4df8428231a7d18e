"""Fixtures of the HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from erstwhile.api.database.database import Database
from tests.support.http import Client, serving


@pytest.fixture
async def client(story: Database) -> AsyncIterator[Client]:
    """The API over a database with the demonstration's story."""
    async with serving(story) as client:
        yield client
