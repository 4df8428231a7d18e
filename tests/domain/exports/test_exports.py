"""What is exported of an instant, imported again, gives the same decisions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Body
from erstwhile.domain.events.organizations import (
    GuardrailTypeEnabled,
    OrganizationListed,
    OrganizationNode,
    OrganizationPolicy,
)
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.exports.account_details import OF_RESOURCES, account_details
from erstwhile.domain.exports.iam_collect import collected_account, collected_organization, collected_resources
from erstwhile.domain.exports.organization import organization_listing
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.observed.iam_collect import MalformedCollection, read_collection
from erstwhile.domain.observed.organization import read_organization, read_types
from erstwhile.domain.observed.snapshot import read_snapshot
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from tests.support.documents import FULL, allow, text, trusting
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import BUCKET, random_story
from tests.support.records import ACCOUNT
from tests.support.stories import (
    Told,
    arn,
    attached,
    bounded,
    created,
    group,
    history_of,
    inline,
    joined,
    log_of_story,
    policy,
    role,
    second,
    tagged,
    tell,
    user,
)

AT = 100
OTHER = "444455556666"
ACTIONS = ("s3:GetObject", "s3:PutObject", "sts:AssumeRole", "sqs:SendMessage", "iam:GetUser")
RESOURCES = ("*", f"{BUCKET}/key", arn("role/admin"), arn("role/other"), f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue")


def imported(details: dict[str, Any], organizations: list[dict[str, Any]], policies: Iterable[Body] = ()) -> Directory:
    """A new log that knows what the export says alone."""
    snapshot = read_snapshot(details)
    log = MemoryLog()
    for body in (*snapshot.bodies, *policies):
        tell(log, (AT, body))
    for each in snapshot.managed:
        tell(log, ((each.since - second(0)) / timedelta(seconds=1), each.body))
    for listing in organizations:
        account = listing["Organization"]["MasterAccountId"]
        for body in (read_organization(listing), *read_types(listing)):
            tell(log, (AT, body, account))
    return directory_at(history_of(log), second(AT + 1))


def as_aws_prints_it(directory: Directory) -> Directory:
    listings = [organization_listing(each) for each in directory.of_kind("organization")]
    return imported(again(account_details(directory, ACCOUNT).details), again(listings))


def as_iam_collect_keeps_it(directory: Directory) -> Directory:
    files = collected_account(account_details(directory, ACCOUNT).details, ACCOUNT, "aws")[0]
    files |= collected_resources(directory, ACCOUNT)[0]
    for each in directory.of_kind("organization"):
        files |= collected_organization(organization_listing(each), "aws")
    found = read_collection(again(files))
    policies = [ResourcePolicyPut(resource=each.arn, document=text(each.document)) for each in found.resources]
    return imported(found.accounts[ACCOUNT], list(found.organizations), policies)


def again(data: Any) -> Any:
    """As it is read from a file."""
    return orjson.loads(orjson.dumps(data))


def decisions(directory: Directory, principals: list[str], resources: list[str]) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for principal in principals:
        for action in ACTIONS:
            for resource in resources:
                asked = Request(
                    principal=principal, action=action, resource=resource, resource_account=ACCOUNT, mode="discover"
                )
                found[principal, action, resource] = authorize(directory, asked).effect
    return found


STORY: tuple[Told, ...] = (
    (0, created(user("eve"))), (0, created(user("bob"))), (0, created(group("team"))),
    (1, policy("reader", allow("s3:GetObject", f"{BUCKET}/${{aws:username}}*"))), (1, policy("writer", FULL)),
    (2, created(role("admin"), trusting(arn("user/bob")))), (3, attached(role("admin"), arn("policy/writer"))),
    (3, bounded(role("admin"), arn("policy/reader"))), (4, joined(user("bob"), group("team"))),
    (5, inline(group("team"), allow("sqs:*"))), (6, attached(user("eve"), arn("policy/reader"))),
    (7, tagged(user("eve"), team="payroll")),
)  # fmt: skip


def test_an_account_is_printed_as_aws_prints_it() -> None:
    there = directory_at(history_of(log_of_story(*STORY)), second(AT))
    found = account_details(there, ACCOUNT)
    assert found.left_out == ()
    details = found.details
    assert {each["UserName"]: each["GroupList"] for each in details["UserDetailList"]} == {"bob": ["team"], "eve": []}
    [eve] = [each for each in details["UserDetailList"] if each["UserName"] == "eve"]
    assert eve["AttachedManagedPolicies"] == [{"PolicyName": "reader", "PolicyArn": arn("policy/reader")}]
    assert eve["Tags"] == [{"Key": "team", "Value": "payroll"}]
    [admin] = details["RoleDetailList"]
    assert admin["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn("policy/reader")
    assert admin["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": arn("user/bob")}
    [team] = details["GroupDetailList"]
    assert team["GroupPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == "sqs:*"
    assert [each["PolicyName"] for each in details["Policies"]] == ["reader", "writer"]


def test_what_is_not_known_is_left_out_and_named() -> None:
    hidden: tuple[Told, ...] = (*STORY, (8, policy("hidden", None)), (9, attached(user("bob"), arn("policy/hidden"))))
    found = account_details(directory_at(history_of(log_of_story(*hidden)), second(AT)), ACCOUNT)
    assert [(each.arn, each.why) for each in found.left_out] == [
        (arn("policy/hidden"), f"{arn('policy/hidden')} v1 was never seen")
    ]


@pytest.mark.parametrize("layout", [as_aws_prints_it, as_iam_collect_keeps_it])
@settings(max_examples=60)
@example(seed=3330)
@given(seed=st.integers(0, 2**48))
def test_it_gives_the_same_decisions_when_it_is_imported_again(
    layout: Callable[[Directory], Directory], seed: int
) -> None:
    story = [event for event in random_story(random.Random(seed)) if event[0] < AT]
    there = directory_at(history_of(log_of_story(*story)), second(AT))
    found = account_details(there, ACCOUNT).left_out
    if layout is as_iam_collect_keeps_it:
        found = (*(each for each in found if each.why != OF_RESOURCES), *collected_resources(there, ACCOUNT)[1])
    left_out = {each.arn for each in found}
    if any(":policy/" in each or ":group/" in each or "arn:aws:s3" in each or ":role/" in each for each in left_out):
        return  # what was left out has a say in decisions about others
    known = [
        there.arn_of(each)
        for each in there.of_kind("user", "role")
        if each.exists and each.account == ACCOUNT and there.arn_of(each) not in left_out
    ]
    if not known:
        return
    # Of a role that was deleted, the export says nothing: it is one of which nothing is known.
    resources = [each for each in RESOURCES if ":role/" not in each or there.with_arn(each) is not None]
    assert decisions(layout(there), known, resources) == decisions(there, known, resources)


def test_a_type_of_guardrails_that_is_enabled_with_none_attached_is_read_again() -> None:
    listed = OrganizationListed(
        organization="o-1", management_account=ACCOUNT,
        nodes=[OrganizationNode("r-1", "root", "", "Root"), OrganizationNode(OTHER, "account", "r-1", "other")],
        policies=[],
    )  # fmt: skip
    enabled = GuardrailTypeEnabled(root="r-1", policy_type="RESOURCE_CONTROL_POLICY")
    there = directory_at(history_of(log_of_story((1, listed), (2, enabled))), second(AT))
    for layout in (organization_listing, _through_iam_collect):
        listing = again(layout(organization_of(there)))
        log = log_of_story((1, read_organization(listing)), *((1, each) for each in read_types(listing)))
        found = organization_of(directory_at(history_of(log), second(AT)))
        assert found.guardrail_types.keys() == organization_of(there).guardrail_types.keys() != set()
    assert read_types({"Roots": [{"Id": "r-1"}]}) == []


def _through_iam_collect(organization: Entity) -> dict[str, Any]:
    [found] = read_collection(again(collected_organization(organization_listing(organization), "aws"))).organizations
    return found


def test_the_layout_of_iam_collect() -> None:
    """Paths and members as its documentation has them."""
    there = directory_at(history_of(log_of_story(*STORY, (8, created(role("Job"), trusting(arn("user/bob")))))),
                         second(AT))  # fmt: skip
    files, left_out = collected_account(account_details(there, ACCOUNT).details, ACCOUNT, "aws")
    base = f"aws/aws/accounts/{ACCOUNT}/iam"
    assert left_out == []
    assert files[f"{base}/role/job/metadata.json"]["arn"] == arn("role/Job")
    assert files[f"{base}/role/job/trust-policy.json"]["Statement"][0]["Principal"] == {"AWS": arn("user/bob")}
    assert files[f"{base}/role/admin/managed-policies.json"] == [arn("policy/writer")]
    assert files[f"{base}/role/admin/metadata.json"]["permissionBoundary"] == arn("policy/reader")
    assert files[f"{base}/user/bob/groups.json"] == [arn("group/team")]
    assert files[f"{base}/user/eve/tags.json"] == {"team": "payroll"}
    assert files[f"{base}/group/team/inline-policies.json"][0]["PolicyDocument"]["Statement"][0]["Action"] == "sqs:*"
    assert orjson.dumps(files[f"{base}/policy/writer/current-policy.json"]).decode() == FULL
    assert f"{base}/user/eve/managed-policies.json" in files and f"{base}/user/bob/tags.json" not in files


@pytest.mark.parametrize(("files", "words"), [
    ({}, "expected a folder that iam-collect wrote"), ({"x.json": 1}, "expected a folder that iam-collect wrote"),
    ({f"aws/aws/accounts/{ACCOUNT}/iam/role/a/metadata.json": {"arn": "x"}}, "without name"),
    ({f"aws/aws/accounts/{ACCOUNT}/iam/role/a/metadata.json": 5}, "is not as iam-collect writes it"),
    ({"aws/aws/organizations/o-1/metadata.json": {"id": "o-1"}}, "without rootAccountId"),
    ({f"aws/aws/accounts/{ACCOUNT}/s3/b/policy.json": {}}, "without metadata"),
    ({f"aws/aws/accounts/{ACCOUNT}/iam/metadata.json": {}}, "is not as iam-collect writes it"),
])  # fmt: skip
def test_what_is_no_such_folder_is_refused(files: dict[str, Any], words: str) -> None:
    with pytest.raises(MalformedCollection, match=words):
        read_collection(files)


def organization_of(directory: Directory) -> Entity:
    [found] = directory.of_kind("organization")
    return found


@pytest.mark.parametrize("document", [FULL, None])
def test_an_organisation_is_read_again_as_it_was(document: str | None) -> None:
    listed = OrganizationListed(
        organization="o-1", management_account=ACCOUNT,
        nodes=[
            OrganizationNode("r-1", "root", "", "Root"), OrganizationNode("ou-1", "unit", "r-1", "Unit"),
            OrganizationNode(ACCOUNT, "account", "ou-1", "main"),
        ],
        policies=[OrganizationPolicy("p-1", "SERVICE_CONTROL_POLICY", "full", document, ["r-1", ACCOUNT])],
    )  # fmt: skip
    there = directory_at(history_of(log_of_story((1, listed))), second(AT))
    read = read_organization(orjson.loads(orjson.dumps(organization_listing(organization_of(there)))))
    again = directory_at(history_of(log_of_story((1, read))), second(AT))
    one, other = organization_of(there), organization_of(again)
    assert {k: f.value for k, f in one.nodes.items()} == {k: f.value for k, f in other.nodes.items()}
    assert one.guardrail_targets.keys() == other.guardrail_targets.keys()
    if document is not None:
        assert orjson.loads(one.guardrails["p-1"].value["document"]) == orjson.loads(
            other.guardrails["p-1"].value["document"]
        )
    assert one.organization == other.organization
