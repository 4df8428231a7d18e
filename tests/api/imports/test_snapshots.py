"""Account snapshots: a baseline, then drift. And the other listings: reports, organisations, resource policies."""

from __future__ import annotations

import base64
import codecs
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api import demo as demo_data
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.files import ImportRefused
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.imports import Imports, import_records
from tests.support.records import record

DEMO = Path(demo_data.__path__[0])
FIRST, SECOND = "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"


def demo_snapshot() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((DEMO / "snapshot.json").read_bytes())
    return found


def as_tuple(value: Any) -> tuple[str, ...]:
    return tuple(value if isinstance(value, list) else [value])


def statements(document: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    entries = document["Statement"]
    entries = entries if isinstance(entries, list) else [entries]
    return [(entry["Effect"], as_tuple(entry.get("Action", entry.get("NotAction", [])))) for entry in entries]


def test_what_can_agrees_with_reading_the_policies(imports: Imports, shared: Path) -> None:
    """The published snapshot, read here once more by hand: every statement of every policy of each user."""
    data = orjson.loads((shared / "authorization-details" / "account-012345678901.json").read_bytes())
    summary = imports.snapshot(data, FIRST)
    assert summary.drift == 0
    managed = {policy["Arn"]: policy for policy in data["Policies"]}
    groups = {group["GroupName"]: group for group in data["GroupDetailList"]}
    for user in data["UserDetailList"]:
        holders = [user, *(groups[name] for name in user["GroupList"])]
        expected = []
        for holder in holders:
            for inline in holder.get("UserPolicyList", holder.get("GroupPolicyList", [])):
                expected += statements(inline["PolicyDocument"])
            for attached in holder["AttachedManagedPolicies"]:
                versions = managed[attached["PolicyArn"]]["PolicyVersionList"]
                expected += statements(next(v["Document"] for v in versions if v["IsDefaultVersion"]))
        found = imports.service.questions.what_can(user["Arn"], as_of="2026-03-02T00:00:00Z")
        shown = [(each["effect"], tuple(each["actions"] or each["not_actions"])) for each in found["permissions"]]
        assert sorted(shown) == sorted(expected), user["UserName"]
        assert found["unknown"] == []


def test_the_same_snapshot_again_is_known_and_an_equal_one_shows_no_drift(imports: Imports) -> None:
    assert imports.snapshot(demo_snapshot(), FIRST).records == 7
    assert imports.snapshot(demo_snapshot(), FIRST).files_known == 1
    assert imports.snapshot(demo_snapshot(), SECOND).drift == 0


def altered() -> dict[str, Any]:
    """What nobody logged: two attachments, a membership, a document, a tag, a new and two gone principals."""
    data = copy.deepcopy(demo_snapshot())
    ada, grace, bot = data["UserDetailList"]
    grace["AttachedManagedPolicies"] = [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    ]
    grace["GroupList"] = []
    bot["AttachedManagedPolicies"] = []
    ada["Tags"] = [{"Key": "team", "Value": "security"}]
    data["GroupDetailList"][1]["GroupPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] = "s3:*"
    data["UserDetailList"].append(
        copy.deepcopy(ada)
        | {
            "UserName": "eve",
            "UserId": "AIDAEVE",
            "Arn": "arn:aws:iam::111122223333:user/eve",
            "GroupList": [],
            "Tags": [],
        }
    )
    data["RoleDetailList"] = []
    return data


EXPECTED_DRIFT = {
    "PolicyAttached": 1, "PolicyDetached": 1, "GroupMemberRemoved": 1, "Tagged": 1, "InlinePolicyPut": 1,
    "UserCreated": 1, "RoleDeleted": 1,
}  # fmt: skip


def test_an_altered_snapshot_yields_exactly_the_drift(imports: Imports) -> None:
    imports.snapshot(demo_snapshot(), FIRST)
    summary = imports.snapshot(altered(), SECOND)
    assert {name.removeprefix("drift: "): count for name, count in summary.reasons.items()} == EXPECTED_DRIFT
    with imports.service.connection() as connection:
        rows = connection.execute("SELECT event_type, data->'between' FROM audit WHERE outcome = 'drift'").fetchall()
    assert len(rows) == summary.drift == 7
    assert {tuple(row[1]) for row in rows} == {(FIRST, SECOND)}
    now = imports.service.questions.what_can("grace")
    assert [each["policy"] for each in now["permissions"]] == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    before = imports.service.questions.what_can("grace", as_of="2026-03-05T00:00:00Z")
    assert [each["policy"] for each in before["permissions"]] == ["inline:payroll-read"]
    # A third look finds nothing more.
    assert imports.snapshot(altered(), "2026-03-09T00:00:00Z").drift == 0


WIDE = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": "*"}]
}"""
BOT = {
    "type": "IAMUser", "principalId": "AIDADEMOBUILDBOT0003", "arn": "arn:aws:iam::111122223333:user/build-bot",
    "accountId": "111122223333", "accessKeyId": "AKIADEMOBUILDBOT0003", "userName": "build-bot",
}  # fmt: skip
MADE = record(
    "CreatePolicyVersion",
    {"policyArn": "arn:aws:iam::111122223333:policy/deploy", "policyDocument": WIDE, "setAsDefault": True},
    {"policyVersion": {"versionId": "v2", "isDefaultVersion": True}},
    at="2026-03-04T12:00:00Z", userIdentity=BOT,
)  # fmt: skip


def with_the_version() -> dict[str, Any]:
    """The demonstration's listing after `MADE`, as AWS prints it: documents are objects, without the words' form."""
    data = demo_snapshot()
    [deploy] = [each for each in data["Policies"] if each["PolicyName"] == "deploy"]
    deploy["DefaultVersionId"] = "v2"
    [first] = deploy["PolicyVersionList"]
    document = orjson.loads(WIDE) | {"Statement": {"Action": "*", "Effect": "Allow", "Resource": ["*"]}}
    deploy["PolicyVersionList"] = [
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": document}, first | {"IsDefaultVersion": False},
    ]  # fmt: skip
    return data


@pytest.mark.parametrize("is_late", [False, True])
def test_a_document_that_a_record_wrote_in_other_letters_is_no_drift(imports: Imports, is_late: bool) -> None:
    """Whoever wrote it is who granted it, in whatever order records and listing are imported."""
    imports.snapshot(demo_snapshot(), FIRST)
    if not is_late:
        import_records(imports.service.database, imports.folder, MADE)
    summary = imports.snapshot(with_the_version(), SECOND)
    assert summary.drift == (2 if is_late else 0)  # version and default were unlogged, as far as was known
    if is_late:
        import_records(imports.service.database, imports.folder, MADE)
    found = imports.service.questions.what_can("build-bot", as_of="2026-03-09T00:00:00Z")
    [statement] = found["permissions"]
    with imports.service.connection() as connection:
        [[defined]] = connection.execute(
            "SELECT type FROM event WHERE position = %s", (statement["defined_by"],)
        ).fetchall()
        [[action]] = connection.execute(
            "SELECT action FROM audit WHERE position = %s", (statement["defined_by"],)
        ).fetchall()
    assert (defined, action) == ("iam.PolicyVersionCreated", "iam:CreatePolicyVersion")


def test_whoever_is_gone_is_no_drift_of_the_policy_that_named_them(imports: Imports) -> None:
    """AWS shows the unique id of a user that was deleted in the place of the ARN: nobody changed the policy."""
    bot = BOT["arn"]
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": [bot, "111122223333"]}, "Action": "sts:AssumeRole"}
    ]}  # fmt: skip
    data = demo_snapshot()
    role = data["RoleDetailList"][0]
    role["AssumeRolePolicyDocument"] = trust
    imports.snapshot(data, FIRST)
    data["UserDetailList"] = [each for each in data["UserDetailList"] if each["Arn"] != bot]
    role["AssumeRolePolicyDocument"] = orjson.loads(orjson.dumps(trust).replace(bot.encode(), b"AIDADEMOBUILDBOT0003"))
    summary = imports.snapshot(data, SECOND)
    assert summary.reasons == {"drift: UserDeleted": 1}
    role["AssumeRolePolicyDocument"] = orjson.loads(orjson.dumps(trust).replace(bot.encode(), b"AIDASOMEBODYELSE0001"))
    role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"].append("444455556666")
    assert imports.snapshot(data, "2026-03-09T00:00:00Z").reasons == {"drift: TrustPolicyUpdated": 1}


@pytest.mark.parametrize("is_late", [False, True])
def test_nobody_is_there_before_the_date_of_creation(imports: Imports, is_late: bool) -> None:
    """Nor where a record tells of the user, in whatever order records and listing are imported."""
    data = demo_snapshot()
    [bot] = [each for each in data["UserDetailList"] if each["UserName"] == "build-bot"]
    bot["CreateDate"] = "2026-02-10T08:00:00+00:00"
    seen = record("GetUser", None, None, at="2026-02-20T12:00:00Z", userIdentity=BOT)
    for step in (imports.folder, None) if is_late else (None, imports.folder):
        if step is None:
            assert imports.snapshot(data, FIRST).drift == 0
        else:
            import_records(imports.service.database, step, seen)
    found = []
    for day in ("09", "11", "21"):
        listed = imports.service.questions.who_can(
            "s3:GetObject", "*", as_of=f"2026-02-{day}T00:00:00Z", resource_account="111122223333"
        )
        found.append([each["principal"] for each in listed["unknown"] if each["principal"] == BOT["arn"]])
    assert found == [[], [BOT["arn"]], [BOT["arn"]]]


def test_absence_counts_only_when_the_listing_is_complete(imports: Imports) -> None:
    imports.snapshot(demo_snapshot(), FIRST)
    partial = demo_snapshot() | {"RoleDetailList": [], "GroupDetailList": []}
    assert imports.snapshot(partial, SECOND, complete=False).drift == 0
    with pytest.raises(ImportRefused, match="truncated"):
        imports.snapshot(partial | {"IsTruncated": True}, SECOND)


@pytest.mark.parametrize(("data", "words"), [
    ({"Users": []}, "expected the output of"),
    ([], "expected the output of"),
    ({"UserDetailList": [{"UserName": "x"}]}, "without Arn"),
    ({"UserDetailList": []}, "this one names none"),
])  # fmt: skip
def test_what_is_no_snapshot_is_refused(imports: Imports, data: Any, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        imports.snapshot(data, FIRST)


def test_a_snapshot_of_the_future_is_refused(imports: Imports) -> None:
    with pytest.raises(ImportRefused, match="has not come yet"):
        imports.snapshot(demo_snapshot(), "2999-01-01T00:00:00Z")


REPORT = """user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active
<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,true,false,false
ada,arn:aws:iam::111122223333:user/ada,2025-06-02T08:00:00+00:00,true,true,true,false
"""


def test_a_credential_report(imports: Imports) -> None:
    path = imports.folder / "report.csv"
    path.write_text(REPORT)
    imports.snapshot(demo_snapshot(), FIRST)
    assert imports.document(lambda each: each.credential_report(path, parse_instant(SECOND))).records == 2
    with imports.service.connection() as connection:
        directory = imports.service.history.past.directory(
            parse_instant("2026-03-09T00:00:00Z"), EventLog.within(connection).head()
        )
    ada = directory.named("111122223333", "user", "ada")
    assert ada is not None and ada.has_password and "unknown" in ada.mfa_devices
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ImportRefused, match="columns user, arn"):
        imports.document(lambda each: each.credential_report(path, parse_instant(SECOND)))


@pytest.mark.parametrize("encode", [
    lambda text: orjson.dumps({"Content": base64.b64encode(text.encode()).decode(), "ReportFormat": "text/csv"}),
    lambda text: base64.b64encode(text.encode()) + b"\n",
    lambda text: orjson.dumps(base64.b64encode(text.encode()).decode()) + b"\n",
    lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    lambda text: codecs.BOM_UTF8 + text.encode(),
])  # fmt: skip
def test_a_credential_report_as_programs_write_it(imports: Imports, encode: Callable[[str], bytes]) -> None:
    path = imports.folder / "report"
    path.write_bytes(encode(REPORT))
    assert imports.document(lambda each: each.credential_report(path, parse_instant(SECOND))).records == 2


@pytest.mark.parametrize("content", [b"{}", b'{"Content": 7}', b'{"Content": "!!"}', b"hello", b"\xff\xfe\x00", b"{"])
def test_what_is_no_credential_report(imports: Imports, content: bytes) -> None:
    path = imports.folder / "report"
    path.write_bytes(content)
    with pytest.raises(ImportRefused):
        imports.document(lambda each: each.credential_report(path, parse_instant(SECOND)))


def test_a_snapshot_as_powershell_writes_it(imports: Imports) -> None:
    path = imports.folder / "snapshot-16.json"
    path.write_bytes(codecs.BOM_UTF16_LE + orjson.dumps(demo_snapshot()).decode().encode("utf-16-le"))
    with imports.service.database.connect() as connection:
        importer = DocumentImporter(connection)
        found = importer.snapshot(path, parse_instant(FIRST), True, lambda *_: pytest.fail("no baseline was there"))
    assert found.records == 7


def test_an_account_without_its_parent_is_named(imports: Imports) -> None:
    path = imports.folder / "organization.json"
    account = {"Id": "444455556666", "Name": "m", "Status": "ACTIVE"}
    data = {
        "Organization": {"Id": "o-1", "MasterAccountId": "111122223333"},
        "Roots": [{"Id": "r-1"}],
        "Accounts": [account],
    }
    path.write_bytes(orjson.dumps(data))
    with pytest.raises(ImportRefused, match=r"account 444455556666 \(m\) has no ParentId.*list-parents --child-id"):
        imports.document(lambda each: each.organization(path, parse_instant(FIRST)))
    account["Parents"] = [{"Id": "r-1", "Type": "ROOT"}]  # type: ignore[assignment]
    path.write_bytes(orjson.dumps(data))
    assert imports.document(lambda each: each.organization(path, parse_instant(FIRST))).records == 1


def test_an_organization(imports: Imports) -> None:
    path = imports.folder / "organization.json"
    deny = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    data = {
        "Organization": {"Id": "o-1", "MasterAccountId": "111122223333"},
        "Roots": [{"Id": "r-1", "Name": "Root"}],
        "OrganizationalUnits": [{"Id": "ou-1", "Name": "prod", "ParentId": "r-1"}],
        "Accounts": [{"Id": "111122223333", "Name": "main", "ParentId": "r-1"}],
        "Policies": [{"PolicySummary": {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY", "Name": "stop"}, "Content": deny,
                      "Targets": [{"TargetId": "ou-1"}]}],
    }  # fmt: skip
    path.write_bytes(orjson.dumps(data))
    imports.document(lambda each: each.organization(path, parse_instant(FIRST)))
    with imports.service.connection() as connection:
        directory = imports.service.history.past.directory(parse_instant(SECOND), EventLog.within(connection).head())
    entity = directory.get("111122223333", "organization", "111122223333")
    assert entity is not None and "p-1@ou-1" in entity.guardrail_targets and "ou-1" in entity.nodes
    path.write_bytes(b"{}")
    with pytest.raises(ImportRefused, match="expected an object with Organization"):
        imports.document(lambda each: each.organization(path, parse_instant(FIRST)))


def test_a_resource_policy_grants_by_name(imports: Imports) -> None:
    imports.snapshot(demo_snapshot(), FIRST)
    path = imports.folder / "policy.json"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:role/auditor"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::ledger/*",
            }
        ],
    }
    path.write_bytes(orjson.dumps({"Policy": orjson.dumps(policy).decode()}))
    arn = "arn:aws:s3:::ledger"
    with pytest.raises(ImportRefused, match="--account"):
        imports.document(lambda each: each.resource_policy(arn, path, parse_instant(FIRST), None))
    imports.document(lambda each: each.resource_policy(arn, path, parse_instant(FIRST), "111122223333"))
    found = imports.service.questions.who_can("s3:GetObject", f"{arn}/x")
    assert "role/auditor" in str([each["principal"] for each in found["allowed"]])


def test_a_folder_of_managed_policies(imports: Imports) -> None:
    folder = imports.folder / "policies"
    folder.mkdir()
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
    version = {
        "VersionId": "v3",
        "Document": document,
        "IsDefaultVersion": True,
        "CreateDate": "2024-01-01T00:00:00+00:00",
    }
    (folder / "S3Look").write_bytes(orjson.dumps({"PolicyVersion": version}))
    (folder / "Other.json").write_bytes(
        orjson.dumps({"document": document, "version": "v1", "createdate": "2024-01-01T00:00:00Z"})
    )
    assert imports.document(lambda each: each.managed_policies(folder)).records == 2
    (folder / "Broken.json").write_bytes(b"{}")
    with pytest.raises(ImportRefused, match="Broken"):
        imports.document(lambda each: each.managed_policies(folder))


def test_a_version_never_seen_is_a_gap_and_never_interpolated(imports: Imports) -> None:
    path = imports.folder / "timeline.json"
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    name = "AdministratorAccess"
    timeline = {name: {v: {"create_date": f"2026-01-0{v[1]}T00:00:00Z", "document": document} for v in ("v1", "v3")}}
    path.write_bytes(orjson.dumps(timeline))
    imports.document(lambda each: each.managed_policies(path))
    snapshot = demo_snapshot()
    snapshot["Policies"] = snapshot["Policies"][:1]
    imports.snapshot(snapshot, "2026-01-01T12:00:00Z")
    question = ("iam:CreateUser", "arn:aws:iam::111122223333:user/x")

    def ada(at: str) -> tuple[str, list[str]]:
        found = imports.service.questions.who_can(*question, as_of=at)
        for effect in ("allowed", "conditional"):
            for each in found[effect]:
                if each["principal"].endswith("user/ada"):
                    return effect, each["why"]
        return "", []

    effect, [why] = ada("2026-01-02T00:00:00Z")
    assert effect == "conditional" and "v2 followed v1 at an unknown instant" in why
    assert ada("2026-01-03T12:00:00Z")[0] == "allowed"
    timeline[name]["v2"] = {"create_date": "2026-01-02T00:00:00Z", "document": document}
    path.write_bytes(orjson.dumps(timeline))
    imports.document(lambda each: each.managed_policies(path))
    assert ada("2026-01-02T12:00:00Z")[0] == "allowed"
    assert ada("2026-01-01T18:00:00Z")[0] == "allowed"
