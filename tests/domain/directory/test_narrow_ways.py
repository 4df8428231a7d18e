"""VPC endpoints, secrets and holders of an attribute: a whole Directory, a view, and one that is written to find the
same."""

from __future__ import annotations

import pytest

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.directory.writable_view import WritableView
from erstwhile.domain.vocabulary.identifiers import secret_name
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.fact_sources import ScannedFacts

ACCOUNT = "111122223333"
ENDPOINT = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc-endpoint/vpce-1"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod/db-AbCdEf"
BUCKET = "arn:aws:s3:::logs"


def fact(kind: str, unique_id: str, attribute: str) -> tuple[str, str, str, str, str, Fact]:
    value = {"name": unique_id, "arn": unique_id} if attribute == "entity" else {}
    return ACCOUNT, kind, unique_id, attribute, "", Fact(value, BEFORE, 1)


WHOLE = Directory.from_facts(
    [
        *(fact("resource", each, "entity") for each in (ENDPOINT, SECRET, BUCKET)),
        fact("user", "ada", "entity"), fact("user", "ada", "coverage"), fact("role", "App", "coverage"),
        fact("group", "ops", "entity"),
    ]
)  # fmt: skip


@pytest.fixture(params=["whole", "view", "writable"])
def directory(request: pytest.FixtureRequest) -> Directory:
    match request.param:
        case "view":
            return DirectoryView(ScannedFacts(WHOLE))
        case "writable":
            return WritableView(ScannedFacts(WHOLE))
        case _:
            return WHOLE


def test_ways(directory: Directory) -> None:
    assert [each.id for each in directory.vpc_endpoints()] == [ENDPOINT]
    assert [each.id for each in directory.secrets_called(SECRET[:-7])] == [SECRET]
    assert directory.secrets_called(SECRET[:-6]) == directory.secrets_called(SECRET) == []
    assert [each.id for each in directory.having("coverage", "user", "role")] == ["ada", "App"]
    assert [each.id for each in directory.having("coverage", "role")] == ["App"]
    assert list(directory.having("coverage", "group")) == []


def test_what_came_since_is_found_too() -> None:
    view = WritableView(ScannedFacts(WHOLE))
    other = Directory.from_facts([fact("resource", f"{ENDPOINT}2", "entity"), fact("user", "bob", "coverage")])
    for entity in other.all():
        view.adopt(entity)
    assert {each.id for each in view.vpc_endpoints()} == {ENDPOINT, f"{ENDPOINT}2"}
    assert {each.id for each in view.having("coverage", "user")} == {"ada", "bob"}


def test_the_name_of_a_secret() -> None:
    assert secret_name(SECRET) == SECRET[:-7]
    assert secret_name(BUCKET) == secret_name(SECRET[:-1]) == secret_name("") == ""
