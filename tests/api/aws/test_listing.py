"""Listings: markers name a place, whatever comes and goes between two pages, and every date can be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.support.aws.clients import fails
from tests.support.aws.server import AwsServer
from tests.support.documents import READ, allow, text

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = text({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip
_DATE = re.compile(rb"<\w*(?:Date|Until|Expiration|Used)>([^<]*)</")
_RFC3339 = re.compile(rb"(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")


def pages(call: Any, member: str, between: Callable[[list[Any]], None], **given: Any) -> list[Any]:
    """All of a listing, with something done after each page."""
    found: list[Any] = []
    marker: dict[str, str] = {}
    while True:
        answer = call(**given, **marker)
        found += answer[member]
        if not answer["IsTruncated"]:
            return found
        between(answer[member])
        marker = {"Marker": answer["Marker"]}


def test_deleting_what_was_listed_leaves_nobody_behind(aws: AwsServer) -> None:
    iam = aws.client("iam")
    names = [f"user{number:02}" for number in range(25)]
    for name in names:
        iam.create_user(UserName=name)

    def delete(shown: list[Any]) -> None:
        for each in shown:
            iam.delete_user(UserName=each["UserName"])

    shown = pages(iam.list_users, "Users", delete, MaxItems=4)
    assert [each["UserName"] for each in shown] == names


def test_what_is_created_between_two_pages_repeats_nothing(aws: AwsServer) -> None:
    iam = aws.client("iam")
    for number in range(9):
        iam.create_group(GroupName=f"G{number}")
        iam.create_policy(PolicyName=f"G{number}", PolicyDocument=text(READ))

    def create(shown: list[Any]) -> None:
        iam.create_group(GroupName=f"a{shown[0]['GroupName']}")  # before all that was shown

    groups = [each["GroupName"] for each in pages(iam.list_groups, "Groups", create, MaxItems=2)]
    assert [each for each in groups if each.startswith("G")] == [f"G{number}" for number in range(9)]
    assert len(groups) == len(set(groups))
    for scope in ("All", "Local", "AWS"):
        whole = [each["Arn"] for each in iam.list_policies(Scope=scope)["Policies"]]
        cut = [each["Arn"] for each in pages(iam.list_policies, "Policies", lambda _: None, Scope=scope, MaxItems=3)]
        assert cut == whole == sorted(whole, key=lambda each: (each.rsplit("/", 1)[1].lower(), each))


def test_a_page_of_each_listing_goes_on_where_it_ended(aws: AwsServer) -> None:
    """Everything that is listed by pages, one item a page, is what is listed at once."""
    iam = aws.client("iam")
    for name in ("ada", "Bob", "cyd"):
        iam.create_user(UserName=name, Tags=[{"Key": key, "Value": "1"} for key in ("a", "B", "c")])
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        iam.create_instance_profile(InstanceProfileName=name)
        arn = iam.create_policy(PolicyName=name, PolicyDocument=text(READ))["Policy"]["Arn"]
        iam.put_user_policy(UserName="ada", PolicyName=name, PolicyDocument=allow("iam:GetUser"))
        iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
        for each in (name, "ada"):
            iam.attach_user_policy(UserName=each, PolicyArn=arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text(READ))
        iam.create_group(GroupName=name)
        iam.add_user_to_group(GroupName=name, UserName="ada")
        iam.add_user_to_group(GroupName="ada", UserName=name)
    iam.create_access_key(UserName="ada"), iam.create_access_key(UserName="ada")
    of_ada = {"UserName": "ada"}
    listings: list[tuple[Any, str, dict[str, Any]]] = [
        (iam.list_users, "Users", {}), (iam.list_roles, "Roles", {}), (iam.list_groups, "Groups", {}),
        (iam.list_instance_profiles, "InstanceProfiles", {}), (iam.list_user_tags, "Tags", of_ada),
        (iam.list_virtual_mfa_devices, "VirtualMFADevices", {}), (iam.list_access_keys, "AccessKeyMetadata", of_ada),
        (iam.list_user_policies, "PolicyNames", of_ada), (iam.list_groups_for_user, "Groups", of_ada),
        (iam.list_attached_user_policies, "AttachedPolicies", of_ada), (iam.get_group, "Users", {"GroupName": "ada"}),
        (iam.list_policy_versions, "Versions", {"PolicyArn": arn}),
        (iam.list_policies, "Policies", {"OnlyAttached": True}),
        (iam.list_entities_for_policy, "PolicyUsers", {"PolicyArn": arn}),
    ]  # fmt: skip
    for call, member, given in listings:
        whole = call(**given)[member]
        assert len(whole) >= 2 and pages(call, member, lambda _: None, MaxItems=1, **given) == whole
    members = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    whole = iam.get_account_authorization_details()
    paged = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    parts = list(paged)
    for member in members:
        assert [each for part in parts for each in part[member]] == whole[member] and len(whole[member]) >= 3


def test_a_marker_of_another_listing_is_refused(aws: AwsServer) -> None:
    iam = aws.client("iam")
    for name in ("ada", "bob"):
        iam.create_user(UserName=name)
        iam.create_group(GroupName=name)
    marker = iam.list_users(MaxItems=1)["Marker"]
    for wrong in (marker, "AAAA", "e30=", "not base64"):
        fails("ValidationError", "Invalid Marker", iam.list_groups, Marker=wrong)


def test_every_date_has_a_year_of_four_digits(aws: AwsServer) -> None:
    """AWS-managed policies are known since before anything else is, and clients read the date of each."""
    iam = aws.client("iam")
    answers: list[bytes] = []
    iam.meta.events.register("before-parse", lambda response_dict, **_: answers.append(response_dict["body"]))
    iam.create_user(UserName="ada")
    iam.attach_user_policy(UserName="ada", PolicyArn=ADMIN)
    policy = iam.get_policy(PolicyArn=ADMIN)["Policy"]
    assert (policy["CreateDate"].year, policy["UpdateDate"].year) == (2015, 2015)
    iam.list_policies(), iam.list_policy_versions(PolicyArn=ADMIN), iam.get_account_authorization_details()
    iam.get_user(), iam.list_entities_for_policy(PolicyArn=ADMIN), iam.list_attached_user_policies(UserName="ada")
    dates = [date for body in answers for date in _DATE.findall(body)]
    assert len(dates) > 20 and all(_RFC3339.fullmatch(date) for date in dates)
