"""One database with the story of the reports, for all tests here; none of them may write to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from tests.support import report_stories
from tests.support.databases import Server


@pytest.fixture(scope="package")
def twins(
    embedded_server: Server, story_to_copy: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Database]]:
    """Two databases with the demonstration's story and the afternoon after it, one a copy of the other. The second may
    be written to."""
    first = embedded_server.fresh(like=story_to_copy)
    folder: Path = tmp_path_factory.mktemp("story")
    report_stories.tell(first, folder)
    second = embedded_server.fresh(like=first)
    yield first, second
    for database in (first, second):
        embedded_server.drop(database)


@pytest.fixture(scope="package")
def told(twins: tuple[Database, Database]) -> Database:
    """The story; nothing may write to it."""
    return twins[0]
