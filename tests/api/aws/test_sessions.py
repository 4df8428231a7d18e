"""What sessions may do: MFA, tags, chaining, federation tokens, the root of a member account, and how they end."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from erstwhile.api.aws.access import identity
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.organizations import SetOrganization
from erstwhile.domain.commands.settings import PutSetting
from erstwhile.domain.events.organizations import OrganizationNode
from erstwhile.projections.trail import Filters, audit_page
from tests.support.aws.clients import Phone, fails, own, session
from tests.support.aws.server import ACCOUNT, AwsServer, arn
from tests.support.documents import allow, text, trusting

MEMBER = "222222222222"


def test_mfa_opens_what_asks_for_it(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    mfa: dict[str, Any] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    iam.put_user_policy(
        UserName="ada", PolicyName="p", PolicyDocument=allow(["iam:ListUsers", "sts:AssumeRole"], Condition=mfa)
    )
    trust = trusting(arn("user/ada"), **mfa, StringEquals={"sts:ExternalId": "seven"})
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="ops", PolicyName="p", PolicyDocument=allow("iam:ListRoles"))
    sts, phone = own(aws, "ada", "sts"), Phone(aws, "ada")
    fails("AccessDenied", "iam:ListUsers", own(aws, "ada").list_users)
    plain = sts.get_session_token()["Credentials"]
    fails(
        "InvalidClientTokenId", "invalid", session(aws, "iam", plain).list_users
    )  # IAM takes such sessions with MFA only
    used = phone.code()
    given = sts.get_session_token(**used)["Credentials"]
    session(aws, "iam", given).list_users()
    fails("AccessDenied", "invalid MFA one time pass code", sts.get_session_token, **used)
    fails(
        "AccessDenied",
        "invalid MFA one time pass code",
        sts.get_session_token,
        SerialNumber=phone.serial,
        TokenCode="000000",
    )
    fails("AccessDenied", "invalid MFA one time pass code", aws.client("sts").get_session_token, **phone.code())
    asked = {"RoleArn": role, "RoleSessionName": "night", "ExternalId": "seven"}
    fails("AccessDenied", "sts:AssumeRole", sts.assume_role, **asked)
    fails("AccessDenied", "sts:AssumeRole", sts.assume_role, **asked | {"ExternalId": "six"})
    taken = session(aws, "sts", given).assume_role(**asked)["Credentials"]
    inside = session(aws, "iam", taken)
    inside.list_roles()
    fails("AccessDenied", "iam:ListUsers", inside.list_users)
    fails("AccessDenied", "session credentials", session(aws, "sts", given).get_session_token)
    fails("AccessDenied", "by root accounts", aws.client("sts").assume_role, **asked)
    with aws.database.connect() as connection:
        entries = audit_page(connection, Filters(action="sts:AssumeRole"), 100, "").entries
    [made] = [each for each in entries if each["outcome"] == "success"]
    assert made["actor"]["arn"] == arn("user/ada") and made["actor"]["mfa"] is True
    assert made["body"]["access_key_id"] == taken["AccessKeyId"] and made["event"] == "iam.SessionIssued"
    assert "role/ops" in made["targets"] and {each["outcome"] for each in entries} == {"success", "refused"}


def test_session_tags_and_source_identity_go_on_with_chaining(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(
        UserName="ada",
        PolicyName="p",
        PolicyDocument=allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
    )
    sts = own(aws, "ada", "sts")
    every = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    first = iam.create_role(RoleName="first", AssumeRolePolicyDocument=trusting(ACCOUNT))["Role"]["Arn"]
    asked: dict[str, Any] = {"RoleArn": first, "RoleSessionName": "night", "SourceIdentity": "ada",
             "Tags": [{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": "7"}],
             "TransitiveTagKeys": ["team"]}  # fmt: skip
    fails("AccessDenied", "sts:TagSession", sts.assume_role, **asked)
    iam.update_assume_role_policy(
        RoleName="first", PolicyDocument=trusting(ACCOUNT, ["sts:AssumeRole", "sts:TagSession"])
    )
    fails("AccessDenied", "sts:SetSourceIdentity", sts.assume_role, **asked)
    iam.update_assume_role_policy(RoleName="first", PolicyDocument=trusting(ACCOUNT, every))
    fails("ValidationError", "transitive tag key", sts.assume_role, **asked | {"TransitiveTagKeys": ["other"]})
    fails(
        "ValidationError",
        "Duplicate tag key",
        sts.assume_role,
        **asked | {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
    )
    found = sts.assume_role(**asked)
    assert found["SourceIdentity"] == "ada" and found["PackedPolicySize"] >= 1
    iam.put_role_policy(RoleName="first", PolicyName="p", PolicyDocument=allow(every))
    team = {
        "StringEquals": {"aws:PrincipalTag/team": "blue", "aws:SourceIdentity": "ada"},
        "Null": {"aws:PrincipalTag/cost": "true"},
    }
    second = iam.create_role(RoleName="second", AssumeRolePolicyDocument=trusting(first, every))["Role"]["Arn"]
    iam.put_role_policy(RoleName="second", PolicyName="p", PolicyDocument=allow("iam:ListRoles", Condition=team))
    chained = session(aws, "sts", found["Credentials"])
    more: dict[str, Any] = {"RoleArn": second, "RoleSessionName": "again"}
    fails("ValidationError", "is transitive", chained.assume_role, **more, Tags=[{"Key": "team", "Value": "red"}])
    fails("AccessDenied", "source identity", chained.assume_role, **more, SourceIdentity="eve")
    inside = chained.assume_role(**more)
    assert inside["SourceIdentity"] == "ada"
    session(aws, "iam", inside["Credentials"]).list_roles()
    fails("AccessDenied", "iam:ListRoles", session(aws, "iam", found["Credentials"]).list_roles)
    iam.update_role(RoleName="second", MaxSessionDuration=7200)
    fails("ValidationError", "role chaining", chained.assume_role, **more, DurationSeconds=3601)


def test_a_source_identity_is_inherited_by_chained_sessions_and_stays(aws: AwsServer) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html"""
    iam, both = aws.client("iam"), ["sts:AssumeRole", "sts:SetSourceIdentity"]
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow(both))
    arns = {}
    for name in ("first", "second", "third"):
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(ACCOUNT, both))
        arns[name] = made["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allow(both))
    by_ada: dict[str, Any] = {"StringEquals": {"aws:SourceIdentity": "ada"}}
    iam.update_assume_role_policy(RoleName="third", PolicyDocument=trusting(ACCOUNT, both, **by_ada))
    iam.put_role_policy(RoleName="third", PolicyName="q", PolicyDocument=allow("iam:ListRoles", Condition=by_ada))

    def begun(name: str, sts: Any, **more: str) -> tuple[Any, Any]:
        found = sts.assume_role(RoleArn=arns[name], RoleSessionName="night", **more)
        return found, session(aws, "sts", found["Credentials"])

    user = own(aws, "ada", "sts")
    found, first = begun("first", user, SourceIdentity="ada")
    assert found["SourceIdentity"] == "ada"
    # Handing it on takes sts:SetSourceIdentity of the session's own policies and of the next role's trust.
    second: dict[str, Any] = {"RoleArn": arns["second"], "RoleSessionName": "night"}
    iam.update_assume_role_policy(RoleName="second", PolicyDocument=trusting(ACCOUNT))
    fails("AccessDenied", "sts:SetSourceIdentity", first.assume_role, **second)
    iam.update_assume_role_policy(RoleName="second", PolicyDocument=trusting(ACCOUNT, both))
    iam.put_role_policy(RoleName="first", PolicyName="p", PolicyDocument=allow("sts:AssumeRole"))
    fails("AccessDenied", "sts:SetSourceIdentity", first.assume_role, **second)
    iam.put_role_policy(RoleName="first", PolicyName="p", PolicyDocument=allow(both))
    # It cannot be changed, by no session of the chain; the same value may be named again.
    fails("AccessDenied", "cannot be changed", first.assume_role, **second, SourceIdentity="eve")
    found, inside = begun("second", first)
    assert found["SourceIdentity"] == "ada"
    fails("AccessDenied", "cannot be changed", inside.assume_role, **second, SourceIdentity="eve")
    found, _ = begun("third", inside, SourceIdentity="ada")
    assert found["SourceIdentity"] == "ada"
    found, _ = begun("third", inside)
    assert found["SourceIdentity"] == "ada"
    session(aws, "iam", found["Credentials"]).list_roles()
    # A session without one may set it on the way, and has none until then.
    found, plain = begun("first", user)
    assert "SourceIdentity" not in found
    third: dict[str, Any] = {"RoleArn": arns["third"], "RoleSessionName": "night"}
    fails("AccessDenied", "sts:AssumeRole", plain.assume_role, **third)
    found, late = begun("second", plain, SourceIdentity="ada")
    assert found["SourceIdentity"] == "ada" and begun("third", late)[0]["SourceIdentity"] == "ada"


def test_federation_tokens(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="app")
    sts = own(aws, "app", "sts")
    fails("AccessDenied", "sts:GetFederationToken", sts.get_federation_token, Name="ada")
    iam.put_user_policy(UserName="app", PolicyName="p", PolicyDocument=allow("sts:GetFederationToken"))
    found = sts.get_federation_token(Name="ada", Policy=allow("s3:*"), DurationSeconds=900)
    assert found["FederatedUser"] == {
        "FederatedUserId": f"{ACCOUNT}:ada",
        "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/ada",
    }
    inside = session(aws, "sts", found["Credentials"])
    who = inside.get_caller_identity()
    assert (who["Arn"], who["UserId"]) == (found["FederatedUser"]["Arn"], f"{ACCOUNT}:ada")
    fails("AccessDenied", "session credentials", inside.get_federation_token, Name="eve")
    fails("InvalidClientTokenId", "invalid", session(aws, "iam", found["Credentials"]).list_users)
    fails("MalformedPolicyDocument", "Syntax errors", sts.get_federation_token, Name="ada", Policy="{")
    fails("PackedPolicyTooLarge", "100%", aws.client("sts").get_federation_token, Name="ada",
          PolicyArns=[{"arn": iam.create_policy(PolicyName=f"b{n}",
              PolicyDocument=allow("s3:Get*",
                                   "arn:aws:s3:::" + "x" * 4_500))["Policy"]["Arn"]} for n in range(2)])  # fmt: skip


def test_sessions_end_by_deny_and_by_name(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:AssumeRole"))
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trusting(ACCOUNT))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ops", PolicyName="p", PolicyDocument=allow("iam:ListRoles"))
    sts = own(aws, "ada", "sts")
    given = sts.assume_role(RoleArn=role, RoleSessionName="aa")["Credentials"]
    other = sts.assume_role(RoleArn=role, RoleSessionName="bb")["Credentials"]
    session(aws, "iam", given).list_roles()
    command = PutSetting(account=ACCOUNT, category=identity.REVOKED, name=given["AccessKeyId"])
    position = aws.service.commands.execute(command).position
    aws.service.present.wait_for(position)
    fails("InvalidClientTokenId", "invalid", session(aws, "iam", given).list_roles)
    session(aws, "iam", other).list_roles()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    deny = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": now}},
    }
    later = {**deny, "Condition": {"DateLessThanEquals": {"aws:TokenIssueTime": now}}}
    iam.put_role_policy(
        RoleName="ops",
        PolicyName="AWSRevokeOlderSessions",
        PolicyDocument=text({"Version": "2012-10-17", "Statement": [later]}),
    )
    fails("AccessDenied", "explicit deny in an identity-based policy", session(aws, "iam", other).list_roles)
    session(aws, "iam", sts.assume_role(RoleArn=role, RoleSessionName="cc")["Credentials"]).list_roles()


def test_why_a_call_was_denied_can_be_decoded(aws: AwsServer) -> None:
    import urllib.error
    import urllib.request

    from erstwhile.api.aws.failures import MESSAGE_HEADER

    iam, sts = aws.client("iam"), aws.client("sts")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    body = urlencode({"Action": "ListUsers", "Version": "2010-05-08"}).encode()
    request = AWSRequest(
        "POST", f"{aws.url}/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "iam", "us-east-1").add_auth(request)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(f"{aws.url}/", data=body, headers=dict(request.headers.items())))
    with caught.value as refused:
        encoded = refused.headers[MESSAGE_HEADER]
    assert "ListUsers" not in encoded
    told = orjson.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert told["allowed"] is False and told["context"]["action"] == "iam:ListUsers"
    assert told["failures"]["items"] == [{"layer": "identity"}]
    fails(
        "InvalidAuthorizationMessageException",
        "not valid",
        sts.decode_authorization_message,
        EncodedMessage=encoded[:-4] + "AAAA",
    )
    fails("InvalidAuthorizationMessageException", "not valid", sts.decode_authorization_message, EncodedMessage="x")


def import_task_policy(aws: AwsServer, folder: Path) -> None:
    """Of the form of AWS's: it denies all but the task."""
    denies = {"Effect": "Deny", "NotAction": ["iam:GetAccountSummary", "iam:ListAccessKeys"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [denies]}
    entry = {"v1": {"create_date": "2024-11-06T22:27:58Z", "document": document}}
    (folder / "tasks.json").write_text(text({"IAMAuditRootUserCredentials": entry}))
    with aws.database.connect() as connection:
        position = DocumentImporter(connection).managed_policies(folder / "tasks.json").position
    aws.service.present.wait_for(position)


def test_an_organisation_holds_the_roots_of_its_members(aws: AwsServer, tmp_path: Path) -> None:
    iam, sts = aws.client("iam"), aws.client("sts")
    fails("OrganizationNotFoundException", "not part of an organization", iam.list_organizations_features)
    for call in (
        iam.enable_organizations_root_credentials_management, iam.disable_organizations_root_credentials_management,
        iam.enable_organizations_root_sessions, iam.disable_organizations_root_sessions,
    ):  # fmt: skip
        fails("OrganizationNotFoundException", "not part of an organization", call)
    commands = aws.service.commands
    commands.execute(RegisterAccount(account=MEMBER))
    nodes = (
        OrganizationNode("r-ab12", "root"), OrganizationNode("ou-ab12-12345678", "unit", "r-ab12"),
        OrganizationNode(ACCOUNT, "account", "r-ab12"), OrganizationNode(MEMBER, "account", "ou-ab12-12345678"),
    )  # fmt: skip
    commands.execute(SetOrganization(account=ACCOUNT, organization="o-a1b2c3d4e5", nodes=nodes, policies=()))
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    asked = {"TargetPrincipal": MEMBER, "TaskPolicyArn": task}
    fails("AccessDenied", "EnableOrganizationsRootSessions", sts.assume_root, **asked)
    assert iam.enable_organizations_root_credentials_management()["EnabledFeatures"] == ["RootCredentialsManagement"]
    found = iam.enable_organizations_root_sessions()
    assert (found["OrganizationId"], found["EnabledFeatures"]) == (
        "o-a1b2c3d4e5",
        ["RootCredentialsManagement", "RootSessions"],
    )
    fails("AccessDenied", "no member account", sts.assume_root, **asked | {"TargetPrincipal": "999999999999"})
    fails(
        "ValidationError",
        "TaskPolicyArn",
        sts.assume_root,
        **asked | {"TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
    )
    fails("MalformedPolicyDocument", "import managed-policies", sts.assume_root, **asked)
    import_task_policy(aws, tmp_path)
    given = sts.assume_root(**asked)["Credentials"]
    inside = session(aws, "iam", given)
    assert session(aws, "sts", given).get_caller_identity()["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    inside.get_account_summary()
    fails("AccessDenied", "explicit deny in a session policy", inside.create_user, UserName="eve")
    path = "o-a1b2c3d4e5/r-ab12/ou-ab12-12345678"
    fails(
        "NoSuchEntity",
        "cannot be found",
        iam.generate_organizations_access_report,
        EntityPath="o-a1b2c3d4e5/r-ab12/ou-ab12-99999999",
    )
    job = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
    report = iam.get_organizations_access_report(JobId=job, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", MaxItems=2)
    assert report["JobStatus"] == "COMPLETED" and report["NumberOfServicesAccessible"] > 100
    assert {each["ServiceNamespace"] for each in report["AccessDetails"]} == {"iam", "sts"}
    assert report["AccessDetails"][0]["EntityPath"] == f"{path}/{MEMBER}" and report["IsTruncated"]
    fails("NoSuchEntity", "cannot be found", iam.get_organizations_access_report, JobId="0" * 36)
    iam.disable_organizations_root_sessions()
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == []
