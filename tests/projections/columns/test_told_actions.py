"""The actions that policies name, found without reading whoever has them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.questions import search
from erstwhile.domain.questions.told_actions import actions_named, is_told
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.imports import Imports
from tests.support.snapshots import ACCOUNT, ADA, FIRST, SECOND, entity, listing

ARN = "arn:aws:records::111122223333:book/1"


def speaking(name: str, *actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return entity("user", name, GroupList=[], UserPolicyList=[{"PolicyName": "own", "PolicyDocument": document}])


def filled(imports: Imports) -> None:
    imports.snapshot(
        listing(speaking("ada", "Records:Read", "records:List*", "s3:GetObject"), speaking("bob", "files:*")), FIRST
    )
    statement = {"Effect": "Allow", "Principal": "*", "NotAction": ["records:Burn"], "Resource": ARN}
    path = imports.folder / "policy.json"
    path.write_bytes(orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    imports.document(lambda importer: importer.resource_policy(ARN, path, parse_instant(FIRST), ACCOUNT))


class _Reading(DirectoryView):
    """One whose source does not know them."""

    def actions_told(self, service: str) -> None:
        return None


def test_they_are_those_that_reading_all_policies_finds(imports: Imports) -> None:
    filled(imports)
    with imports.service.directory(as_of=SECOND) as (directory, _):
        assert isinstance(directory, DirectoryView)
        reading: Directory = _Reading(directory.source, directory.position, directory.as_of)
        for each in (directory, reading):
            assert actions_named(each, "records") == ["records:Burn", "Records:Read"]
            assert actions_named(each, "RECORDS") == actions_named(each, "records")
            assert actions_named(each, "files") == []
            told = {service: is_told(each, service) for service in ("records", "files", "record", "s3", "iam")}
            assert told == {"records": True, "files": True, "record": False, "s3": True, "iam": False}


def test_nobody_is_read_for_them(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(imports)
    loaded: list[str] = []
    monkeypatch.setattr(DirectoryView, "loaded", lambda _, each: loaded.append(each.kind))
    with imports.service.directory(as_of=SECOND) as (directory, _):
        assert actions_named(directory, "records") and loaded == []


def test_a_search_of_resources_reads_users_for_a_type_that_is_theirs(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(imports)
    loaded: list[str] = []
    monkeypatch.setattr(DirectoryView, "loaded", lambda _, each: loaded.append(each.id))
    with imports.service.directory(as_of=SECOND) as (directory, _):
        assert search.resources(directory, ADA, "records:Read", "book", {}) == []
        own = search.OwnType("records", lambda arn: ":book/" in arn)
        assert search.resources(directory, ADA, "records:Read", "book", {}, own) == [ARN]
        assert "AIDABOB" not in loaded
        assert search.resources(directory, f"arn:aws:iam::{ACCOUNT}:root", "iam:GetUser", "user", {}) == [
            ADA, ADA.replace("ada", "bob"),
        ]  # fmt: skip
        assert "AIDABOB" in loaded
        users = search.OwnType("iam", lambda arn: ":user/" in arn)
        assert len(search.resources(directory, f"arn:aws:iam::{ACCOUNT}:root", "iam:GetUser", "person", {}, users)) == 2
