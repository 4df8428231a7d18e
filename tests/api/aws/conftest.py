"""AWS's own clients against a server on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.runtime.database import Database
from tests.support.aws.recorded_answers import record
from tests.support.aws.server import AwsServer

record()


Connect = Callable[..., Any]


@pytest.fixture
def aws(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    # What the tests say of AWS-managed policies is true without the package that ships them all, too.
    monkeypatch.setattr("erstwhile.api.imports.installed_catalogue.PACKAGE", "no_such_package")
    monkeypatch.setenv("ERSTWHILE_PRIVATE_ISSUERS", "localhost")  # where the tests' own issuers are
    server = AwsServer(database, tmp_path, monkeypatch)
    yield server
    server.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What counts the answers of the others comes last."""
    items.sort(key=lambda item: item.name == "test_every_documented_error_comes_where_it_can")
