"""The AWS-managed policies that come with the program: known from the first import on, with their paths and dates."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.aws.administration.setup import start
from erstwhile.api.database.database import Database
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.shipped import CORE_POLICIES, import_shipped
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.observed.managed_policies import events_of, read_catalogue
from erstwhile.domain.policy.inputs.sources import find_policy, managed
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from tests.support.imports import Imports
from tests.support.snapshots import FIRST, entity, listing

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def test_answers_do_not_change_when_a_server_starts(imports: Imports, database: Database, tmp_path: Path) -> None:
    policies = [{"PolicyName": arn.rsplit("/", 1)[1], "PolicyArn": arn} for arn in (ADMINISTRATOR, BASIC)]
    user = entity("user", "ada", GroupList=[], UserPolicyList=[]) | {"AttachedManagedPolicies": policies}
    service = imports.service
    with service.database.connect() as connection:
        import_shipped(connection)  # as every import command does
    imports.snapshot(listing(user), FIRST)

    def asked() -> tuple[Any, Any]:
        found = service.questions.can("ada", "s3:GetObject", "s3://ledger/a", as_of="2026-03-02T00:00:00Z")
        return found["effect"], found["coverage"]["missing_documents"]

    assert asked() == ("allow", [])
    with closing(FollowingRuntime(database)) as server:
        start(server, tmp_path)
    service.projector.catch_up()
    with service.database.connect() as connection:
        import_shipped(connection)  # a second time changes nothing
    assert asked() == ("allow", [])


def test_what_is_imported_already_is_not_read_again(
    imports: Imports, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each start of a server comes here, and the installed catalogue is large."""
    with imports.service.database.connect() as connection:
        import_shipped(connection)
        for name in ("read_catalogue", "read_listing"):
            monkeypatch.setattr(f"erstwhile.domain.observed.managed_policies.{name}", _refuse)
            monkeypatch.setattr(f"erstwhile.api.imports.installed_catalogue.{name}", _refuse, raising=False)
        import_shipped(connection)
        (tmp_path / "new.json").write_bytes(b"{}")
        with pytest.raises(AssertionError):
            DocumentImporter(connection).managed_policies(tmp_path / "new.json")


def _refuse(data: object) -> None:
    raise AssertionError(data)


def test_paths_and_dates_are_those_of_aws(imports: Imports) -> None:
    with imports.service.database.connect() as connection:
        import_shipped(connection)
    imports.service.projector.catch_up()
    with imports.service.directory(as_of="2026-03-02T00:00:00Z") as (directory, _):
        assert managed(directory, BASIC).version == "v1"  # nobody uses it, and it was there
    with imports.service.directory(as_of="2015-04-09T15:03:42Z") as (directory, _):
        assert managed(directory, BASIC).version == ""
    found = {version.name: version for version in read_catalogue(orjson.loads(CORE_POLICIES.read_bytes()))}
    assert found["AWSLambdaBasicExecutionRole"].arn == BASIC
    assert found["IAMFullAccess"].created_at == "2015-02-06T18:40:38Z"
    assert found["IAMFullAccess"].since == datetime(2019, 6, 21, 19, 40, tzinfo=UTC)
    bodies = [body for _, body in events_of(found.values())]
    assert {getattr(body, "policy_created_at", "") for body in bodies} == {each.created_at for each in found.values()}


def test_the_directory_keeps_them(database: Database) -> None:
    with database.connect() as connection:
        import_shipped(connection)
    service = FollowingRuntime(database)
    try:
        with service.directory() as (directory, _):
            policy = find_policy(directory, BASIC)
            assert policy is not None and (policy.account, policy.path) == (AWS_MANAGED, "/service-role/")
            assert policy.description["created_at"] == "2015-04-09T15:03:43Z"
    finally:
        service.close()
