"""Fixtures of the HTTP API."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

from erstwhile.api.database.database import Database
from tests.support.http import Client, serving

_readers = itertools.count(1)


@pytest.fixture
async def client(request: pytest.FixtureRequest, story: Database) -> AsyncIterator[Client]:
    """The API over a database with the demonstration's story."""
    # In a database that tests share, each has a token of its own.
    shares = request.node.get_closest_marker("reads") is not None
    async with serving(story, name=f"reader {next(_readers)}" if shares else "test") as client:
        yield client
