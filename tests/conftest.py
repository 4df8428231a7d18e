"""Fixtures: databases on real servers."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from tests.support import demonstration
from tests.support.databases import POSTGRES_15, Postgres15, Server, start_embedded
from tests.support.examples import ALL
from tests.support.imports import Imports

# A busy machine takes its time: no example fails for being slow. A run of all tests tries the same examples each time,
# so that it tells of the change; `make laws` searches among others.
settings.register_profile("unhurried", deadline=None, derandomize=not ALL)
settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A folder for temporary files that is this run's alone. Another run that begins takes the account of an embedded
    database its right to pass through the folder that runs have in common."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="erstwhile-tests-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage goes through it again."""
    gc.collect()
    gc.freeze()


SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[Server]:
    dsn, handle = start_embedded()
    yield Server(dsn)
    handle.close()


@pytest.fixture(scope="session")
def postgres_15() -> Iterator[Server]:
    if not (POSTGRES_15 / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed in {POSTGRES_15}")
    server = Postgres15()
    yield Server(server.dsn)
    server.stop()


@pytest.fixture
def database(embedded_server: Server) -> Iterator[Database]:
    """A fresh, migrated database on the embedded PostgreSQL 18."""
    database = embedded_server.fresh()
    yield database
    embedded_server.drop(database)


@pytest.fixture(scope="session")
def story_to_copy(embedded_server: Server) -> Database:
    """The demonstration's story, imported once; each test has a copy."""
    database = embedded_server.fresh()
    demonstration.load(database)
    return database


@pytest.fixture(scope="session")
def story_to_read(embedded_server: Server, story_to_copy: Database) -> Database:
    """A copy that the tests share which change nothing."""
    return embedded_server.fresh(like=story_to_copy)


@pytest.fixture
def story(request: pytest.FixtureRequest, embedded_server: Server, story_to_copy: Database) -> Iterator[Database]:
    """A database with the demonstration's story: an account with users, policies and a leaked key. Tests that are
    marked `reads` share one."""
    if request.node.get_closest_marker("reads") is not None:
        yield request.getfixturevalue("story_to_read")
        return
    database = embedded_server.fresh(like=story_to_copy)
    yield database
    embedded_server.drop(database)


@pytest.fixture(params=["embedded", "postgresql-15"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh, migrated database: on the embedded PostgreSQL 18, then on 15 where it is installed."""
    server: Server = request.getfixturevalue("embedded_server" if request.param == "embedded" else "postgres_15")
    database = server.fresh()
    yield database
    server.drop(database)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real input, beside the project; tests that use it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the real records are not here ({SHARED})")
    return SHARED


@pytest.fixture
def imports(database: Database, tmp_path: Path) -> Iterator[Imports]:
    """Imports into a fresh database, and the service that is asked about them."""
    service = ReadingRuntime(database)
    yield Imports(service, tmp_path)
    service.close()
