"""Listings and trails say the same of every instant, in whatever order they are imported."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.databases import Server
from tests.support.imports import Imports
from tests.support.records import ADA, create_user, record, trail_file
from tests.support.snapshots import ACCOUNT, READ, entity, reader

OBJECT = "arn:aws:s3:::payroll/march.csv"
BEGIN, FIRST, MIDDLE, SECOND, END = (f"2026-03-{day:02}T00:00:00Z" for day in (1, 8, 10, 15, 20))
INSTANTS = [f"2026-03-{day:02}T12:00:00Z" for day in (1, 2, 3, 4, 6, 8, 9, 10, 12, 15, 17)]
Import = Callable[[Imports], object]
REPORT = f"""user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active
<root_account>,arn:aws:iam::{ACCOUNT}:root,2020-01-01T00:00:00+00:00,not_supported,true,false,false
ada,arn:aws:iam::{ACCOUNT}:user/ada,2025-06-02T08:00:00+00:00,false,false,false,false
"""


def arn(name: str, kind: str = "user") -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def put(name: str, at: str) -> dict[str, Any]:
    document = orjson.dumps(READ).decode()
    return record("PutUserPolicy", {"userName": name, "policyName": "read", "policyDocument": document}, at=at)


def as_user(name: str, unique_id: str) -> dict[str, Any]:
    return ADA | {"principalId": unique_id, "arn": arn(name), "userName": name, "accessKeyId": f"AKIA{name.upper()}"}


def group(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Path": "/", "GroupName": name, "GroupId": f"AGPA{name.upper()}", "Arn": arn(name, "group"),
        "CreateDate": "2026-01-01T00:00:00Z", "AttachedManagedPolicies": [], "GroupPolicyList": [], **more,
    }  # fmt: skip


def policy(name: str) -> dict[str, Any]:
    return {
        "PolicyName": name, "PolicyId": f"ANPA{name.upper()}", "Arn": arn(name, "policy"), "Path": "/",
        "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "Document": READ,
            "IsDefaultVersion": True}],
    }  # fmt: skip


def role(name: str, profiles: list[Any] | None = None) -> dict[str, Any]:
    return entity("role", name, RolePolicyList=[], InstanceProfileList=profiles or [], AssumeRolePolicyDocument=READ)


def listing(*entities: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: [] for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")}
    for each in entities:
        name = next((f"{kind}DetailList" for kind in ("User", "Group", "Role") if f"{kind}Name" in each), "Policies")
        found[name].append(each)
    return found


def call(name: str, unique_id: str, at: str) -> dict[str, Any]:
    return record("GetObject", {"bucketName": "b", "key": "k"}, service="s3", read_only=True, at=at,
                  userIdentity=as_user(name, unique_id))  # fmt: skip


def created(kind: str, name: str, unique_id: str, at: str, **parameters: Any) -> dict[str, Any]:
    made = {f"{kind}Name": name, f"{kind}Id": unique_id, "arn": arn(name, kind), "path": "/"}
    return record(f"Create{kind.capitalize()}", {f"{kind}Name": name, **parameters}, {kind: made}, at=at)


def trail(*records: dict[str, Any]) -> Import:
    def run(imports: Imports) -> None:
        path: Path = imports.folder / f"trail-{records[0]['eventID']}.json.gz"
        path.write_bytes(gzip.compress(trail_file(*records)))
        with imports.service.database.connect() as connection:
            CloudTrailImporter(connection).import_files([path])
        imports.service.projector.catch_up()

    return run


def snapshot(data: dict[str, Any], at: str) -> Import:
    return lambda imports: imports.snapshot(data, at)


def state(service: ReadingRuntime, as_of: str) -> list[Any]:
    """What holds at an instant, positions aside, and since when each entity is."""
    with service.directory(as_of=as_of) as (directory, _):
        found = [
            (account, kind, unique_id, attribute, item,
             sorted((name, part) for name, part in fact.value.items() if name != "begun"),
             directory.entities[account, kind, unique_id].begun)
            for account, kind, unique_id, attribute, item, fact in directory.facts()
            if account == ACCOUNT and (kind, attribute) != ("account", "snapshot")
        ]  # fmt: skip
    return sorted(map(repr, found))


def answers(service: ReadingRuntime, as_of: str, names: list[str]) -> list[Any]:
    who = service.questions.who_can("s3:GetObject", OBJECT, as_of=as_of)
    found: list[Any] = [
        (effect, each["principal"], each["why"]) for effect in ("allowed", "conditional",
            "unknown") for each in who[effect]
    ]  # fmt: skip
    found.append(who["coverage"]["notes"])
    for name in names:
        try:
            one = service.questions.can(name, "s3:GetObject", OBJECT, as_of=as_of)
            found.append((name, one["effect"], one.get("unknown", []), one["coverage"]["notes"]))
        except Problem as problem:
            found.append((name, problem.status))
    return found


def same_in_any_order(server: Server, folder: Path, steps: list[Import], names: list[str]) -> dict[str, dict[str, Any]]:
    """Imports the steps in every order; what each name may at each instant."""
    first: list[Any] = []
    for order in itertools.permutations(range(len(steps))):
        database = server.fresh()
        service = ReadingRuntime(database)
        try:
            for index in order:
                steps[index](Imports(service, folder))
            told = [(state(service, at), answers(service, at, names)) for at in INSTANTS]
            for at, one, other in zip(INSTANTS, told, first or told, strict=True):
                assert one == other, (at, order)
            first = first or told
        finally:
            service.close()
            server.drop(database)
    return {
        at: {each[0]: each[1:] for each in found[-len(names) :]} for at, (_, found) in zip(INSTANTS, first, strict=True)
    }


def test_principals_that_a_later_listing_lacks(embedded_server: Server, tmp_path: Path) -> None:
    """Users with and without policies on record, a group, a role, a policy, an instance profile; and one it has."""
    steps = [
        trail(
            create_user("bob", "AIDABOB", BEGIN), put("bob", "2026-03-02T00:00:00Z"),
            call("bob", "AIDABOB", "2026-03-05T00:00:00Z"),
            create_user("carl", "AIDACARL", BEGIN), put("carl", "2026-03-02T00:00:00Z"),
            call("dave", "AIDADAVE", "2026-03-03T00:00:00Z"),
            created("group", "old", "AGPAOLD", BEGIN), record("AddUserToGroup",
                {"groupName": "old", "userName": "carl"}, at="2026-03-02T00:00:00Z"),
            created("role", "Gone", "AROAGONE", BEGIN, assumeRolePolicyDocument="{}"),
            record("AttachRolePolicy", {"roleName": "Gone", "policyArn": arn("gone", "policy")},
                   at="2026-03-02T00:00:00Z"),
        ),
        trail(call("bob", "AIDABOB", "2026-03-04T00:00:00Z"), call("dave", "AIDADAVE", "2026-03-02T00:00:00Z"),
              put("zoe", "2026-03-11T00:00:00Z")),
        snapshot(listing(entity("user", "ada", GroupList=[]), reader("carl"), role("App")), FIRST),
    ]  # fmt: skip
    found = same_in_any_order(embedded_server, tmp_path, steps, ["bob", "carl", "dave", "Gone", "zoe"])
    gone = [f"user bob vanished between 2026-03-05T00:00:00Z and {FIRST}: when is not known"]
    assert found["2026-03-04T12:00:00Z"]["bob"][:2] == ("allow", [])
    assert found["2026-03-06T12:00:00Z"]["bob"][:2] == ("conditional", gone)
    assert found["2026-03-08T12:00:00Z"]["bob"] == (404,)
    assert found["2026-03-06T12:00:00Z"]["dave"][0] == "conditional"
    assert [found[at]["dave"] for at in INSTANTS[5:]] == [(404,)] * 6
    assert [found[at]["Gone"] for at in INSTANTS[5:]] == [(404,)] * 6
    assert found["2026-03-12T12:00:00Z"]["carl"][0] == "allow"
    assert (found["2026-03-10T12:00:00Z"]["zoe"], found["2026-03-12T12:00:00Z"]["zoe"][0]) == ((404,), "conditional")


def test_two_listings_and_a_name_that_was_reused(embedded_server: Server, tmp_path: Path) -> None:
    again = reader("eve") | {"UserId": "AIDAAGAIN"}
    steps = [
        trail(
            create_user("eve", "AIDAOLD", BEGIN), put("eve", "2026-03-02T00:00:00Z"),
            create_user("late", "AIDALATE", MIDDLE), put("late", MIDDLE),
        ),
        snapshot(listing(reader("ada"), again, role("App"), group("staff"), policy("kept")), FIRST),
        snapshot(listing(reader("ada") | {"GroupList": ["crew"]}, reader("new"), group("crew")), SECOND),
    ]  # fmt: skip
    found = same_in_any_order(embedded_server, tmp_path, steps, ["eve", "late", "new", "App", "ada"])
    when = f"vanished between 2026-03-02T00:00:00Z and {FIRST}: when is not known"
    assert found["2026-03-03T12:00:00Z"]["eve"][:2] == ("conditional", [f"user eve {when}"])
    assert found["2026-03-08T12:00:00Z"]["eve"][0] == "conditional"  # the new one, who vanished in turn
    assert found["2026-03-15T12:00:00Z"]["eve"] == (404,)
    assert found["2026-03-09T12:00:00Z"]["late"] == (404,)
    assert found["2026-03-10T12:00:00Z"]["late"][0] == "conditional"
    assert found["2026-03-15T12:00:00Z"]["late"] == (404,)
    assert found["2026-03-15T12:00:00Z"]["new"][0] == "allow"
    assert found["2026-03-15T12:00:00Z"]["App"] == (404,)


def test_a_report_and_an_organization(embedded_server: Server, tmp_path: Path) -> None:
    """Each is one listing of one thing: older records of it, which come later, do not outlive it."""
    report = tmp_path / "report.csv"
    report.write_text(REPORT)
    tree = tmp_path / "organization.json"
    tree.write_bytes(orjson.dumps({
        "Organization": {"Id": "o-1", "MasterAccountId": ACCOUNT}, "Roots": [{"Id": "r-1", "Name": "Root"}],
        "OrganizationalUnits": [], "Policies": [],
        "Accounts": [{"Id": ACCOUNT, "Name": "main", "ParentId": "r-1"}],
    }))  # fmt: skip
    removed = {"accountId": "444455556666", "sourceParentId": "r-1", "destinationParentId": "ou-9"}
    steps: list[Import] = [
        trail(
            create_user("ada", "AIDAADA", BEGIN), record("CreateLoginProfile", {"userName": "ada"}, at=BEGIN),
            record("EnableMFADevice", {"userName": "ada", "serialNumber": "arn:mfa"}, at=BEGIN),
            record("MoveAccount", removed, service="organizations", at="2026-03-02T00:00:00Z"),
        ),
        lambda imports: imports.document(lambda each: each.credential_report(report, parse_instant(FIRST))),
        lambda imports: imports.document(lambda each: each.organization(tree, parse_instant(FIRST))),
    ]  # fmt: skip
    same_in_any_order(embedded_server, tmp_path, steps, ["ada"])


def test_a_user_that_the_listing_has_by_another_name(embedded_server: Server, tmp_path: Path) -> None:
    """Nobody logged the renaming: the unique id tells it."""
    renamed = reader("robert") | {"UserId": "AIDABOB"}
    steps = [
        trail(create_user("bob", "AIDABOB", BEGIN), put("bob", "2026-03-02T00:00:00Z")),
        trail(call("bob", "AIDABOB", "2026-03-03T00:00:00Z")),
        snapshot(listing(reader("ada"), renamed), FIRST),
    ]
    found = same_in_any_order(embedded_server, tmp_path, steps, ["bob", "robert", "AIDABOB"])
    assert [found[at]["bob"][0] for at in INSTANTS[1:6]] == ["allow"] * 4 + [404]
    assert [found[at]["robert"][0] for at in INSTANTS[4:6]] == [404, "allow"]
    assert [found[at]["AIDABOB"][0] for at in INSTANTS[1:]] == ["allow"] * 10
