"""Fixtures of the command line."""

from __future__ import annotations

import pytest

from erstwhile.api.runtime.database import Database
from tests.support import demonstration


@pytest.fixture
def loaded(database: Database) -> Database:
    """A database with the demonstration's story."""
    demonstration.load(database)
    return database
